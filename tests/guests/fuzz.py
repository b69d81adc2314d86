# SPDX-License-Identifier: Apache-2.0
"""The instruction fuzzer beside the witness: a run for each seed, and what becomes of the hypervisor."""

import dataclasses
import os
import re
import time

from harness import bundle

import cores
from machine import MEMORY, Machine, changed_code
from runs import STOPPED, Outcome, question_witness

NAME = "fuzz_instructions"
CORES = {
    "arm926": cores.Core("versatilepb", None),
    "arm1176": cores.Core("realview-eb", "arm1176"),
    "cortex-a9": cores.Core("vexpress-a9", None),
}
SECONDS = 20  # for a core in ./test
ICOUNT = 4  # one instruction is 2^4 ns, so that a run follows from its seed
# Lines of the witness, 0.2 s of the board's time each, without one of the fuzzer: it is woken, then given up.
PATIENCE = 20
SILENCE = 120  # seconds without a word of the witness that are a failure; the machine may be busy
SEED = "VAMBRACE_SEED"  # the environment's, instead of one from the date
EMULATOR_GAVE_UP = "QEMU gave up on an instruction (an assertion of its own)"

PROGRESS = re.compile(
    r"^fuzz: seed \d+ bursts \d+ instructions (\d+) traps (\d+) calls (\d+) repairs \d+ starts \d+$", re.M
)


@dataclasses.dataclass
class Totals:
    """What has been fuzzed."""

    instructions: int = 0
    traps: int = 0
    calls: int = 0

    def __iadd__(self, other):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self

    def __str__(self):
        return f"{self.instructions:,} instructions, {self.calls:,} calls, {self.traps:,} traps"


def fresh_seed():
    return int(os.environ.get(SEED) or time.time()) & 0xFFFFFFFF


class Watch:
    """Follows a run by its console: what the fuzzer and the witness have said, and when."""

    def __init__(self, machine):
        self.machine, self.seen = machine, time.monotonic()
        self.lines = self.ticks = self.heard = 0
        self.woken = False

    def look(self):
        """None while the run goes on, else how it has come to its end."""
        text, now = self.machine.text, time.monotonic()
        if (ticks := text.count("witness: tick")) != self.ticks:
            self.ticks, self.seen = ticks, now
        if (lines := text.count("\nfuzz: seed")) != self.lines:
            self.lines, self.heard, self.woken = lines, ticks, False
        if "FATAL" in text:
            return "FATAL"
        if "witness: FAIL" in text:
            return "the witness complains"
        if now - self.seen > SILENCE:
            return "the witness is silent"
        if match := re.search(STOPPED + ".*", text, re.M):
            return match[0].removeprefix("vambrace: guest 1 ")
        return self.patience()

    def patience(self):
        """The fuzzed code may have switched its timer off and wait, or spin with its interrupts masked."""
        if self.ticks - self.heard < PATIENCE:
            return None
        if self.woken:
            return "it hung itself"
        self.woken, self.heard = True, self.ticks
        self.machine.type(b"x")
        return None


def emulator_end(machine, outcome):
    """QEMU has ended though nobody asked it to. Its translator has assertions that instructions of a guest
    can reach, on the bare core as well: no more is known of the hypervisor than that it did no harm yet."""
    status = machine.process.wait()
    if re.search(r"^qemu-system-arm: .*target/arm/.*: Assertion `.*' failed\.$", machine.text, re.M):
        return EMULATOR_GAVE_UP
    outcome.problems.append(f"QEMU ended with status {status}")
    return None


def live(core, board, seed, seconds):
    """Fuzzes with one seed for so long, or until the guest has ended; returns (Outcome, Totals, end)."""
    outcome = Outcome()
    images = board.folder / "guests"
    pool = 64 if seed % 2 else None  # every other seed evicts all the time
    guests = [
        bundle.Guest("fuzz", images / f"{NAME}.bin", None, MEMORY, f"seed={seed}", pool),
        bundle.Guest("witness", images / "witness.bin", memory=MEMORY),
    ]
    with Machine(core.platform, board, guests, icount=ICOUNT) as machine:
        if not machine.wait_for(r"witness: tick \d+\b", SILENCE):
            outcome.problems.append("the witness did not start")
        watch, deadline, end = Watch(machine), time.monotonic() + seconds, None
        while not end and time.monotonic() < deadline:
            if not machine.read(0.2):
                end = emulator_end(machine, outcome)
                break
            end = watch.look()
        if "FATAL" in machine.text:
            outcome.problems.append("the hypervisor stopped")
        elif machine.process.poll() is None:
            question_witness(machine, outcome, SILENCE)
        if end != EMULATOR_GAVE_UP:
            try:
                outcome.image = changed_code(machine)
            except (OSError, AssertionError, ValueError) as error:
                outcome.image = f"cannot be read: {error}"
        outcome.console = machine.text
    if end in ("the witness complains", "the witness is silent"):
        outcome.problems.append(end)
    said = PROGRESS.findall(outcome.console)
    return outcome, Totals(*map(int, said[-1])) if said else Totals(), end or "its time was up"


def run(core, board, seconds=SECONDS):
    """Fuzzes with fresh seeds for so long; returns (Outcome of the last, Totals, its seed)."""
    totals, deadline, seed = Totals(), time.monotonic() + seconds, fresh_seed()
    while True:
        outcome, more, _ = live(core, board, seed, deadline - time.monotonic())
        totals += more
        if outcome.problems or outcome.image or time.monotonic() > deadline:
            return outcome, totals, seed
        seed += 1
