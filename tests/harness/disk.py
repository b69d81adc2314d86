# SPDX-License-Identifier: Apache-2.0
"""Disk images that guests get, and file systems made of them."""

import pathlib
import tempfile

from . import bundle, initramfs
from .files import readable
from .steps import Problem, command


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


class Folder:
    """Takes files as initramfs.Cpio does. Device nodes are devtmpfs's affair."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def directory(self, name):
        (self.path / name.strip("/")).mkdir(parents=True, exist_ok=True)

    def place(self, name):
        path = self.path / name.strip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def file(self, name, content, executable=False):
        path = self.place(name)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)

    def link(self, name, to):
        self.place(name).symlink_to(to)

    def console(self, *_):
        pass


def make(path, mib, modules=None, extra=None):
    """Makes an ext4 file system with what the default initramfs has in it; nobody has to be root."""
    with tempfile.TemporaryDirectory(prefix="vambrace-root-") as folder:
        initramfs.fill(Folder(folder), modules, extra)
        pathlib.Path(path).unlink(missing_ok=True)
        command(["/sbin/mke2fs", "-q", "-t", "ext4", "-d", folder, path, f"{mib}M"], what="mke2fs")
    return path
