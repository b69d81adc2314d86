# SPDX-License-Identifier: Apache-2.0
"""A series of patches for guests: which Linux it is for, and what that makes of it (its series.toml)."""

import functools
import os
import pathlib
import re
import tomllib

from .steps import Problem, ROOT

PATCHES = ROOT / "pv-guest-patches"
DEFAULT = "linux-6.1"  # the folder of PATCHES that is taken unless VAMBRACE_SERIES names another
ABI = ROOT / "include" / "vambrace"


class Series:
    """One folder of pv-guest-patches, and the files beside it that serve every version."""

    def __init__(self, folder, abi=ABI):
        self.folder, self.abi, self.file = folder, abi, folder / "series.toml"
        self.common = folder.parent / "common"
        self.applier, self.scanner = folder.parent / "apply.py", folder.parent / "scan-leftovers.py"
        try:
            data = tomllib.loads(self.file.read_text())
            self.package, self.base, self.fragments_ = data["package"], data["base"], data["fragments"]
            self.version = re.fullmatch(r"(\d+\.\d+)\.\d+", self.base)[1]
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise Problem(
                f"{self.file} cannot be used ({type(error).__name__}: {error})",
                "it names package, base (as in 1.2.3) and fragments; restore it from the repository",
            ) from error
        self.tarball = pathlib.Path(f"/usr/src/{self.package}.tar.xz")

    def patches(self):
        """In the order in which they are applied."""
        return sorted(self.folder.glob("*.patch"))

    def fragments(self, kernel, platform):
        """The files that configure a kernel (guest, smp, ...) for a board; the later wins."""
        for of_whom in (platform["arch"], "any"):
            if (names := self.fragments_.get(of_whom, {}).get(kernel)) is not None:
                return [self.folder / name for name in (platform["guest_config"], *names)]
        raise Problem(f"{self.file} has no fragments for the {kernel} kernel", "name them in [fragments.any]")

    def inputs(self):
        """All that makes a patched tree of a plain one, and judges the kernel: {name: file}."""
        files = {f"common/{f.relative_to(self.common)}": f for f in self.common.rglob("*") if f.is_file()}
        files |= {f"abi/{f.name}": f for f in self.abi.iterdir() if f.suffix in (".h", ".def")}
        own = [self.file, self.applier, self.scanner, *self.patches()]
        return dict(sorted((files | {f.name: f for f in own}).items()))


@functools.cache
def series(name):
    there = sorted(f.parent.name for f in PATCHES.glob("*/series.toml"))
    if name not in there:
        raise Problem(
            f"there is no series '{name}'",
            f"set VAMBRACE_SERIES to one of: {', '.join(there)}" if there else "restore pv-guest-patches",
            status=2,
        )
    return Series(PATCHES / name)


def chosen():
    """The series that kernels are built from."""
    return series(os.environ.get("VAMBRACE_SERIES") or DEFAULT)
