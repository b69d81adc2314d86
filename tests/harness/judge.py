# SPDX-License-Identifier: Apache-2.0
"""Judges by the console's lines how a run ended."""

import re
import time

from .steps import say

ORDERLY, FAILED, TIMED_OUT = 0, 1, 124
GRACE = 3.0  # seconds that QEMU has to end after the last line that announces it
REPORT = 1.5  # seconds that a fatal report has to finish


class Judge:
    """Reads the console's lines and knows how the run ends."""

    def __init__(self, native, grace=GRACE):
        self.native, self.grace, self.rest = native, grace, b""
        self.failed, self.orderly, self.end_at, self.why = False, False, None, None

    def see(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.rest = self.rest[-4096:]
        for line in lines:
            self.line(line.decode(errors="replace").strip())

    def line(self, line):
        if self.native:
            line = re.sub(r"^\[ *\d+\.\d+\] ", "", line)
            if line.startswith(
                ("reboot: Power down", "reboot: System halted")
            ):  # the board cannot switch off
                self.orderly, self.end_at = True, time.monotonic() + 0.2
            elif line.startswith("Kernel panic"):
                self.failed, self.why, self.end_at = True, "the kernel panicked", time.monotonic() + REPORT
        elif line.startswith("vambrace: FATAL"):
            self.failed, self.why, self.end_at = True, "the hypervisor stopped", time.monotonic() + REPORT
        elif match := re.match(r"vambrace: (guest \d+ \(.*\)) *: ended: (.*)", line):
            self.failed, self.why = True, self.why or f"{match[1]} was ended: {match[2]}"
        elif line.startswith("vambrace: all guests have stopped"):
            self.orderly, self.end_at = True, time.monotonic() + self.grace

    def status(self, code):
        """The exit status when QEMU ended by itself (code) or was ended because of what the console said."""
        if self.failed:
            say(f"the run failed: {self.why}")
            return FAILED
        if self.orderly or (self.native and code == 0):
            return ORDERLY
        say(f"QEMU ended with status {code} before the guests did")
        return FAILED
