# SPDX-License-Identifier: Apache-2.0
"""HYP mode: Linux that nobody has changed, beside guests that are paravirtual elsewhere."""

import pytest

from harness import debian, disk, initramfs

KERNEL, WITH_LPAE = "linux-image-armmp", "linux-image-armmp-lpae"
DISK_MODULES = "virtio_mmio virtio_blk crc16 mbcache jbd2 crc32c_generic ext4".split()
NO_OOPS = "dmesg | grep -ciE 'oops|BUG:|unable to handle|unexpected interrupt'"


@pytest.fixture
def busybox(tmp_path):
    path = tmp_path / "initramfs.cpio"
    path.write_bytes(initramfs.make(None))
    return path


def check_debian(start, name, busybox):
    run = start("--kernel", debian.kernel(name), "--initrd", busybox).boot()
    assert "HYP mode" in run.text()
    assert "Debian" in run.sh("cat /proc/version")
    run.sh(
        "dd if=/dev/urandom of=/tmp/a bs=64k count=4 2> /dev/null; gzip -c /tmp/a | gunzip -c | cmp - /tmp/a"
    )
    before, after = map(
        float, run.sh("cut -d' ' -f1 /proc/uptime; sleep 1; cut -d' ' -f1 /proc/uptime").split()
    )
    assert 0.9 < after - before < 3
    assert "arch_timer" in run.sh("grep arch_timer /proc/interrupts")
    assert "GIC" in run.sh("grep pl011 /proc/interrupts")
    assert run.sh(NO_OOPS, status=None) == "0"
    run.type("poweroff -f\r")
    assert run.end() == 0
    assert "vambrace: guest 1 (linux): powered off" in run.text()


@pytest.mark.in_hyp_mode
def test_debians_kernel_boots_works_and_powers_off(start, busybox):
    check_debian(start, KERNEL, busybox)


@pytest.mark.in_hyp_mode("virt-a15")
def test_debians_kernel_with_long_descriptors_boots_works_and_powers_off(start, busybox):
    check_debian(start, WITH_LPAE, busybox)


@pytest.mark.in_hyp_mode("virt-a15")
def test_debians_kernel_has_a_disk(start, tmp_path):
    """By its own modules: nothing in them knows whose disk it is."""
    kernel = debian.kernel(KERNEL)
    modules = kernel.parents[1] / "lib" / "modules"
    files = {name: next(modules.rglob(f"{name}.ko")).read_bytes() for name in DISK_MODULES}
    ramdisk = tmp_path / "initramfs.cpio"
    ramdisk.write_bytes(
        initramfs.make(None, {f"lib/{name}.ko": (data, False) for name, data in files.items()})
    )
    image = disk.make(tmp_path / "disk.img", 16, extra={"data": (files["ext4"], False)})
    run = start("--kernel", kernel, "--initrd", ramdisk, "--disk", image).boot()
    run.sh(f"for m in {' '.join(DISK_MODULES)}; do insmod /lib/$m.ko; done")
    run.sh("mkdir -p /mnt; mount -t ext4 /dev/vda /mnt; cmp /mnt/data /lib/ext4.ko")
    run.sh("cp /mnt/data /mnt/copy; umount /mnt; mount -t ext4 /dev/vda /mnt; cmp /mnt/copy /lib/ext4.ko")
    assert "GIC" in run.sh("grep virtio0 /proc/interrupts")
    assert run.sh(NO_OOPS, status=None) == "0"
    run.type("umount /mnt; poweroff -f\r")
    assert run.end() == 0


@pytest.mark.in_hyp_mode
def test_an_unmodified_guest_and_two_patched_ones_outlive_each_other(start, platform, busybox, tmp_path):
    description = tmp_path / "guests.ini"
    description.write_text(
        f"[guest debian]\nkernel = {debian.kernel(KERNEL)}\nramdisk = {busybox}\nmemory = 100M\n"
        "[guest second]\nmemory = 33M\n[guest third]\nmemory = 32M\n"
    )
    run = start("--config", description, "--board-mem", "256M").boot(others=["second", "third"])
    assert "Debian" in run.sh("cat /proc/version")
    run.sh("(while true; do :; done) &")
    run.switch_to(3, "third")
    assert run.sh("seq 1 500 | tail -1") == "500"
    run.type("reboot -f\r")
    run.expect(r"vambrace: guest 3 \(third\): restarted")
    run.expect("Vambrace guest ready")
    run.type("\r")
    run.expect("# ")
    run.type("poweroff -f\r")
    run.expect(r"vambrace: guest 3 \(third\): powered off")
    run.expect(r"vambrace: console: guest 1 \(debian\)")
    assert run.sh("echo alive") == "alive"


@pytest.mark.in_hyp_mode
def test_two_guests_have_their_own_floating_point_registers(start):
    run = start("--guests", "2", "--mem", "48M").boot(others=["linux-2"])
    run.sh("dmesg -n 1")  # a kernel that waits long for the processor says so
    sums = "awk 'BEGIN { for (i = 1; i < 200000; ++i) s += 1 / i; printf \"%.9f\\n\", s }'"
    assert run.sh(f"({sums}; {sums}) | uniq | wc -l") == "1"
