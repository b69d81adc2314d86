# SPDX-License-Identifier: Apache-2.0
"""Tells what a kernel's file is, and refuses what cannot run on the board before QEMU shows nothing at all.

Only what is certain is refused: a kernel that cannot be unpacked here and a program that is not Linux pass.
"""

import lzma
import re
import shutil
import struct
import subprocess
import zlib

from . import kernel_file
from .files import begins_like_text, readable
from .kernel_file import LINUX, is_zimage
from .series import chosen
from .steps import Problem, ROOT

CURE = "give arch/arm/boot/zImage or Image of the kernel's build"
RAW = f"{CURE}; --load {kernel_file.RAW_AT:#x} takes any raw image"
LEAST = 64  # bytes: less is no kernel
MOST_FIRMWARE = 64 << 20  # hypervisor/boot/bundle.hpp
BIG_ENDIAN = bytes((4, 3, 2, 1))  # the word at 0x30 of a zImage, whose other words are always little-endian
# What other files begin with, or have at some place: (offset, bytes, what it is, what to do).
FOREIGN = (
    (0, b"\xd0\x0d\xfe\xed", "a FIT image or a device tree", "a bundle is given with --bundle"),
    (0, b"ANDROID!", "an Android boot image", CURE),
    (0, b"\x1f\x8b", "a gzip file", "unpack it with gunzip, or " + CURE),
    (0, b"BZh", "a bzip2 file", "unpack it with bunzip2, or " + CURE),
    (0, b"\xfd7zXZ\0", "an xz file", "unpack it with unxz, or " + CURE),
    (0, b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it with unzstd, or " + CURE),
    (0, b"\x02\x21\x4c\x18", "an lz4 file", "unpack it with unlz4, or " + CURE),
    (0, b"\x89LZO\0", "an lzop file", "unpack it with lzop -d, or " + CURE),
    (0, b"07070", "a cpio archive", "an initramfs is given with --initrd"),
    (0, b"!<ar", "an archive (a Debian package?)", CURE),
    (0x202, b"HdrS", "a bzImage, a kernel for x86", "build one with ARCH=arm: arch/arm/boot/zImage"),
    (0x38, b"ARM\x64", "a kernel for 64-bit ARM", "build one with ARCH=arm: arch/arm/boot/zImage"),
    (0x38, b"RSC\x05", "a kernel for RISC-V", "build one with ARCH=arm: arch/arm/boot/zImage"),
    (4, b"zimg", "a packed kernel for UEFI", CURE),
)
GUEST = b"vambrace,pv-irq\0"  # of the series' interrupt controller: no patched kernel is without it
# arch/arm/mm/proc-*.S: the names that every processor's description has, one behind the other.
PROCESSOR = re.compile(rb"(armv[4-8]\w*)\0v\d\w*\0")
UNCONDITIONAL = (0xF1, 0xF5, 0xFA, 0xFB)  # of ARM code: CPS and SETEND, barriers, BLX
NEEDED = {"armv5": "armv5tej", "armv6": "armv6", "armv7": "armv7"}  # ARMv5: the ARM926's


def unpack_by_tool(*command):
    def unpack(data):
        if not shutil.which(command[0]):
            return b""
        return subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ).stdout  # what follows the payload is an error to the tool

    return unpack


