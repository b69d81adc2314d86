# SPDX-License-Identifier: Apache-2.0
"""The account: which of a row's instructions belong to which path or function of the kernel."""

import bisect
import collections
import re
import subprocess

VECTORS = {0x04: "undefined", 0x08: "svc", 0x0C: "prefetch_abort", 0x10: "data_abort", 0x18: "irq"}

# The first pattern that a symbol matches names its path.
PATHS = [
    (
        "boot",
        r"crc32|sha256|boot|read_bundle|share_memory|fdt|Device_tree|_tree|Machine::load|load_guest"
        r"|find_image"
        r"|read_(number|text|image|images|cells)|map_host|clear_memory|start$|in_window"
        r"|str(len|cmp|chr)|memchr|memcmp",
    ),
    ("system call in", r"trap_svc$|svc_user"),
    ("system call out", r"^hypercall$|^return_\w+$|check_frame"),
    ("trap entry, exit", r"svc_slow|enter$|resume$|\btrap_\w+$|own_\w+|on_trap|handle_svc|vectors"),
    ("next", r"Machine::next"),
    ("fault forward", r"deliver_|^forward_|on_user_|told_of|store_frame|write_guest|guest_store"),
    ("return", r"return_from_trap|read_guest|guest_load|read_frame|faulted|prepare\("),
    ("resync", r"resync"),
    ("flush", r"Shadow::(drop|remove|clear|forget|unlink|free)|flush|restart"),
    ("hidden fault", r"handle_mmu_fault|handle_data_abort|handle_prefetch_abort|classif"),
    (
        "table switch",
        r"activate|switch_table|use_table|new_l1|reset_l1|release_l1|update_mmu|Shadow::find|set_rights",
    ),
    ("fill", r"Shadow::|Mapping|walk|refill|memset|memcpy"),
    ("timer", r"timer|Machine::now|expire|publish_clock|Sp804|__aeabi_u?l|div"),
    ("interrupt", r"handle_interrupts|raise|lower|Pl190|virtual_irq|interrupt"),
    ("scheduler", r"Scheduler|switch_to|yield|Machine::(add|stop)"),
    (
        "MMIO",
        r"handle_undefined|decode|Vpl011|Console|armv\d::access|complete|commit|indexed|multiple"
        r"|condition|log|put",
    ),
    (
        "hypercall",
        r"hypercall|dispatch|other_call|on_(forget|cache|set|timer|time)_|cache_op|cache_page|cache_range",
    ),
]
ORDER = [name for name, _ in PATHS] + ["other"]

# What is counted by how often a function or label begins: shown beside the traps if the symbol exists.
EVENTS = [
    ("slow_path", r"on_trap$"),
    ("fill", r"Shadow::fill\(|^on_refill$"),
    ("forward", r"deliver_abort\(|^forward_"),
    ("resync", r"Shadow::resync\("),
    ("table_switch", r"switch_table\("),
    ("mmio", r"Vpl011::(read|write)\("),
]


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

    def matching(self, pattern):
        """The addresses of the symbols that match."""
        return [a for a, n in zip(self.addresses, self.names) if re.search(pattern, short(n))]


def short(name):
    """A C++ name without namespaces of ours and without parameters' details."""
    return re.sub(r"\(anonymous namespace\)::|vambrace::", "", name)


def path_of(name):
    for path, pattern in PATHS:
        if re.search(pattern, short(name)):
            return path
    return "other"


class Hypervisor:
    """Sorts the counts of the hypervisor's addresses."""

    def __init__(self, elf, window):
        self.symbols, self.window, self.cache = Symbols(elf), window, {}
        self.hypercall = self.symbols.matching(r"^hypercall$")
        # At address 0, or, where the core has VBAR, where the image has them.
        self.vectors = [0, *self.symbols.matching(r"^vectors_start$")]

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
        for event, pattern in EVENTS:
            if found := self.symbols.matching(pattern):
                traps[event] = sum(counts.get(a, 0) for a in found)
        return traps

    def paths(self, counts):
        """Instructions by path. What a hypercall shares with a system call's way in is on its own way."""
        result, svc = collections.Counter(), self.taken(counts, 8)
        calls = max(0, svc - sum(counts.get(a, 0) for a in self.hypercall))
        for address, count in counts.items():
            if not self.owns(address):
                continue
            path = self.path(address)
            if path == "system call in":
                result["system call out"] += max(0, count - calls)
                count = min(count, calls)
            result[path] += count
        return {name: result[name] for name in ORDER if result[name]}

    def path(self, address):
        if address not in self.cache:
            if address in [base + 8 for base in self.vectors]:
                self.cache[address] = "system call in"
            elif address < 0x1000:
                self.cache[address] = "trap entry, exit"
            else:
                self.cache[address] = path_of(self.symbols.name(address))
        return self.cache[address]


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
    text = subprocess.run(
        ["arm-none-eabi-objdump", "-dC", "--no-show-raw-insn", str(elf)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    lines, label = [], None
    for address in sorted(a for a in counts if a < 0x1000):
        lines.append(f"{counts[address] / per:10.3f}  vector {address:#04x}")
    for line in text.splitlines():
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
