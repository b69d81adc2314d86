# SPDX-License-Identifier: Apache-2.0
"""Builds Linux, patched to run on the bare board and as a guest, and keeps the results in a cache."""

import ast
import functools
import hashlib
import inspect
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap

from .series import chosen
from .steps import Problem, ROOT, cache_directory, ccache_settings, command, locked, say, step

COMPILER = "arm-linux-gnueabi-"
KEPT = ["zImage", "Image", "vmlinux", "System.map", "config", "release", "modules.tar"]
# Most of the source is for other machines.
LEFT_OUT = [
    "Documentation/*.rst",
    "Documentation/*.yaml",
    "Documentation/*.txt",
    "tools/testing/*",
    "tools/perf/*",
    "drivers/gpu/drm/amd/include/*",
    "drivers/gpu/drm/*/*.[ch]",
    "drivers/gpu/drm/*/*/*.[ch]",
    "drivers/net/wireless/*.[ch]",
    "drivers/staging/*.[ch]",
    "drivers/media/*.[ch]",
    "sound/*.[ch]",
    "drivers/infiniband/*.[ch]",
]
OTHER_ARCHITECTURES = (
    "alpha arc arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc parisc powerpc "
    "riscv s390 sh sparc um xtensa"
).split()


class Variant:
    """One kernel for a board's core, by its name in series.toml, and whether the patches are applied."""

    def __init__(self, name, platform, patched=True):
        self.name, self.patched, self.series = name, patched, chosen()
        self.fragments = self.series.fragments(name, platform)


def guest(platform):
    """The kernel for guests on a board's core. It finds out at boot where it runs."""
    return Variant("guest", platform)


def native(platform):
    """The kernel for the bare board: the same."""
    return guest(platform)


def smp(platform):
    """For several processors of ARMv7 alone, as many people build it; a guest and native, too."""
    return Variant("smp", platform)


def ciphers(platform):
    """With ciphers and hashes in assembler and the kernel's self-tests of them; a guest and native, too."""
    return Variant("ciphers", platform)


def unpatched(platform):
    """Linux as it is, to compare with."""
    return Variant("unpatched", platform, patched=False)


def software_pan(platform):
    """Linux as it is with user memory closed to the kernel, as it is by default; a guest cannot have that."""
    variant = unpatched(platform)
    variant.name = "software-pan"
    variant.fragments = [*variant.fragments, ROOT / "tests" / "bench" / "config-software-pan"]
    return variant


class Kernel:
    """A finished kernel in the cache."""

    def __init__(self, directory):
        self.directory = directory
        self.zimage = directory / "zImage"
        self.vmlinux = directory / "vmlinux"
        self.modules = directory / "modules.tar"

    def release(self):
        return (self.directory / "release").read_text().strip()


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def meaning_of(function):
    """Its source without comments and layout."""
    return ast.dump(ast.parse(textwrap.dedent(inspect.getsource(function))))


def key_of(variant):
    """What the result depends on, as one hash."""
    series = variant.series
    if not series.tarball.exists():
        raise Problem(f"{series.tarball} is missing", f"install it: apt-get install {series.package}")
    for fragment in variant.fragments:
        if not fragment.exists():
            raise Problem(
                f"{fragment.relative_to(ROOT)} is missing: the {variant.name} kernel's configuration",
                "restore the file from the repository",
            )
    if variant.patched and not series.patches():
        raise Problem(f"{series.folder} holds no patch", "restore the files from the repository")
    package = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", series.package], stdout=subprocess.PIPE, text=True
    ).stdout
    try:
        compiler = subprocess.run([COMPILER + "gcc", "--version"], stdout=subprocess.PIPE, text=True).stdout
    except FileNotFoundError as error:
        raise Problem(
            f"'{COMPILER}gcc' is missing", "install it: apt-get install gcc-arm-linux-gnueabi"
        ) from error
    total = hashlib.sha256()
    parts = [
        series.package,
        package,
        str(series.tarball.stat().st_size),
        compiler.splitlines()[0],
        COMPILER,
        *LEFT_OUT,
        *OTHER_ARCHITECTURES,
    ]
    parts += [meaning_of(f) for f in (unpack, apply, configure, environment, scan, compile_kernel)]
    parts += [digest(f) for f in variant.fragments]
    if variant.patched:
        parts += [name + digest(file) for name, file in series.inputs().items()]
    total.update("\n".join(parts).encode())
    return total.hexdigest()[:24]


def valid(directory):
    """Whether a cache entry is whole: every file has the checksum that was written when it was made."""
    try:
        sums = dict(line.split()[::-1] for line in (directory / "SHA256SUMS").read_text().splitlines())
        return set(sums) == set(KEPT) and all(
            digest(directory / name) == value for name, value in sums.items()
        )
    except (OSError, ValueError):
        return False


def unpack(series, tree, log):
    tree.mkdir()
    arguments = ["tar", "-xJf", series.tarball, "--strip-components=1", "-C", tree]
    arguments += [f"--exclude={series.package}/{pattern}" for pattern in LEFT_OUT]
    arguments += [
        f"--exclude={series.package}/arch/{name}/{pattern}"
        for name in OTHER_ARCHITECTURES
        for pattern in ("*.[chS]", "boot/dts/*")
    ]  # their Kconfig files are read
    with step(f"unpacking Linux {series.version}"):
        command(arguments, log)


def apply(series, tree, log):
    with step(f"applying {len(series.patches())} patches"):
        arguments = ["/usr/bin/python3", series.applier, "--series", series.file, tree]
        command(arguments, log, what=series.applier.name)


