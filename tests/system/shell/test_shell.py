# SPDX-License-Identifier: Apache-2.0
"""Patched Linux, deprivileged, to a shell; and commands in it that exercise what Linux needs of a machine."""

import time

import pytest

from harness import images, programs, session
from harness.series import chosen

PROBE = __file__.replace("test_shell.py", "probe.c")
# What uname and /proc/cpuinfo call the core.
NAMES = {"armv5": ("armv5tejl", "ARM926EJ-S"), "armv6": ("armv6l", "ARMv6"), "armv7": ("armv7l", "ARMv7")}
# Page 0, the guest kernel, the hypervisor's window (shared page, counter, tables, end) and above the vectors.
FORBIDDEN = ["0x10", "0xc0008000", "0xff000000", "0xff001000", "0xff400000", "0xff7ffffc", "0xffff1000"]


@pytest.fixture(scope="module")
def guest(platform):
    """One guest for all commands of this file; its initramfs has /bin/probe."""
    ramdisk = images.root_file_system(platform, extra=programs.build(PROBE), name="probe")
    with session.run(*session.arguments(platform), "--initrd", ramdisk) as run:
        yield run.boot()


def test_it_is_linux_on_the_boards_core(guest, platform):
    machine, model = NAMES[platform["arch"]]
    assert guest.sh("uname -srm").startswith(f"Linux {chosen().version}.")
    assert machine in guest.sh("uname -m")
    assert model in guest.sh("grep -i model /proc/cpuinfo")


def test_it_runs_on_the_hypervisor(guest):
    assert guest.sh("tr '\\0' ' ' < /proc/device-tree/hypervisor/compatible").strip() == "vambrace,vambrace-1"


def test_the_console_is_a_terminal_with_job_control(guest):
    assert guest.sh("tty").startswith("/dev/")
    assert "sleep" in guest.sh("sleep 100 & sleep 1; jobs")
    guest.sh("kill %1; wait", status=None)


def test_ctrl_c_ends_a_command(guest):
    guest.type("sleep 1000\r")
    guest.expect("sleep 1000")
    time.sleep(2)  # until it has become the terminal's foreground process
    guest.child.send("\x03")
    guest.expect("# ")
    assert guest.sh("echo alive") == "alive"


def test_pipes_and_many_processes(guest):
    assert guest.sh("seq 1 1000 | sort -n | tail -1") == "1000"
    assert guest.sh("i=0; while [ $i -lt 50 ]; do /bin/true; i=$((i+1)); done; echo $i") == "50"
    assert guest.sh("for i in 1 2 3 4 5 6 7 8; do (echo $i) & done | sort | tr -d '\\n'; echo") == "12345678"


def test_files(guest):
    guest.sh("dd if=/dev/urandom of=/tmp/a bs=64k count=32 2> /dev/null; cp /tmp/a /tmp/b; cmp /tmp/a /tmp/b")
    assert guest.sh("wc -c < /tmp/b") == str(2 << 20)
    guest.sh("gzip -c /tmp/a | gunzip -c | cmp - /tmp/a; rm /tmp/a /tmp/b", timeout=120)


def test_hashes_come_out_right(guest):
    assert guest.sh("echo -n abc | sha256sum").startswith(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_signals_reach_processes(guest):
    assert guest.sh("sh -c 'trap \"echo caught; exit 7\" USR1; kill -USR1 $$; sleep 5'", status=7) == "caught"
    assert "Killed" in guest.sh("sh -c 'kill -9 $$'", status=137)


@pytest.mark.parametrize("address", FORBIDDEN)
@pytest.mark.parametrize("kind", ["load", "thumb", "store", "byte", "swap", "jump"])
def test_a_bad_access_is_a_segmentation_fault(guest, platform, kind, address):
    if kind == "swap" and platform["arch"] == "armv7":
        return  # undefined there unless SCTLR.SW allows it (DDI 0406C A8.8.229)
    assert guest.sh(f"probe {kind} {address}", status=11) == f"signal 11 at {address}"


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_bad_pointer_in_a_system_call_is_efault(guest, address):
    assert guest.sh(f"probe kernel {address}") == "0 wrong"


def test_kuser_helpers_can_be_read_but_not_written(guest):
    assert guest.sh("probe load 0xffff0ffc").startswith("0x")
    guest.sh("probe store 0xffff0ffc", status=11)


def test_the_guest_survived_all_that(guest):
    assert guest.sh("echo alive") == "alive"


def test_time_passes_at_the_right_pace(guest):
    before, after = (
        float(value)
        for value in guest.sh("cut -d' ' -f1 /proc/uptime; sleep 2; cut -d' ' -f1 /proc/uptime").split()
    )
    assert 1.9 < after - before < 4


def test_proc_is_sane(guest):
    assert guest.sh("grep -c . /proc/interrupts") != "0"
    assert "stack" in guest.sh("cat /proc/self/maps")
    assert guest.sh("grep -c 'vectors' /proc/self/maps") == "1"
    assert guest.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle'", status=None) == "0"


@pytest.mark.boards("versatilepb", "realview-eb", "vexpress-a9")
def test_a_bad_pointer_in_a_system_call_is_efault_on_the_bare_board(start, platform):
    """ARMv5 leaves testing a user's address to LDRT and STRT: no test in a domain of type manager."""
    ramdisk = images.root_file_system(platform, extra=programs.build(PROBE), name="probe")
    run = start("--native", "--initrd", ramdisk).boot()
    assert run.sh("probe kernel 0xc0000100") == "0 wrong"
    assert run.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle'", status=None) == "0"
