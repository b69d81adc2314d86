# SPDX-License-Identifier: Apache-2.0
"""Runs QEMU, passes the console through and judges how the run ended."""

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import shlex
import socket
import subprocess
import sys
import termios
import threading
import time
import tty

from .drivers import drivers_of
from .steps import BUILD, Problem, ROOT, end_with_parent, say

ORDERLY, FAILED, TIMED_OUT = 0, 1, 124
GRACE = 3.0  # seconds that QEMU has to end after the last line that announces it
REPORT = 1.5  # seconds that a fatal report has to finish


def platforms():
    """The names of all boards."""
    return sorted(p.parent.name for p in ROOT.glob("platforms/*/platform.scons"))


def boards():
    """[(platform, processor)]: every board with each processor of its image; None where it has one."""
    return [(name, cpu) for name in platforms() for cpu in load_platform(name).get("cpus", [None])]


def load_platform(name, cpu=None):
    """The dictionary of platforms/<name>/platform.scons. cpu: one of its "cpus"; None: the first."""
    if name not in platforms():
        raise Problem(
            f"there is no platform '{name}'", "known platforms: " + ", ".join(platforms()), status=2
        )
    values = {"Return": lambda _: None}
    exec((ROOT / "platforms" / name / "platform.scons").read_text(), values)  # a file of this repository
    platform = dict(values["platform"], name=name, drivers=drivers_of(name))
    cpus = platform.get("cpus", [])
    if cpu and cpu not in cpus:
        raise Problem(
            f"the platform {name} has no processor '{cpu}'",
            f"it has: {', '.join(cpus)}" if cpus else "leave out --cpu: it has one only",
            status=2,
        )
    if cpus:
        platform["cpu"] = cpu or cpus[0]
        platform["qemu"] = platform["qemu"] + ["-cpu", platform["cpu"]]
    return platform


def output(platform):
    return BUILD / platform["name"]


def command_line(
    platform,
    *,
    kernel=None,
    initrd=None,
    append=None,
    dtb=None,
    memory_mib=None,
    icount=None,
    gdb=None,
    flash=None,
    monitor=False,
    extra=(),
):
    """The QEMU command for a board."""
    memory_mib = memory_mib or platform.get("qemu_mib") or platform["ram_mib"]
    if flash:
        memory_mib = platform["flash"].get("ram_mib", memory_mib)
    line = list(platform["qemu"]) + [
        "-m",
        str(memory_mib),
        "-display",
        "none",
        "-no-reboot",
    ]
    line += ["-nic", "none", "-audiodev", "none,id=none"] + list(platform.get("qemu_quiet", ()))
    line += ["-serial", "null"] * platform.get("qemu_serial", 0)
    line += ["-serial", "mon:stdio" if monitor else "stdio"] + ([] if monitor else ["-monitor", "none"])
    if flash:
        line += ["-drive", f"if=pflash,format=raw,readonly=on,file={flash}"]
        # The board maps its flash to address 0 at reset; QEMU does not, so the core starts in the flash.
        line += ["-device", f"loader,addr={platform['flash']['base']:#x},cpu-num=0"]
    for option, value in (("-kernel", kernel), ("-dtb", dtb), ("-initrd", initrd), ("-append", append)):
        if value:
            line += [option, str(value)]
    if icount is not None:
        line += ["-icount", f"shift={icount},sleep=off", "-rtc", platform["qemu_clock"]]
    if gdb:
        line += ["-gdb", f"tcp:127.0.0.1:{gdb}", "-S"]
    return line + list(extra)


def check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Problem(f"the port {port} for gdb is in use", "give another one: --gdb PORT") from error


