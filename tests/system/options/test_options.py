# SPDX-License-Identifier: Apache-2.0
"""./run's options do what --help says."""

import re
import shlex
import socket
import time

import pytest

from harness import bundle, images, initramfs, session


def dry(*options):
    """The QEMU command line that the options lead to, as a list."""
    result = session.run_to_end("--dry-run", *options, timeout=1200)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return shlex.split(result.stdout)


def value(line, option):
    return line[line.index(option) + 1]


def test_help_names_every_option():
    result = session.run_to_end("--help")
    assert result.returncode == 0
    for option in (
        "--kernel",
        "--initrd",
        "--append",
        "--mem",
        "--board-mem",
        "--guests",
        "--bundle",
        "--config",
        "--native",
        "--cpu",
        "--icount",
        "--timeout",
        "--gdb",
        "--qemu-args",
        "--dry-run",
        "--help",
        "PLATFORM",
    ):
        assert option in result.stdout


def test_dry_run_prints_the_command_line_and_starts_nothing():
    line = dry()
    assert line[:3] == ["qemu-system-arm", "-M", "versatilepb"]
    assert value(line, "-kernel").endswith("build/versatilepb/vambrace.bin")
    assert value(line, "-initrd").endswith(".itb")
    assert value(line, "-dtb").endswith("host.dtb")
    assert "-no-reboot" in line


def test_the_platform_can_be_named():
    assert dry("versatilepb") == dry()


def test_the_processor_can_be_named():
    line = dry("realview-eb", "--cpu", "arm1136")
    assert line[:3] == ["qemu-system-arm", "-M", "realview-eb"]
    assert value(line, "-cpu") == "arm1136"
    assert value(dry("realview-eb"), "-cpu") == "arm1176"


def test_native_has_no_hypervisor_and_no_bundle():
    line = dry("--native")
    assert "vambrace.bin" not in " ".join(line)
    assert not value(line, "-initrd").endswith(".itb")


def test_icount_and_more_arguments_reach_qemu():
    line = dry("--icount", "3", "--qemu-args", "-d 'guest_errors'")
    assert value(line, "-icount") == "shift=3,sleep=off"
    assert line[-2:] == ["-d", "guest_errors"]


def test_append_adds_to_the_default_command_line(start):
    run = start("--append", "vambrace_test=1").boot()
    assert run.sh("cat /proc/cmdline").strip().endswith(f"{bundle.DEFAULT_BOOTARGS} vambrace_test=1")


def test_mem_sets_the_guests_memory(start):
    run = start("--mem", "32M").boot()
    assert 20_000 < int(run.sh("grep MemTotal /proc/meminfo").split()[1]) < 32 * 1024


@pytest.mark.boards("vexpress-a9", "realview-pb-a8")
@pytest.mark.parametrize("native", [[], ["--native"]], ids=["guest", "native"])
def test_board_mem_sets_the_boards_memory(start, native):
    run = start(*native, "--board-mem", "200M").boot()
    assert 170_000 < int(run.sh("grep MemTotal /proc/meminfo").split()[1]) < 200 * 1024


def test_boards_that_have_a_gigabyte_get_more():
    for name, mib in (("versatilepb", "128"), ("vexpress-a9", "256")):
        assert value(dry(name), "-m") == mib
        assert value(dry(name, "--native"), "-m") == mib
    assert value(dry("raspi0"), "-m") == "512"


def test_a_kernel_and_an_initramfs_of_the_users_own(start, platform, tmp_path):
    archive = initramfs.make(None, {"etc/motd": (b"my own initramfs\n", False)})
    (tmp_path / "own.cpio").write_bytes(archive)
    (tmp_path / "own-kernel").write_bytes(images.linux(platform).read_bytes())
    run = start("--kernel", tmp_path / "own-kernel", "--initrd", tmp_path / "own.cpio").boot()
    assert run.sh("cat /etc/motd") == "my own initramfs"


def test_a_ready_bundle(start, default_bundle):
    run = start("--bundle", default_bundle).boot()
    assert run.sh("echo alive") == "alive"


def test_a_guest_description(start, platform, tmp_path):
    config = tmp_path / "guests.ini"
    config.write_text(
        "[guest first]\nmemory = 40M\nbootargs = console=ttyAMA0 mine=1\n[guest second]\nmemory = 32M\n"
    )
    run = start("--config", config).boot(others=["second"])
    assert "mine=1" in run.sh("cat /proc/cmdline")
    assert int(run.sh("grep MemTotal /proc/meminfo").split()[1]) < 40 * 1024
    run.seen(r"\[second\] .*" + initramfs.READY, 120)


def test_without_a_terminal_the_console_is_standard_output():
    result = session.run_to_end("--timeout", 120, input="echo five is $((2 + 3))\npoweroff\n")
    assert "five is 5" in result.stdout
    assert "vambrace: all guests have stopped" in result.stdout
    assert "[vambrace]" not in result.stdout  # progress goes to standard error
    assert result.returncode == 0, result.stderr


def test_a_prompt_within_twenty_seconds(start):
    session.run_to_end("--dry-run", timeout=1200)  # everything is built
    begin = time.monotonic()
    start().boot()
    assert time.monotonic() - begin < 20


def test_timeout_ends_the_run_with_124():
    begin = time.monotonic()
    result = session.run_to_end("--timeout", 3)
    assert result.returncode == 124
    assert time.monotonic() - begin < 60


def test_icount_runs_are_the_same_to_the_last_digit():
    options = ("--icount", "0", "--append", "norandmaps", "--timeout", "300")
    outputs = [until_ready(options) for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert re.search(r"^\[ +\d+\.\d{6}\] ", outputs[0], re.M)


def until_ready(options):
    """The console up to the guest's banner."""
    with session.run(*options) as run:
        run.expect(initramfs.READY, 300)
        text = run.text()
        return text[text.index("vambrace:") : text.index(initramfs.READY)]


def test_gdb_waits_for_a_debugger(start):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = start("--gdb", str(port))
    run.expect("waiting for gdb")
    run.expect("starting QEMU")
    for _ in range(50):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as stub:
                stub.sendall(b"$?#3f")
                answer = stub.recv(64)
                while answer == b"+":  # the acknowledgement may come by itself
                    answer += stub.recv(64)
                assert b"$T" in answer or b"$S" in answer
                stub.sendall(b"+$c#63")  # go on
                run.boot()
                return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("nothing listens on the port")


def test_the_counters_key(start):
    run = start().boot()
    run.key("c")
    run.expect("vambrace: .*[0-9]+")
    run.type("\r")
    assert run.sh("echo alive") == "alive"
