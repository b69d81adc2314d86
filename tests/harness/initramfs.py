# SPDX-License-Identifier: Apache-2.0
"""Makes the guest's initramfs: Debian's armel busybox, an init script and modules, as a cpio archive."""

import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile

from .steps import Problem, cache_directory, command, locked, step

READY = "Vambrace guest ready"  # what the guest prints when the shell is about to start

INITTAB = """\
::sysinit:/etc/rcS
::respawn:-/bin/cttyhack /bin/sh -l
::ctrlaltdel:/sbin/reboot
"""
FSTAB = """\
proc /proc proc defaults 0 0
sysfs /sys sysfs defaults 0 0
devtmpfs /dev devtmpfs defaults 0 0
tmpfs /tmp tmpfs defaults 0 0
"""
# One process for all mounts and none for the banner: every fork is half a million instructions.
RCS = f"""\
#!/bin/sh
/bin/mount -a 2> /dev/null
read -r version < /proc/version
echo "{READY}: $version"
"""
PROFILE = """\
export PATH=/sbin:/usr/sbin:/bin:/usr/bin HOME=/root PS1='\\w # '
"""


class Cpio:
    """An archive in the newc format; the kernel makes device nodes from it, so that nobody has to be root."""

    def __init__(self):
        self.data, self.inode, self.seen = io.BytesIO(), 0, set()

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        self.data.write(b"070701" + b"".join(b"%08x" % field for field in fields) + encoded)
        self.data.write(b"\0" * (-self.data.tell() % 4) + content)
        self.data.write(b"\0" * (-self.data.tell() % 4))

    def directory(self, name):
        name = name.strip("/")
        if name and name not in self.seen:
            self.directory(os.path.dirname(name))
            self.seen.add(name)
            self._entry(name, 0o040755)

    def file(self, name, content, executable=False):
        self.directory(os.path.dirname(name))
        self._entry(name.strip("/"), 0o100755 if executable else 0o100644, content)

    def link(self, name, to):
        self.directory(os.path.dirname(name))
        self._entry(name.strip("/"), 0o120777, to.encode())

    def console(self, name, major, minor):
        self.directory(os.path.dirname(name))
        self._entry(name.strip("/"), 0o020600, device=(major, minor))

    def finish(self):
        self._entry("TRAILER!!!", 0)
        self.data.write(b"\0" * (-self.data.tell() % 512))
        return self.data.getvalue()


def fetch_busybox(destination):
    """Downloads Debian's armel busybox-static without a change to this machine's package lists."""
    with tempfile.TemporaryDirectory(prefix="vambrace-apt-") as name:
        work = pathlib.Path(name)
        for folder in ("state/lists/partial", "cache/archives/partial", "out"):
            (work / folder).mkdir(parents=True)
        (work / "status").touch()
        options = []
        for option in (
            f"Dir::State={work}/state",
            f"Dir::State::status={work}/status",
            f"Dir::Cache={work}/cache",
            "APT::Architecture=armel",
            "APT::Architectures=armel",
            "APT::Sandbox::User=root",
            "Acquire::Languages=none",
            "Acquire::Retries=2",
        ):
            options += ["-o", option]
        environment = dict(os.environ, LC_ALL="C")
        log = cache_directory() / "busybox.log"
        log.unlink(missing_ok=True)
        try:
            command(["apt-get", *options, "update"], log, env=environment)
        except Problem:
            pass  # a source without armel; what counts is the download
        try:
            command(
                ["apt-get", *options, "download", "busybox-static:armel"],
                log,
                cwd=work / "out",
                env=environment,
            )
        except Problem as problem:
            raise Problem(
                f"Debian's armel busybox-static could not be downloaded: {problem.cause}",
                "check the network and that /etc/apt's sources have Debian 12 main",
            ) from problem
        package = next((work / "out").glob("*.deb"))
        contents = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE, check=True
        )
        with tarfile.open(fileobj=io.BytesIO(contents.stdout)) as archive:
            member = next(m for m in archive.getmembers() if m.name.endswith("bin/busybox") and m.isfile())
            binary = archive.extractfile(member).read()
    temporary = destination.with_suffix(".tmp")
    temporary.write_bytes(binary)
    destination.with_suffix(".sha256").write_text(hashlib.sha256(binary).hexdigest() + "\n")
    os.rename(temporary, destination)


def busybox():
    """The armel busybox, from the cache or from Debian."""
    path = cache_directory() / "busybox-armel"
    with locked(path.with_suffix(".lock"), "downloading busybox"):
        sums = path.with_suffix(".sha256")
        if not (
            path.exists()
            and sums.exists()
            and hashlib.sha256(path.read_bytes()).hexdigest() == sums.read_text().strip()
        ):
            if not shutil.which("apt-get"):
                raise Problem("apt-get is missing", "use Debian 12")
            with step("downloading busybox-static for armel"):
                fetch_busybox(path)
        return path.read_bytes()


def applets(binary):
    """The names of the commands in a busybox: a sorted list of strings that begins with '['."""
    found = re.search(rb"\0(\[\0\[\[\0(?:[a-z0-9_+.-]+\0)+)", binary)
    if not found:
        raise Problem("this busybox holds no list of its commands", "delete it from the cache and run again")
    return [name.decode() for name in found[1].split(b"\0") if name and name != b"busybox"]


def make(modules=None, extra=None):
    """The archive as bytes. modules: a tar with lib/modules; extra: {path: (bytes, executable)}."""
    archive = Cpio()
    fill(archive, modules, extra)
    return archive.finish()


def fill(archive, modules=None, extra=None):
    """Puts all files into what takes them as Cpio does."""
    binary = busybox()
    for folder in ("bin", "dev", "etc", "proc", "root", "sbin", "sys", "tmp", "usr/bin", "usr/sbin"):
        archive.directory(folder)
    archive.console("dev/console", 5, 1)
    archive.console("dev/null", 1, 3)
    archive.file("bin/busybox", binary, executable=True)
    for name in applets(binary):
        archive.link(f"bin/{name}", "busybox")
    for name in ("init", "poweroff", "reboot", "halt", "modprobe"):
        archive.link(f"sbin/{name}", "../bin/busybox")
    archive.link("init", "bin/busybox")
    archive.file("etc/inittab", INITTAB.encode())
    archive.file("etc/fstab", FSTAB.encode())
    archive.file("etc/passwd", b"root::0:0:root:/root:/bin/sh\n")
    archive.file("etc/group", b"root:x:0:\n")
    archive.file("etc/profile", PROFILE.encode())
    archive.file("etc/rcS", RCS.encode(), executable=True)
    if modules:
        with tarfile.open(modules) as tar:
            for member in sorted(tar.getmembers(), key=lambda m: m.name):
                if member.isfile():
                    archive.file(member.name, tar.extractfile(member).read())
    for path, (content, executable) in sorted((extra or {}).items()):
        archive.file(path, content, executable)