class Judge:
    """Reads the console's lines and knows how the run ends."""

    def __init__(self, native, grace=GRACE):
        self.native, self.grace, self.rest = native, grace, b""
        self.failed, self.orderly, self.end_at, self.why = False, False, None, None

    def see(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.rest = self.rest[-4096:]
        for line in lines:
            self.line(line.decode(errors="replace").strip())

    def line(self, line):
        if self.native:
            line = re.sub(r"^\[ *\d+\.\d+\] ", "", line)
            if line.startswith(
                ("reboot: Power down", "reboot: System halted")
            ):  # the board cannot switch off
                self.orderly, self.end_at = True, time.monotonic() + 0.2
            elif line.startswith("Kernel panic"):
                self.failed, self.why, self.end_at = True, "the kernel panicked", time.monotonic() + REPORT
        elif line.startswith("vambrace: FATAL"):
            self.failed, self.why, self.end_at = True, "the hypervisor stopped", time.monotonic() + REPORT
        elif match := re.match(r"vambrace: (guest \d+ \(.*\)) *: ended: (.*)", line):
            self.failed, self.why = True, self.why or f"{match[1]} was ended: {match[2]}"
        elif line.startswith("vambrace: all guests have stopped"):
            self.orderly, self.end_at = True, time.monotonic() + self.grace

    def status(self, code):
        """The exit status when QEMU ended by itself (code) or was ended because of what the console said."""
        if self.failed:
            say(f"the run failed: {self.why}")
            return FAILED
        if self.orderly or (self.native and code == 0):
            return ORDERLY
        say(f"QEMU ended with status {code} before the guests did")
        return FAILED


class Feed:
    """A standard input that is no terminal: held back until the guest listens, then passed on in bits."""

    def __init__(self, descriptor, marker):
        self.descriptor, self.marker = descriptor, marker
        self.ready, self.seen, self.pending, self.next = marker is None, b"", b"", 0.0

    def see(self, data):
        if not self.ready:
            # The prompt has to be there: what is typed before is lost when the shell sets up the terminal.
            self.seen = (self.seen + data)[-8192:]
            if self.marker in self.seen and b"# " in self.seen.partition(self.marker)[2].partition(b"\n")[2]:
                self.ready, self.next = True, time.monotonic() + 0.2

    def descriptors(self):
        return [self.descriptor] if self.descriptor is not None and self.ready and not self.pending else []

    def read(self):
        self.pending = os.read(self.descriptor, 4096)
        if not self.pending:
            self.descriptor = None

    def take(self):
        """All that a terminal has sent; of another input at most eight characters: every FIFO holds them."""
        if self.marker is None:
            piece, self.pending = self.pending, b""
            return piece
        now = time.monotonic()
        if not self.pending or now < self.next:
            return b""
        self.next = now + 0.02
        piece, self.pending = self.pending[:8], self.pending[8:]
        return piece

    def give_back(self, piece):
        """What there was no room for."""
        self.pending = piece + self.pending


class Errors(threading.Thread):
    """Passes QEMU's standard error on; its word about the signal that ended it only if that was not ours."""

    SIGNALLED = re.compile(rb"^\S+: terminating on signal \d+( from pid \d+ \(.*\))?\r?\n?$")

    def __init__(self, stream, raw):
        super().__init__(daemon=True)
        self.stream, self.raw, self.rest, self.held = stream, raw, b"", b""
        self.start()

    def run(self):
        while data := os.read(self.stream.fileno(), 65536):
            *lines, self.rest = (self.rest + data).split(b"\n")
            for line in lines:
                self.line(line + b"\n")
        self.line(self.rest)

    def line(self, line):
        if self.SIGNALLED.match(line):
            self.held += line
        else:
            self.show(line)

    def show(self, data):
        if self.raw:  # a terminal that passes everything on as it is
            data = data.replace(b"\n", b"\r\n")
        with contextlib.suppress(OSError):
            write_all(sys.stderr.fileno(), data)

    def finish(self, ours):
        """Waits for the end of it. ours: QEMU was ended from here."""
        self.join(1)  # a process of --qemu-args may keep the pipe open
        if not ours:
            self.show(self.held)


def start(line, interactive):
    """Starts QEMU; returns the process and the descriptors to read and write."""
    try:
        if not interactive:
            process = subprocess.Popen(
                line,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                preexec_fn=end_with_parent,
            )
            return process, process.stdout.fileno(), process.stdin.fileno()
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        process = subprocess.Popen(
            line,
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        os.close(theirs)
        return process, ours, ours
    except FileNotFoundError as error:
        raise Problem(f"'{line[0]}' is missing", "install it: apt-get install qemu-system-arm") from error


def stop(process):
    """Ends QEMU; returns whether it was still there."""
    if process.poll() is not None:
        return False
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return True


def pump(process, source, sink, feed, judge, deadline):
    """Moves characters until the run ends; returns whether it came to an end in time."""
    os.set_blocking(sink, False)
    while True:
        now = time.monotonic()
        if deadline and now >= deadline:
            return False
        if judge.end_at and now >= judge.end_at:
            return True
        wait = 0.02 if feed.pending else 0.2
        full = [sink] if feed.pending and feed.marker is None else []
        ready, _, _ = select.select([source] + feed.descriptors(), full, [], wait)
        if source in ready:
            try:
                data = os.read(source, 65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                process.wait()
                return True
            write_all(sys.stdout.fileno(), data)
            judge.see(data)
            feed.see(data)
        if feed.descriptor in ready:
            feed.read()
        if piece := feed.take():
            feed.give_back(piece[write_some(sink, piece) :])


def write_some(descriptor, data):
    """How many bytes QEMU has room for: while this waits for it, QEMU would wait for us to read."""
    try:
        return os.write(descriptor, data)
    except BlockingIOError:
        return 0
    except OSError:
        return len(data)  # QEMU is gone; the next read says so


def write_all(descriptor, data):
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select([], [descriptor], [], 1)


def run(line, *, native=False, timeout=None, marker=None, ends=True):
    """Runs QEMU with the console on this terminal or on the standard streams; returns the exit status.

    ends: whether QEMU ends by itself when the board resets.
    marker: with a standard input that is no terminal, what the console shows before the
    prompt that input waits for.
    """
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    sys.stdout.flush()
    process, source, sink = start(line, interactive)
    errors = Errors(process.stderr, interactive and sys.stderr.isatty())
    descriptor = sys.stdin.fileno() if not sys.stdin.closed else None
    saved = termios.tcgetattr(descriptor) if interactive else None
    judge = Judge(native, GRACE if ends else 0.2)
    try:
        if interactive:
            size = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, b"\0" * 8)
            fcntl.ioctl(source, termios.TIOCSWINSZ, size)
            tty.setraw(descriptor)
        feed = Feed(descriptor, None if interactive else marker)
        deadline = time.monotonic() + timeout if timeout else None
        in_time = pump(process, source, sink, feed, judge, deadline)
    finally:
        # A signal to the whole process group ends QEMU without us, but not alone.
        errors.finish(stop(process) or isinstance(sys.exc_info()[1], KeyboardInterrupt))
        if saved:
            with contextlib.suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(descriptor, termios.TCSADRAIN, saved)
    if not in_time:
        say("the time is up")
    return judge.status(process.returncode) if in_time else TIMED_OUT


def escape(line):
    """A command line for a shell."""
    return " ".join(shlex.quote(str(part)) for part in line)


def need_qemu(platform):
    if not shutil.which(platform["qemu"][0]):
        raise Problem(f"'{platform['qemu'][0]}' is missing", "install it: apt-get install qemu-system-arm")
