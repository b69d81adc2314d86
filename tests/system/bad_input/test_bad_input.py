# SPDX-License-Identifier: Apache-2.0
"""Bad input gets a message with cause and cure, from ./run or the hypervisor, and a status that is not 0."""

import os
import shutil
import socket
import subprocess
import textwrap

import pytest

from harness import bundle, images, kernel, kernel_image, qemu, session
from harness.series import chosen
from harness.steps import Problem, ROOT, command


def refused(*options, status=2, environment=None):
    """./run's message for options that it must refuse."""
    result = session.run_to_end(*options, environment=environment)
    assert result.returncode == status, result.stderr
    assert result.stdout == ""
    return result.stderr


@pytest.mark.parametrize(
    "options, cause, cure",
    [
        (["atari"], "there is no platform 'atari'", "sabrelite, versatilepb, vexpress-a15, vexpress-a9"),
        (["--kernel", "/no/such/file"], "there is no kernel /no/such/file", "check the file's name"),
        (["--initrd", "/no/such/file"], "there is no initramfs /no/such/file", "check the file's name"),
        (["--bundle", "/no/such/file"], "there is no bundle /no/such/file", "check the file's name"),
        (["--bundle", "/etc/hostname"], "is not a boot bundle", "docs/bundle.md"),
        (
            ["--config", "/no/such/file"],
            "there is no guest description /no/such/file",
            "check the file's name",
        ),
        (["--kernel", "/etc/hostname"], "too small to be a kernel", "zImage or Image"),
        (["--kernel", "/usr/bin/python3"], "is an ELF file for x86-64", "build it with ARCH=arm"),
        (["vexpress-a9", "--cpu", "arm1176"], "has no processor 'arm1176'", "leave out --cpu"),
        (["realview-eb", "--cpu", "arm926"], "has no processor 'arm926'", "it has: arm1176, arm1136"),
        (["raspi0", "--native", "--mem", "64M"], "the memory of raspi0 cannot be changed", "leave out --mem"),
        (["--mem", "1G"], "the board has 128 MB", "at most 119M per guest"),
        (["--mem", "64M", "--guests", "2"], "the guests want 128 MB", "at most 59M per guest"),
        (["--mem", "much"], "'much' is not a memory size", "write it as 64M"),
        (["--mem", "1M"], "at least 8 MB", "such as 32M"),
        (["--guests", "0"], "there can be 1 to 8", "from 1 to 8"),
        (["--guests", "9"], "there can be 1 to 8", "from 1 to 8"),
        (["--icount", "99"], "QEMU takes 0 to 10", "from 0 to 10"),
        (["--timeout", "0"], "is over before it starts", "seconds above 0"),
        (["--qemu-args", "'unclosed"], "--qemu-args cannot be read", "check the quotes"),
        (["--native", "--guests", "2"], "--native runs one kernel", "leave out"),
        (
            ["--bundle", "/etc/hostname", "--mem", "8M"],
            "--bundle already says what --mem would",
            "leave out one",
        ),
    ],
)
def test_run_refuses(options, cause, cure):
    message = refused(*options)
    assert cause in message and cure in message


def test_run_refuses_an_unknown_option():
    assert "unrecognized arguments: --no-such-option" in refused("--no-such-option")


@pytest.mark.parametrize(
    "text, cause",
    [
        ("", "describes no guest"),
        ("[machine x]\n", "there is a section [machine x]"),
        ("[guest a]\ncolour = red\n", "unknown keys: colour"),
        ("[guest a]\nmemory = lots\n", "'lots' is not a memory size"),
        ("[guest a]\nkernel = missing\n", "there is no kernel"),
        ("[guest a]\nmemory = 100M\n[guest b]\nmemory = 100M\n", "the board has 128 MB"),
        ("kernel = x\n", "cannot be read"),
        ("[guest a]\n[guest a]\n", "cannot be read"),
    ],
)
def test_run_refuses_a_description(tmp_path, text, cause):
    (tmp_path / "guests.ini").write_text(text)
    assert cause in refused("--config", tmp_path / "guests.ini")


def built(name, file):
    """A file of the kernel that ./run builds for a board's guests."""
    return kernel.ensure(kernel.guest(qemu.load_platform(name))).directory / file


