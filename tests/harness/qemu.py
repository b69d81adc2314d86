# SPDX-License-Identifier: Apache-2.0
"""The boards as QEMU has them, and runs of QEMU on this terminal."""

import contextlib
import fcntl
import os
import pty
import shutil
import shlex
import socket
import subprocess
import sys
import termios
import time
import tty

from .drivers import drivers_of
from .judge import GRACE, TIMED_OUT, Judge
from .steps import BUILD, Problem, ROOT, end_with_parent, say
from .terminal import Errors, Feed, pump


def platforms():
    """The names of all boards."""
    return sorted(p.parent.name for p in ROOT.glob("platforms/*/platform.scons"))


def boards():
    """[(platform, processor, hyp)]: every board with each processor of its image, None where it has one; a
    board with the virtualization extensions with them and without."""
    return [
        (name, cpu, hyp)
        for name in platforms()
        for platform in [load_platform(name)]
        for cpu in platform.get("cpus", [None])
        for hyp in ([False, True] if "qemu_hyp" in platform else [False])
    ]


def returned_by(script):
    """What a platform.scons, or a file that it reads, returns. SConscript and Return mean what SCons does."""
    names = []
    values = {"Return": names.append, "SConscript": lambda path: returned_by(ROOT / path.removeprefix("#"))}
    exec(script.read_text(), values)  # a file of this repository
    return values[names[0]]


def load_platform(name, cpu=None, hyp=False):
    """The dictionary of platforms/<name>/platform.scons. cpu: one of its "cpus"; None: the first.

    hyp: whether the hypervisor finds the virtualization extensions, on a board that has them."""
    if name not in platforms():
        raise Problem(
            f"there is no platform '{name}'", "known platforms: " + ", ".join(platforms()), status=2
        )
    platform = returned_by(ROOT / "platforms" / name / "platform.scons")
    platform = dict(platform, name=name, drivers=drivers_of(name), hyp=hyp and "qemu_hyp" in platform)
    if platform["hyp"]:
        platform["qemu"] = platform["qemu_hyp"]
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
    return BUILD / (platform["name"] + ("-debug" if platform.get("debug") else ""))


def build_of(platform):
    """What scons is told to build for it."""
    return [f"platform={platform['name']}", *(["debug=1"] if platform.get("debug") else [])]


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
