# SPDX-License-Identifier: Apache-2.0
"""Debian's packages for other architectures, unmodified: fetched by apt, unpacked, not installed."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from .steps import Problem, cache_directory, locked, step

ARCHITECTURE = "armhf"  # of kernels and firmware


def settings(folder, architecture):
    """An apt that knows another architecture and nothing of what is installed here."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    configuration = folder / "apt.conf"
    configuration.write_text(
        f'APT::Architecture "{architecture}";\nAPT::Architectures {{ "{architecture}"; }};\n'
        'APT::Sandbox::User "root";\nAcquire::Languages "none";\n'
        f'Dir::State "{folder}";\nDir::State::status "{folder}/status";\n'
        f'Dir::State::lists "{folder}/lists";\nDir::Cache "{folder}/cache";\n'
    )
    return dict(os.environ, APT_CONFIG=str(configuration), LC_ALL="C")


def apt(environment, *arguments, cwd=None):
    return subprocess.run(
        arguments,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def newest(environment, package):
    """The package that a metapackage depends on: `linux-image-armmp` is whatever kernel is current."""
    lines = apt(environment, "apt-cache", "depends", package).stdout.splitlines()
    names = [line.split()[-1] for line in lines if "Depends: linux-image-" in line]
    return names[0] if names else package


def fetch(package, architecture, destination):
    """Unpacks the newest version of a package to a folder."""
    with tempfile.TemporaryDirectory(dir=destination.parent) as folder:
        folder = pathlib.Path(folder)
        environment = settings(folder, architecture)
        apt(environment, "apt-get", "-q", "update")  # one of several sources may fail
        real = newest(environment, package)
        said = apt(environment, "apt-get", "-q", "download", real, cwd=folder).stdout
        files = list(folder.glob("*.deb"))
        if not files:
            raise Problem(
                f"Debian's {package} for {architecture} cannot be fetched:\n{said.strip()}",
                "connect the machine, or check /etc/apt/sources.list",
            )
        unpacked = folder / "unpacked"
        subprocess.run(["dpkg-deb", "-x", files[0], unpacked], check=True)
        shutil.rmtree(destination, ignore_errors=True)
        os.rename(unpacked, destination)


def package(name, architecture=ARCHITECTURE):
    """The folder with the files of a Debian package; fetched once."""
    cached = f"debian-{name}" if architecture == ARCHITECTURE else f"debian-{architecture}-{name}"
    destination = cache_directory() / cached
    with locked(cache_directory() / f"{cached}.lock", f"fetching {name}"):
        if not destination.exists():
            with step(f"fetching Debian's {name}"):
                fetch(name, architecture, destination)
    return destination


def kernel(name):
    """The kernel image of a linux-image package."""
    found = sorted(package(name).glob("boot/vmlinuz-*"))
    if not found:
        raise Problem(f"Debian's {name} has no kernel", "remove it from the cache, and try again")
    return found[-1]
