# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's operations on caches, TLB and write buffer, and its barriers, as the source has them.

A site is one operation of the source in one function of the image: what the compiler has made several
instructions of, such as an unrolled loop, is one site. What is inlined in two functions is two."""

import dataclasses
import itertools
import os
import re
import subprocess

from harness import images

# MCR and MRC of c7 and c8, MCRR of a range, DSB and ISB; not WFI, prefetches and branch predictors.
MAINTENANCE = re.compile(
    r"^([0-9a-f]{8}):\s+(mcr\s+15, 0, \w+, cr(?:7, cr(?:1|5|6|7|10|11|14)|8, cr\d+), \{(?!6)\d\}"
    r"|mrc\s+15, 0, \w+, cr7, cr1[04], \{3\}|mcrr\s+15, 0, .*|dsb\b.*|isb\b.*)",
    re.M,
)
REGISTER = re.compile(r"\b(?:r\d+|ip|lr|sl|fp|sp|APSR_nzcv)\b,?\s*")
# By what MCR writes; the names of the manuals.
NAMES = {
    "7, cr5, {0}": "code-all",
    "7, cr5, {1}": "code-line",
    "7, cr5, {4}": "isb",
    "7, cr6, {1}": "invalidate-line",
    "7, cr6, {2}": "invalidate-set-way",
    "7, cr7, {0}": "both-caches",
    "7, cr10, {0}": "clean-all",
    "7, cr10, {1}": "clean-line",
    "7, cr10, {3}": "clean-all",
    "7, cr10, {4}": "dsb",
    "7, cr11, {1}": "clean-line",
    "7, cr14, {0}": "clean-invalidate-all",
    "7, cr14, {1}": "clean-invalidate-line",
    "7, cr14, {2}": "clean-invalidate-set-way",
    "7, cr14, {3}": "clean-invalidate-all",
    "8, cr7, {0}": "tlb-all",
    "8, cr7, {1}": "tlb-page",
    "8, cr7, {2}": "tlb-asid",
}
# Functions that are but another name of an instruction, or go over lines.
PLUMBING = re.compile(r"Cp15::|\w+_port$|(?:\w+::)*(?:dsb|isb|lines|for_lines)$")


def operation(instruction):
    """Its name in the manuals' terms; `drain` of ARMv5 is the others' DSB."""
    found = re.search(r"cr(\d, cr\d+, \{\d\})", instruction)
    return NAMES[found[1]] if found else instruction.split()[0]


def without_brackets(text):
    """A demangled name without template arguments and parameters."""
    kept, depth = [], 0
    for character in text.replace("operator()", "operator"):
        depth += character in "<(["
        if not depth:
            kept.append(character)
        depth -= character in ">)]"
    return "".join(kept)


def plain(function):
    """Of a demangled name the last part, and its class if it has one."""
    name = re.sub(r" const$", "", without_brackets(function)).split(" ")[-1]
    name = re.sub(r"(::\{.*|::)?(::)?operator$", "", re.sub(r"\{[^}]*\}", "{}", name))
    parts = [part for part in name.split("::") if part and part != "{}"]
    return "::".join(part for n, part in enumerate(parts) if n == len(parts) - 1 or part[:1].isupper())


@dataclasses.dataclass(frozen=True)
class Frame:
    function: str
    line: str


def frames(elf, addresses):
    """{address: the functions that it is in, inlined ones first}"""
    command = ["arm-none-eabi-addr2line", "-Cfiae", str(elf), *(f"{address:#x}" for address in addresses)]
    text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for part in re.split(r"^0x", text, flags=re.M)[1:]:
        address, *lines = part.splitlines()
        pairs = zip(lines[::2], lines[1::2])
        found[int(address, 16)] = [
            Frame(plain(name), os.path.basename(where).split(" ")[0]) for name, where in pairs
        ]
    return found


def place_of(chain):
    """The functions of a site from the inside out, without what only names an instruction."""
    kept = [frame for frame in chain if frame.function and not PLUMBING.match(frame.function)]
    kept = kept or [Frame(chain[-1].function, "")]
    return [next(same) for _, same in itertools.groupby(kept, key=lambda frame: frame.function)]


@dataclasses.dataclass(frozen=True)
class Site:
    """number: which of several alike in the same functions it is, from 1 on."""

    operation: str
    place: str
    number: int
    addresses: tuple

    def __str__(self):
        return f"{self.operation} in {self.place}" + (f" ({self.number})" if self.number > 1 else "")


def sites(elf):
    """All of an image."""
    instructions = {
        int(address, 16): operation(what) for address, what in MAINTENANCE.findall(images.disassembly(elf))
    }
    where, groups = frames(elf, instructions), {}
    for address, name in instructions.items():
        place = place_of(where[address])
        lines = tuple(frame.line for frame in place)
        lines += (address,) if ".S:" in lines[0] else ()  # a macro's instructions are all in one line
        key = name, " < ".join(frame.function for frame in place)
        groups.setdefault(key, {}).setdefault(lines, []).append(address)
    return [
        Site(*key, number, tuple(addresses))
        for key, alike in groups.items()
        for number, (_, addresses) in enumerate(sorted(alike.items()), 1)
    ]
