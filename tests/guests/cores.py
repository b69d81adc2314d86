# SPDX-License-Identifier: Apache-2.0
"""The cores that guests are run on: all guests on one board of a kind, a few on the others."""

import dataclasses
import functools

from harness import qemu
from harness.steps import ROOT

# What other boards have differently is board.hpp, its drivers and the start, which few guests see.
FULL = {"versatilepb", "raspi0", "realview-eb", "realview-eb-mpcore", "realview-pb-a8", "vexpress-a9"}
# A processor that no platform offers by name, for what
# its registers lack: an ARM1136 before r1p0 is no ARMv6K.
UNNAMED = {"realview-eb": ["arm1136-r2"]}
FEW = ["hello", "vectors", "mmu", "irq", "clock", "rtc", "user_attack", "opened", "paste"]
# The same of guests in HYP mode's care, whose folders are in hyp/.
FULL_HYP = {"virt-a15", "vexpress-a15"}
FEW_HYP = ["hello", "gic", "timer", "psci", "cp15", "registers", "mask_spin"]

# Promises that no hypervisor could keep on QEMU's model of a board: it looks at the Non-secure SCTLR.A
# (QEMU 7.2, target/arm) while these cores run in Secure state,
# so that no access in USR mode has its alignment checked.
NOT_IN_QEMU = {
    board: {"with SCTLR.A an unaligned access is an alignment fault, before any other"}
    for board in ("vexpress-a9", "vexpress-a15", "sabrelite")
}
# The same of HYP mode: registers and traps that QEMU 7.2's virtual CPU interface and cores do not have.
NOT_IN_QEMU_HYP = {
    "GICC_AIAR and GICC_AEOIR acknowledge and end an interrupt of group 1",
    "an unaligned access to the GIC's CPU interface is an alignment fault",  # the second stage's, too
    "the features that a guest has not got do not show",  # HCR.TID3
    # It drops the upper eight bits of the 40: of those in HPFAR, and of a table's address.
    "no device answers above 4 GB",
    "first-level tables above 4 GB are aborts on the walk",
}


@dataclasses.dataclass(frozen=True)
class Core:
    """A platform with one of the cores that its image serves."""

    board: str
    cpu: str  # QEMU's name, None where the board has one core only
    debug: bool = False  # the hypervisor's build that keeps its assertions
    hyp: bool = False  # with the virtualization extensions: guests of the other kind

    def __str__(self):
        marks = [name for name in ("debug", "hyp") if getattr(self, name)]
        return "-".join([self.board, *([self.cpu] if self.cpu else []), *marks])

    @property
    def image(self):
        """Cores with the same one boot the same image."""
        return self.board, self.debug

    @functools.cached_property
    def platform(self):
        if self.cpu not in UNNAMED.get(self.board, []):
            return dict(qemu.load_platform(self.board, self.cpu, self.hyp), debug=self.debug)
        platform = qemu.load_platform(self.board)
        return dict(platform, cpu=self.cpu, qemu=platform["qemu"][:-1] + [self.cpu])

    @property
    def arch(self):
        return self.platform["arch"]

    @property
    def has_all(self):
        if self.hyp:
            return self.board in FULL_HYP
        return self.board in FULL and self.cpu not in UNNAMED.get(self.board, [])

    @property
    def not_in_qemu(self):
        return NOT_IN_QEMU_HYP if self.hyp else NOT_IN_QEMU.get(self.board, set())


def platforms():
    """The boards whose core there is a variant for."""
    return [
        b
        for b in qemu.platforms()
        if (ROOT / "hypervisor/arch" / qemu.load_platform(b)["arch"] / "arch.hpp").exists()
    ]


def cores(board):
    return [
        Core(board, cpu) for cpu in qemu.load_platform(board).get("cpus", [None]) + UNNAMED.get(board, [])
    ]


# QEMU's cores that a guest runs on without a hypervisor, to see that it expects what the architecture gives.
BARE = {
    "armv5": ["arm926"],
    "armv6": ["arm1136", "arm1176", "arm11mpcore"],
    "armv7": ["cortex-a8", "cortex-a9"],
}

ALL = [core for board in platforms() for core in cores(board)] + [Core("versatilepb", None, debug=True)]
ALL += [Core(board, cpu, hyp=True) for board, cpu, hyp in qemu.boards() if hyp]
ALL += [Core("virt-a15", None, debug=True, hyp=True)]
