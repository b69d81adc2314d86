# SPDX-License-Identifier: Apache-2.0
"""./run: boots guests on the hypervisor in QEMU and hands over their console."""

import argparse
import shlex
import sys

from . import bundle, images, initramfs, kernel, packages, qemu
from .steps import Problem, build_directory, say

EPILOG = """\
Keys in an interactive run: Ctrl-V 1..8 switches to a guest, Ctrl-V c prints the hypervisor's counters,
Ctrl-A x ends QEMU, Ctrl-A h lists what else it knows.

Exit status: 0 when the guests powered off in order, 124 when the time ran out, 2 for a wrong command line,
1 when the hypervisor stopped, a guest was ended, or something else went wrong; 128 + N after signal N
(130: Ctrl-C).

The cache for kernels is ~/.cache/vambrace, or VAMBRACE_CACHE.
"""


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
    parser.add_argument("--kernel", metavar="FILE", help="your own kernel (zImage or Image)")
    parser.add_argument("--initrd", metavar="FILE", help="your own initramfs")
    parser.add_argument(
        "--append",
        metavar="ARGS",
        help="add ARGS to the guest's command line " f"('{bundle.DEFAULT_BOOTARGS}')",
    )
    parser.add_argument("--mem", metavar="SIZE", help="memory per guest, such as 32M (default: equal shares)")
    parser.add_argument("--guests", metavar="N", type=int, help="number of guests (default: 1)")
    parser.add_argument("--bundle", metavar="FILE", help="a ready boot bundle")
    parser.add_argument("--config", metavar="FILE", help="a guest description (docs/bundle.md)")
    parser.add_argument(
        "--native", action="store_true", help="the same Linux on the bare board, without hypervisor"
    )
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
    return parser.parse_args()


def check(options, platform):
    """Refuses what cannot work before anything is built."""
    described = [
        f"--{name}"
        for name in ("kernel", "initrd", "append", "mem", "guests", "config")
        if getattr(options, name) is not None
    ]
    if options.bundle and described:
        raise Problem(
            f"--bundle already says what {', '.join(described)} would", "leave out one of them", status=2
        )
    if options.bundle and options.native:
        raise Problem(
            "--native runs one kernel without the hypervisor; there is no use for a bundle",
            "leave out --bundle",
            status=2,
        )
    if options.config and len(described) > 1:
        raise Problem(
            "--config already says what " + ", ".join(d for d in described if d != "--config") + " would",
            "change the description instead",
            status=2,
        )
    if options.native and (options.config or (options.guests or 1) != 1):
        raise Problem(
            "--native runs one kernel without the hypervisor", "leave out --config and --guests", status=2
        )
    if options.guests is not None and not 1 <= options.guests <= 8:
        raise Problem(
            f"--guests {options.guests}: there can be 1 to 8", "give a number from 1 to 8", status=2
        )
    if options.icount is not None and not 0 <= options.icount <= 10:
        raise Problem(
            f"--icount {options.icount}: QEMU takes 0 to 10", "give a number from 0 to 10", status=2
        )
    if options.timeout is not None and options.timeout <= 0:
        raise Problem(
            f"--timeout {options.timeout:g} is over before it starts", "give seconds above 0", status=2
        )
    if options.kernel:
        bundle.check_kernel(options.kernel)
    if options.initrd:
        bundle.readable(options.initrd, "initramfs")
    if options.bundle:
        bundle.check_bundle(options.bundle)
    try:
        extra = shlex.split(options.qemu_args)
    except ValueError as error:
        raise Problem(f"--qemu-args cannot be read: {error}", "check the quotes", status=2) from error
    if options.mem and options.native and "qemu_mib" in platform:
        raise Problem(
            f"the memory of {platform['name']} cannot be changed in QEMU", "leave out --mem", status=2
        )
    if options.mem:
        check_memory([bundle.size(options.mem, "a memory size")] * (options.guests or 1), platform, extra)
    return extra


