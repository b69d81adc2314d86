# SPDX-License-Identifier: Apache-2.0
"""Reads a kernel's file, of whatever format, and finds where it goes: ELF files and uImages become what the
hypervisor's loader takes, which knows zImages, Images, and images with an address (docs/bundle.md)."""

import bz2
import hashlib
import lzma
import os
import pathlib
import struct
import zlib

from .steps import Problem

RAM = 0x40000000  # of every guest
MIB = 1 << 20
RAW_AT = RAM + 0x10000  # where QEMU's `virt` puts a raw image
LINUX = b"Linux version "
ZIMAGE_MAGIC = struct.pack("<I", 0x016F2818)  # arch/arm/boot/compressed/head.S; always little-endian

ELF_MAGIC = b"\x7fELF"
ELF_HEADER = struct.Struct("<16xHHIIIIIHHHHHH")
PROGRAM_HEADER = struct.Struct("<8I")
EM_ARM, ET_EXEC, PT_LOAD = 40, 2, 1
MACHINES = {3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC", 62: "x86-64", 183: "64-bit ARM", 243: "RISC-V"}
MOST_ELF = 64 * MIB  # from its first byte to its last, with what is between
# PAGE_OFFSET of every Linux configuration is a multiple of it, and its text offset is less.
LINUX_PART = 16 * MIB

# A legacy image of U-Boot's mkimage: include/image.h has the header, all of it big-endian.
UIMAGE_MAGIC = b"\x27\x05\x19\x56"
UIMAGE_HEADER = struct.Struct(">4sIIIIII4B32s")
UIMAGE_ARM, UIMAGE_KERNEL = 2, 2
UIMAGE_TYPES = {1: "a standalone program", 3: "a ramdisk", 4: "several files", 5: "firmware", 6: "a script"}


def gunzip(data):
    unpacker = zlib.decompressobj(31)
    content = unpacker.decompress(data)
    if not unpacker.eof:
        raise EOFError("it is cut off")
    return content


# What unpacks a uImage's content, by the header's number.
PACKED = {
    0: lambda data: data,
    1: gunzip,
    2: bz2.decompress,
    3: lambda data: lzma.decompress(data, lzma.FORMAT_ALONE),
}


class Kernel:
    """What is loaded. load 0: it does not say where it goes. whole: it is all of the file, as it is."""

    def __init__(self, data, load=0, entry=0, whole=True):
        self.data, self.load, self.entry, self.whole = data, load, entry, whole


def is_zimage(data):
    return data[0x24:0x28] == ZIMAGE_MAGIC


def address(text):
    """A guest's address: '0x40010000'."""
    try:
        return int(text, 0)
    except ValueError as error:
        raise Problem(f"'{text}' is not an address", f"write it as {RAW_AT:#x}", status=2) from error


def broken(path, what):
    return Problem(f"{path} is a broken ELF file: {what}", "build or copy it again", status=2)


def check_elf(path, data):
    """Only a program for 32-bit ARM that is linked to addresses can be loaded."""
    if len(data) < 52:
        raise broken(path, "it is cut off")
    order = "little" if data[5] == 1 else "big"
    kind, machine = (int.from_bytes(data[at : at + 2], order) for at in (16, 18))
    if (data[4], machine) != (1, EM_ARM):
        name = MACHINES.get(machine, f"another machine (number {machine})")
        raise Problem(
            f"{path} is an ELF file for {name}, and guests are 32-bit ARM",
            "build it with ARCH=arm, or a compiler such as arm-none-eabi-gcc",
            status=2,
        )
    if order == "big":
        raise Problem(f"{path} is a big-endian program", "build it for little-endian ARM", status=2)
    if kind != ET_EXEC:
        raise Problem(
            f"{path} is an ELF file that is not linked to addresses (an object, a library or a PIE)",
            f"link it as a program for RAM from {RAM:#x} on: -static -no-pie -Wl,-Ttext={RAW_AT:#x}",
            status=2,
        )


def segments(path, data):
    """What an ELF file puts into memory: [(virtual, physical, bytes, size in memory)]."""
    fields = ELF_HEADER.unpack_from(data)
    table, size, count = fields[4], fields[8], fields[9]
    if count and (size < PROGRAM_HEADER.size or table + count * size > len(data)):
        raise broken(path, "its program headers are cut off")
    result = []
    for number in range(count):
        header = PROGRAM_HEADER.unpack_from(data, table + number * size)
        kind, offset, virtual, physical, in_file, in_memory = header[:6]
        if kind != PT_LOAD or not in_memory:
            continue
        if in_file > in_memory or offset + in_file > len(data) or physical + in_memory > 1 << 32:
            raise broken(path, f"its segment {number} is cut off or impossible")
        result.append((virtual, physical, data[offset : offset + in_file], in_memory))
    if not result:
        raise broken(path, "it puts nothing into memory")
    return result


def read_elf(path, data):
    """Everything between the first segment's first byte and the last one's end, as it is in memory."""
    check_elf(path, data)
    parts = segments(path, data)
    start = min(physical for _, physical, _, _ in parts)
    end = max(physical + size for _, physical, _, size in parts)
    if end - start > MOST_ELF:
        raise Problem(
            f"{path} reaches from {start:#x} to {end:#x}, more than {MOST_ELF // MIB} MB",
            "link its parts closer together, and do not let heap and stack be sections",
            status=2,
        )
    flat = bytearray(end - start)
    for _, physical, content, _ in parts:
        flat[physical - start : physical - start + len(content)] = content
    entry = ELF_HEADER.unpack_from(data)[3]
    inside = [p - v for v, p, _, size in parts if v <= (entry & ~1) < v + size]
    if not inside:
        raise broken(path, f"its entry point {entry:#x} is in no segment")
    # A vmlinux has virtual addresses where others have physical ones, and finds out by itself where it runs.
    moved = RAM - start // LINUX_PART * LINUX_PART if LINUX in flat and start >= 2 * RAM else 0
    return Kernel(bytes(flat), start + moved, entry + inside[0] + moved, whole=False)


def read_uimage(path, data):
    """What is in a legacy image of mkimage, and where it goes. A zImage runs anywhere, whatever is said."""
    if len(data) < UIMAGE_HEADER.size:
        raise Problem(f"{path} is a uImage that is cut off", "make or copy it again", status=2)
    _, crc, _, size, load, entry, data_crc, _, arch, kind, packed, _ = UIMAGE_HEADER.unpack_from(data)
    header = data[:4] + bytes(4) + data[8 : UIMAGE_HEADER.size]
    content = data[UIMAGE_HEADER.size : UIMAGE_HEADER.size + size]
    if zlib.crc32(header) != crc or len(content) < size or zlib.crc32(content) != data_crc:
        raise Problem(f"{path} is a uImage that is damaged or cut off", "make or copy it again", status=2)
    if arch != UIMAGE_ARM:
        raise Problem(
            f"{path} is a uImage for another architecture than 32-bit ARM", "use mkimage -A arm", status=2
        )
    if kind != UIMAGE_KERNEL:
        what = UIMAGE_TYPES.get(kind, f"an image of type {kind}")
        raise Problem(f"{path} is a uImage with {what}, not a kernel", "use mkimage -T kernel", status=2)
    if packed not in PACKED:
        raise Problem(
            f"{path} is a uImage that is packed in a way that is not known here",
            "use mkimage -C none, gzip, bzip2 or lzma",
            status=2,
        )
    try:
        content = PACKED[packed](content)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise Problem(
            f"{path} is a uImage whose content cannot be unpacked: {error}",
            "pack it as mkimage's -C says: mkimage itself packs nothing",
            status=2,
        ) from error
    return Kernel(content, *((0, 0) if is_zimage(content) else (load, entry)), whole=False)


def read(path, raw_at=None):
    """The Kernel in a file. raw_at: it is a raw image, to be put and started there."""
    data = pathlib.Path(path).read_bytes()
    own = {ELF_MAGIC: ("an ELF file", read_elf), UIMAGE_MAGIC: ("a uImage", read_uimage)}.get(data[:4])
    own = ("a zImage", None) if is_zimage(data) else own
    if raw_at is not None and own:
        raise Problem(
            f"{path} is {own[0]}, and no raw image", "leave out --load: it goes where it has to", status=2
        )
    if own and own[1]:
        return own[1](path, data)
    return Kernel(data) if raw_at is None else Kernel(data, raw_at, raw_at)


def check_place(path, kernel, memory):
    """An image with an address has to be in the guest's memory, of so many bytes."""
    end = kernel.load + len(kernel.data)
    if not kernel.load or RAM <= kernel.load and end <= RAM + memory:
        return
    raise Problem(
        f"{path} is made for {kernel.load:#x} to {end - 1:#x}, and its guest has memory from {RAM:#x} "
        f"to {RAM + memory - 1:#x}",
        "link it to addresses there (mkimage -a, --load), or give the guest more: --mem",
        status=2,
    )


def place(guest, folder):
    """Makes a guest's kernel what a bundle holds: a file, written to the folder if it is not there, and where
    it goes."""
    kernel = read(guest.kernel, guest.raw_at)
    guest.load, guest.entry = kernel.load, kernel.entry
    if kernel.whole:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{guest.kernel.name}-{hashlib.sha256(kernel.data).hexdigest()[:16]}"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(kernel.data)
    os.rename(temporary, path)
    guest.kernel = path
