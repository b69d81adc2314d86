# SPDX-License-Identifier: Apache-2.0
"""What the hypervisor's own build takes from Linux's sources, and from where: libfdt and device trees.

The package is named here. It does not follow from the series of guest patches, nor from what is installed:
with another guest kernel, or on a machine that has more than one of these packages, the image has to be the
same. Each Debian 12 has this one.
"""

PACKAGE = "linux-source-6.1"
TARBALL = f"/usr/src/{PACKAGE}.tar.xz"
LIBFDT_SOURCES = [
    f"fdt{part}.c" for part in ("", "_addresses", "_empty_tree", "_ro", "_rw", "_strerror", "_sw", "_wip")
]
LIBFDT_HEADERS = ["fdt.h", "libfdt.h", "libfdt_env.h", "libfdt_internal.h"]


def dts_path(file):
    """Where a part of a device tree lies in Linux's sources."""
    return f"include/{file}" if file.startswith(("dt-bindings/", "uapi/")) else f"arch/arm/boot/dts/{file}"


def files_of(boards):
    """The paths in Linux's sources of all that is taken; of all boards, so that they are extracted once."""
    files = (file for board in boards if "dts" in board for file in [board["dts"]] + board["dts_includes"])
    trees = {dts_path(file) for file in files}
    return [f"scripts/dtc/libfdt/{f}" for f in LIBFDT_SOURCES + LIBFDT_HEADERS] + sorted(trees)
