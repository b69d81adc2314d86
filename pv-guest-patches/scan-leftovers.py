#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Look for privileged instructions that a paravirtual guest kernel must not run.

usage: scan-leftovers.py --series FILE [--objdump PROGRAM] [--verbose] vmlinux [module.ko ...]

A Vambrace guest's kernel runs in the processor's USR mode. Two kinds of instruction matter there:

 - those that do something else without a trap, or are UNPREDICTABLE (MSR to the control or a saved
   PSR, MRS, CPS, LDM and STM with ^, MOVS and SUBS to pc): none may be left;
 - coprocessor instructions (MCR, MRC, ...), HVC and SMC, which trap and are emulated: correct but slow, so
   only functions that are known to be cold may have them.

The same image runs on the bare core, so these instructions are there. The kernel replaces some at boot
by those of the table .alt.pv.init, and before that, as it has one processor, by those of .alt.smp.init;
this program does the same and then follows the code from each function's beginning. What it reaches
counts. Functions that a guest does not call are not followed. FILE is the series.toml of the patches that
the kernel has; it names these functions, and the cold ones, as they are called in that version of Linux.

Every finding is printed as file, address, function and instruction; the exit status is 1 if there
is one.
"""

import argparse
import bisect
import re
import struct
import subprocess
import sys
import tempfile
import tomllib

LINE = re.compile(r"^\s*([0-9a-f]+):\s+([0-9a-f]{8}|[0-9a-f]{4}(?: [0-9a-f]{4})?)\s+(\S+)\s*(.*)$")
LABEL = re.compile(
    r"^([0-9a-f]+) <([^<>+-]+)>:$"
)  # not "a-0x20", objdump's name for what precedes the first symbol
SECTION = re.compile(r"^Disassembly of section (\S+):$")
CONDITION = r"(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)?"

FORBIDDEN = [
    # A hint (CSDB, ...) is encoded as MSR with an empty mask and disassembled as such on ARMv5.
    (
        re.compile(r"^msr" + CONDITION + "$"),
        lambda o: not re.match(r"(CPSR_f?|APSR_nzcvq),", o),
        "writes a PSR",
    ),
    (re.compile(r"^mrs" + CONDITION + "$"), lambda o: True, "reads a PSR"),
    # In USR mode CPS does nothing (DDI 0406C B9.3.2), which is right for F and A: there are none.
    (re.compile(r"^cps(id|ie)?$"), lambda o: not re.match(r"[af]+$", o), "changes the mode"),
    (re.compile(r"^(ldm|stm|push|pop)\S*$"), lambda o: "^" in o, "user-bank registers"),
    (
        re.compile(r"^(mov|sub|add|mvn|orr|and|eor|rsb|bic)" + "s" + CONDITION + "$"),
        lambda o: re.match(r"pc,", o),
        "exception return",
    ),
    (re.compile(r"^(mov|sub)" + CONDITION + "s$"), lambda o: re.match(r"pc,", o), "exception return"),
    (re.compile(r"^(rfe|srs)\S*$"), lambda o: True, "exception return"),
    (re.compile(r"^(eret|wfi)" + CONDITION + "$"), lambda o: True, "system call"),
    (
        re.compile(r"^mrc" + CONDITION + "$"),
        lambda o: re.match(r"15, 0, \w+, cr13, cr0, \{3\}$", o),
        "reads user space's TPIDRURO",
    ),
]
# vmrs and vmsr of FPSCR do not trap, nor do ARMv6's barriers and the thread register that user space writes.
# Linux reads ID_MMFR3 (cr0, cr1, 7) only if is_smp(), and a guest is not.
COPROCESSOR = re.compile(r"^(mcr|mrc|mcrr|mrrc|cdp|ldc|stc)(2|l|2l)?" + CONDITION + "$")
CALL = re.compile(r"^(hvc|smc)" + CONDITION + "$")
HARMLESS = re.compile(r"^15, 0, \w+, cr(7, cr10, \{[45]\}|7, cr5, \{4\}|13, cr0, \{2\}|0, cr1, \{7\})$")
FPU_CONTROL = re.compile(r"^(vmrs|vmsr)" + CONDITION + "$")
BRANCH = re.compile(r"^b(l?)" + CONDITION + r"(\.n|\.w)?$")


class Exceptions:
    """What a version of Linux has functions for: the part [scanner] of a series.toml."""

    def __init__(self, path):
        try:
            with open(path, "rb") as file:
                known = tomllib.load(file)["scanner"]
            self.native = self.compiled(known["native"])
            self.cold = self.compiled(known["cold"])
            self.no_return = re.compile("<(%s)>" % "|".join(known["no_return"]))
        except (OSError, tomllib.TOMLDecodeError, KeyError, re.error) as error:
            raise SystemExit(
                "%s does not say what to except (%s: %s)" % (path, type(error).__name__, error)
            ) from error

    @staticmethod
    def compiled(table):
        return {reason: re.compile("|".join(patterns)) for reason, patterns in table.items()}

    @staticmethod
    def listed(table, name):
        """The reason in a table for this function, or None."""
        name = re.sub(r"\.(constprop|isra|part|cold)\b.*", "", name)
        return next((reason for reason, pattern in table.items() if pattern.fullmatch(name)), None)


class Section:
    """The instructions of one section by address, and its functions."""

    def __init__(self, exceptions):
        self.code, self.labels, self.exceptions = {}, [], exceptions

    def function(self, address):
        place = bisect.bisect_right(self.labels, (address, "\uffff")) - 1
        return self.labels[place] if place >= 0 else (0, "?")


def disassemble(elf, objdump, exceptions):
    """The sections of code. What the compiler takes for data is decoded, too: it is not always."""
    sections, current = {}, None
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(elf.as_guest())
        copy.flush()
        output = subprocess.run(
            [objdump, "-d", copy.name], check=True, stdout=subprocess.PIPE, universal_newlines=True
        ).stdout
    for line in output.splitlines():
        if match := SECTION.match(line):
            current = sections.setdefault(match.group(1), Section(exceptions))
        elif match := LABEL.match(line):
            current.labels.append((int(match.group(1), 16), match.group(2)))
        elif match := LINE.match(line):
            operands = re.split(r"\s*[;@]", match.group(4))[0].strip()
            current.code[int(match.group(1), 16)] = (match.group(3), operands)
    for section in sections.values():
        section.labels.sort()
    return sections


class Elf:
    """As much of an ELF file as the table needs."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        (offset,) = struct.unpack_from("<I", self.data, 32)
        size, count, names = struct.unpack_from("<HHH", self.data, 46)
        headers = [struct.unpack_from("<10I", self.data, offset + i * size) for i in range(count)]
        self.headers = headers
        self.names = [self.text(headers[names], h[0]) for h in headers]

    def text(self, header, offset):
        start = header[4] + offset
        return self.data[start : self.data.index(b"\0", start)].decode()

    def find(self, name):
        return next((h for h, n in zip(self.headers, self.names) if n == name), None)

    def as_guest(self):
        """The file with the replaced instructions, where nothing says any more what is code, what is data."""
        data, table = bytearray(self.data), self.find(".symtab")
        for header, address, word in self.alternatives():
            struct.pack_into("<I", data, header[4] + address - header[3], word)
        names = self.headers[table[6]]
        for at in range(table[4], table[4] + table[5], 16):
            (name,) = struct.unpack_from("<I", data, at)
            if data[names[4] + name] == ord("$"):
                struct.pack_into("<I", data, at, 0)
        return data

    def alternatives(self):
        """(section header, address, instruction) for each entry of the tables, in the kernel's order."""
        for linked, name in ((".init.smpalt", ".alt.smp.init"), (".init.pvalt", ".alt.pv.init")):
            if (table := self.find(linked)) is not None:
                for at in range(0, table[5], 8):
                    offset, word = struct.unpack_from("<iI", self.data, table[4] + at)
                    address = table[3] + at + offset & 0xFFFFFFFF
                    yield self.holding(address), address, word
            elif (table := self.find(name)) is not None:
                relocations = self.find(".rel" + name)
                symbols = self.headers[relocations[6]]
                for at in range(relocations[4], relocations[4] + relocations[5], 8):
                    place, info = struct.unpack_from("<II", self.data, at)
                    addend, word = struct.unpack_from("<iI", self.data, table[4] + place)
                    entry = struct.unpack_from("<IIIBBH", self.data, symbols[4] + 16 * (info >> 8))
                    yield self.headers[entry[5]], entry[1] + addend, word

    def holding(self, address):
        """The section of a linked file that is loaded at an address."""
        allocated, no_bits = 2, 8
        for header in self.headers:
            if header[2] & allocated and header[1] != no_bits and 0 <= address - header[3] < header[5]:
                return header
        raise SystemExit("an alternative for 0x%x, where nothing is" % address)


