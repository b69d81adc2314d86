# SPDX-License-Identifier: Apache-2.0
"""Linux on the bare board: the baseline, and the proof that the tests' own tools work."""

import pytest

from harness import session


@pytest.mark.everywhere
def test_native_linux_reaches_a_shell_and_powers_off(start, platform):
    run = start("--native").boot()
    assert run.sh("uname -m").startswith(platform["arch"])
    assert f"console={platform['native_console']}" in run.sh("cat /proc/cmdline")
    assert run.sh("test -e /proc/device-tree/hypervisor; echo $?") == "1"
    assert run.sh("tty").startswith("/dev/")
    run.type("poweroff\r")
    assert run.end() == 0


def test_native_run_without_a_terminal():
    result = session.run_to_end("--native", "--timeout", 120, input="echo five is $((2 + 3))\npoweroff\n")
    assert "five is 5" in result.stdout
    assert result.returncode == 0, result.stderr


def test_native_append_and_memory(start):
    run = start("--native", "--append", "vambrace_test=1", "--mem", "96M").boot()
    assert "vambrace_test=1" in run.sh("cat /proc/cmdline")
    assert 80_000 < int(run.sh("grep MemTotal /proc/meminfo").split()[1]) < 96 * 1024
