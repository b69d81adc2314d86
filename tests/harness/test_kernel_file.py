# SPDX-License-Identifier: Apache-2.0
"""ELF files and uImages become what the hypervisor's loader takes; broken ones are refused by name."""

import bz2
import gzip
import lzma
import os
import pathlib
import random
import struct
import subprocess
import zlib

import pytest

from harness import bundle, kernel_file, kernel_image
from harness.bundle import Guest
from harness.steps import Problem

V7 = dict(name="virt-a15", arch="armv7", guest_config="config-armv6-v7", hyp=True)
PV = dict(V7, name="vexpress-a9", hyp=False)
CODE = struct.pack("<16I", *[0xE3A00000] * 16)  # mov r0, #0
VMLINUX = CODE * 8 + b"Linux version 6.1.0 (x@y)\n\0" + b"cortex-a15\0armv7\0v7\0" + bytes(5)


def told(value):
    """Of a parameter, as a part of the test's name."""
    return value if isinstance(value, str) else "-"


def zimage(size=4096):
    head = CODE[:36] + struct.pack("<6I", 0x016F2818, 0, size, 0x04030201, 0x45454545, 0)
    return head + bytes(size - len(head))


def elf(parts, entry, machine=40, kind=2, data=1, bits=1):
    """parts: [(virtual, physical, content, size in memory)]."""
    ident = b"\x7fELF" + bytes((bits, data, 1)) + bytes(9)
    head = struct.pack(
        "<HHIIIIIHHHHHH", kind, machine, 1, entry, 52, 0, 0x5000400, 52, 32, len(parts), 0, 0, 0
    )
    headers, contents, at = b"", b"", 52 + 32 * len(parts)
    for virtual, physical, content, size in parts:
        headers += struct.pack("<8I", 1, at, virtual, physical, len(content), size, 5, 4)
        contents, at = contents + content, at + len(content)
    return ident + head + headers + contents


def uimage(content, load=0x40008000, entry=None, arch=2, kind=2, packed=0):
    entry = load if entry is None else entry
    name = b"test".ljust(32, b"\0")
    fields = [0x27051956, 0, 0, len(content), load, entry, zlib.crc32(content), 5, arch, kind, packed, name]
    fields[1] = zlib.crc32(struct.pack(">IIIIIII4B32s", *fields))
    return struct.pack(">IIIIIII4B32s", *fields) + content


@pytest.fixture
def read(tmp_path):
    """(content, load, entry) of a file with this content."""

    def reader(data, raw_at=None):
        (tmp_path / "kernel").write_bytes(data)
        kernel = kernel_file.read(tmp_path / "kernel", raw_at)
        return kernel.data, kernel.load, kernel.entry

    return reader


@pytest.fixture
def refused(tmp_path):
    """What is said about a file with this content; None if it may run."""

    def call(data, platform=V7, **options):
        (tmp_path / "kernel").write_bytes(data)
        try:
            kernel_image.check(tmp_path / "kernel", platform, **options)
        except Problem as found:
            assert found.status == 2 and found.cure
            return found.cause.removeprefix(f"{tmp_path / 'kernel'} ")

    return call


def test_a_zimage_an_image_and_a_raw_image_stay_as_they_are(read):
    for data in (zimage(), CODE * 4):
        assert read(data) == (data, 0, 0)
    assert read(CODE, raw_at=0x40010000) == (CODE, 0x40010000, 0x40010000)


def test_an_elf_file_becomes_flat(read):
    parts = [
        (0x40020000, 0x40020000, b"data", 8),
        (0x80000000, 0x40010000, CODE, len(CODE)),
        (0x40020010, 0x40020010, b"", 0x10),
    ]
    flat, load, entry = read(elf(parts, 0x80000004))
    assert (load, entry) == (0x40010000, 0x40010004)
    assert len(flat) == 0x10020
    assert flat[: len(CODE)] == CODE and flat[0x10000:0x10004] == b"data"
    assert not any(flat[len(CODE) : 0x10000]) and not any(flat[0x10004:])


