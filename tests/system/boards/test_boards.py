# SPDX-License-Identifier: Apache-2.0
"""Every board with each of its processors: one guest and two, clock, console, the end of the run."""

import pytest

pytestmark = pytest.mark.everywhere


def test_one_guest_works_and_powers_off(start, platform):
    run = start().boot()
    assert run.sh("tr '\\0' ' ' < /proc/device-tree/hypervisor/compatible").strip() == "vambrace,vambrace-1"
    assert run.sh("uname -m").startswith(platform["arch"])
    assert run.sh("for i in 1 2 3 4 5 6 7 8; do (echo $i) & done | sort | tr -d '\\n'; echo") == "12345678"
    run.sh(
        "dd if=/dev/urandom of=/tmp/a bs=64k count=8 2> /dev/null; gzip -c /tmp/a | gunzip -c | cmp - /tmp/a"
    )
    before, after = map(
        float, run.sh("cut -d' ' -f1 /proc/uptime; sleep 1; cut -d' ' -f1 /proc/uptime").split()
    )
    assert 0.9 < after - before < 3
    assert (int(run.sh("date -u +%Y")) > 2020) == ("pl031" in platform["drivers"])
    assert run.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle'", status=None) == "0"
    run.type("poweroff\r")
    assert run.end() == 0
    text = run.text()
    assert "vambrace: guest 1 (linux): powered off" in text
    assert text.count("vambrace: all guests have stopped") == 1


def test_two_guests_run_and_one_outlives_the_other(start):
    run = start("--guests", "2", "--mem", "48M").boot(others=["linux-2"])
    run.sh("(while true; do :; done) &")
    run.switch_to(2, "linux-2")
    assert run.sh("seq 1 500 | tail -1") == "500"
    run.type("poweroff -f\r")
    run.expect(r"vambrace: guest 2 \(linux-2\): powered off")
    run.expect(r"vambrace: console: guest 1 \(linux-1\)")
    assert run.sh("echo alive") == "alive"
    run.type("poweroff -f\r")
    assert run.end() == 0
