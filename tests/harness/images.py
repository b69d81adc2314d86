# SPDX-License-Identifier: Apache-2.0
"""Makes a board's images and the default guest: the hypervisor, kernel, initramfs, bundle and flash."""

import os
import pathlib
import shutil
import subprocess

from . import bundle, initramfs, kernel, qemu, scons
from .steps import Problem, ROOT, command

LABEL = "linux"


output = qemu.output


def hypervisor(platform):
    """Builds vambrace.bin and the board's device tree; quick if nothing has changed."""
    folder = output(platform)
    made = [folder / name for name in ("vambrace.bin", "vambrace.elf", "host.dtb", "flash_start.bin")]
    scons.build(platform, ["image"], made, "the hypervisor")
    return folder / "vambrace.bin"


def device_tree(platform):
    """Where the board's device tree is built; None: QEMU makes it."""
    return output(platform) / "host.dtb" if "dts" in platform else None


def host_dtb(platform):
    """Builds only the board's device tree, which a run without the hypervisor needs too."""
    path = device_tree(platform)
    if path:
        scons.build(platform, [path.relative_to(ROOT)], [path], "the board's device tree")
    return path


def place(data, path):
    """Writes a file at once, and only if it changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != data:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(data)
        os.rename(temporary, path)
    return path


def linux(platform, variant=None):
    """A kernel, the default one if no other is named, in the board's output directory."""
    variant = variant or kernel.guest(platform)
    built = kernel.ensure(variant)
    path = output(platform) / f"zImage-{variant.name}"
    place(built.zimage.read_bytes(), path)
    return path


def root_file_system(platform, variant=None, extra=None, name="initramfs", modules=True):
    """The default initramfs with the modules of the variant's kernel, in the board's output directory."""
    variant = variant or kernel.guest(platform)
    archive = kernel.ensure(variant).modules if modules else None
    return place(initramfs.make(archive, extra), output(platform) / f"{name}-{variant.name}.cpio")


def default_bundle(platform):
    """One Linux guest with the default kernel, initramfs and command line."""
    guest = bundle.Guest(LABEL, linux(platform), root_file_system(platform))
    return bundle.make([guest], output(platform) / "bundle.itb")


def flash(platform, start, image, dtb, package, destination):
    """The NOR flash: its start, image, device tree that names the bundle's place, bundle."""
    layout = platform["flash"]
    start, image, package = (pathlib.Path(p).read_bytes() for p in (start, image, package))
    patched = pathlib.Path(f"{destination}.dtb")
    shutil.copy(dtb, patched)
    at = layout["bundle_address"]
    for name, value in (("linux,initrd-start", at), ("linux,initrd-end", at + len(package))):
        command(["fdtput", "-t", "x", patched, "/chosen", name, f"{value:x}"])
    tree = patched.read_bytes()
    patched.unlink()
    limits = {
        "the start of the flash": (len(start), layout["image_offset"] - 16),
        "vambrace.bin": (len(image), layout["dtb_offset"] - layout["image_offset"]),
        "the device tree": (len(tree), layout["bundle_offset"] - layout["dtb_offset"]),
        "the bundle": (len(package), layout["size"] - layout["bundle_offset"]),
    }
    for what, (used, room) in limits.items():
        if used > room:
            raise Problem(
                f"{what} ({used} bytes) does not fit into its place in the flash ({room} bytes)",
                "change the flash layout in platform.scons",
            )
    # The three sizes, for the start, at the end of its place.
    sizes = b"".join(len(part).to_bytes(4, "little") for part in (image, tree, package)) + b"VAMB"
    with open(destination, "wb") as file:
        file.truncate(layout["size"])
        for offset, data in (
            (0, start),
            (layout["image_offset"] - 16, sizes),
            (layout["image_offset"], image),
            (layout["dtb_offset"], tree),
            (layout["bundle_offset"], package),
        ):
            file.seek(offset)
            file.write(data)


def disassembly(elf, *options):
    """objdump's text of an ELF file's code, without the instructions' words."""
    line = ["arm-none-eabi-objdump", "-d", "--no-show-raw-insn", *options, str(elf)]
    return subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True).stdout


def symbols(elf, prefix="arm-none-eabi-"):
    """{name: address} of an ELF file."""
    text = subprocess.run([prefix + "nm", str(elf)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {
        parts[2]: int(parts[0], 16)
        for parts in (line.split() for line in text.splitlines())
        if len(parts) == 3
    }
