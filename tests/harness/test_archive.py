# SPDX-License-Identifier: Apache-2.0
"""An initramfs that cannot work is refused with what is wrong with it; everything else is let through."""

import bz2
import gzip
import lzma
import subprocess

import pytest

from harness import archive
from harness.initramfs import Cpio
from harness.steps import Problem


def small():
    """An archive of a few files, so large that a cut does not only meet the end's padding."""
    cpio = Cpio()
    cpio.file("init", b"#!/bin/sh\n" * 100, executable=True)
    cpio.file("data", bytes(range(256)) * 20)
    return cpio.finish()


def made_by_cpio(tmp_path, form):
    (tmp_path / "init").write_text("#!/bin/sh\n")
    command = ["cpio", "-o", "-H", form, "--quiet"]
    return subprocess.run(command, input=b"init\n", stdout=subprocess.PIPE, cwd=tmp_path, check=True).stdout


PACKERS = [
    pytest.param(gzip.compress, id="gzip"),
    pytest.param(lzma.compress, id="xz"),
    pytest.param(lambda data: lzma.compress(data, lzma.FORMAT_ALONE), id="lzma"),
    pytest.param(bz2.compress, id="bzip2"),
]


def problem(tmp_path, data, **options):
    """What is said about a file with this content; None if it may work."""
    (tmp_path / "file").write_bytes(data)
    try:
        assert archive.check(tmp_path / "file", **options) == tmp_path / "file"
    except Problem as found:
        assert found.status == 2 and found.cure
        return found.cause.removeprefix(f"the initramfs {tmp_path / 'file'} ")


def test_an_archive_is_taken(tmp_path):
    assert problem(tmp_path, small()) is None
    assert problem(tmp_path, made_by_cpio(tmp_path, "newc")) is None
    assert problem(tmp_path, made_by_cpio(tmp_path, "crc")) is None


@pytest.mark.parametrize("pack", PACKERS)
def test_a_packed_archive_is_taken(tmp_path, pack):
    assert problem(tmp_path, pack(small())) is None
    assert problem(tmp_path, pack(small()) + bytes(1000)) is None  # rounded up to a sector


@pytest.mark.parametrize("pack", PACKERS)
def test_a_packed_archive_that_is_cut_off(tmp_path, pack):
    whole = pack(small())
    for length in (len(whole) // 2, len(whole) - 1):
        assert problem(tmp_path, whole[:length]) in ("is cut off", "is damaged")
    assert problem(tmp_path, pack(small()[:3000])) == "is cut off"


def test_archives_one_behind_the_other(tmp_path):
    assert problem(tmp_path, small() + bytes(512) + gzip.compress(small()) + small()) is None
    assert problem(tmp_path, small() + gzip.compress(small())[:-9]) == "is cut off"


def test_an_archive_that_is_cut_off(tmp_path):
    whole = small().rstrip(b"\0")
    for length in (7, 109, 200, 1500, 3000, len(whole) - 5):
        assert problem(tmp_path, whole[:length]) == "is cut off", length
    before_trailer = whole.rindex(b"070701")
    assert problem(tmp_path, whole[:before_trailer]) == "is cut off"


def test_an_archive_that_is_damaged(tmp_path):
    whole = bytearray(small())
    at = whole.index(b"070701", 10)
    whole[at : at + 6] = b"xxxxxx"
    assert problem(tmp_path, bytes(whole)) == "is damaged"
    packed = bytearray(gzip.compress(small()))
    packed[len(packed) // 2] ^= 0xFF
    assert problem(tmp_path, bytes(packed)) in ("is damaged", "is cut off")


@pytest.mark.parametrize(
    "data, cause",
    [
        (b"", "is empty"),
        (bytes(4096), "holds nothing but zeros"),
        (b"these are my notes\n" * 10, "is a text file"),
        (b"\x7fELF" + bytes(100), "is an ELF file"),
        (b"\xc7\x71" + bytes(100), "is a cpio archive in the binary format"),
        (b"\x27\x05\x19\x56" + bytes(100), "is a U-Boot uImage"),
        (b"PK\x03\x04" + bytes(100), "is a zip file"),
    ],
)
def test_what_cannot_work_is_named(tmp_path, data, cause):
    assert problem(tmp_path, data) == cause


def test_an_old_format_is_named(tmp_path):
    assert problem(tmp_path, made_by_cpio(tmp_path, "odc")) == "is a cpio archive in an old format"
    assert problem(tmp_path, made_by_cpio(tmp_path, "bin")) == "is a cpio archive in the binary format"


def test_a_uimage_for_a_native_kernel(tmp_path):
    """QEMU takes its header off."""
    assert problem(tmp_path, b"\x27\x05\x19\x56" + bytes(60) + small(), native=True) is None


def test_a_file_system_is_taken(tmp_path):
    ext2 = bytearray(1 << 16)
    ext2[0x438:0x43A] = b"\x53\xef"
    assert problem(tmp_path, bytes(ext2)) is None
    assert problem(tmp_path, b"hsqs" + bytes(range(256)) * 8) is None
    assert problem(tmp_path, gzip.compress(bytes(ext2))) is None


@pytest.mark.parametrize("magic", [b"\x28\xb5\x2f\xfd", b"\x02\x21\x4c\x18", b"\x89LZO\0"])
def test_what_cannot_be_unpacked_here_is_taken(tmp_path, magic):
    assert problem(tmp_path, magic + bytes(range(256))) is None
