# SPDX-License-Identifier: Apache-2.0
"""Has SCons build. It takes a second to see that nothing has changed; a look at the files takes none."""

import hashlib
import os
import shutil

from . import host_sources, qemu
from .steps import BUILD, ROOT, build_directory, command, locked, step

SOURCES = (
    "SConstruct",
    "hypervisor",
    "include",
    "platforms",
    "tests/harness",
    "tests/guests",
    "tests/coherency",
)
# What programs a build runs, and what it finds outside of the checkout.
TOOLS = ("scons", "arm-none-eabi-gcc", "mkimage", "dtc")
PACKAGES = ("/var/lib/dpkg/status", host_sources.TARBALL)


def entries(path):
    """The file, or all that is in the directory but Python's cache, each with what os.stat() says of it or
    None: what is there now may be gone in a moment."""
    if os.path.isdir(path):
        for name in sorted(set(os.listdir(path)) - {"__pycache__"}):
            yield from entries(os.path.join(path, name))
        return
    try:
        yield path, os.stat(path)
    except OSError:
        yield path, None


def look(paths):
    """Names, sizes and times of files, as one hash; a file that is not there has a hash, too."""
    found = [entry for path in paths for entry in entries(path)]
    lines = [f"{name} {seen and (seen.st_size, seen.st_mtime_ns)}\n" for name, seen in found]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def look_at_sources():
    tools = [shutil.which(tool) or tool for tool in TOOLS]
    return look([*(ROOT / source for source in SOURCES), *tools, *PACKAGES])


def build(platform, targets, made, what):
    """Builds targets of a platform, `what` for people; nothing is done if neither sources nor the files and
    directories that are `made` have changed since the last time."""
    log = build_directory() / f"{platform['name']}.log"
    line = ["nice", "scons", "-Q", f"-j{os.cpu_count() or 1}", *qemu.build_of(platform), *map(str, targets)]
    key = hashlib.sha256(" ".join([*line, os.environ.get("PATH", "")]).encode()).hexdigest()[:16]
    stamp = BUILD / "stamps" / f"{platform['name']}-{key}"
    with locked(BUILD / ".lock", "building"):
        before = look_at_sources()
        if stamp.exists() and stamp.read_text() == before + look(made):
            return
        stamp.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
        with step(f"building {what}", log):
            command(line, log, cwd=ROOT, what=f"the build of {what}")
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(before + look(made))
