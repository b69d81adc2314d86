# SPDX-License-Identifier: Apache-2.0
"""Boots the benchmark natively and under Vambrace in QEMU, and reads what the counting plugin wrote."""

import dataclasses
import pathlib
import re
import subprocess
import threading

from harness import bundle, images, initramfs, kernel, qemu
from harness.judge import Judge
from harness.steps import BUILD, Problem, say, step

WORK = BUILD / "bench"
PROGRAM, SCALE_PROGRAM, PLUGIN = WORK / "bench-armel", WORK / "scale-armel", WORK / "count.so"
# The same addresses in every run, and no 40 ms in which
# only the bare board's kernel measures how fast it loops.
APPEND = "norandmaps lpj=5000000"
# The first process of a run of rows; the kernel hands its unknown parameters over as environment.
INIT = """\
#!/bin/sh
/bin/mount -a 2> /dev/null
export PATH=/sbin:/usr/sbin:/bin:/usr/bin
IFS=,
/bin/bench -n $bench_options $bench_rows
/sbin/poweroff -f
"""
OF_QEMU = re.compile(
    r"vpb_sic_write: Bad register offset 0x[0-9a-f]+\n"
)  # it prints this between the guest's lines
STALLED = 300  # seconds without a line: the run hangs


@dataclasses.dataclass
class Part:
    """Instructions between two markers: by address (kernel and hypervisor), in user mode, elsewhere."""

    kind: str
    begin: int
    end: int
    user: int
    other: int
    events: int
    event_sum: int
    counts: dict


@dataclasses.dataclass
class Run:
    console: str
    parts: list
    uart: list  # (instructions, the hypervisor's) at each character
    guest_at: int  # instructions before the first one of a guest
    raw: bytes

    def rows(self):
        """(name, ns, operations) of every row that was printed."""
        return [
            (m[1], float(m[2]), int(m[3]))
            for m in re.finditer(r"^(?:\[linux-\d\] )?(\w+) (-?\d+\.\d+) (\d+)\r?$", self.console, re.M)
        ]


def parse(text):
    """What the plugin wrote: (parts, uart, guest_at)."""
    parts, uart, guest_at, begun, current = [], [], 0, [], None
    for line in text.splitlines():
        words = line.split()
        if current is not None and words[0] != "end":
            current[int(words[0], 16)] = int(words[1])
        elif words[0] == "end":
            current = None
        elif words[0] == "start":
            begun.append(int(words[2]))
        elif words[0] == "part":
            current = {}
            end, user, other, events, event_sum = map(int, words[2:])
            from_power_on = words[1] in ("whole", "boot")
            begin = 0 if from_power_on else begun.pop(0)  # of two guests: the first to begin ends first
            parts.append(Part(words[1], begin, end, user, other, events, event_sum, current))
        elif words[0] == "uart":
            uart.append((int(words[2]), int(words[3])))
        elif words[0] == "guest":
            guest_at = int(words[1])
    return parts, uart, guest_at


class Machine:
    """One way to boot the benchmark."""

    def __init__(self, platform, name, zimage, vmlinux, config):
        self.platform, self.name, self.zimage, self.vmlinux, self.config = (
            platform,
            name,
            zimage,
            vmlinux,
            config,
        )
        self.native = name == "native"
        self.board_mib = self.pool_kib = None  # None: the board's and the hypervisor's default
        self.archive = archive  # makes the initramfs
        self.files = {}  # of the build, as they were at the start
        tree = ["host.dtb"] if images.device_tree(platform) else []
        for file in tree if self.native else [*tree, "vambrace.bin", "vambrace.elf"]:
            self.files[file] = images.place((images.output(platform) / file).read_bytes(), WORK / file)

    def options(self, append, guests, memory):
        """How QEMU boots it."""
        dtb = self.files.get("host.dtb")
        if self.native:
            return dict(
                kernel=self.zimage,
                initrd=self.archive(),
                dtb=dtb,
                append=f"console={self.platform['native_console']} {append}",
            )
        labels = ["linux"] if guests == 1 else [f"linux-{n}" for n in range(1, guests + 1)]
        described = [
            bundle.Guest(
                label,
                self.zimage,
                self.archive(),
                memory,
                f"{bundle.DEFAULT_BOOTARGS} {append}",
                self.pool_kib,
            )
            for label in labels
        ]
        return dict(
            kernel=self.files["vambrace.bin"], initrd=bundle.make(described, WORK / "bundle.itb"), dtb=dtb
        )

    def window(self):
        """Where the hypervisor's image lies: the megabyte of its first symbol."""
        return images.symbols(self.files["vambrace.elf"])["__image_start"] & ~0xFFFFF

    def irq_vector(self):
        """At address 0, or in the image where the core has VBAR or HYP mode."""
        if self.platform["hyp"]:
            return 0x18 + images.symbols(self.files["vambrace.elf"])["hyp_vectors"]
        low = self.platform["vectors"] == "low"
        return 0x18 + (0 if low else images.symbols(self.files["vambrace.elf"])["vectors_start"])

    def result(self):
        """What the plugin wrote in the last run."""
        return WORK / f"{self.platform['name']}-{self.name}.txt"

    def run(self, what, append="", until=None, guests=1, memory=0, watch_uart=False, whole=None):
        """Boots, and returns a Run when the guests have stopped or the console shows `until`."""
        qemu.need_qemu(self.platform)
        result = self.result()
        result.unlink(missing_ok=True)
        plugin = f"{PLUGIN},out={result}"
        plugin += "" if self.native else f",hypervisor={self.window():#x},irq={self.irq_vector():#x}"
        plugin += f",uart={self.platform['uart']:#x}" if watch_uart else ""
        plugin += f",whole={whole}" if whole is not None else ""
        line = qemu.command_line(
            self.platform,
            icount=0,
            memory_mib=self.board_mib,
            extra=["-plugin", plugin],
            **self.options(f"{APPEND} {append}".strip(), guests, memory),
        )
        with step(f"{what} ({self.name})"):
            console = watch(["nice", *line], self.native, until, result.with_suffix(".log"))
        raw = result.read_bytes()
        return Run(console, *parse(raw.decode()), raw)


