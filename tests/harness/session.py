# SPDX-License-Identifier: Apache-2.0
"""Tests' way to run ./run, ./run's QEMU or QEMU alone on a terminal and to talk to a guest's shell."""

import re
import signal
import subprocess
import time

import pexpect

from . import images, initramfs, qemu
from .steps import ROOT

BOOT = 120  # seconds of this machine's time until a guest's shell; QEMU may share the machine with a build
ANSWER = 60
PATIENCE = 20  # for a run that is told to end; it ends QEMU first
# What Linux says once when QEMU was given no time: in the middle of anything.
SLOW_MACHINE = r"^\[ *\d+\.\d+\] hrtimer: interrupt took \d+ ns(\n|$)"
# Of the shell, which then asks the terminal where the cursor is; other guests' lines may follow.
# Lines of another guest may stand behind each of its characters.
OTHERS = r"(\r*\n(\[[\w.-]+\][^\r\n]*)?)*"
# The console ends a sequence of the terminal's that it cuts with CAN (hypervisor/kernel/console.cpp).
CURSOR = rf"\x18?{OTHERS}".join([r"\x1b", r"\[", "6", "n"])
PROMPT = rf"#{OTHERS} {OTHERS}({CURSOR})?{OTHERS}$"


class Session:
    """A console: what a person at a terminal sees and types."""

    def __init__(self, command):
        self.command = [str(part) for part in command]
        self.log = []
        self.child = pexpect.spawn(
            self.command[0],
            self.command[1:],
            cwd=str(ROOT),
            encoding="utf-8",
            codec_errors="replace",
            timeout=ANSWER,
            dimensions=(50, 200),
            echo=False,
        )
        self.child.logfile_read = self
        self.child.delaybeforesend = None

    def write(self, text):
        self.log.append(text)

    def flush(self):
        pass

    def text(self):
        """Everything that has been on the console."""
        return "".join(self.log).replace("\r", "")

    def expect(self, pattern, timeout=ANSWER):
        """Waits for a pattern; the failure shows the end of the console."""
        try:
            self.child.expect(pattern, timeout=timeout)
        except pexpect.TIMEOUT:
            raise AssertionError(f"waited {timeout} s for {pattern!r}; the console:\n{self.tail()}") from None
        except pexpect.EOF:
            raise AssertionError(f"the run ended before {pattern!r}; the console:\n{self.tail()}") from None
        return self.child.match

    def seen(self, pattern, timeout=ANSWER):
        """Waits until a pattern is or has been on the console; its beginning may have been a part of what was
        expected before."""
        end = time.monotonic() + timeout
        while not re.search(pattern, self.text()):
            try:
                self.expect(pattern, 1)
            except AssertionError:
                if time.monotonic() > end or not self.child.isalive():
                    raise

    def quiet(self, seconds=1):
        """Waits until nothing has come for so long."""
        while self.child.expect([r"(?s).+", pexpect.TIMEOUT], timeout=seconds) == 0:
            pass

    def tail(self):
        return "\n".join(self.text().split("\n")[-40:])

    def type(self, text):
        """Types no faster than a UART's FIFO is emptied."""
        for start in range(0, len(text), 8):
            self.child.send(text[start : start + 8])
            time.sleep(0.02)

    def boot(self, timeout=BOOT, others=()):
        """Waits for the foreground guest's shell, and until the others have said all that they say."""
        self.expect(initramfs.READY, timeout)
        self.expect(PROMPT)
        for label in others:
            self.seen(rf"\[{label}\] Enter 'help'", timeout)
        if others:
            self.quiet()  # their last lines would cut the echo of what is typed
        self.type("stty columns 1000\r")  # the shell breaks what is typed at the terminal's width
        self.expect("columns 1000")
        self.expect(PROMPT)
        return self

    def sh(self, command, timeout=ANSWER, status=0):
        """Runs a command in the guest's shell; returns its output. status: what $? has to be, None: any."""
        separator = " " if command.endswith("&") else "; "
        self.type(f'{command}{separator}echo "@"$?"@"\r')
        match = self.expect(r"@(\d+)@\r*\n", timeout)
        output = self.child.before.replace("\r", "")
        output = re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", output)
        output = output.rpartition('echo "@"$?"@"')[2].partition("\n")[
            2
        ]  # what comes after the echo of the command
        assert status is None or int(match[1]) == status, f"'{command}' ended with {match[1]}:\n{output}"
        self.expect(PROMPT)
        output = re.sub(SLOW_MACHINE, "", output, flags=re.M)
        return re.sub(r"^\[[\w.-]+\] .*(\n|$)", "", output, flags=re.M).rstrip("\n")  # other guests' lines

    def key(self, key):
        """Ctrl-V and a key: a command to the hypervisor's console."""
        self.child.send("\x16")
        time.sleep(0.1)
        self.child.send(key)

    def switch_to(self, number, label):
        """Brings a guest whose shell waits to the foreground."""
        self.key(str(number))
        self.expect(rf"vambrace: console: guest {number} \({label}\)")
        self.type("\r")
        self.expect("# ")

    def end(self, timeout=ANSWER):
        """Waits until the run ends by itself; returns its exit status."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            raise AssertionError(f"the run did not end in {timeout} s; the console:\n{self.tail()}") from None
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else 128 + self.child.signalstatus

    def close(self):
        """Ends the run if it has not ended: as a closed terminal does, then by force."""
        for sign in (signal.SIGHUP, signal.SIGKILL):
            deadline = time.monotonic() + PATIENCE
            if self.child.isalive():
                self.child.kill(sign)
            while self.child.isalive() and time.monotonic() < deadline:
                time.sleep(0.02)
        self.child.close(force=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def run(*options):
    """./run on a terminal."""
    return Session([ROOT / "run", *options])


def qemu_alone(platform, **options):
    """QEMU without ./run, on a terminal."""
    return Session(qemu.command_line(platform, **options))


def run_to_end(*options, timeout=300, input="", environment=None):
    """./run without a terminal; returns the finished process with its standard output and error as text."""
    return subprocess.run(
        [ROOT / "run", *map(str, options)],
        cwd=ROOT,
        input=input,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        env=environment,
    )


def board(name, cpu=None, hyp=False):
    """A platform's description, with its images built."""
    platform = qemu.load_platform(name, cpu, hyp)
    images.hypervisor(platform)
    return platform


def arguments(platform, options=()):
    """What ./run needs to choose this platform, with as much memory as tests have without ./run."""
    chosen = [platform["name"]] + (["--cpu", platform["cpu"]] if "cpu" in platform else [])
    chosen += ["--no-hyp"] if "qemu_hyp" in platform and not platform["hyp"] else []
    said = "--board-mem" in options or ("--native" in options and "--mem" in options)
    if "run_mib" in platform and not said:
        chosen += ["--board-mem", f"{platform['ram_mib']}M"]
    return chosen
