# SPDX-License-Identifier: Apache-2.0
"""./run refuses options that cannot work with cause and cure, before anything is installed or built."""

import struct
import sys

import pytest

from harness import check, packages, qemu, run
from harness.bundle import Disk, Guest, MIB, Region
from harness.initramfs import Cpio
from harness.steps import Problem

CODE = struct.pack("<16I", *[0xE3A00000] * 16)  # mov r0, #0: as much of a kernel as is needed here


@pytest.fixture
def refused(monkeypatch, capsys):
    """Runs ./run with options that it has to refuse; returns what it says."""

    def too_late(*_):
        raise AssertionError("it went on to install and to build")

    def call(*options):
        monkeypatch.setattr(sys, "argv", ["run", *map(str, options)])
        monkeypatch.setattr(run, "build_directory", too_late)
        monkeypatch.setattr(packages, "ensure", too_late)
        assert run.main() == 2
        output, error = capsys.readouterr()
        assert output == ""
        return error

    return call


@pytest.mark.parametrize(
    "options, cause, cure",
    [
        (["--mem", "0"], "--mem 0: no guest runs without memory", "leave out --mem"),
        (["--mem", "-5M"], "'-5M' is not a memory size", "write it as 64M"),
        (["--mem", "-5"], "'-5' is not a memory size", "write it as 64M"),
        (["--mem=-5M"], "'-5M' is not a memory size", "write it as 64M"),
        (["--mem", "1.5M"], "'1.5M' is not a memory size", "write it as 64M"),
        (["--guests", "-1"], "there can be 1 to 8", "from 1 to 8"),
        (["--timeout", "-1"], "is over before it starts", "seconds above 0"),
        (["--timeout", "nan"], "is over before it starts", "seconds above 0"),
        (["--gdb", "99999"], "no such port", "from 1 to 65535"),
        (["--kernel", "-x"], "there is no kernel -x", "check the file's name"),
        (["--kernel", "/usr/bin"], "the kernel /usr/bin is a directory", "give a file"),
        (["--initrd", "/dev/null"], "there is no initramfs /dev/null", "check the file's name"),
        (
            ["--mem", "1G"],
            "the board has 128 MB",
            "at most 119M per guest, or a larger board: --board-mem, at most 256M",
        ),
        (
            ["vexpress-a9", "--mem", "64M", "--guests", "4"],
            "the board has 256 MB",
            "--board-mem, at most 1024M",
        ),
        (
            ["vexpress-a9", "--board-mem", "1G", "--mem", "1G"],
            "the board has 1024 MB",
            "at most 1012M per guest\n",
        ),
        (["raspi0", "--mem", "1G"], "the board has 448 MB", "per guest\n"),
        (["--board-mem", "512M"], "versatilepb has room for 256 MB", "give at most 256M"),
        (["--board-mem", "0"], "a board's memory is a multiple of 1 MB and at least 16 MB", "such as 64M"),
        (["--board-mem", "-1G"], "'-1G' is not a memory size", "write it as 64M"),
        (
            ["raspi0", "--board-mem", "256M"],
            "the memory of raspi0 cannot be changed",
            "leave out --board-mem",
        ),
        (["raspi0", "--native", "--mem", "64M"], "the memory of raspi0 cannot be changed", "leave out --mem"),
        (
            ["--native", "--mem", "64M", "--board-mem", "128M"],
            "--mem and --board-mem say the same",
            "leave out one",
        ),
        (["--load", "0x40010000"], "--load says where a raw image goes", "give the image: --kernel FILE"),
        (["--kernel", "/dev/null", "--load", "here"], "'here' is not an address", "write it as 0x40010000"),
        (["--native", "--bios", "/dev/null"], "--bios, --load and --disk are for guests", "leave them out"),
        (["virt-a15", "--bios", "/no/such"], "there is no firmware /no/such", "check the file's name"),
        (["virt-a15", "--bios", "/usr/bin/env"], "is no firmware for ARM", "such as u-boot.bin"),
        (["virt-a15", "--no-hyp", "--bios", "/usr/bin/env"], "firmware needs HYP mode", "without --no-hyp"),
        (["--native", "--disk", "/dev/null"], "--bios, --load and --disk are for guests", "leave them out"),
        (["--disk", "/no/such"], "there is no disk image /no/such", "check the file's name"),
        (["--disk", "/usr/bin"], "the disk image /usr/bin is a directory", "give a file"),
        (["--disk", "/dev/null"], "there is no disk image /dev/null", "check the file's name"),
        (["--kernel", "/usr/bin/env"], "is an ELF file for x86-64", "build it with ARCH=arm"),
        (["--native", "--board-mem", "4G"], "versatilepb has room for 256 MB", "give at most 256M"),
    ],
)
def test_options(refused, options, cause, cure):
    message = refused(*options)
    assert cause in message and cure in message


