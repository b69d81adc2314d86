# SPDX-License-Identifier: Apache-2.0
"""./run: boots guests on the hypervisor in QEMU and hands over their console."""

import argparse
import contextlib
import sys

from coherency import run as coherency

from . import bundle, check, images, initramfs, kernel, kernel_file, packages, qemu
from .steps import Problem, build_directory, say

EPILOG = """\
Keys in an interactive run: Ctrl-V 1..8 switches to a guest, Ctrl-V c prints the hypervisor's counters,
Ctrl-A x ends QEMU, Ctrl-A h lists what else it knows.

Exit status: 0 when the guests powered off in order, 124 when the time ran out, 2 for a wrong command line,
1 when the hypervisor stopped, a guest was ended, --coherency has a report, or something else went wrong;
128 + N after signal N (130: Ctrl-C).

The cache for kernels is ~/.cache/vambrace, or VAMBRACE_CACHE. VAMBRACE_SERIES names another folder of
pv-guest-patches that the kernel is built from.
"""


def add_images(parser):
    """What a guest is made of."""
    parser.add_argument(
        "--kernel",
        metavar="FILE",
        help="your own kernel: a zImage, Image, uImage or ELF file; with --load a raw image",
    )
    parser.add_argument(
        "--load",
        metavar="ADDR",
        help="the kernel is a raw image, and is put and started there; QEMU's virt has 0x40010000",
    )
    parser.add_argument("--initrd", metavar="FILE", help="your own initramfs")
    parser.add_argument(
        "--disk",
        metavar="FILE",
        help="a disk image, such as an ext4 file system: the guest's /dev/vda, and its root without "
        "--initrd. The guest writes to a copy",
    )
    parser.add_argument(
        "--bios",
        metavar="FILE",
        help="firmware, such as U-Boot, that the guest starts in; needs HYP mode. A kernel and an initramfs "
        "that are named too wait in its memory, where the log says",
    )


def add_ways(parser):
    """How the board is used."""
    parser.add_argument(
        "--no-hyp",
        action="store_true",
        help="paravirtual guests, on a board whose core has virtualization extensions too",
    )
    parser.add_argument(
        "--native", action="store_true", help="the same Linux on the bare board, without hypervisor"
    )
    parser.add_argument(
        "--coherency",
        action="store_true",
        help="under a model of caches and TLB: what could go wrong on a board is reported at the end",
    )


def arguments():
    parser = argparse.ArgumentParser(
        prog="run",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Boots Linux on Vambrace in QEMU and hands over its console.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "platform",
        nargs="?",
        default="versatilepb",
        metavar="PLATFORM",
        help="the board (default: versatilepb): " + ", ".join(qemu.platforms()),
    )
    parser.add_argument("--cpu", metavar="CPU", help="the board's processor, where it can have several")
    add_images(parser)
    parser.add_argument(
        "--append",
        metavar="ARGS",
        help="add ARGS to the guest's command line " f"('{bundle.DEFAULT_BOOTARGS}')",
    )
    parser.add_argument("--mem", metavar="SIZE", help="memory per guest, such as 32M (default: equal shares)")
    parser.add_argument(
        "--board-mem",
        metavar="SIZE",
        help="memory of QEMU's board, such as 512M, where it can be changed (default: 256M on boards "
        "that have 1 GB, 128M on others)",
    )
    parser.add_argument("--guests", metavar="N", type=int, help="number of guests (default: 1)")
    parser.add_argument("--bundle", metavar="FILE", help="a ready boot bundle")
    parser.add_argument("--config", metavar="FILE", help="a guest description (docs/bundle.md)")
    add_ways(parser)
    parser.add_argument(
        "--icount",
        metavar="SHIFT",
        type=int,
        help="count instructions: QEMU -icount " "shift=SHIFT,sleep=off",
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, help="end QEMU after SECONDS; exit status 124"
    )
    parser.add_argument(
        "--gdb",
        metavar="PORT",
        nargs="?",
        type=int,
        const=1234,
        help="wait for gdb on PORT " "(default: 1234)",
    )
    parser.add_argument("--qemu-args", metavar="ARGS", default="", help="more arguments for QEMU")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="prepare everything, print the QEMU command line, " "do not start it",
    )
    return parser.parse_args(joined(parser, sys.argv[1:]))


