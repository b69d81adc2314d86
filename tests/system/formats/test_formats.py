# SPDX-License-Identifier: Apache-2.0
"""Kernels in every format, and firmware: each is started where it has to be."""

import gzip
import pathlib

import pytest

from harness import bundle, debian, initramfs, kernel
from harness.steps import command

HERE = pathlib.Path(__file__).parent
DEBIAN = "linux-image-armmp"
U_BOOT = "usr/lib/u-boot/qemu_arm/u-boot.bin"
TREE = "edfe0dd0"  # a device tree's first word, as a little-endian core reads it


def program(folder, name, address, *options):
    """(ELF file, raw image) of an assembly file beside this one."""
    elf, raw = folder / f"{name}.elf", folder / f"{name}.bin"
    layout = [f"-Wl,-Ttext={address:#x},--build-id=none,-n", *options]
    command(["arm-none-eabi-gcc", "-nostdlib", "-nostartfiles", *layout, HERE / f"{name}.S", "-o", elf])
    command(["arm-none-eabi-objcopy", "-O", "binary", elf, raw])
    return elf, raw


def uimage(source, destination, *options):
    command(["mkimage", "-A", "arm", "-O", "linux", "-T", "kernel", *options, "-d", source, destination])
    return destination


def started(run):
    """Checks what registers.S prints: r0, r1, r2, a word of the tree, CPSR, its distance, a word of bss."""
    words = run.expect(r"started:((?: [0-9a-f]{8})+) done", 60)[1].split()
    assert words[:4] == ["00000000", "ffffffff", "40000000", TREE]
    assert int(words[4], 16) & 0x1FF == 0x1D3  # SVC mode, with aborts and interrupts masked
    assert words[5:] == ["00000000", "00000000"]
    assert run.end() == 0


@pytest.fixture
def busybox(tmp_path):
    path = tmp_path / "initramfs.cpio"
    path.write_bytes(initramfs.make(None))
    return path


@pytest.mark.in_hyp_mode("virt-a15")
@pytest.mark.parametrize("options", [[], ["-DTHUMB", "-mthumb"]], ids=["arm", "thumb"])
def test_an_elf_file_starts_at_its_address(start, tmp_path, options):
    elf, _ = program(tmp_path, "registers", 0x40200000, *options)
    started(start("--kernel", elf))


@pytest.mark.in_hyp_mode("virt-a15")
def test_a_raw_image_starts_where_it_is_told_to(start, tmp_path):
    _, raw = program(tmp_path, "registers", 0x40010000)
    started(start("--kernel", raw, "--load", "0x40010000"))
    description = tmp_path / "guests.ini"
    description.write_text(f"[guest raw]\nkernel = {raw}\nload = 0x40010000\n")
    started(start("--config", description))


@pytest.mark.in_hyp_mode("virt-a15")
def test_a_packed_uimage_starts_where_it_says(start, tmp_path):
    _, raw = program(tmp_path, "registers", 0x40300000)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(raw.read_bytes()))
    options = ["-C", "gzip", "-a", "0x40300000", "-e", "0x40300000"]
    started(start("--kernel", uimage(packed, tmp_path / "uImage", *options)))


@pytest.mark.in_hyp_mode("virt-a15")
def test_debians_kernel_in_a_uimage_of_another_board(start, tmp_path, busybox):
    options = ["-C", "none", "-a", "0x8000", "-e", "0x8000"]
    file = uimage(debian.kernel(DEBIAN), tmp_path / "uImage", *options)
    run = start("--kernel", file, "--initrd", busybox).boot()
    assert "Debian" in run.sh("cat /proc/version")


def vmlinux(platform):
    """The ELF file of the kernel that ./run builds."""
    return kernel.ensure(kernel.guest(platform)).directory / "vmlinux"


@pytest.mark.in_hyp_mode("virt-a15")
def test_a_vmlinux_boots_in_hyp_mode(start, platform):
    run = start("--kernel", vmlinux(platform)).boot()
    run.type("poweroff -f\r")
    assert run.end() == 0


def test_a_vmlinux_boots_as_a_paravirtual_guest(start, platform):
    """Again, too: a restart loads it from the bundle."""
    run = start("--kernel", vmlinux(platform)).boot()
    run.type("reboot -f\r")
    run.expect("restarted")
    run.boot()
    run.type("poweroff -f\r")
    assert run.end() == 0


@pytest.mark.in_hyp_mode
def test_u_boot_starts_debians_kernel(start, busybox):
    firmware = debian.package("u-boot-qemu") / U_BOOT
    run = start("--bios", firmware, "--kernel", debian.kernel(DEBIAN), "--initrd", busybox)
    place = run.expect(r"device tree at 40000000, kernel at (\w+), ramdisk at (\w+:\w+)\r*\n", 60)
    for again in (False, True):
        run.expect("Hit any key to stop autoboot", 60)
        run.type("\r")
        run.expect("=> $")
        if not again:
            run.type(f"bootz {place[1]} {place[2]} $fdtcontroladdr\r")
            run.boot()
            assert "Debian" in run.sh("cat /proc/version")
            run.type("reboot -f\r")
            run.expect("restarted")
    run.type("poweroff\r")
    assert run.end() == 0
    assert "vambrace: guest 1 (linux): powered off" in run.text()