@pytest.mark.parametrize(
    "text, cause",
    [
        ("", "describes no guest"),
        ("[machine x]\n", "there is a section [machine x]"),
        ("[DEFAULT]\nmemory = 8M\n[guest a]\n", "there is a section [DEFAULT]"),
        ("[guest a]\ncolour = red\n", "[guest a] has unknown keys: colour"),
        ("[guest a]\nmemory = lots\n", "'lots' is not a memory size"),
        ("[guest a]\nmemory = -5M\n", "'-5M' is not a memory size"),
        ("[guest a]\nmemory = 1M\n", "[guest a]: a guest's memory is a multiple of 1 MB and at least 8 MB"),
        ("[guest a]\nkernel = missing\n", "there is no kernel"),
        ("[guest a]\nkernel = text\n", "is a text file"),
        ("[guest a]\nkernel = code\nramdisk = missing\n", "there is no ramdisk"),
        ("[guest a]\nkernel = code\nload = there\n", "'there' is not an address"),
        ("[guest a]\nload = 0x40010000\n", "has load and no kernel"),
        ("[guest a]\nkernel = code\nload = 0x48000000\n", "is made for 0x48000000 to 0x4800003f"),
        ("[guest a]\nbios = missing\n", "there is no firmware"),
        ("[guest a]\nbios = code\n", "firmware needs HYP mode"),
        ("[guest a]\nkernel = code\nramdisk = cut.cpio\n", "cut.cpio is cut off"),
        ("[guest a]\nramdisk = cut.cpio\n", "cut.cpio is cut off"),
        ("[guest a]\nmemory = 100M\n[guest b]\nmemory = 100M\n", "the board has 128 MB"),
        ("[guest a]\nshadow-pool-kib = 100\n", "shadow-pool-kib = 100 cannot be"),
        ("[guest a]\nshadow-pool-kib = 8192\n", "shadow-pool-kib = 8192 cannot be"),
        (
            "".join(f"[guest {n}]\nshadow-pool-kib = 4096\n" for n in range(5)) + "[guest b]\n",
            "want 20736 KB for shadow tables",
        ),
        ("[guest a]\nvcpus = 2\n", "wants 2 processors"),
        (f"[guest {'a' * 32}]\n", "the label is too long"),
        (f"[guest a]\nbootargs = {'x' * 1024}\n", "bootargs is too long"),
        ("".join(f"[guest g{n}]\n" for n in range(9)), "describes 9 guests"),
        ("kernel = x\n", "cannot be read"),
        ("[guest a]\n[guest a]\n", "cannot be read"),
        ("[guest a]\n[guest  a]\n", "uses a label twice"),
        ("[guest a\n", "cannot be read"),
        ("[guest a]\nmemory\n", "cannot be read"),
    ],
)
def test_descriptions(refused, tmp_path, text, cause):
    cpio = Cpio()
    cpio.file("init", bytes(1000))
    (tmp_path / "cut.cpio").write_bytes(cpio.finish()[:500])
    (tmp_path / "code").write_bytes(CODE)
    (tmp_path / "text").write_text("this is no kernel, just some words that are long enough to be one\n")
    (tmp_path / "guests.ini").write_text(text)
    assert cause in refused("--config", tmp_path / "guests.ini")


@pytest.mark.parametrize(
    "data, cause, cure",
    [
        (b"", "has 0 bytes, and a sector has 512", "give an image of a disk"),
        (bytes(511), "has 511 bytes, and a sector has 512", "give an image of a disk"),
        (b"QFI\xfb" + bytes(4096), "is a qcow2 image", "qemu-img convert -O raw"),
    ],
)
def test_disks(refused, tmp_path, data, cause, cure):
    (tmp_path / "disk.img").write_bytes(data)
    message = refused("--disk", tmp_path / "disk.img")
    assert cause in message and cure in message
    (tmp_path / "guests.ini").write_text("[guest a]\ndisk = disk.img\n")
    assert cause in refused("--config", tmp_path / "guests.ini")