@pytest.mark.parametrize("file", ["zImage", "Image"])
def test_a_kernel_for_another_core(file):
    """There is one for ARMv5 and one for ARMv6 and ARMv7; each is taken on its boards and on no other."""
    old, new = built("versatilepb", file), built("vexpress-a9", file)
    for name in qemu.platforms():
        platform = qemu.load_platform(name)
        fit, unfit = (old, new) if platform["arch"] == "armv5" else (new, old)
        kernel_image.check(fit, platform)
        for native in (False, True):
            with pytest.raises(
                Problem, match=f"is a kernel for armv.*, and {name} has an {platform['arch']} core"
            ):
                kernel_image.check(unfit, platform, native)
    message = refused("vexpress-a9", "--kernel", old)
    assert "is a kernel for armv5tej" in message and f"{chosen().folder.name}/config-armv6-v7" in message


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = refused("--native", "--gdb", port, status=1)
    assert f"the port {port} for gdb is in use" in message and "--gdb PORT" in message


@pytest.mark.boards("versatilepb")
def test_a_file_in_use(platform, tmp_path):
    """QEMU locks its disk images; what it says comes through, and the run fails."""
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    option = f"-drive if=none,id=disk,format=raw,file={disk} -device virtio-blk-pci,drive=disk"
    first = session.run("--native", "--qemu-args", option)
    try:
        first.expect("Linux version")
        message = refused("--native", "--timeout", 60, "--qemu-args", option, status=1)
    finally:
        first.close()
    assert 'Failed to get "write" lock' in message
    assert "QEMU ended with status 1" in message


