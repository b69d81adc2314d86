# SPDX-License-Identifier: Apache-2.0
"""Linux's three ways to treat an unaligned access of user space on ARMv5: ignored, fixed up, a signal."""

import re

import pytest

from harness import images, programs

UNALIGNED = __file__.replace("test_alignment.py", "unaligned.c")
TIMES = 8
IGNORED, FIXUP, SIGNAL = 0, 2, 4
# Word, halfword, word stored, LDRD, LDM. QEMU has the last two fault whatever SCTLR.A is: no ignoring them.
KINDS = {IGNORED: 3, FIXUP: 5, SIGNAL: 5}


def counters(run):
    """{name: count} from /proc/cpu/alignment."""
    lines = re.findall(r"^(\w+):\s+(\d+)", run.sh("cat /proc/cpu/alignment"), flags=re.M)
    return {name: int(count) for name, count in lines}


def accesses(run, mode):
    """What the program says of its accesses in a mode, and what they add to the counters."""
    run.sh(f"echo {mode} > /proc/cpu/alignment")
    before = counters(run)
    said = re.match(r"(\d+) wrong, (\d+) signals, (\d+) strange$", run.sh(f"unaligned {TIMES} {KINDS[mode]}"))
    after = counters(run)
    return tuple(map(int, said.groups())), {name: after[name] - before[name] for name in after}


@pytest.mark.boards("versatilepb")
@pytest.mark.parametrize("where", ["guest", "native"])
def test_each_mode_applies_whatever_was_before(start, platform, where):
    ramdisk = images.root_file_system(platform, extra=programs.build(UNALIGNED), name="unaligned")
    run = start(*(["--native"] if where == "native" else []), "--initrd", ramdisk).boot()
    for mode in (IGNORED, FIXUP, IGNORED, SIGNAL, IGNORED, FIXUP, SIGNAL):
        (wrong, signals, strange), added = accesses(run, mode)
        expected, fixed = TIMES * KINDS[mode], TIMES if mode == FIXUP else 0
        assert (wrong if mode == FIXUP else 0, strange) == (0, 0)
        assert signals == (expected if mode == SIGNAL else 0)
        # Ignored, it is one after each entry into the kernel; an interrupt before the second try is an entry.
        assert expected <= added["User"] <= expected + (3 if mode == IGNORED else 0)
        kinds = tuple(added[name] for name in ("Half", "Word", "DWord", "Multi"))
        assert kinds == (fixed, 2 * fixed, fixed, fixed)
        assert added["Skipped"] == 0
    run.type("poweroff\r")
    assert run.end() == 0
