# SPDX-License-Identifier: Apache-2.0
"""The Debian packages that the build, QEMU and the tests need, and their installation."""

import os
import re
import shutil
import subprocess
import sys

from . import host_sources
from .series import chosen
from .steps import Problem, end_with_parent, say, step

RUN = """
    gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib scons u-boot-tools
    device-tree-compiler gcc-arm-linux-gnueabi libc6-dev-armel-cross gcc libc6-dev make
    bc bison ccache flex libssl-dev kmod cpio xz-utils patch perl python3 qemu-system-arm ca-certificates
""".split()
TEST = """
    black catch2 clang-format e2fsprogs g++ pyflakes3 python3-pytest python3-pytest-xdist python3-pexpect
""".split()


def for_run():
    """What ./run needs, with the sources of the guest kernel that is chosen."""
    return RUN + list(dict.fromkeys([host_sources.PACKAGE, chosen().package]))


def for_test():
    return for_run() + TEST


def missing(packages):
    """Those of the packages that are not installed."""
    output = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=end_with_parent,
    ).stdout
    installed = {line.split()[0] for line in output.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def privilege():
    """What to put before a command so that it runs as root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    return None


def explain(output, packages):
    """A Problem that says why apt-get failed."""
    names = re.findall(
        r"Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate", output
    )
    unknown = sorted({first or second for first, second in names})
    if unknown:
        return Problem(
            f"this system's package sources do not know: {' '.join(unknown)}",
            "Vambrace is built on Debian 12; check /etc/apt/sources.list (section main)",
        )
    if re.search(
        r"Could not resolve|Temporary failure resolving|Could not connect|Connection (refused|timed out)|"
        r"Network is unreachable|Failed to fetch|Unable to fetch",
        output,
    ):
        return Problem(
            "no network: the packages could not be fetched",
            "connect the machine or install by hand: apt-get install " + " ".join(packages),
        )
    if "password is required" in output or "not in the sudoers" in output:
        return Problem(
            "packages are missing and sudo does not let this user install them: " + " ".join(packages),
            "run as root: apt-get install " + " ".join(packages),
        )
    tail = "\n".join("    " + line for line in output.strip().splitlines()[-8:])
    return Problem(f"apt-get failed:\n{tail}", "run by hand: apt-get install " + " ".join(packages))


def apt(arguments, log_tail):
    """Runs apt-get as root; returns (status, output)."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
    before = privilege()
    full = before + (["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"] if before else [])
    result = subprocess.run(
        full + ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments],
        env=environment,
        stdin=None if before else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return result.returncode, log_tail + result.stdout


def ensure(packages):
    """Installs what is missing, saying which."""
    if not shutil.which("dpkg-query"):
        raise Problem("this is not a Debian system (no dpkg)", "use Debian 12, for instance in a container")
    wanted = missing(packages)
    if not wanted:
        return
    if privilege() is None:
        raise Problem(
            "packages are missing, and this is neither root nor is there sudo: " + " ".join(wanted),
            "run as root: apt-get install " + " ".join(wanted),
        )
    say("installing packages: " + " ".join(wanted))
    with step("installing packages"):
        install = ["install", "-y", "--no-install-recommends", *wanted]
        status, output = apt(install, "")
        if status:  # no or old package lists
            _, output = apt(["update"], "")
            status, output = apt(install, output)
        if status:
            raise explain(output, wanted)
    still = missing(wanted)
    if still:
        raise Problem("apt-get said that it installed these, but they are not there: " + " ".join(still))