def test_an_entry_point_in_thumb_state_keeps_its_bit(read):
    assert read(elf([(0x40010000, 0x40010000, CODE, 64)], 0x40010021))[1:] == (0x40010000, 0x40010021)


@pytest.mark.parametrize("virtual", [0xC0008000, 0xC0208000, 0x80008000, 0xB0308000])
def test_a_vmlinux_moves_to_where_ram_begins(read, refused, virtual):
    data = elf([(virtual, virtual, VMLINUX, len(VMLINUX) + 100)], virtual)
    place = 0x40000000 + virtual % (1 << 24)
    assert read(data) == (VMLINUX + bytes(100), place, place)
    assert refused(data, memory=8 << 20) is None
    assert "has no support for being a guest" in refused(data, PV)


def test_what_gcc_links_is_read_as_objcopy_reads_it(read, tmp_path):
    source, program, flat = (tmp_path / name for name in ("a.c", "a.elf", "a.bin"))
    source.write_text("int value = 5; int zero[100]; void _start(void) { zero[3] = value; for (;;); }\n")
    subprocess.run(
        ["arm-none-eabi-gcc", "-nostdlib", "-Wl,-Ttext=0x40010000,--build-id=none", source, "-o", program],
        check=True,
    )
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", program, flat], check=True)
    content, load, entry = read(program.read_bytes())
    code = flat.read_bytes()
    at = 0x40010000 - load
    assert content[at : at + len(code)] == code and 0x40010000 <= entry < load + len(content)


ONE = [(0x40010000, 0x40010000, CODE, 64)]


@pytest.mark.parametrize(
    "data, cause",
    [
        (elf(ONE, 0x40010000, machine=62), "is an ELF file for x86-64, and guests are 32-bit ARM"),
        (elf(ONE, 0x40010000, machine=183, bits=2), "is an ELF file for 64-bit ARM, and guests are"),
        (elf(ONE, 0x40010000, kind=3), "is an ELF file that is not linked to addresses"),
        (elf(ONE, 0x40010000, kind=1), "is an ELF file that is not linked to addresses"),
        (elf(ONE, 0x40010000)[:40], "is a broken ELF file: it is cut off"),
        (elf(ONE, 0x40010000)[:70], "is a broken ELF file: its program headers are cut off"),
        (elf(ONE, 0x40010000)[:-1], "is a broken ELF file: its segment 0 is cut off"),
        (elf([(0, 0x40010000, CODE, 63)], 0), "is a broken ELF file: its segment 0 is cut off or impossible"),
        (elf([(0, 0xFFFFFFF0, CODE, 64)], 0), "is a broken ELF file: its segment 0 is cut off or impossible"),
        (elf([], 0x40010000), "is a broken ELF file: it puts nothing into memory"),
        (elf(ONE, 0x40010040), "is a broken ELF file: its entry point 0x40010040 is in no segment"),
        (elf(ONE, 0x4000FFFC), "is a broken ELF file: its entry point 0x4000fffc is in no segment"),
        (
            elf([*ONE, (0x50000000, 0x50000000, b"", 4)], 0x40010000),
            "reaches from 0x40010000 to 0x50000004, more than 64 MB",
        ),
        (elf([(0x8000, 0x8000, CODE, 64)], 0x8000), "is made for 0x8000 to 0x803f, and its guest has memory"),
        (elf([(0x44000000, 0x44000000, CODE, 64)], 0x44000000), "is made for 0x44000000 to 0x4400003f"),
    ],
    ids=told,
)
def test_an_elf_file_that_cannot_run(refused, data, cause):
    assert refused(data, memory=64 << 20).startswith(cause)


def test_a_big_endian_program(refused):
    data = bytearray(elf(ONE, 0x40010000, data=2))
    data[16:20] = struct.pack(">HH", 2, 40)
    assert refused(bytes(data)) == "is a big-endian program"