def joined(parser, arguments):
    """['--mem=-5M'] for ['--mem', '-5M']: argparse takes a value with a dash for an option, and says less."""
    result = []
    for argument in arguments:
        action = parser._option_string_actions.get(result[-1]) if result else None
        wants = isinstance(action, argparse._StoreAction) and action.nargs is None
        if wants and argument.startswith("-") and argument not in parser._option_string_actions:
            result[-1] += "=" + argument
        else:
            result.append(argument)
    return result


def guests_of(options, platform, described):
    """The guests that the options describe; builds the default kernel and initramfs where they name none."""
    if described:
        for guest in described:
            if not guest.kernel and not guest.firmware:
                guest.kernel = images.linux(platform)
                if "root=" not in guest.bootargs:
                    guest.ramdisk = guest.ramdisk or images.root_file_system(platform)
        return described
    image, ramdisk = options.kernel, options.initrd
    if not options.bios:
        image = image or images.linux(platform)
    if image and not options.disk:
        ramdisk = ramdisk or images.root_file_system(platform, modules=not options.kernel)
    memory = bundle.size(options.mem) if options.mem else 0
    disks = [bundle.Disk(options.disk, writable=True)] if options.disk else []
    root = "root=/dev/vda rw rootwait" if disks and not ramdisk else ""
    bootargs = " ".join(part for part in (bundle.DEFAULT_BOOTARGS, root, options.append) if part)
    count = options.guests or 1
    labels = [images.LABEL] if count == 1 else [f"{images.LABEL}-{n}" for n in range(1, count + 1)]
    raw_at = kernel_file.address(options.load) if options.load else None
    more = dict(firmware=options.bios, raw_at=raw_at, disks=disks)
    return [bundle.Guest(label, image, ramdisk, memory, bootargs, **more) for label in labels]


def native(options, platform):
    """What QEMU loads for Linux on the bare board."""
    dtb = images.host_dtb(platform)
    image = options.kernel or images.linux(platform, kernel.native(platform))
    ramdisk = options.initrd or images.root_file_system(
        platform, kernel.native(platform), modules=not options.kernel
    )
    append = f"console={platform['native_console']}" + (f" {options.append}" if options.append else "")
    return dict(kernel=image, initrd=ramdisk, append=append, dtb=dtb)


def hypervised(options, platform, board, described):
    """What QEMU loads for guests on the hypervisor."""
    image = images.hypervisor(platform)
    package = options.bundle
    if not package:
        guests = guests_of(options, platform, described)
        for guest in guests:
            if guest.kernel:
                kernel_file.place(guest, images.output(platform) / "kernels")
        package = bundle.make_in(images.output(platform) / "bundles", guests)
        check.memory(guests, board, platform, package.stat().st_size)
    return dict(kernel=image, initrd=package, dtb=images.device_tree(platform))


def command_line(options, platform):
    """Checks the options, makes what they need, and returns the QEMU command."""
    extra, board, described = check.check(options, platform)
    build_directory()
    packages.ensure(packages.for_run())
    loaded = native(options, platform) if options.native else hypervised(options, platform, board, described)
    return qemu.command_line(
        platform,
        memory_mib=platform.get("qemu_mib") or board,
        icount=options.icount,
        gdb=options.gdb,
        monitor=interactive(),
        extra=extra,
        **loaded,
    )


def interactive():
    return sys.stdin.isatty() and sys.stdout.isatty()


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        return started(options, stack)


def started(options, stack):
    """Checks the options, runs QEMU and returns the exit status."""
    try:
        platform = qemu.load_platform(options.platform, options.cpu, hyp=not options.no_hyp)
        checked = stack.enter_context(coherency.Checked(platform, options)) if options.coherency else None
        line = command_line(options, platform)
        line = checked.command_line(line) if checked else line
        if options.dry_run:
            print(qemu.escape(line))
            return 0
        if options.gdb:
            qemu.check_port(options.gdb)
            elf = images.output(platform) / "vambrace.elf"
            say(f"waiting for gdb: gdb-multiarch {elf} -ex 'target remote :{options.gdb}'")
        own = options.initrd or options.disk or options.bundle or options.config or options.bios
        say("starting QEMU" + (" (Ctrl-A x ends it)" if interactive() else ""))
        status = qemu.run(
            line,
            native=options.native,
            timeout=options.timeout,
            marker=None if own else initramfs.READY.encode(),
            ends=platform.get("qemu_ends", True),
        )
        return checked.judge(status) if checked else status
    except Problem as problem:
        return problem.report("run")
