# SPDX-License-Identifier: Apache-2.0
"""The board boots from its NOR flash alone, without a loader."""

from harness import images
from harness.steps import command


def test_linux_boots_from_flash(start_qemu, platform, default_bundle, image, host_dtb, tmp_path):
    flash = tmp_path / "flash.img"
    images.flash(
        platform, images.output(platform) / "flash_start.bin", image, host_dtb, default_bundle, flash
    )
    run = start_qemu(flash=flash).boot()
    assert run.sh("tr '\\0' ' ' < /proc/device-tree/hypervisor/compatible").strip() == "vambrace,vambrace-1"
    run.type("poweroff\r")
    assert run.end() == 0


def test_scons_makes_what_a_board_takes(platform, default_bundle):
    from harness.steps import ROOT

    command(["nice", "scons", "-Q", f"platform={platform['name']}"], cwd=ROOT)
    folder = images.output(platform)
    assert (folder / "vambrace.elf").read_bytes()[:4] == b"\x7fELF"
    assert (folder / "vambrace.uImage").read_bytes()[:4] == b"\x27\x05\x19\x56"
    assert (folder / "vambrace.uImage").read_bytes()[64:] == (folder / "vambrace.bin").read_bytes()
    with open(folder / "flash.img", "rb") as file:
        file.seek(platform["flash"]["image_offset"])
        assert file.read(1024) == (folder / "vambrace.bin").read_bytes()[:1024]
    assert (folder / "flash.img").stat().st_size == platform["flash"]["size"]


def test_the_image_is_small(platform):
    """At most 128 KB of text and data, and 1 MB of memory beside the shadow pools."""
    output = command(["arm-none-eabi-size", images.output(platform) / "vambrace.elf"]).splitlines()[1].split()
    text, data, bss = (int(value) for value in output[:3])
    assert text + data <= 128 << 10
    assert text + data + bss <= 1 << 20