def test_no_damage_to_an_elf_file_does_harm(tmp_path):
    noise = random.Random(7)
    whole = elf([*ONE, (0x40020000, 0x40020000, b"data", 0x1000)], 0x40010000)
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(noise.randint(1, 4)):
            data[noise.randrange(116)] ^= 1 << noise.randrange(8)
        (tmp_path / "kernel").write_bytes(data)
        try:
            kernel_image.check(tmp_path / "kernel", V7, memory=64 << 20)
        except Problem as found:
            assert found.status == 2 and found.cure


@pytest.mark.parametrize(
    "packed, pack",
    [(0, bytes), (1, gzip.compress), (2, bz2.compress), (3, lambda d: lzma.compress(d, lzma.FORMAT_ALONE))],
)
def test_a_uimage_is_unpacked(read, refused, packed, pack):
    data = uimage(pack(CODE * 4), load=0x40010000, entry=0x40010004, packed=packed)
    assert read(data) == (CODE * 4, 0x40010000, 0x40010004)
    assert refused(data) is None and refused(data, PV) is None
    # A zImage runs anywhere: on a board whose RAM is elsewhere it has another address.
    assert read(uimage(pack(zimage()), load=0x8000, packed=packed)) == (zimage(), 0, 0)


@pytest.mark.parametrize(
    "data, cause",
    [
        (uimage(CODE)[:40], "is a uImage that is cut off"),
        (uimage(CODE)[:-1], "is a uImage that is damaged or cut off"),
        (uimage(CODE)[:-1] + b"x", "is a uImage that is damaged or cut off"),
        (uimage(CODE).replace(b"test", b"tesu"), "is a uImage that is damaged or cut off"),
        (uimage(CODE, arch=22), "is a uImage for another architecture than 32-bit ARM"),
        (uimage(CODE, kind=3), "is a uImage with a ramdisk, not a kernel"),
        (uimage(CODE, kind=14), "is a uImage with an image of type 14, not a kernel"),
        (uimage(CODE, packed=4), "is a uImage that is packed in a way that is not known here"),
        (uimage(CODE, packed=1), "is a uImage whose content cannot be unpacked: "),
        (uimage(gzip.compress(CODE)[:-9], packed=1), "is a uImage whose content cannot be unpacked: "),
        (uimage(b"", packed=3), "is a uImage whose content cannot be unpacked: "),
        (uimage(CODE, load=0x8000), "is made for 0x8000 to 0x803f, and its guest has memory from 0x40000000"),
        (uimage(b"these are my notes\n" * 10), "is a text file"),
        (
            uimage(VMLINUX.replace(b"armv7", b"armv6")),
            "is a kernel for armv6, and virt-a15 has an armv7 core",
        ),
    ],
    ids=told,
)
def test_a_uimage_that_cannot_run(refused, data, cause):
    assert refused(data).startswith(cause)


