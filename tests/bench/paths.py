# SPDX-License-Identifier: Apache-2.0
"""The account: which of a row's instructions belong to which path or function of the kernel."""

import bisect
import collections
import re
import subprocess

from harness import images
from harness.steps import Problem, ROOT

VECTORS = {
    0x04: "undefined",
    0x08: "svc",
    0x0C: "prefetch_abort",
    0x10: "data_abort",
    0x14: "hyp_trap",
    0x18: "irq",
}

# Which path an instruction is on, by the source that it
# was compiled from: a file or a folder of the repository.
PATHS = {
    "boot": [
        "hypervisor/arch/arm/core/crc32_fold.S",
        "hypervisor/arch/arm/core/memory.S",
        "hypervisor/arch/arm/core/start.S",
        "hypervisor/base",
        "hypervisor/boot",
        "hypervisor/kernel/board_check.cpp",
    ],
    "system call in": ["hypervisor/pv/entry/system_call.S"],
    "system call out": ["hypervisor/pv/entry/hypercall.S"],
    "trap entry, exit": [
        "hypervisor/main.cpp",
        "hypervisor/pv/entry/abort.S",
        "hypervisor/pv/entry/own_fault.S",
        "hypervisor/pv/entry/trap.S",
        "hypervisor/pv/entry/vectors.S",
        "hypervisor/pv/trap/resume.cpp",
    ],
    "fault forward": ["hypervisor/pv/trap/forward.cpp"],
    "frame": ["hypervisor/arch/arm/core/guest_memory.S", "hypervisor/pv/trap/frame.cpp"],
    "fault": ["hypervisor/pv/trap/abort.cpp"],
    "emulation": [
        "hypervisor/arch/arm/core/vfp.S",
        "hypervisor/arch/arm/model",
        "hypervisor/arch/armv5",
        "hypervisor/arch/armv6",
        "hypervisor/arch/armv7",
        "hypervisor/pv/trap/undefined.cpp",
    ],
    "fill": [
        "hypervisor/pv/shadow/fill.cpp",
        "hypervisor/pv/shadow/kernel_only.cpp",
        "hypervisor/pv/shadow/page_translator.cpp",
        "hypervisor/pv/shadow/walker.cpp",
    ],
    "flush": ["hypervisor/pv/shadow/drop.cpp", "hypervisor/pv/shadow/flush.cpp"],
    "tables": [
        "hypervisor/pv/shadow/address_space.cpp",
        "hypervisor/pv/shadow/address_spaces.cpp",
        "hypervisor/pv/shadow/blocks.cpp",
        "hypervisor/pv/shadow/first_level.cpp",
        "hypervisor/pv/shadow/parking.cpp",
        "hypervisor/pv/shadow/second_level.cpp",
        "hypervisor/pv/shadow/shadow.cpp",
        "hypervisor/pv/shadow/tables.cpp",
    ],
    "hypercall": [
        "hypervisor/pv/cache_calls.cpp",
        "hypervisor/pv/hypercall.cpp",
        "hypervisor/pv/mmu_calls.cpp",
    ],
    "HYP mode": ["hypervisor/arch/armv7ve", "hypervisor/hyp", "hypervisor/main_hyp.cpp"],
    "interrupt": ["hypervisor/pv/shared_page.cpp", "hypervisor/pv/virtual_irq.cpp"],
    "guest": ["hypervisor/kernel/domain.cpp", "hypervisor/pv/guest.cpp"],
    "processor": ["hypervisor/kernel/cpu.cpp", "hypervisor/kernel/scheduler.cpp"],
    "timer": ["hypervisor/kernel/timer_queue.cpp"],
    "device": [
        "hypervisor/device",
        "hypervisor/kernel/console.cpp",
        "hypervisor/kernel/console_input.cpp",
        "hypervisor/kernel/entropy_source.cpp",
        "hypervisor/kernel/host.cpp",
        "hypervisor/kernel/terminal_stream.cpp",
        "hypervisor/pv/trap/device_access.cpp",
    ],
}
LIBRARY = "library"  # newlib's and libgcc's: no source of ours
ORDER = [*PATHS, LIBRARY]

# What is counted by how often a label or a function that assembly calls begins. All have to be there.
EVENTS = {
    "slow_path": ["on_trap"],
    "forward": ["forward_trap_data_abort", "forward_trap_prefetch_abort"],
    "refill": ["on_refill"],
    "table_switch": ["on_switch_table"],
    "tlb_flush": ["on_tlb_flush"],
    "cache_op": ["on_cache_op"],
}


SELDOM = 0.01  # executions per operation: a listing leaves out what ran less often


