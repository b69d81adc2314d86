# SPDX-License-Identifier: Apache-2.0
"""Wall time: guests begin with the board's, and what one makes of its clock is its own affair."""

import datetime

import pytest

BOOTED = datetime.datetime(2024, 2, 29, 12, 0, 0)  # by the board's clock
LATEST = datetime.timedelta(minutes=5)  # a loaded machine takes its time
BOARD_TIME = ("--qemu-args", f"-rtc base={BOOTED.isoformat()},clock=vm")


def now(run, command="date -u +%s"):
    """The guest's time."""
    return datetime.datetime.utcfromtimestamp(int(run.sh(command)))


def hardware(run):
    """What the guest's clock shows, of which the kernel's time may differ."""
    return now(run, "cat /sys/class/rtc/rtc0/since_epoch")


def is_soon_after(time, then):
    return then <= time < then + LATEST


def test_a_guest_has_the_boards_time(start):
    run = start(*BOARD_TIME).boot()
    assert run.sh("cat /sys/class/rtc/rtc0/name").startswith("rtc-pl031")
    assert run.sh("cat /sys/class/rtc/rtc0/hctosys") == "1"
    assert is_soon_after(now(run), BOOTED)
    assert is_soon_after(hardware(run), BOOTED)
    before = hardware(run)
    run.sh("sleep 2")
    assert datetime.timedelta(seconds=1) <= hardware(run) - before < LATEST


def test_a_guest_sets_its_own_clock_and_keeps_it_over_a_restart(start):
    run = start("--guests", "2", "--mem", "40M", *BOARD_TIME).boot(others=["linux-2"])
    for number, year in ((1, 1999), (2, 2037)):
        run.switch_to(number, f"linux-{number}")
        run.sh(f"date -u -s '{year}-07-01 00:00:00' && hwclock -u -w -f /dev/rtc0")
    for number, year in ((1, 1999), (2, 2037)):
        run.switch_to(number, f"linux-{number}")
        assert is_soon_after(now(run), datetime.datetime(year, 7, 1))
        assert is_soon_after(hardware(run), datetime.datetime(year, 7, 1) - datetime.timedelta(seconds=2))
    run.switch_to(1, "linux-1")
    run.type("reboot -f\r")
    run.boot()
    assert is_soon_after(now(run), datetime.datetime(1999, 7, 1))
    run.switch_to(2, "linux-2")
    assert is_soon_after(now(run), datetime.datetime(2037, 7, 1))


def test_the_alarm_rings(start):
    run = start(*BOARD_TIME).boot()
    run.sh("echo +2 > /sys/class/rtc/rtc0/wakealarm")
    assert run.sh("cat /sys/class/rtc/rtc0/wakealarm") != ""
    run.sh('while [ -n "$(cat /sys/class/rtc/rtc0/wakealarm)" ]; do sleep 1; done')  # empty once it has rung
    assert int(run.sh("grep rtc-pl031 /proc/interrupts | tr -s ' ' | cut -d' ' -f3")) == 1


@pytest.mark.boards("raspi0")
def test_without_a_clock_on_the_board_guests_have_none_and_the_log_says_so(start):
    run = start().boot()
    assert "vambrace: this board has no clock: guests get none, and begin in 1970\n" in run.text()
    run.sh("test ! -e /sys/class/rtc/rtc0")
    assert is_soon_after(now(run), datetime.datetime(1970, 1, 1))