def successors(address, section):
    """Where control can go from an instruction, within its section."""
    mnemonic, operands = section.code[address]
    after = [address + 4]
    if match := BRANCH.match(mnemonic):
        target = re.match(r"([0-9a-f]+)\b", operands)
        elsewhere = (
            section.words.get(address, 0) & 0xFFFFFF == 0xFFFFFE
        )  # "b .", which a module's relocation changes
        there = [int(target.group(1), 16)] if target and not match.group(1) and not elsewhere else []
        if section.exceptions.no_return.search(operands):
            return []
        return there + (after if match.group(1) or match.group(2) else [])
    if mnemonic in ("bx", "udf") or (mnemonic in ("pop", "ldm", "ldmfd", "ldmia") and "pc}" in operands):
        return []
    if re.match(r"ldr(ls|cc|lo)$", mnemonic) and operands.startswith("pc, [pc,"):
        return after + table_of(address, section)  # a switch: the table follows
    if re.match(r"add(ls|cc|lo)$", mnemonic) and operands.startswith("pc, pc,"):
        return after + [
            a for a in range(address + 8, address + 4096, 4) if section.code.get(a, ("",))[0] == "b"
        ]
    if re.match(r"(ldr|mov|add|sub)s?$", mnemonic) and re.match(r"pc\b", operands):
        return []
    return after


