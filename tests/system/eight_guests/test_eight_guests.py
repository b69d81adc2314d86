# SPDX-License-Identifier: Apache-2.0
"""As many guests as there can be, each with a pool of 2 MB: all of them start, and none disturbs another."""

from harness import images

COUNT = 8
OTHERS = [f"linux-{number}" for number in range(2, COUNT + 1)]
# Each process has its own table base: the pool is used in all of its parts.
PROCESSES = "for i in `seq 40`; do (sleep 2; echo x)& done | wc -l"  # fits into a line


def config(platform):
    return "".join(
        f"""\
[guest linux-{number}]
kernel = {images.linux(platform)}
ramdisk = {images.root_file_system(platform)}
memory = 26M
shadow-pool-kib = 2048
"""
        for number in range(1, COUNT + 1)
    )


def test_eight_guests_of_2_mib_of_shadow_tables_each(start, platform, tmp_path):
    (tmp_path / "guests.ini").write_text(config(platform))
    run = start("--config", str(tmp_path / "guests.ini"), "--board-mem", "256M")
    run.boot(timeout=300, others=OTHERS)
    for number in (1, 4, COUNT):
        if number != 1:
            run.key(str(number))
            run.expect(rf"vambrace: console: guest {number} \(linux-{number}\)")
            run.type("\r")
            run.expect("# ")
        assert run.sh(PROCESSES, timeout=120) == "40"
        assert run.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle'", status=None) == "0"
    text = run.text()
    assert text.count("MB at") == COUNT and text.count("2048 KB of shadow tables") == COUNT
