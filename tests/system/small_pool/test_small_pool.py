# SPDX-License-Identifier: Apache-2.0
"""Linux with the smallest pool of shadow tables: it evicts all the time, and everything works."""

from harness import images


def test_linux_works_with_a_pool_of_64_kib(start, platform, tmp_path):
    config = tmp_path / "guests.ini"
    config.write_text(
        f"""\
[guest small]
kernel = {images.linux(platform)}
ramdisk = {images.root_file_system(platform)}
memory = 64M
shadow-pool-kib = 64
"""
    )
    run = start("--config", str(config)).boot(timeout=300)
    assert run.sh("i=0; while [ $i -lt 30 ]; do /bin/true; i=$((i+1)); done; echo $i", timeout=300) == "30"
    assert run.sh("seq 1 1000 | sort -n | tail -1", timeout=300) == "1000"
    assert (
        run.sh("for i in 1 2 3 4 5 6 7 8; do (echo $i) & done | sort | tr -d '\\n'; echo", timeout=300)
        == "12345678"
    )
    run.sh(
        "dd if=/dev/urandom of=/tmp/a bs=64k count=16 2> /dev/null; cp /tmp/a /tmp/b; cmp /tmp/a /tmp/b",
        timeout=300,
    )
    assert run.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle'", status=None) == "0"
    run.type("poweroff\r")
    assert run.end(timeout=120) == 0