def test_mkimages_own_uimage_is_read(read, tmp_path):
    (tmp_path / "code").write_bytes(CODE * 4)
    options = [
        "-A",
        "arm",
        "-O",
        "linux",
        "-T",
        "kernel",
        "-C",
        "none",
        "-a",
        "0x40010000",
        "-e",
        "0x40010008",
    ]
    subprocess.run(
        ["mkimage", *options, "-d", tmp_path / "code", tmp_path / "uImage"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert read((tmp_path / "uImage").read_bytes()) == (CODE * 4, 0x40010000, 0x40010008)


def test_a_raw_image_is_asked_for(refused):
    unknown = b"\x00\x01\x02\x03" * 32
    assert refused(unknown) == "is no kernel: it does not begin with ARM code"
    assert refused(unknown, raw_at=0x40010000) is None
    assert refused(b"\x00\x01\x02\x03", raw_at=0x40010000) is None
    assert refused(unknown, raw_at=0x40000000 - 4).startswith("is made for 0x3ffffffc to 0x4000007b")
    assert refused(unknown, raw_at=0x40FFFFFC, memory=16 << 20).startswith("is made for 0x40fffffc")
    for data, what in (
        (zimage(), "a zImage"),
        (uimage(CODE), "a uImage"),
        (elf(ONE, 0x40010000), "an ELF file"),
    ):
        assert refused(data, raw_at=0x40010000) == f"is {what}, and no raw image"


def test_natively_the_formats_are_qemus_affair(refused):
    for data in (uimage(CODE * 4), elf(ONE, 0x40010000)):
        assert refused(data, native=True) == "is a uImage or an ELF file, for guests only"


def test_an_address():
    assert kernel_file.address("0x40010000") == kernel_file.address("1073807360") == 0x40010000
    with pytest.raises(Problem, match="'40k' is not an address"):
        kernel_file.address("40k")


def test_what_a_bundle_is_made_of(tmp_path):
    """Flattened once; guests that use one file share it, and not one with another address."""
    (tmp_path / "a.elf").write_bytes(elf(ONE, 0x40010004))
    (tmp_path / "raw").write_bytes(CODE)
    (tmp_path / "u-boot.bin").write_bytes(CODE)
    guests = [
        Guest("one", tmp_path / "a.elf", firmware=tmp_path / "u-boot.bin"),
        Guest("two", tmp_path / "a.elf"),
        Guest("three", tmp_path / "raw", raw_at=0x40010000),
        Guest("four", tmp_path / "raw"),
        Guest("five", None, firmware=tmp_path / "u-boot.bin"),
    ]
    for guest in guests[:4]:
        kernel_file.place(guest, tmp_path / "kernels")
    assert [file.read_bytes() for file in (tmp_path / "kernels").iterdir()] == [CODE]
    assert (guests[0].load, guests[0].entry) == (0x40010000, 0x40010004)
    assert guests[0].kernel == guests[1].kernel and guests[2].kernel == pathlib.Path(tmp_path / "raw")
    source = bundle.source(guests)
    assert source.count('type = "kernel"') == 3 and source.count('type = "firmware"') == 1
    assert source.count("load = <0x40010000>") == 2 and source.count("entry = <0x40010004>") == 1
    assert source.count('firmware = "firmware-1"') == 4  # of two guests and of their configurations
    assert bundle.make(guests, tmp_path / "b.itb").read_bytes()[:4] == bundle.FDT_MAGIC


@pytest.mark.parametrize(
    "data, platform, cause",
    [
        (CODE, PV, "firmware needs HYP mode, and guests of vexpress-a9 are paravirtual here"),
        (b"", V7, "is no firmware for ARM: it does not begin with ARM code"),
        (b"\x7fELF" + CODE, V7, "is no firmware for ARM: it does not begin with ARM code"),
        (b"these are my notes\n" * 10, V7, "is no firmware for ARM: it does not begin with ARM code"),
        (struct.pack("<2I", 0x1400000A, 0xD503201F) * 8, V7, "is no firmware for ARM: it does not begin"),
    ],
    ids=told,
)
def test_firmware_that_cannot_run(tmp_path, data, platform, cause):
    (tmp_path / "firmware").write_bytes(data)
    with pytest.raises(Problem) as found:
        kernel_image.check_firmware(tmp_path / "firmware", platform)
    assert found.value.status == 2 and found.value.cure and cause in str(found.value)


def test_firmware_is_taken_up_to_a_bank_of_flash(tmp_path):
    path = tmp_path / "firmware"
    path.write_bytes(CODE)
    assert kernel_image.check_firmware(path, V7) == path
    os.truncate(path, 64 << 20)
    assert kernel_image.check_firmware(path, V7) == path
    os.truncate(path, (64 << 20) + 1)
    with pytest.raises(Problem, match="has 67108865 bytes, and a bank of flash has 67108864"):
        kernel_image.check_firmware(path, V7)