class Symbols:
    """Names for addresses: a symbol reaches to the next one."""

    def __init__(self, elf):
        self.elf = elf
        text = (
            ""
            if elf is None
            else subprocess.run(
                ["arm-none-eabi-nm", "-nC", str(elf)], stdout=subprocess.PIPE, text=True, check=True
            ).stdout
        )
        found = {}
        for line in text.splitlines():
            parts = line.split(None, 2)
            if len(parts) == 3 and parts[1] in "tTwW" and not parts[2].startswith(("$", ".L")):
                found.setdefault(int(parts[0], 16), parts[2])
        self.addresses, self.names = list(found), list(found.values())

    def name(self, address):
        at = bisect.bisect_right(self.addresses, address) - 1
        return self.names[at] if at >= 0 else f"{address:x}"

    def address(self, name):
        """Of a symbol that has to be there."""
        if name not in self.names:
            raise Problem(f"{self.elf} has no symbol '{name}'", "name the new one in tests/bench/paths.py")
        return self.addresses[self.names.index(name)]

    def matching(self, pattern):
        """The addresses of the symbols that match."""
        return [a for a, n in zip(self.addresses, self.names) if re.search(pattern, short(n))]


def short(name):
    """A C++ name without namespaces of ours and without parameters' details."""
    return re.sub(r"\(anonymous namespace\)::|vambrace::", "", name)


def path_of(source):
    """The path of a file of the repository."""
    for path, parts in PATHS.items():
        if any(source == part or source.startswith(part + "/") for part in parts):
            return path
    raise Problem(f"the account knows no path for {source}", "name it in tests/bench/paths.py")


def sources_of(elf, addresses):
    """{address: the file of the repository that its instruction is from, None of a library's}, by DWARF.

    What is inlined from a header is its includer's, what is inlined from another source is that one's.
    """
    if not addresses:
        return {}
    text = subprocess.run(
        ["arm-none-eabi-addr2line", "-a", "-i", "-e", str(elf)],
        input="".join(f"{address:#x}\n" for address in addresses),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    found, address = {}, None
    for line in text.splitlines():
        if re.fullmatch(r"0x[0-9a-f]+", line):
            address = int(line, 16)
            found[address] = None
            continue
        # The compiler's cache may have the object from another checkout, whose path it names.
        file = re.search(r"(?:^|/)(hypervisor/[^:]+\.(?:cpp|S)):", line)
        if found[address] is None and file and (ROOT / file[1]).exists():
            found[address] = file[1]
    return found


class Hypervisor:
    """Sorts the counts of the hypervisor's addresses."""

    def __init__(self, elf, window):
        self.elf, self.symbols, self.window, self.known = elf, Symbols(elf), window, {}
        self.hypercall = self.symbols.matching(r"^hypercall$")
        # At address 0, or, where the core has VBAR, where the image has them.
        self.vectors = [0, *self.symbols.matching(r"^(vectors_start|hyp_vectors)$")]

    def owns(self, address):
        return address < 0x1000 or self.window <= address < self.window + 0x100000

    def taken(self, counts, offset):
        """How often a vector was taken."""
        return sum(counts.get(base + offset, 0) for base in self.vectors)

    def traps(self, counts):
        """How often each vector was taken; svc split into system calls and hypercalls."""
        traps = {name: self.taken(counts, offset) for offset, name in VECTORS.items()}
        svc = traps.pop("svc")
        hypercalls = sum(counts.get(a, 0) for a in self.hypercall)
        traps = {"syscall": svc - hypercalls, "hypercall": hypercalls, **traps}
        for event, names in EVENTS.items():
            traps[event] = sum(counts.get(self.symbols.address(name), 0) for name in names)
        return traps

    def paths(self, counts):
        """Instructions by path. What a hypercall shares with a system call's way in is on its own way."""
        result, svc = collections.Counter(), self.taken(counts, 8)
        calls = max(0, svc - sum(counts.get(a, 0) for a in self.hypercall))
        own = {address: count for address, count in counts.items() if self.owns(address)}
        self.learn(own)
        for address, count in own.items():
            path = self.known[address]
            if path == "system call in":
                result["system call out"] += max(0, count - calls)
                count = min(count, calls)
            result[path] += count
        return {name: result[name] for name in ORDER if result[name]}

    def learn(self, addresses):
        """The paths of addresses that it has not seen yet."""
        new = [address for address in addresses if address not in self.known]
        for address, source in sources_of(self.elf, [a for a in new if a >= 0x1000]).items():
            self.known[address] = path_of(source) if source else LIBRARY
        for address in new:
            if address in [base + 8 for base in self.vectors]:
                self.known[address] = "system call in"
            elif address < 0x1000:
                self.known[address] = "trap entry, exit"


def by_function(counts, symbols, owns=lambda _: False):
    """Instructions of the guest's kernel by function."""
    result = collections.Counter()
    for address, count in counts.items():
        if not owns(address):
            result[symbols.name(address)] += count
    return result


def listing(elf, counts, owns, per):
    """The hypervisor's instructions that ran, with how often per operation, in the order of addresses."""
    counts = {address: count for address, count in counts.items() if count >= SELDOM * per}
    lines, label = [], None
    for address in sorted(a for a in counts if a < 0x1000):
        lines.append(f"{counts[address] / per:10.3f}  vector {address:#04x}")
    for line in images.disassembly(elf, "-C").splitlines():
        if match := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            label = short(match[1])
        elif match := re.match(r"\s*([0-9a-f]+):\s*(.*)$", line):
            address = int(match[1], 16)
            if owns(address) and counts.get(address):
                if label:
                    lines.append(f"{label}:")
                    label = None
                lines.append(f"{counts[address] / per:10.3f}  {address:x}  {match[2].expandtabs()}")
    return lines
