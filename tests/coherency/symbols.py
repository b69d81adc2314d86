# SPDX-License-Identifier: Apache-2.0
"""Names for the addresses in reports: the hypervisor's functions and lines, the guest kernel's functions."""

import bisect
import os
import re
import subprocess

KERNEL = 0xBF000000  # from here to the window
WINDOW = 0xFF000000


class Symbols:
    """elf: the hypervisor's, or None; system_map: the guest kernel's."""

    def __init__(self, elf=None, system_map=None, load_address=0):
        self.elf, self.load, self.known = elf, load_address, {}
        self.base, self.end = self.extent() if elf else (0, 0)
        self.map = self.functions(system_map) if system_map else []

    def extent(self):
        """Where the code lies that is linked."""
        text = subprocess.run(
            ["arm-none-eabi-objdump", "-h", str(self.elf)], stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        size, address = re.search(r"^\s*\d+ \.text\s+(\w+)\s+(\w+)", text, re.M).groups()
        return int(address, 16), int(address, 16) + int(size, 16)

    @staticmethod
    def functions(system_map):
        lines = [line.split() for line in open(system_map)]
        return sorted(
            (int(words[0], 16), words[2]) for words in lines if len(words) == 3 and words[1] in "tT"
        )

    def line_of(self, address):
        """function (file:line) of the hypervisor, inlined ones from the inside out."""
        text = subprocess.run(
            ["arm-none-eabi-addr2line", "-Cpfie", str(self.elf), f"{address:#x}"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        parts = [re.sub(r" \(inlined by\) ", "", line) for line in text.strip().split("\n")]
        named = [re.match(r"(.*) at (\S+):(\d+|\?)", part) for part in parts]
        return " < ".join(
            f"{found[1].split('(')[0]} ({os.path.basename(found[2])}:{found[3]})" for found in named if found
        )

    def name(self, address, user=True):
        """Who is at the address; user: it is not known to have been in a privileged mode."""
        key = address, user
        if key not in self.known:
            self.known[key] = self.find(address, user)
        return self.known[key]

    def find(self, address, user):
        linked = address if address >= self.base else address - self.load + self.base
        if self.elf and self.base <= linked < self.end and (address >= self.base or not user):
            return f"hypervisor: {self.line_of(linked)}"
        if self.elf and not user and address < 0x1000:
            return f"hypervisor: exception vector {address:#x}"
        place = bisect.bisect(self.map, (address, "~")) - 1
        if KERNEL <= address < WINDOW and place >= 0:
            start, name = self.map[place]
            return f"guest kernel: {name}+{address - start:#x}"
        return f"guest: {address:#010x}"


def text_of(report, rules, symbols):
    """A report in three lines."""
    reader = symbols.name(report.pc, report.mode == "user")
    lines = [
        f"{report.rule}: {rules.get(report.rule, '')}",
        f"    at {report.va:#010x} (physical {report.pa:#010x}), by {reader}",
    ]
    if report.writer:
        lines.append(f"    written at {report.writer_va:#010x} by {symbols.name(report.writer)}")
    return "\n".join(lines)