def settings(text):
    """The CONFIG_ symbols of a fragment or .config; a symbol that is not set is n."""
    found = {}
    for line in text.splitlines():
        if match := re.match(r"(CONFIG_\w+)=(.*)", line):
            found[match[1]] = match[2]
        elif match := re.match(r"# (CONFIG_\w+) is not set", line):
            found[match[1]] = "n"
    return found


def configure(variant, tree, make, log):
    merged = tree / "vambrace.config"
    wanted = {}
    for fragment in variant.fragments:
        wanted.update(settings(fragment.read_text()))
    merged.write_text("".join(f"{name}={value}\n" for name, value in wanted.items()))
    command(make + ["allnoconfig"], log, cwd=tree, env=environment({"KCONFIG_ALLCONFIG": str(merged)}))
    made = settings((tree / ".config").read_text())
    lost = [
        f"{name}={value} (is {made.get(name, 'n')})"
        for name, value in wanted.items()
        if made.get(name, "n") != value
    ]
    if lost:
        raise Problem(
            f"the {variant.name} kernel's configuration did not survive: {', '.join(lost)}",
            "a dependency is missing in " + ", ".join(str(f.relative_to(ROOT)) for f in variant.fragments),
        )


def environment(more=None):
    """The same build on every machine: no host name, user or time in the result."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return dict(
        kept,
        CCACHE_NOHASHDIR="1",  # every build has a directory of its own, which nothing in the result names
        LC_ALL="C",
        KBUILD_BUILD_TIMESTAMP="2024-01-01",
        KBUILD_BUILD_USER="vambrace",
        KBUILD_BUILD_HOST="debian",
        KBUILD_BUILD_VERSION="1",
        **ccache_settings(),
        **(more or {}),
    )


def scan(series, tree, log):
    """Looks for instructions that a deprivileged kernel must not run."""
    modules = sorted(str(m) for m in tree.rglob("*.ko"))
    with step("scanning for leftover privileged instructions"):
        arguments = ["/usr/bin/python3", series.scanner, "--series", series.file, tree / "vmlinux", *modules]
        command(arguments, log, what=series.scanner.name)


def compile_kernel(variant, work, log):
    """Builds in work/ and returns the directory with the files to keep."""
    tree, result = work / "linux", work / "result"
    unpack(variant.series, tree, log)
    if variant.patched:
        apply(variant.series, tree, log)
    make = ["nice", "make", "ARCH=arm", f"CROSS_COMPILE={COMPILER}", f"CC=ccache {COMPILER}gcc"]
    make += ["HOSTCC=ccache gcc", f"-j{os.cpu_count() or 1}"]
    configure(variant, tree, make, log)
    with step(f"compiling the {variant.name} kernel (about 4 minutes on 2 cores)", log):
        command(make + ["zImage", "modules"], log, cwd=tree, env=environment(), what="the kernel's build")
    install = work / "modules"
    command(
        make + ["modules_install", f"INSTALL_MOD_PATH={install}", "INSTALL_MOD_STRIP=1"],
        log,
        cwd=tree,
        env=environment(),
    )
    if variant.patched:
        scan(variant.series, tree, log)
    result.mkdir()
    for source in ("arch/arm/boot/zImage", "arch/arm/boot/Image", "vmlinux", "System.map"):
        shutil.copy(tree / source, result / pathlib.Path(source).name)
    shutil.copy(tree / ".config", result / "config")
    shutil.copy(tree / "include/config/kernel.release", result / "release")
    (install / "lib" / "modules").mkdir(parents=True, exist_ok=True)
    for link in ("build", "source"):
        for found in install.glob(f"lib/modules/*/{link}"):
            found.unlink()
    command(
        [
            "tar",
            "-cf",
            result / "modules.tar",
            "--sort=name",
            "--mtime=@0",
            "--owner=0",
            "--group=0",
            "--numeric-owner",
            "-C",
            install,
            "lib",
        ],
        log,
    )
    (result / "SHA256SUMS").write_text("".join(f"{digest(result / name)}  {name}\n" for name in KEPT))
    return result


def ensure(variant):
    """The variant's kernel, from the cache or built now."""
    key, cache = key_of(variant), cache_directory()
    final = cache / f"linux-{variant.name}-{key}"
    if valid(final):
        return Kernel(final)
    with locked(cache / "linux.lock", "building a kernel"):
        key = key_of(variant)  # waiting takes minutes, in which a patch may have changed
        final = cache / f"linux-{variant.name}-{key}"
        if valid(final):
            return Kernel(final)
        if final.exists():
            say(f"the {variant.name} kernel in the cache is damaged; building it again")
            shutil.rmtree(final)
        log = cache / f"linux-{variant.name}.log"
        log.unlink(missing_ok=True)
        free = shutil.disk_usage(cache).free
        if free < 3 << 30:
            raise Problem(
                f"building a kernel needs 3 GB in {cache}, and {free >> 20} MB are free",
                "make room, or set VAMBRACE_CACHE to another directory",
            )
        for old in cache.glob("linux-work-*"):  # of a build that was interrupted; the lock is ours
            shutil.rmtree(old, ignore_errors=True)
        work = pathlib.Path(tempfile.mkdtemp(prefix="linux-work-", dir=cache))
        try:
            result = compile_kernel(variant, work, log)
            if key_of(variant) != key:
                raise Problem(
                    f"the {variant.name} kernel's patches or configuration changed while it was being built",
                    "run again",
                )
            os.rename(result, final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return Kernel(final)
