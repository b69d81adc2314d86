# SPDX-License-Identifier: Apache-2.0
"""How a run ends is read from the console, and a run whose guests are gone does not go on."""

import os
import subprocess
import sys
import time

import pytest

from harness import host_sources, images, qemu
from harness.judge import Judge
from harness.steps import ROOT

RUN = """\
import sys
from harness import qemu, start
sys.exit(start.guarded("run", lambda: qemu.run(sys.argv[1:])))
"""


def run(tmp_path, script):
    """What ./run makes of a QEMU that does this: (status, standard error)."""
    (tmp_path / "qemu").write_text("#!/bin/sh\n" + script)
    (tmp_path / "qemu").chmod(0o755)
    result = subprocess.run(
        [sys.executable, "-B", "-c", RUN, tmp_path / "qemu"],
        env=dict(os.environ, PYTHONPATH=str(ROOT / "tests")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return result.returncode, result.stderr


def console(*lines):
    return "cat << 'END'\n" + "".join(line + "\n" for line in lines) + "END\n"


RESTARTS = ["vambrace: guest 1 (linux): restarted"] * 5
TOO_OFTEN = "vambrace: guest 1 (linux): ended: it restarted too often"
STOPPED = "vambrace: all guests have stopped"


@pytest.mark.parametrize("after", ["", "sleep 1000\n"], ids=["QEMU ends", "QEMU goes on"])
def test_a_guest_that_restarts_for_ever(tmp_path, after):
    """The hypervisor ends it; the status and a line say so, whether or not the board can switch off."""
    begin = time.monotonic()
    status, error = run(tmp_path, console(*RESTARTS, TOO_OFTEN, STOPPED) + after)
    assert status == 1
    assert error == "[vambrace] the run failed: guest 1 (linux) was ended: it restarted too often\n"
    assert time.monotonic() - begin < 40


def test_the_first_guest_that_was_ended_is_named(tmp_path):
    other = "vambrace: guest 2 (b): ended: something else"
    status, error = run(tmp_path, console(TOO_OFTEN, other, "vambrace: guest 3 (c): powered off", STOPPED))
    assert (status, error.count("\n")) == (
        1,
        1,
    ) and "guest 1 (linux) was ended: it restarted too often" in error


def test_guests_that_power_off(tmp_path):
    assert run(tmp_path, console("vambrace: guest 1 (linux): powered off", STOPPED)) == (0, "")


def test_a_hypervisor_that_stops(tmp_path):
    status, error = run(
        tmp_path, console("vambrace: FATAL: no bundle", "vambrace: cure: load one") + "sleep 1000\n"
    )
    assert (status, error) == (1, "[vambrace] the run failed: the hypervisor stopped\n")


def test_a_background_guest_cannot_say_that_another_was_ended():
    """A line of one in the background has its label before it."""
    judge = Judge(native=False)
    judge.see(b"[linux-2] vambrace: guest 1 (linux): ended: no\n")
    assert not judge.failed


def test_memory_of_the_board():
    platform = qemu.load_platform("vexpress-a9")
    for mib, said in ((None, "128"), (1024, "1024")):
        line = qemu.command_line(platform, memory_mib=mib)
        assert line[line.index("-m") + 1] == said


def test_a_board_whose_device_tree_qemu_makes_is_given_none():
    board, other = qemu.load_platform("virt-a15"), qemu.load_platform("vexpress-a9")
    assert images.device_tree(board) is None and images.host_dtb(board) is None
    assert "-dtb" not in qemu.command_line(board, kernel="k", dtb=images.device_tree(board))
    assert images.device_tree(other).name == "host.dtb"
    tree = f"arch/arm/boot/dts/{other['dts']}"
    assert tree in host_sources.files_of([board, other])
    assert tree not in host_sources.files_of([board])
