#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes a Linux source tree one that runs as a guest: the common files, the ABI's headers, the patches.

usage: apply.py [--series FILE] TREE

FILE is a series.toml, which lies beside its patches; if none is given, the one for the tree's version. The
tree is changed as a whole or not at all.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
COMMON = HERE / "common"
ABI = HERE.parent / "include" / "vambrace"
ABI_IN_LINUX = pathlib.PurePath("arch/arm/include/asm/vambrace")


class Refusal(Exception):
    """Why nothing was changed, and what to do."""

    def __init__(self, cause, cure):
        super().__init__(cause)
        self.cause, self.cure = cause, cure


def version_of(tree):
    """(major.minor, the whole version) of Linux's sources."""
    try:
        text = (tree / "Makefile").read_text()
    except OSError:
        text = ""
    numbers = [re.search(rf"^{name} = (\d+)$", text, re.M) for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    if not all(numbers):
        raise Refusal(f"{tree} is not Linux's source", "name the directory that holds Linux's Makefile")
    major, minor, sublevel = (n[1] for n in numbers)
    return f"{major}.{minor}", f"{major}.{minor}.{sublevel}"


def series_for(version, wanted):
    """(the folder of the series, the version it was made on); refuses one for another version."""
    files = [wanted.resolve()] if wanted else sorted(HERE.glob("*/series.toml"))
    try:
        known = {file.parent: tomllib.loads(file.read_text())["base"] for file in files}
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise Refusal(f"{wanted or HERE} holds no series: {error}", "name a series.toml") from error
    for folder, base in known.items():
        if base.rsplit(".", 1)[0] == version:
            return folder, base
    raise Refusal(
        f"the tree is Linux {version}, and the series is for: {', '.join(known.values())}",
        "unpack the source that it is for",
    )


def new_files():
    """{path in Linux: our file} of what is copied."""
    files = {f.relative_to(COMMON): f for f in sorted(COMMON.rglob("*")) if f.is_file()}
    headers = {ABI_IN_LINUX / f.name: f for f in sorted(ABI.iterdir()) if f.suffix in (".h", ".def")}
    return {**files, **headers}


def patched_copy(tree, patches, base, actual, work):
    """Copies what the patches change to work/, and patches it there; returns the paths."""
    paths = sorted({p for f in patches for p in re.findall(r"^\+\+\+ b/(\S+)", f.read_text(), re.M)})
    why = "somebody changed the tree" if actual == base else f"the series was made on {base}, not on {actual}"
    other = f"{why}: unpack the source of {base} anew"
    for path in paths:
        if not (tree / path).is_file():
            raise Refusal(f"{tree} has no {path}, which a patch changes", other)
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree / path, work / path)
    for patch in patches:
        command = ["patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch", "--batch", "-i", str(patch)]
        try:
            done = subprocess.run(
                command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        except FileNotFoundError as error:
            raise Refusal("'patch' is missing", "install it: apt-get install patch") from error
        if done.returncode:
            raise Refusal(f"{patch.name} does not apply:\n{done.stdout.rstrip()}", other)
    return paths


def apply(tree, wanted):
    """Checks all, then changes the tree."""
    version, actual = version_of(tree)
    folder, base = series_for(version, wanted)
    copies = new_files()
    for path in copies:
        if (tree / path).exists():
            raise Refusal(f"{tree} has {path} already: it was patched before", "unpack the source anew")
    patches = sorted(folder.glob("*.patch"))
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for path in patched_copy(tree, patches, base, actual, work):
            shutil.copyfile(work / path, tree / path)
    for path, source in copies.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, tree / path)
    print(f"Linux {actual}: {len(copies)} files copied, {len(patches)} patches of {folder.name} applied")


def main():
    parser = argparse.ArgumentParser(description="Apply the patches for guests to Linux's source.")
    parser.add_argument(
        "--series", type=pathlib.Path, metavar="FILE", help="not the one for the tree's version"
    )
    parser.add_argument("tree", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        apply(arguments.tree, arguments.series)
    except Refusal as refusal:
        print(f"apply: {refusal.cause}\napply: {refusal.cure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
