#!/usr/bin/env -S /usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Boots Debian's kernel as a guest of Vambrace in HYP mode, and as the first domain of Debian's Xen, on
QEMU's virt with a Cortex-A15; prints what either hypervisor does until the guest's shell is ready.

Not a part of ./test: it fetches Debian's packages for armhf. Build first:
scons platform=virt-a15 image bench-programs"""

import pathlib
import re
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import machine, measure, paths, table  # noqa: E402
from harness import bundle, debian, images, initramfs, qemu  # noqa: E402
from harness.steps import Problem, locked, step  # noqa: E402

BOARD, KERNEL, XEN = "virt-a15", "linux-image-armmp", "xen-hypervisor-4.17-armhf"
GUEST = 128 << 20
BOARD_MIB = 1024  # Xen maps its first domain one to one, and wants it whole
KERNEL_AT, RAMDISK_AT = 0x74000000, 0x76000000
XEN_LINKED_AT = 0x00200000
TRAP, IRQ = 0x14, 0x18  # of the vectors of HYP mode
# Functions that take as long as the images and the guest's memory are large.
BULK = r"^(memcpy|memmove|memset|clear_memory|crc32|sha256)"


class Subject:
    """A hypervisor that boots the kernel: QEMU's options, and where its image and vectors are."""

    def __init__(self, name, image, options, window, vectors, falls_through=False, symbols=None):
        self.name, self.image, self.options, self.symbols = name, image, options, symbols
        self.window, self.vectors, self.falls_through = window, vectors, falls_through

    def run(self, platform, whole=None):
        result = machine.WORK / f"boot-{self.name}.txt"
        plugin = f"{machine.PLUGIN},out={result},hypervisor={self.window:#x},uart={platform['uart']:#x}"
        plugin += f",whole={whole}" if whole is not None else ""
        line = qemu.command_line(
            platform,
            icount=0,
            memory_mib=BOARD_MIB,
            extra=[*self.options.get("more", ()), "-plugin", plugin],
            **{key: value for key, value in self.options.items() if key != "more"},
        )
        with step(f"booting ({self.name})"):
            console = machine.watch(["nice", *line], True, initramfs.READY, result.with_suffix(".log"))
        return machine.Run(console, *machine.parse(result.read_text()), b"")

    def measured(self, platform):
        """{what: figure} until the line that says that the shell is ready has been printed."""
        first = self.run(platform)
        at = measure.end_of_line(first.console, initramfs.READY)
        run = self.run(platform, whole=at)
        counts = next(part for part in run.parts if part.kind == "whole").counts
        boot = next(part for part in run.parts if part.kind == "boot").counts
        total, own = run.uart[at]
        traps, irqs = (sum(counts.get(at + offset, 0) for at in self.vectors) for offset in (TRAP, IRQ))
        irqs -= traps if self.falls_through else 0
        own -= run.guest_at
        return {
            "image, bytes": self.image.stat().st_size,
            "characters printed": at + 1,
            "all instructions": total,
            "before the guest begins": run.guest_at,
            "... copying, clearing and hashing apart": run.guest_at - self.bulk(boot),
            "of the hypervisor, from then on": own,
            "traps": traps,
            "interrupts": irqs,
            "instructions for each": own / (traps + irqs),
        }

    def bulk(self, counts):
        """Instructions of BULK; 0 of an image whose functions have no names here."""
        named = self.symbols.name if self.symbols else lambda _: ""
        return sum(n for at, n in counts.items() if re.search(BULK, paths.short(named(at))))


def vambrace(platform, kernel, ramdisk):
    elf = paths.Symbols(images.output(platform) / "vambrace.elf")
    described = [bundle.Guest("debian", kernel, ramdisk, GUEST, "console=ttyAMA0 quiet")]
    image = images.output(platform) / "vambrace.bin"
    options = dict(kernel=image, initrd=bundle.make(described, machine.WORK / "xen-bundle.itb"))
    vectors = elf.matching(r"^hyp_vectors$")
    window = elf.address("__image_start") & ~0xFFFFF
    return Subject("vambrace", image, options, window, vectors, symbols=elf)


def vectors_of(image):
    """Where the tables of vectors are: Debian's package has no symbols. On a Cortex-A15 each vector adds 1 to
    sp and falls into the next one, so that the code behind them knows which it was."""
    data, add = image.read_bytes(), 0xE28DD001  # add sp, sp, #1
    tables = [at for at in range(0, len(data) - 32, 32) if struct.unpack_from("<7I", data, at) == (add,) * 7]
    if not tables:
        raise Problem(f"{image} has no vectors that look like Xen's")
    return [XEN_LINKED_AT + at for at in tables]


def xen(kernel, ramdisk):
    image = debian.package(XEN) / "boot" / XEN.removeprefix("xen-hypervisor-").join(("xen-", ""))
    more = ["-device", f"guest-loader,addr={KERNEL_AT:#x},kernel={kernel},bootargs=console=hvc0 quiet"]
    more += ["-device", f"guest-loader,addr={RAMDISK_AT:#x},initrd={ramdisk}"]
    append = f"dom0_mem={GUEST >> 20}M console=dtuart noreboot"
    options = dict(kernel=image, append=append, more=more)
    return Subject("xen", image, options, XEN_LINKED_AT, vectors_of(image), falls_through=True)


def main():
    try:
        platform = qemu.load_platform(BOARD, hyp=True)
        machine.WORK.mkdir(parents=True, exist_ok=True)
        kernel = debian.kernel(KERNEL)
        ramdisk = images.place(initramfs.make(None), machine.WORK / "xen-initramfs.cpio")
        with locked(machine.WORK / ".lock", "measuring"):
            subjects = [vambrace(platform, kernel, ramdisk), xen(kernel, ramdisk)]
            figures = [subject.measured(platform) for subject in subjects]
        lines = [[what, *(table.number(one[what]) for one in figures)] for what in figures[0]]
        print("\n".join(table.aligned(table.grid(["", *(s.name for s in subjects)], lines))))
        return 0
    except Problem as problem:
        return problem.report("xen")


if __name__ == "__main__":
    sys.exit(main())
