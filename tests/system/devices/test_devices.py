# SPDX-License-Identifier: Apache-2.0
"""Linux with disks, and two of them that talk to each other."""

import hashlib
import random

import pytest

from harness import disk, initramfs, programs

SHARE, READS = (__file__.replace("test_devices.py", name) for name in ("share.c", "reads.c"))
# Instructions of a read with O_DIRECT, by its bytes: what it may cost before this test fails.
MOST = {4096: 10_000, 131072: 90_000}
UIO = "uio_pdrv_genirq.of_id=vambrace,shared-1"
DATA = random.Random(1).randbytes(2_000_000)  # compresses as little as it can
SUM = hashlib.md5(DATA).hexdigest()


@pytest.fixture(scope="session")
def root(platform, tmp_path_factory):
    """An image of a root file system."""
    path = tmp_path_factory.mktemp("disk") / "root.img"
    extra = programs.build(SHARE) | programs.build(READS)
    return disk.make(path, 16, extra={"data": (DATA, False)} | extra)


def interrupts(run, name):
    return int(run.sh(f"grep {name} /proc/interrupts").split()[1])


def test_root_on_a_disk(start, root):
    """What is written stays over a restart of the guest, and the file is as it was."""
    before = hashlib.md5(root.read_bytes()).hexdigest()
    run = start("--disk", root).boot()
    assert run.sh("mount | grep -c '^/dev/root on / type ext4 (rw'") == "1"
    assert run.sh("md5sum < /data").split()[0] == SUM
    run.sh("echo 3 > /proc/sys/vm/drop_caches; cp /data /copy; sync; echo 3 > /proc/sys/vm/drop_caches")
    assert run.sh("md5sum < /copy").split()[0] == SUM
    assert interrupts(run, "virtio0") > 10
    run.sh("mount -o remount,ro /")
    run.type("reboot -f\r")
    run.expect(initramfs.READY, 120)
    run.expect("# ")
    run.type("\r")
    run.expect("# ")
    assert run.sh("md5sum < /copy").split()[0] == SUM
    assert run.sh("dmesg | grep -ciE 'I/O error|EXT4-fs error|oops|BUG:'", status=None) == "0"
    run.type("poweroff -f\r")
    assert run.end() == 0
    assert hashlib.md5(root.read_bytes()).hexdigest() == before


def test_load_with_checked_data(start, root):
    """Several writers at once, through the page cache and past it; reading ahead and at random."""
    run = start("--disk", root).boot()
    loop = "for n in 1 2 3; do dd if=/data of=/w{0}.$n bs={1} oflag={2} 2>/dev/null & done; wait"
    run.sh(loop.format("a", "100k", "sync"), timeout=120)
    run.sh("rm /wa.*; sync; " + loop.format("b", "64k", "direct"), timeout=120, status=None)
    run.sh("echo 3 > /proc/sys/vm/drop_caches")
    for n in (1, 2, 3):
        run.sh(f"cmp -n 1966080 /data /wb.{n}")  # whole blocks of 64 KB: what O_DIRECT has written
    for n in range(20):
        at = n * 91
        assert (
            run.sh(f"dd if=/data bs=1k skip={at} count=50 2>/dev/null | md5sum").split()[0]
            == hashlib.md5(DATA[at * 1024 : (at + 50) * 1024]).hexdigest()
        )
    run.type("poweroff -f\r")
    assert run.end() == 0


def test_a_second_disk_is_read_only(start, root, tmp_path):
    config = tmp_path / "guests.ini"
    bootargs = "console=ttyAMA0 root=/dev/vda rw"
    config.write_text(f"[guest one]\ndisk = {root} copy\n  {root}\nbootargs = {bootargs}\n")
    run = start("--config", config).boot()
    assert run.sh("cat /sys/block/vda/ro /sys/block/vdb/ro") == "0\n1"
    run.sh("mkdir -p /mnt; mount -o ro /dev/vdb /mnt")
    assert run.sh("md5sum < /mnt/data").split()[0] == SUM
    assert run.sh("dd if=/data of=/dev/vdb bs=4k count=1 2>&1", status=1)
    run.type("poweroff -f\r")
    assert run.end() == 0


def test_two_guests_exchange_messages(start, root, tmp_path):
    """By memory that both see, and a channel; Linux's own UIO driver is all that they need. One that restarts
    finds them again."""
    config = tmp_path / "guests.ini"
    shared = (
        f"disk = {root} copy\nmemory = 32M\nshared-memory = letters 64K rw\nchannel = bell\n"
        f"bootargs = console=ttyAMA0 root=/dev/vda rw {UIO}\n"
    )
    config.write_text(f"[guest one]\n{shared}\n[guest two]\n{shared}")
    run = start("--config", config).boot(others=["two"])
    assert run.sh("cat /sys/class/uio/uio0/maps/map1/name /sys/class/uio/uio0/maps/map1/size") == (
        "letters\n0x00010000"
    )
    for texts in (("hello", "two words", "x" * 900), ("after a restart", "y" * 900)):
        run.switch_to(2, "two")
        run.type("while true; do share answer; done &\r")
        run.expect("# ")
        run.switch_to(1, "one")
        for text in texts:
            assert run.sh(f"share ask '{text}'") == text.upper()
        assert interrupts(run, "shared") >= 1
        run.switch_to(2, "two")
        run.type("reboot -f\r")
        run.expect(r"vambrace: guest 2 \(two\): restarted")
        run.expect(initramfs.READY, 120)
        run.expect("# ")
    run.switch_to(1, "one")
    assert run.sh("dmesg | grep -ciE 'nobody cared|oops|BUG:'", status=None) == "0"


@pytest.mark.boards("raspi0", "versatilepb")
def test_randomness_is_the_boards_or_there_is_none(start, platform, tmp_path):
    config = tmp_path / "guests.ini"
    config.write_text("[guest one]\nrng = yes\n")
    run = start("--config", config).boot()
    has_source = "bcm2835_rng" in platform["drivers"]
    assert ("guest 'one' gets no randomness: this board has no source" in run.text()) != has_source
    if has_source:
        assert run.sh("cat /sys/class/misc/hw_random/rng_current") == "virtio_rng.0"
        sums = [run.sh("head -c 1000 /dev/hwrng | md5sum") for _ in range(3)]
        assert len(set(sums)) == 3
        assert interrupts(run, "virtio0") >= 3
    else:
        run.sh("ls /proc/device-tree/ | grep virtio", status=1)
    run.type("poweroff -f\r")
    assert run.end() == 0


def test_a_read_costs_what_it_did(start, root):
    """Under -icount shift=0 a nanosecond is an instruction."""
    run = start("--disk", root, "--icount", "0").boot()
    costs = dict(map(int, line.split()) for line in run.sh("reads").splitlines())
    print(costs)
    for size, most in MOST.items():
        assert costs[size] <= most
    run.type("poweroff -f\r")
    assert run.end() == 0
