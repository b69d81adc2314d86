# SPDX-License-Identifier: Apache-2.0
"""Builds the C programs that tests run in a guest's user space: for ARMv5, static, as Debian's armel ones."""

import pathlib
import tempfile

from .steps import command

COMPILER = "arm-linux-gnueabi-gcc -march=armv5te -std=gnu11 -Os -Wall -Wextra -Werror -static -s".split()


def build(source, *options):
    """What an initramfs takes as `extra`: the program under /bin, with its source's name."""
    source = pathlib.Path(source)
    with tempfile.TemporaryDirectory(prefix="vambrace-program-") as folder:
        program = pathlib.Path(folder) / source.stem
        command([*COMPILER, *options, "-o", program, source])
        return {f"bin/{source.stem}": (program.read_bytes(), True)}