@pytest.mark.in_hyp_mode("virt-a15")
def test_guests_share_firmware_and_have_their_own_machines(start, tmp_path):
    firmware = debian.package("u-boot-qemu") / U_BOOT
    description = tmp_path / "guests.ini"
    description.write_text("".join(f"[guest {name}]\nbios = {firmware}\n" for name in ("one", "two")))
    run = start("--config", description, "--board-mem", "256M")
    run.expect("Hit any key to stop autoboot", 60)
    for number, name in (("1", "one"), ("2", "two")):
        run.key(number)
        run.expect(rf"console: guest {number} \({name}\)")
        run.type("\r")
        run.expect("=> $", 60)
        run.type(f"setenv who {name}\r")
        run.expect("=> $")
    for number, name in (("1", "one"), ("2", "two")):
        run.key(number)
        run.expect(rf"console: guest {number} \({name}\)")
        run.type("echo I am $who\r")
        run.expect(f"I am {name}\r*\n=> $")
        run.type("reset\r" if number == "1" else "poweroff\r")
    run.expect(r"guest 2 \(two\): powered off")
    run.expect("Hit any key to stop autoboot", 60)
    run.type("\r")
    run.expect("=> $")
    run.type("poweroff\r")
    assert run.end() == 0


@pytest.mark.in_hyp_mode("virt-a15")
def test_flash_is_read_only_and_erased_behind_the_firmware(start, tmp_path):
    elf, raw = program(tmp_path, "flash", 0)
    run = start("--bios", raw)
    seen = run.expect(r"flash:(.*) store:(.*) fetch:(.*) done", 60)
    first = f"{int.from_bytes(raw.read_bytes()[:4], 'little'):08x}"
    ones = "ffffffff"
    assert seen[1].split() == [first, ones, ones, ones, "000000ff", TREE, "40000000"]
    # An external abort, of a write (DFSR.WnR) and of a fetch.
    stored = [part.split() for part in seen[2].split(" abort")]
    assert [part[1:] for part in stored] == [[], ["00000000", first], ["04000000", ones]]
    assert {int(part[0], 16) & 0xC0F for part in stored[1:]} == {0x808}
    status, address = seen[3].split()[1:]
    assert int(status, 16) & 0x40F == 0x008 and address == "04000000"
    assert run.end() == 0


# --- what is wrong with them --------------------------------------------------------------------------------


def refused(start, cause, cure, *options):
    """./run or the hypervisor says why it does not start."""
    run = start(*options)
    run.expect(cause, 60)
    run.expect(cure, 20)
    assert run.end() == (1 if "FATAL" in run.text() else 2)


@pytest.mark.in_hyp_mode("virt-a15")
def test_bootargs_that_ask_for_the_paravirtual_way(start):
    cause = "FATAL: the hypervisor is in HYP mode, and its bootargs ask for another: vambrace.mode=pv"
    refused(start, cause, "Non-secure SVC mode", "--qemu-args", "-append vambrace.mode=pv")


def test_bootargs_that_ask_for_hyp_mode(start):
    cause = "FATAL: the hypervisor is not in HYP mode, as its bootargs ask for: vambrace.mode=hyp"
    refused(start, cause, "let the loader start it in HYP mode", "--qemu-args", "-append vambrace.mode=hyp")


@pytest.mark.in_hyp_mode("virt-a15")
def test_run_refuses_what_cannot_start(start, tmp_path):
    elf, raw = program(tmp_path, "registers", 0x8000)
    refused(
        start, "is made for 0x8000 to 0x[0-9a-f]+, and its guest has memory from", "--mem", "--kernel", elf
    )
    refused(start, "is an ELF file for x86-64", "ARCH=arm", "--kernel", "/usr/bin/env")
    refused(
        start, "is an ELF file, and no raw image", "leave out --load", "--kernel", elf, "--load", "0x40010000"
    )
    large = tmp_path / "large"
    large.write_bytes(raw.read_bytes())
    with open(large, "r+b") as file:
        file.truncate((64 << 20) + 4)
    refused(start, "and a bank of flash has 67108864", "u-boot.bin", "--bios", large)
    refused(start, "is no firmware for ARM", "u-boot.bin", "--bios", "/usr/bin/env")


def test_a_paravirtual_guest_has_no_firmware(start, tmp_path):
    """Of ./run and, with a bundle that somebody else has made, of the hypervisor."""
    _, raw = program(tmp_path, "flash", 0)
    refused(start, "firmware needs HYP mode", "without --no-hyp", "--bios", raw)
    package = bundle.make([bundle.Guest("a", None, firmware=raw)], tmp_path / "a.itb")
    cause = "FATAL: a guest with firmware needs the core's virtualization extensions: a"
    refused(start, cause, "give it a kernel instead", "--bundle", package)


@pytest.mark.in_hyp_mode("virt-a15")
@pytest.mark.parametrize(
    "load, entry, cause, cure",
    [
        (
            0x8000,
            0x8000,
            "a kernel is made for addresses where its guest has no memory: a",
            "there are 32 MB",
        ),
        (0x42000000, 0x42000000, "a kernel is made for addresses where its guest has no memory: a", "32 MB"),
        (0x40010000, 0x40000000, "a kernel's entry point is not in it: a", "correct the image's entry"),
        (0x41FFFC00, 0x41FFFC00, "guest memory too small for its kernel and ramdisk: a", "at least 36 MB"),
    ],
)
def test_the_hypervisor_refuses_a_place_that_cannot_be(start, tmp_path, load, entry, cause, cure):
    (tmp_path / "kernel").write_bytes(bytes(1024))
    guest = bundle.Guest("a", tmp_path / "kernel", memory=32 << 20)
    guest.load, guest.entry = load, entry
    refused(start, f"FATAL: {cause}", cure, "--bundle", bundle.make([guest], tmp_path / "a.itb"))