def fake(folder, name, script):
    """A program that stands in for one of Debian's."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n" + textwrap.dedent(script))
    (folder / name).chmod(0o755)


@pytest.fixture
def without_packages(tmp_path):
    """An environment in which no package is installed, and apt-get says what APT_SAYS says."""
    fake(tmp_path / "bin", "dpkg-query", "exit 1\n")
    fake(tmp_path / "bin", "apt-get", 'echo "$APT_SAYS"; exit 100\n')
    return dict(os.environ, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")


def test_a_package_that_is_not_known(without_packages):
    without_packages["APT_SAYS"] = "E: Unable to locate package catch2"
    message = refused(status=1, environment=without_packages)
    assert "installing packages: " in message and "qemu-system-arm" in message
    assert "do not know: catch2" in message and "/etc/apt/sources.list" in message


def test_no_network(without_packages):
    without_packages["APT_SAYS"] = "E: Failed to fetch http://x/y  Temporary failure resolving 'x'"
    message = refused(status=1, environment=without_packages)
    assert "no network" in message and "install by hand: apt-get install" in message


def test_neither_root_nor_sudo(without_packages, tmp_path):
    """As a user without rights: a copy of the tree, since the checkout may be unreadable for others."""
    tree = tmp_path / "tree"
    for folder in ("tests/harness", "tests/coherency", "platforms", "pv-guest-patches"):
        shutil.copytree(ROOT / folder, tree / folder)
    shutil.copy(ROOT / "run", tree / "run")
    result = subprocess.run(
        ["/usr/bin/unshare", "--user", "--map-user=1000", str(tree / "run")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tree,
        env=dict(without_packages, PATH=f"{tmp_path / 'bin'}:{path_without_sudo(tmp_path)}"),
    )
    assert result.returncode == 1, result.stderr
    assert (
        "neither root nor is there sudo" in result.stderr and "run as root: apt-get install" in result.stderr
    )


def path_without_sudo(tmp_path):
    """A directory with the few programs that ./run needs to get so far."""
    folder = tmp_path / "few"
    folder.mkdir()
    for name in ("sh", "dirname", "env", "python3", "id"):
        (folder / name).symlink_to(shutil.which(name, path="/usr/bin:/bin"))
    return folder


# --- what only the hypervisor can see -----------------------------------------------------------------------


def fatal(start_qemu, cause, cure, **options):
    """The hypervisor refuses to start and says why."""
    run = start_qemu(**options)
    run.expect("vambrace: FATAL: ", 60)
    run.expect("vambrace: cure: .*\n", 10)
    text = run.text()
    assert cause in text and cure in text


def test_no_bundle(start_qemu, image, host_dtb):
    fatal(start_qemu, "bundle", "initrd", kernel=image, dtb=host_dtb)


def test_a_bundle_that_is_no_fit(start_qemu, image, host_dtb, tmp_path):
    (tmp_path / "text").write_text("this is no bundle\n" * 100)
    fatal(
        start_qemu,
        "the boot bundle is not a FIT image",
        "mkimage",
        kernel=image,
        dtb=host_dtb,
        initrd=tmp_path / "text",
    )


@pytest.fixture
def small_bundle(tmp_path):
    """A bundle whose kernel is one page; quick to make, never to be run."""
    (tmp_path / "kernel").write_bytes(bytes(range(256)) * 16)
    return bundle.make([bundle.Guest("small", tmp_path / "kernel")], tmp_path / "small.itb")


def damage(package):
    """Changes a bit of the kernel in a small bundle."""
    data = bytearray(package.read_bytes())
    data[data.index(bytes(range(256))) + 100] ^= 1
    package.write_bytes(data)


def test_a_broken_hash(start_qemu, image, host_dtb, small_bundle):
    damage(small_bundle)
    fatal(
        start_qemu,
        "an image does not have the hash it should have",
        "make it again",
        kernel=image,
        dtb=host_dtb,
        initrd=small_bundle,
    )


def test_a_bundle_that_is_cut_off(start_qemu, image, host_dtb, small_bundle):
    small_bundle.write_bytes(small_bundle.read_bytes()[:2000])
    fatal(
        start_qemu,
        "cut off or broken",
        "load all of the file",
        kernel=image,
        dtb=host_dtb,
        initrd=small_bundle,
    )


def test_a_kernel_that_is_none(start_qemu, image, host_dtb, tmp_path):
    (tmp_path / "kernel").write_bytes(bytes.fromhex("1f8b0800") + bytes(4096))
    packed = bundle.make([bundle.Guest("packed", tmp_path / "kernel")], tmp_path / "packed.itb")
    fatal(
        start_qemu,
        "neither a zImage nor an Image",
        "arch/arm/boot/zImage",
        kernel=image,
        dtb=host_dtb,
        initrd=packed,
    )


def test_a_guest_without_a_kernel(start_qemu, image, host_dtb, small_bundle):
    command(["fdtput", "-d", small_bundle, "/vambrace/guest-1", "kernel"])
    fatal(start_qemu, "a guest has no kernel", "kernel = ", kernel=image, dtb=host_dtb, initrd=small_bundle)


def test_guest_memory_larger_than_the_boards(start_qemu, image, host_dtb, tmp_path):
    (tmp_path / "kernel").write_bytes(bytes(4096))
    large = bundle.make(
        [bundle.Guest("large", tmp_path / "kernel", memory=512 << 20)], tmp_path / "large.itb"
    )
    fatal(
        start_qemu,
        "guest memory is larger than what the board has left",
        "at most",
        kernel=image,
        dtb=host_dtb,
        initrd=large,
    )


def test_a_device_tree_without_a_uart(start_qemu, image, host_dtb, small_bundle, tmp_path):
    tree = tmp_path / "no-uart.dtb"
    text = command(["dtc", "-q", "-I", "dtb", "-O", "dts", host_dtb])
    (tmp_path / "no-uart.dts").write_text(text.replace("arm,pl011", "arm,none"))
    command(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, tmp_path / "no-uart.dts"])
    fatal(
        start_qemu,
        "no console UART",
        "device tree of this board",
        kernel=image,
        dtb=tree,
        initrd=small_bundle,
    )


@pytest.mark.boards("versatilepb")
def test_a_device_tree_without_memory(start_qemu, platform, image, host_dtb, small_bundle, tmp_path):
    """From flash: QEMU would add a memory node to a tree that it loads itself."""
    tree, flash = tmp_path / "no-memory.dtb", tmp_path / "flash.img"
    shutil.copy(host_dtb, tree)
    command(["fdtput", "-r", tree, "/memory"])
    images.flash(platform, images.output(platform) / "flash_start.bin", image, tree, small_bundle, flash)
    fatal(start_qemu, "memory", "device tree", flash=flash)


def test_run_fails_when_the_hypervisor_stops(small_bundle):
    damage(small_bundle)
    result = session.run_to_end("--bundle", small_bundle, "--timeout", 60)
    assert result.returncode == 1
    assert "vambrace: FATAL: " in result.stdout
    assert "the run failed: the hypervisor stopped" in result.stderr