def table_of(address, section):
    """The targets in a table of addresses: words that disassemble to something, within the function."""
    start, targets, at = address + 8, [], address + 8
    while at in section.code and (word := section.words.get(at)) is not None and word in section.code:
        targets.append(word)
        at += 4
    return targets if at > start else []


def reached(section):
    """Every address that a function of the guest's can come to."""
    known = section.exceptions
    todo = [
        address
        for address, name in section.labels
        if not known.listed(known.native, name) and not name.startswith("$")
    ]
    seen = set()
    while todo:
        address = todo.pop()
        while address not in seen and address in section.code:
            seen.add(address)
            following = successors(address, section)
            todo += following[1:]
            if not following:
                break
            address = following[0]
    return seen


def findings(path, objdump, exceptions):
    """Yield (address, function, instruction, reason, is_allowed) for what is found in path."""
    elf = Elf(path)
    sections = disassemble(elf, objdump, exceptions)
    for name, section in sections.items():
        if name in (".vectors", ".stubs"):  # the bare core's exceptions
            continue
        header = elf.find(name)
        section.words = {
            a: struct.unpack_from("<I", elf.data, header[4] + a - header[3])[0]
            for a in section.code
            if header[3] <= a <= header[3] + header[5] - 4
        }
        for address in sorted(reached(section)):
            mnemonic, operands = section.code[address]
            function = section.function(address)[1]
            text = (mnemonic + " " + operands).strip()
            reason = next(
                (why for pattern, is_bad, why in FORBIDDEN if pattern.match(mnemonic) and is_bad(operands)),
                None,
            )
            if reason:
                yield address, function, text, reason, False
            elif (
                CALL.match(mnemonic)
                or COPROCESSOR.match(mnemonic)
                and not HARMLESS.match(operands)
                or FPU_CONTROL.match(mnemonic)
                and "fpscr" not in operands
            ):
                cold = exceptions.listed(exceptions.cold, function)
                yield address, function, text, cold or "traps", bool(cold)


def main():
    parser = argparse.ArgumentParser(description="Find privileged instructions in a guest kernel.")
    parser.add_argument("--series", required=True, metavar="FILE", help="the series.toml of its patches")
    parser.add_argument("--objdump", default="arm-linux-gnueabi-objdump")
    parser.add_argument("--verbose", action="store_true", help="print what is allowed, too")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    exceptions = Exceptions(arguments.series)
    bad = 0
    for path in arguments.files:
        for address, function, text, reason, allowed in findings(path, arguments.objdump, exceptions):
            if allowed and not arguments.verbose:
                continue
            note = "allowed, " + reason if allowed else reason
            print("%s: 0x%s <%s>: %s (%s)" % (path, "%08x" % address, function, text, note))
            bad += not allowed
    if bad:
        print("%d instructions must not be there" % bad, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