# How a zImage's payload may begin, and what unpacks it.
PAYLOADS = (
    (rb"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data)),
    (rb"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)),
    (rb"\x5d\0\0..\xff{8}", lambda data: lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(data)),
    (rb"\x02\x21\x4c\x18", unpack_by_tool("lz4", "-dc")),
    (rb"\x89LZO\0\r\n\x1a\n", unpack_by_tool("lzop", "-dc")),
)


def unpacked(zimage):
    """The Linux in a zImage; b"" if it cannot be unpacked here or is something else."""
    for magic, unpack in PAYLOADS:
        for match in re.finditer(magic, zimage, re.S):
            try:
                image = unpack(zimage[match.start() :])
            except (zlib.error, lzma.LZMAError, EOFError):
                continue
            if LINUX in image:
                return image
    return b""


def check_zimage(path, data):
    """The same tests as the hypervisor's loader, and one that it need not make."""
    start, end = struct.unpack_from("<II", data, 0x28)
    if data[0x30:0x34] == BIG_ENDIAN:
        raise Problem(f"{path} is a big-endian kernel", "build it with CONFIG_CPU_LITTLE_ENDIAN=y", status=2)
    if end <= start or end - start > len(data):
        raise Problem(
            f"{path} is cut off: it has {len(data)} bytes, and its header says {max(end - start, 0)}",
            "copy the whole zImage again",
            status=2,
        )


def seems_code(data):
    """Whether what the processor meets first is ARM code, most of which is executed always (0xe.......)."""
    at, seen, always = 0, 0, 0
    while seen < 8:
        if not 0 <= at <= len(data) - 4:
            return False
        (word,) = struct.unpack_from("<I", data, at)
        seen += 1
        always += word >> 28 == 0xE or word >> 24 in UNCONDITIONAL
        to_thumb = word >> 25 == 0x7D  # blx
        if word >> 24 == 0xEA or to_thumb:  # to where it leads, in words and from two words ahead
            at += 8 + 4 * ((word & 0xFFFFFF) - (word << 1 & 0x1000000))
            if to_thumb and 0 <= at < len(data):
                break
        elif word & 0x0FFFFFD0 == 0x012FFF10:  # bx, blx with a register: perhaps to Thumb code
            break
        else:
            at += 4
    return 2 * always >= seen


def check_linux(path, image, platform, native):
    """What a kernel says of itself: for which cores it is, and whether it can be a guest."""
    names = {match[1].decode() for match in PROCESSOR.finditer(image)}
    core = platform["arch"]
    if names and NEEDED[core] not in names:
        fragment = chosen().folder.relative_to(ROOT) / platform["guest_config"]
        raise Problem(
            f"{path} is a kernel for {', '.join(sorted(names))}, and {platform['name']} has an {core} core",
            f"build it from {fragment}, or name another board",
            status=2,
        )
    if not native and not platform.get("hyp") and GUEST not in image:
        raise Problem(
            f"{path} has no support for being a guest of Vambrace",
            "apply pv-guest-patches and build it with CONFIG_VAMBRACE_GUEST=y, or run it with --native",
            status=2,
        )


def check_content(path, kernel, platform, native):
    """What will be loaded is a kernel, as far as one can see."""
    data = kernel.data
    if is_zimage(data):
        check_zimage(path, data)
        if image := unpacked(data):
            check_linux(path, image, platform, native)
        return
    for offset, magic, what, cure in FOREIGN:
        if data.startswith(magic, offset) and not kernel.load:
            raise Problem(f"{path} is {what}", cure, status=2)
    if begins_like_text(data):
        raise Problem(f"{path} is a text file", CURE, status=2)
    if LINUX in data:
        check_linux(path, data, platform, native)
    elif not kernel.load and not seems_code(data):
        raise Problem(f"{path} is no kernel: it does not begin with ARM code", RAW, status=2)


def check(path, platform, native=False, raw_at=None, memory=1 << 32):
    """Refuses what cannot run on the board, as a guest or natively, with what it is; returns the path.

    raw_at: where a raw image goes. memory: what the guest can have at most, in bytes."""
    kernel = kernel_file.read(readable(path, "kernel"), raw_at)
    if len(kernel.data) < LEAST and not kernel.load:
        what = "is empty" if not kernel.data else "is too small to be a kernel"
        raise Problem(f"{path} {what}", CURE, status=2)
    if native and not kernel.whole:
        raise Problem(f"{path} is a uImage or an ELF file, for guests only", CURE, status=2)
    check_content(path, kernel, platform, native)
    kernel_file.check_place(path, kernel, memory)
    return path


def check_firmware(path, platform):
    """The same of a guest's firmware."""
    data = readable(path, "firmware").read_bytes()
    if not platform["hyp"]:
        raise Problem(
            f"{path}: firmware needs HYP mode, and guests of {platform['name']} are paravirtual here",
            "choose vexpress-a15, virt-a15 or virt-a7, without --no-hyp; or give a kernel instead",
            status=2,
        )
    if len(data) > MOST_FIRMWARE:
        raise Problem(
            f"{path} has {len(data)} bytes, and a bank of flash has {MOST_FIRMWARE}",
            "give the firmware alone, such as u-boot.bin",
            status=2,
        )
    if data.startswith(kernel_file.ELF_MAGIC) or not seems_code(data):
        raise Problem(
            f"{path} is no firmware for ARM: it does not begin with ARM code",
            "give a raw image that starts at address 0, such as u-boot.bin of U-Boot's qemu_arm",
            status=2,
        )
    return path
