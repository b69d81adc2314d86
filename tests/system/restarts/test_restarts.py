# SPDX-License-Identifier: Apache-2.0
"""A kernel that panics at every start is given up, and ./run says so; the other guest goes on."""

import re

import pytest

from harness import images

pytestmark = pytest.mark.boards("versatilepb")
TOO_OFTEN = r"vambrace: guest {} \({}\): ended: it restarted too often"
PATIENCE = 240  # eight starts of a kernel, and 12.7 s of waiting between them


def test_a_guest_that_panics_at_every_start_is_given_up(start):
    run = start("--append", "panic=1 quiet rdinit=/bin/false")  # the first process must not end
    run.expect(TOO_OFTEN.format(1, "linux"), PATIENCE)
    assert run.end() == 1
    text = run.text()
    assert text.count("Attempted to kill init") == 8
    waits = re.findall(
        r"vambrace: guest 1 \(linux\): restarted, (\d) times in a row: it waits (\d+) ms", text
    )
    assert waits == [(str(n), str(50 * 2**n)) for n in range(2, 8)]
    assert text.count("vambrace: guest 1 (linux): restarted") == 7


def test_the_other_guest_goes_on(start, platform, tmp_path):
    linux, ramdisk = images.linux(platform), images.root_file_system(platform)
    (tmp_path / "guests.ini").write_text(
        f"""\
[guest good]
kernel = {linux}
ramdisk = {ramdisk}
memory = 40M
[guest bad]
kernel = {linux}
ramdisk = {ramdisk}
memory = 40M
bootargs = console=ttyAMA0 quiet panic=-1 rdinit=/bin/false
"""
    )
    run = start("--config", tmp_path / "guests.ini")
    run.expect(TOO_OFTEN.format(2, "bad"), PATIENCE)  # until then its lines cut what is typed
    run.seen("Enter 'help'", PATIENCE)
    run.quiet()
    run.type("\r")
    run.expect("# ")
    assert run.sh("echo alive") == "alive"
    run.key("c")
    run.expect(r"vambrace: \d+ KB of the hypervisor's own memory left")
    run.expect(r"vambrace: guest 2 \(bad\):")
    run.expect(r" 7 restarts\r*\n")
    run.type("\r")
    run.expect("# ")
    run.type("poweroff\r")
    assert run.end() == 1
