# SPDX-License-Identifier: Apache-2.0
"""A kernel that cannot run on the board is refused with what it is; what may run is taken."""

import gzip
import lzma
import random
import struct

import pytest

from harness import kernel_image
from harness.steps import Problem

V5 = dict(name="versatilepb", arch="armv5", guest_config="config-armv5")
V6 = dict(name="raspi0", arch="armv6", guest_config="config-armv6-v7")
V7 = dict(name="vexpress-a9", arch="armv7", guest_config="config-armv6-v7")
# The first words of Linux's Image: mrs r9, cpsr; eor; tst; bic; orr; ...
CODE = struct.pack(
    "<8I", 0xE10F9000, 0xE229901A, 0xE319001F, 0xE3C9901F, 0xE38990D3, 0x1A000004, 0xE3899C01, 0xE28FE00C
)


def linux(*processors, guest=True):
    """As much of an Image as is looked at, and something that does not pack well."""
    names = b"".join(f"{name}\0v{name[4]}\0".encode() for name in processors)
    noise = random.Random(1).randbytes(5000)
    marker = b"vambrace,pv-irq\0" if guest else b""
    return CODE + noise + names + bytes(100) + marker + b"Linux version 9.8.7 (someone)\0" + noise


def zimage(payload, end=None, endian=0x04030201):
    """arch/arm/boot/compressed/head.S: 8 instructions, a branch, the header; then code and the payload."""
    size = 0x40 + 256 + len(payload) + 64
    head = struct.pack("<9I", *[0xE1A00000] * 8, 0xEA000006)
    head += struct.pack("<6I", 0x016F2818, 0, end or size, endian, 0x45454545, 0) + bytes(4)
    return head + CODE * 8 + payload + bytes(64)


PACKERS = [
    pytest.param(gzip.compress, id="gzip"),
    pytest.param(lzma.compress, id="xz"),
    pytest.param(lambda data: lzma.compress(data, lzma.FORMAT_ALONE), id="lzma"),
    pytest.param(lambda data: data, id="not packed"),
]


def problem(tmp_path, data, platform=V5, **options):
    """What is said about a kernel with this content; None if it may run."""
    (tmp_path / "kernel").write_bytes(data)
    try:
        assert kernel_image.check(tmp_path / "kernel", platform, **options) == tmp_path / "kernel"
    except Problem as found:
        assert found.status == 2 and found.cure
        return found.cause.removeprefix(f"{tmp_path / 'kernel'} ")


def test_a_guest_kernel_is_taken(tmp_path):
    for image, board in (
        (linux("armv5tej"), V5),
        (linux("armv6", "armv7"), V6),
        (linux("armv6", "armv7"), V7),
    ):
        assert problem(tmp_path, image, board) is None
        assert problem(tmp_path, zimage(gzip.compress(image)), board) is None
        assert problem(tmp_path, image, board, native=True) is None


@pytest.mark.parametrize("pack", PACKERS)
def test_a_kernel_for_another_core(tmp_path, pack):
    old = zimage(pack(linux("armv5tej"))) if pack(b"x") != b"x" else linux("armv5tej")
    new = zimage(pack(linux("armv6", "armv7"))) if pack(b"x") != b"x" else linux("armv6", "armv7")
    for native in (False, True):
        assert problem(tmp_path, old, V5, native=native) is None
        assert (
            problem(tmp_path, old, V7, native=native)
            == "is a kernel for armv5tej, and vexpress-a9 has an armv7 core"
        )
        expected = "is a kernel for armv6, armv7, and versatilepb has an armv5 core"
        assert problem(tmp_path, new, V5, native=native) == expected
    assert problem(tmp_path, linux("armv7"), V6) == "is a kernel for armv7, and raspi0 has an armv6 core"
    assert (
        problem(tmp_path, linux("armv4t"), V5) == "is a kernel for armv4t, and versatilepb has an armv5 core"
    )


@pytest.mark.parametrize("pack", PACKERS[:3])
def test_a_kernel_without_guest_support(tmp_path, pack):
    image = linux("armv5tej", guest=False)
    for data in (image, zimage(pack(image))):
        assert problem(tmp_path, data) == "has no support for being a guest of Vambrace"
        assert problem(tmp_path, data, native=True) is None


def test_what_cannot_be_told_is_taken(tmp_path):
    assert problem(tmp_path, zimage(b"\x02\x21\x4c\x18" + bytes(range(256)))) is None  # lz4, and not whole
    assert problem(tmp_path, zimage(gzip.compress(b"another system" * 100))) is None
    assert problem(tmp_path, linux()) is None  # processors that are not named as today's are


def test_a_zimage_that_is_cut_off(tmp_path):
    whole = zimage(gzip.compress(linux("armv5tej")))
    assert problem(tmp_path, whole[:-100]).startswith("is cut off: it has ")
    assert problem(tmp_path, whole + bytes(100)) is None  # with a device tree behind it, for instance
    assert problem(tmp_path, zimage(b"x", endian=0x01020304)) == "is a big-endian kernel"


@pytest.mark.parametrize(
    "offset, magic, cause",
    [
        (0, b"\xd0\x0d\xfe\xed", "is a FIT image or a device tree"),
        (0, b"\x1f\x8b\x08", "is a gzip file"),
        (0, b"\xfd7zXZ\0", "is an xz file"),
        (0, b"ANDROID!", "is an Android boot image"),
        (0, b"070701", "is a cpio archive"),
        (0x202, b"HdrS", "is a bzImage, a kernel for x86"),
        (0x38, b"ARM\x64", "is a kernel for 64-bit ARM"),
        (0x38, b"RSC\x05", "is a kernel for RISC-V"),
    ],
)
def test_another_format_is_named(tmp_path, offset, magic, cause):
    data = bytearray(CODE * 32)
    data[offset : offset + len(magic)] = magic
    assert problem(tmp_path, bytes(data)) == cause


def test_what_is_no_code(tmp_path):
    assert problem(tmp_path, b"") == "is empty"
    assert problem(tmp_path, CODE[:8]) == "is too small to be a kernel"
    assert problem(tmp_path, b"these are my notes\n" * 10) == "is a text file"
    assert problem(tmp_path, bytes(4096)) == "is no kernel: it does not begin with ARM code"
    noise = random.Random(1)
    refused = sum(problem(tmp_path, noise.randbytes(4096)) is not None for _ in range(500))
    assert refused >= 495  # three in a thousand look like code for as long as they are looked at


@pytest.mark.parametrize(
    "words",
    [
        [0xE7F000F0],  # udf
        [0xEAFFFFFE],  # b .
        [0xF10C00C0, 0xF57FF05F] + [0xE3A00000] * 8,  # cpsid if; dmb sy
        [0xEA00000E] + [0x12345678] * 15 + [0xE3A00000] * 8,  # a branch over a header
        [0xEA00000E] + [0x12345678] * 15 + [0xE3A00000] * 2 + [0xEAFFFFFC],  # and back into the loop
        [0xE28F0001, 0xE12FFF10] + [0x4700BF00] * 8,  # add r0, pc, #1; bx r0: Thumb from there on
        [0xE3500000, 0x03A01001, 0x13A01002, 0xE12FFF1E],  # cmp; moveq; movne; bx lr
    ],
)
def test_bare_metal_code_is_taken(tmp_path, words):
    data = struct.pack(f"<{len(words)}I", *words)
    assert problem(tmp_path, data * (64 // len(data) + 1)) is None