def check_memory(sizes, platform, extra):
    """Guests' memory has to fit into the board's, next to the hypervisor."""
    if any(size and (size < 8 * bundle.MIB or size % bundle.MIB) for size in sizes):
        raise Problem(
            "a guest's memory is a multiple of 1 MB and at least 8 MB", "give a size such as 32M", status=2
        )
    board = platform["ram_mib"]
    if "-m" in extra[:-1]:
        board = bundle.size(extra[extra.index("-m") + 1] + "M") // bundle.MIB
    total = sum(sizes) // bundle.MIB
    if total > board - 4:
        raise Problem(
            f"the guests want {total} MB, and the board has {board} MB, of which the hypervisor needs some",
            f"give at most {(board - 4) // len(sizes)}M per guest",
            status=2,
        )


def guests_of(options, platform, extra):
    """The guests that the options describe; builds the default kernel and initramfs where they name none."""
    if options.config:
        guests = bundle.read_config(options.config)
        check_memory([guest.memory for guest in guests], platform, extra)
        for guest in guests:
            if guest.kernel:
                bundle.check_kernel(guest.kernel)
                if guest.ramdisk:
                    bundle.readable(guest.ramdisk, "ramdisk")
            else:
                guest.kernel = images.linux(platform)
                guest.ramdisk = guest.ramdisk or images.root_file_system(platform)
        return guests
    image = options.kernel or images.linux(platform)
    ramdisk = options.initrd or images.root_file_system(platform, modules=not options.kernel)
    memory = bundle.size(options.mem) if options.mem else 0
    bootargs = bundle.DEFAULT_BOOTARGS + (f" {options.append}" if options.append else "")
    count = options.guests or 1
    labels = [images.LABEL] if count == 1 else [f"{images.LABEL}-{n}" for n in range(1, count + 1)]
    return [bundle.Guest(label, image, ramdisk, memory, bootargs) for label in labels]


def native_line(options, platform, extra):
    """The QEMU command for Linux on the bare board."""
    dtb = images.host_dtb(platform)
    image = options.kernel or images.linux(platform, kernel.native(platform))
    ramdisk = options.initrd or images.root_file_system(
        platform, kernel.native(platform), modules=not options.kernel
    )
    append = f"console={platform['native_console']}" + (f" {options.append}" if options.append else "")
    memory = bundle.size(options.mem) // bundle.MIB if options.mem else None
    return qemu.command_line(
        platform,
        kernel=image,
        initrd=ramdisk,
        append=append,
        dtb=dtb,
        memory_mib=memory,
        icount=options.icount,
        gdb=options.gdb,
        monitor=interactive(),
        extra=extra,
    )


def guest_line(options, platform, extra):
    """The QEMU command for guests on the hypervisor."""
    image = images.hypervisor(platform)
    if options.bundle:
        package = options.bundle
    else:
        package = bundle.make_in(images.output(platform) / "bundles", guests_of(options, platform, extra))
    return qemu.command_line(
        platform,
        kernel=image,
        initrd=package,
        dtb=images.output(platform) / "host.dtb",
        icount=options.icount,
        gdb=options.gdb,
        monitor=interactive(),
        extra=extra,
    )


def interactive():
    return sys.stdin.isatty() and sys.stdout.isatty()


def main():
    options = arguments()
    try:
        platform = qemu.load_platform(options.platform, options.cpu)
        extra = check(options, platform)
        build_directory()
        packages.ensure(packages.RUN)
        line = (native_line if options.native else guest_line)(options, platform, extra)
        if options.dry_run:
            print(qemu.escape(line))
            return 0
        if options.gdb:
            qemu.check_port(options.gdb)
            elf = images.output(platform) / "vambrace.elf"
            say(f"waiting for gdb: gdb-multiarch {elf} -ex 'target remote :{options.gdb}'")
        own = options.initrd or options.bundle or options.config
        say("starting QEMU" + (" (Ctrl-A x ends it)" if interactive() else ""))
        return qemu.run(
            line,
            native=options.native,
            timeout=options.timeout,
            marker=None if own else initramfs.READY.encode(),
            ends=platform.get("qemu_ends", True),
        )
    except Problem as problem:
        return problem.report("run")
