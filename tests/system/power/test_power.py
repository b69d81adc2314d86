# SPDX-License-Identifier: Apache-2.0
"""poweroff ends the run in order; reboot starts the guest again."""


def test_poweroff_ends_the_run_with_status_0(start):
    run = start().boot()
    run.type("poweroff\r")
    assert run.end() == 0
    text = run.text()
    assert "vambrace: guest 1 (linux): powered off" in text
    assert text.count("vambrace: all guests have stopped") == 1


def test_a_forced_poweroff_is_as_good(start):
    run = start().boot()
    run.type("poweroff -f\r")
    assert run.end() == 0


def test_reboot_starts_the_guest_again(start):
    run = start().boot()
    run.sh("touch /tmp/from-before")
    for _ in range(2):
        run.type("reboot\r")
        run.boot()
        run.sh("test ! -e /tmp/from-before")
        assert float(run.sh("cut -d' ' -f1 /proc/uptime")) < 60
    run.type("poweroff\r")
    assert run.end() == 0


def test_a_panic_restarts_the_guest(start):
    run = start().boot()
    run.type("echo c > /proc/sysrq-trigger\r")
    run.expect("Kernel panic")
    run.boot()
    assert run.sh("echo alive") == "alive"
