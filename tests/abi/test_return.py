# SPDX-License-Identifier: Apache-2.0
"""What docs/abi.md promises of a RETURN that fails and QEMU cannot show: a load multiple that faults in the
middle may have changed any register of its list (DDI 0100I A2.6.5), the guest's sp and lr among them."""

import re

import pytest

from harness import images, qemu

BOARDS = {"armv5": "versatilepb", "armv6": "realview-eb", "armv7": "vexpress-a9"}


def code_of(elf, label):
    """The instructions from a label to the next, as text without addresses and comments."""
    body = re.search(rf"^[0-9a-f]+ <{label}>:\n((?:.+\n)+)", images.disassembly(elf), re.M)
    assert body, f"{elf.name} has no {label}"
    lines = [line.partition(":")[2].split(";")[0].split("@")[0] for line in body[1].splitlines()]
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize("arch", BOARDS)
def test_sp_and_lr_are_there_again_after_a_load_that_faults(arch):
    platform = qemu.load_platform(BOARDS[arch])
    images.hypervisor(platform)
    elf = images.output(platform) / "vambrace.elf"
    way_out, repair = code_of(elf, "return_fast"), code_of(elf, "return_fault")
    load = way_out.index("ldm r9, {r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, sl, fp, ip, sp, lr}^")
    saved = [n for n, line in enumerate(way_out[:load]) if re.match(r"stm(ia)? sp, \{sp, lr\}\^$", line)]
    assert saved, f"sp and lr of the guest are not kept before they are loaded: {way_out[:load]}"
    for line in way_out[saved[0] + 1 : load]:
        # clear_exclusive's STREX stores what is there
        assert not re.match(
            r"(str(?!ex)\w*|stm\w*)\b.*\bsp(, #[4567])?\]", line
        ), f"'{line}' destroys what is kept"
    assert re.match(r"ldm(ia)? sp, \{sp, lr\}\^$", repair[0]), f"{repair[0]} does not bring them back"
