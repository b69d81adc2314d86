# SPDX-License-Identifier: Apache-2.0
"""Refuses options of ./run that cannot work, before anything is installed or built."""

import shlex

from . import archive, bundle, description, disk, kernel_file, kernel_image
from .bundle import MIB
from .steps import Problem

LEAST_GUEST, LEAST_BOARD = 8, 16  # MB
BUNDLE = 6  # MB of the one that ./run makes, with room to spare
OWN = 1  # MB that the hypervisor keeps for itself, beside the shadow pools
DESCRIBED = ("kernel", "load", "initrd", "disk", "bios", "append", "mem", "guests", "config")


def check(options, platform):
    """Refuses what cannot work. Returns (more for QEMU, the board's MB, --config's guests or None)."""
    combinations(options)
    way(options, platform)
    numbers(options)
    extra = more_arguments(options.qemu_args)
    board = board_mib(options, platform, extra)
    most = (guest_mib(options.mem) if options.mem and not options.native else board) * MIB
    if options.kernel:
        raw_at = kernel_file.address(options.load) if options.load else None
        kernel_image.check(options.kernel, platform, options.native, raw_at, most)
    if options.bios:
        kernel_image.check_firmware(options.bios, platform)
    if options.initrd:
        archive.check(options.initrd, "initramfs", options.native)
    if options.disk:
        disk.check(options.disk)
    if options.bundle:
        bundle.check_bundle(options.bundle)
    if options.mem and not options.native:
        count = options.guests or 1
        guest = bundle.Guest("", None, memory=guest_mib(options.mem) * MIB, firmware=options.bios)
        memory([guest] * count, board, platform)
    guests = described(options.config, board, platform) if options.config else None
    return extra, board, guests


def combinations(options):
    given = [f"--{name}" for name in DESCRIBED if getattr(options, name) is not None]
    if options.bundle and given:
        raise Problem(
            f"--bundle already says what {', '.join(given)} would", "leave out one of them", status=2
        )
    if options.bundle and options.native:
        raise Problem(
            "--native runs one kernel without the hypervisor; there is no use for a bundle",
            "leave out --bundle",
            status=2,
        )
    if options.config and len(given) > 1:
        raise Problem(
            "--config already says what " + ", ".join(d for d in given if d != "--config") + " would",
            "change the description instead",
            status=2,
        )
    if options.native and (options.config or (options.guests or 1) != 1):
        raise Problem(
            "--native runs one kernel without the hypervisor", "leave out --config and --guests", status=2
        )
    if options.native and (options.bios or options.load or options.disk):
        raise Problem(
            "--bios, --load and --disk are for guests, and --native runs one kernel without the hypervisor",
            "leave them out, or use --qemu-args",
            status=2,
        )
    if options.load and not options.kernel:
        raise Problem("--load says where a raw image goes", "give the image: --kernel FILE", status=2)
    if options.native and options.mem and options.board_mem:
        raise Problem(
            "with --native the kernel has all of the board's memory: --mem and --board-mem say the same",
            "leave out one of them",
            status=2,
        )


def way(options, platform):
    if options.no_hyp and "qemu_hyp" not in platform:
        raise Problem(
            f"--no-hyp: the core of {platform['name']} has no virtualization extensions",
            "leave it out: all guests of this board are paravirtual",
            status=2,
        )


def numbers(options):
    if options.guests is not None and not 1 <= options.guests <= bundle.MOST_GUESTS:
        raise Problem(
            f"--guests {options.guests}: there can be 1 to 8", "give a number from 1 to 8", status=2
        )
    if options.icount is not None and not 0 <= options.icount <= 10:
        raise Problem(
            f"--icount {options.icount}: QEMU takes 0 to 10", "give a number from 0 to 10", status=2
        )
    if options.timeout is not None and not options.timeout > 0:
        raise Problem(
            f"--timeout {options.timeout:g} is over before it starts", "give seconds above 0", status=2
        )
    if options.gdb is not None and not 1 <= options.gdb <= 65535:
        raise Problem(
            f"--gdb {options.gdb}: there is no such port", "give a number from 1 to 65535", status=2
        )


def more_arguments(text):
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Problem(f"--qemu-args cannot be read: {error}", "check the quotes", status=2) from error


def guest_mib(text):
    """MB of --mem; not 0, which a description has for an equal share."""
    size = bundle.size(text, "a memory size")
    if not size:
        raise Problem(
            "--mem 0: no guest runs without memory",
            "give a size such as 32M, or leave out --mem: the guests share what there is",
            status=2,
        )
    return whole_mib(size, LEAST_GUEST, "a guest's memory")


