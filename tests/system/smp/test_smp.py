# SPDX-License-Identifier: Apache-2.0
"""A kernel for several processors of ARMv7 alone keeps `current` and its per-CPU offset in thread registers.

Natively it uses them and all processors. As a guest it has one processor, and those registers are user
space's.
"""

import pytest

from harness import images, kernel, programs

pytestmark = pytest.mark.boards("vexpress-a9", "realview-pb-a8")
NATIVE_PROCESSORS = {"vexpress-a9": 2, "realview-pb-a8": 1}
THREADS = __file__.replace("test_smp.py", "threads.c")


@pytest.fixture(scope="session")
def options(platform):
    """./run's options for the kernel and an initramfs with its modules and /bin/threads."""
    variant = kernel.smp(platform)
    extra = programs.build(THREADS, "-pthread")
    return [
        "--kernel",
        images.linux(platform, variant),
        "--initrd",
        images.root_file_system(platform, variant, extra=extra, name="threads"),
    ]


def work(run):
    """What comes to `current` and to per-CPU variables in every way."""
    assert run.sh("uname -v").startswith("#1 SMP")
    assert run.sh("threads") == "0 wrong"
    assert run.sh("i=0; while [ $i -lt 30 ]; do /bin/true; i=$((i+1)); done; echo $i") == "30"
    assert run.sh("sh -c 'trap \"echo caught; exit 7\" USR1; kill -USR1 $$; sleep 5'", status=7) == "caught"
    run.sh(
        "modprobe crc_t10dif; modprobe dummy; ifconfig dummy0 10.1.2.3 up; ping -c 1 10.1.2.3; rmmod dummy"
    )
    assert run.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle|WARNING'", status=None) == "0"


def coprocessor_traps(run):
    """The hypervisor's count of emulated CP15 accesses."""
    run.key("c")
    return int(run.expect(r"(\d+) CP15 accesses")[1])


def test_a_guest_of_it_runs_on_one_processor_without_traps(start, options):
    run = start(*options).boot()
    assert run.sh("grep -c ^processor /proc/cpuinfo") == "1"
    before = coprocessor_traps(run)
    run.type("\r")
    run.expect("# ")
    work(run)
    assert coprocessor_traps(run) - before < 5
    run.type("\rpoweroff\r")
    assert run.end() == 0


def test_on_the_bare_board_it_has_all_processors(start, options, platform):
    processors = NATIVE_PROCESSORS[platform["name"]]
    run = start("--native", *options, "--qemu-args", f"-smp {processors}").boot()
    assert run.sh("grep -c ^processor /proc/cpuinfo") == str(processors)
    work(run)
    run.type("poweroff\r")
    assert run.end() == 0
