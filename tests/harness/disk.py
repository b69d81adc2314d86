# SPDX-License-Identifier: Apache-2.0
"""Disk images that guests get, and file systems made of them."""

from . import bundle
from .files import readable
from .steps import Problem


def check(path, where="the disk"):
    """Returns the path of a file that a guest can have as a disk."""
    size = readable(path, "disk image").stat().st_size
    if size < bundle.SECTOR:
        raise Problem(
            f"{where} {path} has {size} bytes, and a sector has 512", "give an image of a disk", status=2
        )
    with open(path, "rb") as file:
        if file.read(4) == b"QFI\xfb":
            raise Problem(
                f"{where} {path} is a qcow2 image",
                f"make a raw one of it: qemu-img convert -O raw {path} disk.img",
                status=2,
            )
    return path