def whole_mib(size, least, what):
    if size % MIB or size < least * MIB:
        raise Problem(
            f"{what} is a multiple of 1 MB and at least {least} MB",
            f"give a size such as {4 * least}M",
            status=2,
        )
    return size // MIB


def board_mib(options, platform, extra):
    """MB that QEMU's board has: of --board-mem, of -m in --qemu-args, natively of --mem; or what is usual."""
    name = "--board-mem" if options.board_mem else "--mem"
    text = options.board_mem or (options.mem if options.native else None)
    if "-m" in extra[:-1]:
        return bundle.size(extra[extra.index("-m") + 1] + "M") // MIB
    if text is None:
        return platform.get("run_mib") or platform["ram_mib"]
    most = platform.get("ram_most_mib")
    if not most:
        raise Problem(
            f"the memory of {platform['name']} cannot be changed in QEMU", f"leave out {name}", status=2
        )
    wanted = whole_mib(bundle.size(text, "a memory size"), LEAST_BOARD, "a board's memory")
    if wanted > most:
        raise Problem(
            f"{name} {text}: {platform['name']} has room for {most} MB", f"give at most {most}M", status=2
        )
    return wanted


def more_memory(board, platform):
    """The end of a cure: how the board gets more."""
    most = platform.get("ram_most_mib", 0)
    return f", or a larger board: --board-mem, at most {most}M" if board < most else ""


def room_for(guests, board, platform, package, memory=0):
    """MB that the guests share; memory: bytes of one that does not say how much, for its shadow tables."""
    unit = 2 if platform["hyp"] else 1  # MB: a block of the second stage
    pools = 0 if platform["hyp"] else in_mib(bundle.pools_room(guests, memory))
    firmware = sum(in_units(path.stat().st_size, unit) for path in {g.firmware for g in guests} - {None})
    rest = board - OWN - pools - in_mib(package) - in_units(shared_bytes(guests), unit)
    return rest // unit * unit - firmware


def most_each(guests, board, platform, package):
    """MB that each of the guests can have."""
    alike = [
        bundle.Guest("", None, shadow_pool_kib=g.shadow_pool_kib, firmware=g.firmware, regions=g.regions)
        for g in guests
    ]
    each = max(board // len(guests), 0)
    while each > 0 and each * len(guests) > room_for(alike, board, platform, package, each * MIB):
        each -= 1
    return each


def memory(guests, board, platform, package=0):
    """The guests have to fit into the board's memory, beside hypervisor and (once made) the bundle."""
    unit = 2 if platform["hyp"] else 1
    wanted = sum(in_units(guest.memory, unit) for guest in guests)
    room = room_for(guests, board, platform, package)
    disks = in_mib(sum(disk.path.stat().st_size for guest in guests for disk in guest.disks))
    needed = wanted + LEAST_GUEST * sum(not guest.memory for guest in guests)
    if package and disks and room < needed:
        raise Problem(
            f"the bundle takes {in_mib(package)} of the board's {board} MB, {disks} MB of it for disks, and "
            f"leaves {max(room, 0)} MB to the guests",
            "use smaller disks" + more_memory(board, platform),
            status=2,
        )
    if wanted <= room and (wanted < room or all(guest.memory for guest in guests)):
        return
    most = most_each(guests, board, platform, package or BUNDLE * MIB)
    raise Problem(
        f"the guests want {wanted} MB, and the board has {board} MB, of which {max(room, 0)} are left beside "
        + ("the hypervisor and the bundle" if package else "the hypervisor"),
        f"give at most {most}M per guest" + more_memory(board, platform),
        status=2,
    )


def shared_bytes(guests):
    """That guests' regions take together."""
    return sum({region.label: region.size for guest in guests for region in guest.regions}.values())


def in_mib(size):
    return in_units(size, 1)


def in_units(size, unit):
    """MB that so many bytes take if they begin and end at multiples of the unit, in MB."""
    return -(-size // (unit * MIB)) * unit


def described(path, board, platform):
    """The guests of a --config file, all of whose files are there and may work."""
    guests = description.read(path)
    for guest in guests:
        if guest.memory:
            whole_mib(guest.memory, LEAST_GUEST, f"{path}: [guest {guest.label}]: a guest's memory")
    for guest in guests:
        if guest.firmware:
            kernel_image.check_firmware(guest.firmware, platform)
    memory(guests, board, platform)
    for guest in guests:
        if guest.kernel:
            most = guest.memory or board * MIB
            kernel_image.check(guest.kernel, platform, raw_at=guest.raw_at, memory=most)
        if guest.ramdisk:
            archive.check(guest.ramdisk, "ramdisk")
    return guests
