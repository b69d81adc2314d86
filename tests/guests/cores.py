# SPDX-License-Identifier: Apache-2.0
"""The cores that guests are run on: each platform with each of its cores, all guests on one board of a kind."""

import dataclasses
import functools

from harness import qemu
from harness.steps import ROOT

# What other boards have differently is board.hpp, its drivers and the start, which few guests see.
FULL = {"versatilepb", "realview-eb", "realview-eb-mpcore", "realview-pb-a8", "vexpress-a9"}
FEW = ["hello", "vectors", "mmu", "irq", "clock", "user_attack"]

# What QEMU's model of a core does not do, so that no hypervisor could keep the promise:
# {(core, guest): {promise: reason}}
_SECURE = "QEMU 7.2 looks at the Non-secure SCTLR.A while this board runs in Secure state"
EXCUSES = {
    (board, "mmu"): {"with SCTLR.A an unaligned access is an alignment fault, before any other": _SECURE}
    for board in ("vexpress-a9", "sabrelite", "zynq-zc702")
}


@dataclasses.dataclass(frozen=True)
class Core:
    """A platform with one of the cores that its image serves."""

    board: str
    cpu: str  # QEMU's name, None where the board has one core only

    def __str__(self):
        return f"{self.board}-{self.cpu}" if self.cpu else self.board

    @functools.cached_property
    def platform(self):
        return qemu.load_platform(self.board, self.cpu)

    @property
    def arch(self):
        return self.platform["arch"]

    @property
    def has_all(self):
        return self.board in FULL

    def excuse(self, name, promise):
        return EXCUSES.get((str(self), name.split("@")[0]), {}).get(promise)


def platforms():
    """The boards whose core there is a variant for."""
    return [b for b in qemu.platforms() if (ROOT / "hypervisor/arch" / qemu.load_platform(b)["arch"] / "arch.hpp").exists()]


def cores(board):
    return [Core(board, cpu) for cpu in qemu.load_platform(board).get("cpus", [None])]


# QEMU's cores that a guest runs on without a hypervisor, to see that it expects what the architecture gives.
BARE = {"armv5": ["arm926"], "armv6": ["arm1136", "arm1176"], "armv7": ["cortex-a8", "cortex-a9"]}

ALL = [core for board in platforms() for core in cores(board)]