class Patience:
    """Kills a process that has printed nothing for a while."""

    def __init__(self, process):
        self.process, self.timer = process, None
        self.renew()

    def renew(self):
        self.end()
        self.timer = threading.Timer(STALLED, self.process.kill)
        self.timer.start()

    def end(self):
        if self.timer:
            self.timer.cancel()


def watch(line, native, until, log):
    """Runs QEMU and returns the console's text, logged, too; a Problem if it does not end as it should."""
    judge, text = Judge(native), bytearray()
    process = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    patience = Patience(process)
    try:
        for raw in process.stdout:
            patience.renew()
            text += raw
            judge.see(raw)
            report(raw.decode(errors="replace").strip())
            if judge.orderly or judge.failed or (until and until.encode() in raw):
                break
        else:
            tail = text.decode(errors="replace")[-2000:]
            raise Problem(
                f"QEMU ended (or hung for {STALLED} s) before the benchmark did; the console:\n{tail}"
            )
    finally:
        patience.end()
        qemu.stop(process)
    console = OF_QEMU.sub("", text.decode(errors="replace"))
    log.write_text(console)
    said = re.findall(r"^(?:\[linux-\d\] )?bench: (?!\d+ rows measured).*", console, re.M)
    if judge.failed or said:
        lines = [*said, *console.splitlines()[-12:]]
        raise Problem("the benchmark failed; what it says and the end of the console:\n" + "\n".join(lines))
    return console


def report(line):
    """Progress: the row that has just been measured."""
    if match := re.match(r"(?:\[linux-\d\] )?(\w+) (-?\d+\.\d+) \d+$", line):
        say(f"  {match[1]}: {float(match[2]):.1f} ns")


def extra_files(program=PROGRAM):
    """The program and what starts it: {path: (bytes, executable)}."""
    return {"bin/bench": (program.read_bytes(), True), "sbin/bench-init": (INIT.encode(), True)}


def archive():
    """The initramfs that all runs share: no modules, which belong to one kernel."""
    return images.place(initramfs.make(None, extra_files()), WORK / "initramfs.cpio")


def pan(config):
    """What a kernel's configuration says about CPU_SW_DOMAIN_PAN."""
    if config is None:
        return "unknown"
    return "on" if "CONFIG_CPU_SW_DOMAIN_PAN=y" in pathlib.Path(config).read_text() else "off"


def machines(platform, native=None, guest=None):
    """The native board and the hypervisor's guest; builds kernels that are not in the cache.

    native, guest: (zImage, vmlinux) instead of the default kernels; the configuration may lie beside.
    """
    result = []
    for name, own, variant in (
        ("native", native, kernel.native(platform)),
        ("vambrace", guest, kernel.guest(platform)),
    ):
        if own:
            config = pathlib.Path(own[0]).with_name("config")
            result.append(
                Machine(platform, name, pathlib.Path(own[0]), own[1], config if config.exists() else None)
            )
        else:
            built = kernel.ensure(variant)
            result.append(Machine(platform, name, built.zimage, built.vmlinux, built.directory / "config"))
    return result
