# SPDX-License-Identifier: Apache-2.0
"""Refuses an initramfs that cannot work: empty, cut off, or in a format that the kernel does not take.

The kernel takes cpio archives in the newc format, packed or not, one behind the other with zeros between
(Linux's Documentation/driver-api/early-userspace/buffer-format.rst). Anything else may be a file system: it
passes.
"""

import bz2
import lzma
import re
import zlib

from .files import begins_like_text, readable
from .steps import Problem

NEWC = (b"070701", b"070702")
HEADER = 110  # bytes of an entry's header: the magic number and 13 fields of 8 hexadecimal digits
CUT_OFF = "make or copy it again"
AS_NEWC = "make it with: find . | cpio -o -H newc"


class Cut(Exception):
    """The data ends before the archive does."""


class Damaged(Exception):
    """The data is not what it says."""


def one_archive(data, at):
    """Walks over the archive that begins at `at`; returns where it ends."""
    while True:
        head = data[at : at + HEADER]
        if len(head) < HEADER:
            raise Cut
        if head[:6] not in NEWC or not re.fullmatch(rb"[0-9A-Fa-f]{104}", head[6:]):
            raise Damaged
        size, name_size = int(head[54:62], 16), int(head[94:102], 16)
        name = data[at + HEADER : at + HEADER + name_size]
        content = -(-(at + HEADER + name_size) // 4) * 4
        if content + size > len(data):
            raise Cut
        at = -(-(content + size) // 4) * 4
        if name == b"TRAILER!!!\0":
            return at


def by_module(decompressor):
    """An unpacker of one stream: returns what was in it and what follows it."""

    def unpack(data):
        stream = decompressor()
        try:
            content = stream.decompress(data)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise Damaged from error
        if not stream.eof:
            raise Cut
        return content, stream.unused_data

    return unpack


# What a packed archive begins with, and how it is unpacked. Others (zstd, lz4, lzo) are let through unseen.
PACKED = (
    (b"\x1f\x8b", by_module(lambda: zlib.decompressobj(31))),
    (b"\xfd7zXZ\0", by_module(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ))),
    (b"\x5d\0\0", by_module(lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE))),
    (b"BZh", by_module(bz2.BZ2Decompressor)),
)
# What is neither an archive nor a file system: (bytes at its beginning, what it is, what to do).
FOREIGN = (
    (b"07070", "a cpio archive in an old format", AS_NEWC),
    (b"\xc7\x71", "a cpio archive in the binary format", AS_NEWC),
    (b"\x71\xc7", "a cpio archive in the binary format", AS_NEWC),
    (b"\x7fELF", "an ELF file", "give a cpio archive that has it as /init"),
    (b"\xd0\x0d\xfe\xed", "a FIT image or a device tree", "a bundle is given with --bundle"),
    (b"PK\x03\x04", "a zip file", AS_NEWC),
)
UIMAGE = b"\x27\x05\x19\x56"


def walk(data):
    """Looks at all archives of the data, packed ones too, until something that is none."""
    at = 0
    while True:
        at += len(data[at:]) - len(data[at:].lstrip(b"\0"))
        if data.startswith(NEWC, at):
            at = one_archive(data, at)
            continue
        unpack = next((unpack for magic, unpack in PACKED if data.startswith(magic, at)), None)
        if not unpack:
            return
        content, rest = unpack(data[at:])
        if content.startswith(NEWC):
            walk(content)
        at = len(data) - len(rest)


def check(path, what="initramfs", native=False):
    """Returns the path of a file that the kernel may take. QEMU unpacks a uImage for a native kernel."""
    data = readable(path, what).read_bytes()
    if not data.strip(b"\0"):
        cause = "holds nothing but zeros" if data else "is empty"
        raise Problem(f"the {what} {path} {cause}", "give a cpio archive, or leave it out", status=2)
    if data.startswith(UIMAGE) and not native:
        raise Problem(
            f"the {what} {path} is a U-Boot uImage",
            "give the file that it was made from, without a header",
            status=2,
        )
    if not data.startswith(NEWC):
        for magic, kind, cure in FOREIGN:
            if data.startswith(magic):
                raise Problem(f"the {what} {path} is {kind}", cure, status=2)
        if begins_like_text(data):
            raise Problem(
                f"the {what} {path} is a text file", "give a cpio archive, or leave it out", status=2
            )
    try:
        walk(data)
    except Cut as cut:
        raise Problem(f"the {what} {path} is cut off", CUT_OFF, status=2) from cut
    except Damaged as damaged:
        raise Problem(f"the {what} {path} is damaged", CUT_OFF, status=2) from damaged
    return path
