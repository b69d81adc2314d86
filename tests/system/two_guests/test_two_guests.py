# SPDX-License-Identifier: Apache-2.0
"""Two guests share a board: own memory, own console, and what one does leaves the other running."""

import pytest

from harness import images

# `udf #0` without end: an undefined instruction before the guest has said where its handlers are.
HOSTILE = bytes.fromhex("f000f0e7") * 1024
# `b .` with interrupts off: takes all the time it is given.
SPINNING = bytes.fromhex("feffffea") * 1024


@pytest.fixture
def pair(start):
    """Two Linux guests, the first in the foreground."""
    run = start("--guests", "2", "--mem", "40M")
    run.boot(others=["linux-2"])
    return run


def test_both_reach_a_shell_and_have_their_own_memory(pair):
    for number in (1, 2):
        pair.switch_to(number, f"linux-{number}")
        assert 24_000 < int(pair.sh("grep MemTotal /proc/meminfo").split()[1]) < 40 * 1024
        pair.sh(f"echo {number} > /tmp/me")
    for number in (1, 2):
        pair.switch_to(number, f"linux-{number}")
        assert pair.sh("cat /tmp/me") == str(number)


def test_output_of_the_background_has_a_prefix(pair):
    pair.switch_to(2, "linux-2")
    pair.sh("(sleep 2; echo from the back > /dev/console) &")
    pair.switch_to(1, "linux-1")
    pair.expect(r"\[linux-2\] from the back")


def test_both_run_at_the_same_time(pair):
    pair.sh("(i=0; while true; do i=$((i+1)); done) &")
    pair.switch_to(2, "linux-2")
    assert pair.sh("seq 1 500 | tail -1") == "500"


def test_one_powers_off_and_the_other_goes_on(pair):
    pair.switch_to(2, "linux-2")
    pair.type("poweroff -f\r")
    pair.expect(r"vambrace: guest 2 \(linux-2\): powered off")
    pair.expect(r"vambrace: console: guest 1 \(linux-1\)")
    assert pair.sh("echo alive") == "alive"
    pair.type("poweroff\r")
    assert pair.end() == 0


def test_one_panics_and_the_other_goes_on(pair):
    pair.switch_to(2, "linux-2")
    pair.type("echo c > /proc/sysrq-trigger\r")
    pair.expect("Kernel panic")
    pair.switch_to(1, "linux-1")
    pair.seen(r"vambrace: guest 2 \(linux-2\): restarted")  # before a command, whose echo the line would cut
    assert pair.sh("echo alive") == "alive"


def config(tmp_path, platform, code):
    """Linux, and a second guest that runs `code`."""
    (tmp_path / "bad").write_bytes(code)
    linux, ramdisk = images.linux(platform), images.root_file_system(platform)
    (tmp_path / "guests.ini").write_text(
        f"""\
[guest good]
kernel = {linux}
ramdisk = {ramdisk}
memory = 48M
[guest bad]
kernel = {tmp_path / "bad"}
memory = 16M
"""
    )
    return tmp_path / "guests.ini"


def test_one_is_killed_for_what_it_does_and_the_other_goes_on(start, platform, tmp_path):
    run = start("--config", config(tmp_path, platform, HOSTILE)).boot()
    assert run.sh("echo alive") == "alive"
    run.type("poweroff\r")
    assert run.end() == 1
    assert run.text().count("vambrace: guest 2 (bad): ended: ") == 1
    assert "vambrace: guest 1 (good): powered off" in run.text()


def test_one_spins_and_the_other_goes_on(start, platform, tmp_path):
    run = start("--config", config(tmp_path, platform, SPINNING)).boot()
    assert run.sh("seq 1 500 | tail -1") == "500"
    run.type("poweroff\r")
    run.expect(r"vambrace: guest 1 \(good\): powered off")
