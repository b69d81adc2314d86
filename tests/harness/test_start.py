# SPDX-License-Identifier: Apache-2.0
"""./run and ./test end without a traceback: by signals at any moment, and where nothing can be written."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from harness.steps import ROOT

SOON = 90  # seconds in which a machine under load has done anything here


def program(folder, name, script):
    """A program that stands in for another one."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n" + textwrap.dedent(script))
    (folder / name).chmod(0o755)
    return folder / name


def hear_signals():
    """Under nohup(1), or in a script's background, a program ignores some, and so would what it starts."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def spawn(command, **options):
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        preexec_fn=hear_signals,
        **options,
    )


def status(process):
    """As a shell shows it."""
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


# --- signals ------------------------------------------------------------------------------------------------


@pytest.fixture
def endless(tmp_path):
    """An environment in which ./run and ./test get no further than to the question what is installed."""
    program(tmp_path / "bin", "dpkg-query", ': > "$ASKED"; exec sleep 1000\n')
    return dict(os.environ, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", ASKED=str(tmp_path / "asked"))


def beginning(name, environment):
    """Seconds that it takes until it asks what is installed."""
    begin, process = time.monotonic(), spawn([ROOT / name], env=environment)
    try:
        while not pathlib.Path(environment["ASKED"]).exists():
            assert time.monotonic() < begin + SOON and process.poll() is None
            time.sleep(0.005)
        return time.monotonic() - begin
    finally:
        process.kill()
        process.communicate()


def end_by(command, environment, delay, *signals, gap=0.0):
    """Starts it and sends it signals; returns what it said, and its status as a shell shows it."""
    process = spawn(command, env=environment)
    time.sleep(delay)
    for number in signals:
        process.send_signal(number)
        time.sleep(gap)
    try:
        return "".join(process.communicate(timeout=SOON)), status(process)
    except subprocess.TimeoutExpired:
        pytest.fail(f"after {delay:.3f} s and {signals} this was still there:\n{family(process.pid)}")
    finally:
        process.kill()


def family(pid):
    """A process and its children, with what each waits for and the signals that it blocks."""
    proc = pathlib.Path("/proc")
    lines = []
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines())
            if str(pid) in (folder.name, state["PPid"]):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                where = (folder / "wchan").read_text()
                lines.append(
                    f"{folder.name} {command}: {state['State']} in {where}, {state['SigBlk']} blocked"
                )
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_signal_at_any_moment_ends_it_in_silence(endless, name):
    longest = 1.5 * beginning(name, endless)
    for n in range(16):
        number = signal.SIGINT if n % 4 else signal.SIGTERM if n % 8 else signal.SIGHUP
        ended = end_by([ROOT / name], endless, longest * n / 16, number)
        assert ended == ("", 128 + number), f"{number.name} after {longest * n / 16:.3f} s"


def test_two_signals_close_together(endless):
    first, second = signal.SIGINT, signal.SIGTERM
    longest = 1.5 * beginning("run", endless)
    for n in range(16):
        gap = (0, 0.0005, 0.002, 0.01)[n % 4]
        said, ended = end_by([ROOT / "run"], endless, longest * n / 16, first, second, gap=gap)
        assert said == "", f"after {longest * n / 16:.3f} s and {gap} s"
        assert ended in (128 + first, 128 + second)  # both may have waited for the same moment


# A program that is told to end while a destructor runs, where Python drops what the handler raises.
IN_DESTRUCTOR = """\
import os, signal, sys, time
from harness import start


class Ending:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)


def main():
    Ending()
    print("went on", flush=True)
    time.sleep(1000)