def test_a_description_has_its_own_disks(refused, tmp_path):
    (tmp_path / "disk.img").write_bytes(bytes(512))
    (tmp_path / "guests.ini").write_text("[guest a]\n")
    message = refused("--config", tmp_path / "guests.ini", "--disk", tmp_path / "disk.img")
    assert "--disk" in message


def test_what_guests_share_takes_memory_too():
    """Once for all who share it."""
    platform = qemu.load_platform("vexpress-a9")
    ring, other = Region("ring", 16 * MIB), Region("other", 4096)
    guests = [
        Guest("a", "", memory=100 * MIB, regions=[ring]),
        Guest("b", "", memory=100 * MIB, regions=[ring]),
    ]
    check.memory(guests, 256, platform)
    assert check.shared_bytes(guests) == 16 * MIB
    guests[1].regions.append(other)
    assert check.shared_bytes(guests) == 16 * MIB + 4096
    rest = check.room_for(guests, 256, platform, 0)
    assert (
        rest == check.room_for([Guest(g.label, "", memory=g.memory) for g in guests], 256, platform, 0) - 17
    )
    guests[0].memory += (rest - 200 + 1) * MIB
    with pytest.raises(Problem, match="are left beside the hypervisor"):
        check.memory(guests, 256, platform)


def test_a_description_that_is_not_text(refused, tmp_path):
    (tmp_path / "guests.ini").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in refused("--config", tmp_path / "guests.ini")


def test_the_bundle_takes_memory_too():
    """What only shows once it is made."""
    platform = qemu.load_platform("vexpress-a9")
    one, rest = Guest("a", "", memory=246 * MIB), Guest("b", "")  # 5 MB for tables
    check.memory([one], 256, platform)
    check.memory([one], 256, platform, 4 * MIB)
    check.memory([one, rest], 256, platform, 2 * MIB)  # a megabyte is left
    for guests, package in (([one], 4 * MIB + 1), ([one, rest], 3 * MIB)):
        with pytest.raises(Problem, match="are left beside the hypervisor and the bundle") as found:
            check.memory(guests, 256, platform, package)
        assert "--board-mem, at most 1024M" in found.value.cure


def test_disks_that_leave_nothing_are_named(tmp_path):
    platform = qemu.load_platform("versatilepb")
    path = tmp_path / "large"
    with open(path, "wb") as file:
        file.truncate(121 * MIB)
    guests = [Guest("a", "", disks=[Disk(path, writable=True)])]
    check.memory(guests, 256, platform, 125 * MIB)
    with pytest.raises(Problem, match="the board's 128 MB, 121 MB of it for disks") as found:
        check.memory(guests, 128, platform, 125 * MIB)
    assert found.value.cure == "use smaller disks, or a larger board: --board-mem, at most 256M"


def test_firmware_takes_memory_too(tmp_path):
    """In whole blocks of 2 MB, once for all who have the same."""
    platform = qemu.load_platform("virt-a15", hyp=True)
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(bytes(2 * MIB + 1))
    guests = [
        Guest(str(n), None, memory=100 * MIB, firmware=tmp_path / name)
        for n, name in enumerate(("one", "one"))
    ]
    check.memory(guests + [Guest("a", None, memory=50 * MIB)], 256, platform)
    for memory, firmware in ((52 * MIB, None), (50 * MIB, tmp_path / "two")):
        with pytest.raises(Problem, match="are left beside the hypervisor"):
            check.memory(guests + [Guest("a", None, memory=memory, firmware=firmware)], 256, platform)


def test_every_board_says_how_much_memory_it_can_have():
    for name in qemu.platforms():
        platform = qemu.load_platform(name)
        fixed = "qemu_mib" in platform
        assert fixed != ("ram_most_mib" in platform), name
        assert (
            fixed
            or platform["ram_mib"] <= platform.get("run_mib", platform["ram_mib"]) <= platform["ram_most_mib"]
        )
        assert platform.get("ram_most_mib", 0) <= 1792, "more than the hypervisor uses"