sys.exit(start.guarded("run", main))
"""


def test_a_signal_while_a_destructor_runs():
    process = spawn(
        [sys.executable, "-B", "-c", IN_DESTRUCTOR], env=dict(os.environ, PYTHONPATH=str(ROOT / "tests"))
    )
    said = process.communicate(timeout=SOON)
    assert said[0] in ("went on\n", "went on", "") and said[1] == ""  # its end is written by itself
    assert status(process) == 128 + signal.SIGTERM


# A program that runs a stand-in for QEMU as ./run does.
RUN_QEMU = """\
import sys
from harness import qemu, start
sys.exit(start.guarded("run", lambda: qemu.run(sys.argv[2:], timeout=float(sys.argv[1]) or None)))
"""


def run_qemu(tmp_path, script, timeout=0, **options):
    fake = program(tmp_path / "bin", "fake-qemu", script)
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "tests"))
    return spawn([sys.executable, "-B", "-c", RUN_QEMU, timeout, fake], env=environment, **options)


# What QEMU does when it is told to end: it takes a while, and says by whom.
SLOW = """\
trap 'echo "qemu-system-arm: terminating on signal 15 from pid $PPID (python3)" >&2; sleep 0.3; exit 0' TERM
echo ready
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize("gap", [0, 0.05, 0.2])
def test_two_signals_while_qemu_runs(tmp_path, gap):
    process = run_qemu(tmp_path, SLOW)
    assert process.stdout.readline() == "ready\n"
    for _ in range(2):
        process.send_signal(signal.SIGTERM)
        time.sleep(gap)
    assert process.communicate(timeout=SOON) == ("", "")
    assert status(process) == 128 + signal.SIGTERM


def test_what_qemu_says_of_its_end_is_not_shown(tmp_path):
    process = run_qemu(tmp_path, SLOW, timeout=1)
    assert process.communicate(timeout=SOON) == ("ready\n", "[vambrace] the time is up\n")
    assert process.returncode == 124


def test_a_signal_to_the_whole_group(tmp_path):
    """As from a terminal: QEMU gets it as well."""
    process = run_qemu(
        tmp_path,
        SLOW.replace("15 from pid $PPID (python3)", "2").replace("TERM", "INT"),
        start_new_session=True,
    )
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=SOON) == ("", "")
    assert status(process) == 130


def test_a_signal_from_somebody_else_is_shown(tmp_path):
    says = "qemu-system-arm: terminating on signal 15 from pid 1 (init)"
    process = run_qemu(tmp_path, f'echo "{says}" >&2\n')
    error = process.communicate(timeout=SOON)[1]
    assert says in error and "before the guests did" in error
    assert process.returncode == 1


def test_what_else_qemu_says_is_shown(tmp_path):
    process = run_qemu(tmp_path, "echo one >&2; echo two; printf three >&2\n")
    output, error = process.communicate(timeout=SOON)
    assert output == "two\n"
    assert error.startswith("one\nthree") and "QEMU ended with status 0 before the guests did" in error


def test_a_reader_that_goes_away(tmp_path):
    process = run_qemu(tmp_path, "while :; do echo line; done\n")
    assert process.stdout.readline() == "line\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait(SOON)
    assert status(process) == 128 + signal.SIGPIPE


# --- a checkout that cannot be written ----------------------------------------------------------------------


@pytest.fixture
def unwritable(tmp_path):
    """A copy of what ./run and ./test are made of, for nobody to write."""
    tree = tmp_path / "tree"
    for name in ("harness", "coherency"):
        shutil.copytree(ROOT / "tests" / name, tree / "tests" / name)
    for name in ("platforms", "pv-guest-patches"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("run", "test"):
        shutil.copy(ROOT / name, tree / name)
    folders = [path for path in (tree, *tree.rglob("*")) if path.is_dir()]
    for path in folders:
        path.chmod(0o555)
    yield tree
    for path in folders:
        path.chmod(0o755)


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_checkout_that_cannot_be_written(unwritable, name):
    """Root may write everywhere, so it is tried as another user, who owns the files."""
    process = spawn(["/usr/bin/unshare", "--user", "--map-user=1000", unwritable / name])
    output, error = process.communicate(timeout=SOON)
    assert process.returncode == 1
    assert "Traceback" not in error
    assert (
        f"{name}: cannot write to the checkout's build directory {unwritable / 'build'}: Permission denied"
        in error
    )
    assert f"{name}: give this user the right to it, or copy the checkout" in error
    assert output == ("" if name == "run" else "0 passed, 1 failed\n")


def test_a_file_that_cannot_be_written(unwritable):
    """Of an earlier run as root, for instance."""
    unwritable.chmod(0o755)
    (unwritable / "build").mkdir()
    (unwritable / "build" / ".lock").touch()
    (unwritable / "build" / ".lock").chmod(0o444)
    process = spawn(["/usr/bin/unshare", "--user", "--map-user=1000", unwritable / "run"])
    error = process.communicate(timeout=SOON)[1]
    assert process.returncode == 1
    assert f"run: {unwritable / 'build' / '.lock'}: Permission denied\nrun: give this user" in error
