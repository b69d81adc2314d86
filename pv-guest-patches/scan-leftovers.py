#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Look for privileged instructions that a paravirtual guest kernel must not run.

usage: scan-leftovers.py [--objdump PROGRAM] [--verbose] vmlinux [module.ko ...]

A Vambrace guest's kernel runs in the processor's USR mode. Two kinds of instruction matter there:

 - those that do something else without a trap, or are UNPREDICTABLE (MSR to the control or a saved
   PSR, MRS, CPS, LDM and STM with ^, MOVS and SUBS to pc): none may be left;
 - coprocessor instructions (MCR, MRC, ...), HVC and SMC, which trap and are emulated: correct but slow, so
   only functions that are known to be cold may have them.

The same image runs on the bare core, so these instructions are there. The kernel replaces some at boot
by those of the table .alt.pv.init, and before that, as it has one processor, by those of .alt.smp.init;
this program does the same and then follows the code from each function's beginning. What it reaches
counts. Functions that a guest does not call are not followed.

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

# Functions that a guest never enters: it has others in their place.
NATIVE = {
    r"vector_\w+|__vectors_start|__stubs_start": "the core's exception vectors",
    r"__(dabt|irq|und|pabt|fiq)_(svc|usr|abt|invalid)|__und_svc_finish|common_invalid": "entered by a vector",
    r"(cpu_)?(v6|v7|b15|ca8|ca9mp|ca15|pj4b|v7m)(bpiall|hardened)?_\w+|cpu_(v6|v7|ca8|ca9mp|ca15|"
    r"pj4b|arm926)_\w+|"
    r"arm926_\w+|v[67]wbi_\w+|v4wbi?_\w+|harvard_flush\w*|__flush_whole_cache|hvc_\w+|smc_\w+|__v[67]_\w+|"
    r"start_flush_levels|flush_levels|loop[12]|skip|finished|spectre_\w+|discard_old_kernel_data": (
        "a core's own functions: vambrace_setup_processor() takes others"
    ),
    r"__hyp_\w+|__arm_smccc_\w+": "HYP mode",
    r"l2c\w*|l2x0\w*|aurora\w*|tauros\w*": "an outer cache, which the guest's device tree has not",
    r"arch_timer_\w+|arch_counter_\w+|global_timer_\w+|secure_cntvoff_init": (
        "a timer, which the guest's device tree has not"
    ),
    r"(zynq|imx|mx6|bcm|vexpress|realview)\w*": "a board",
    r"stext|__fixup_vambrace|__fixup_smp": "looks at the mode that it runs in",
    r"v5tj_early_abort": "entered by a vector",
    r"__kuser_\w+": "data: code for user space",
    r"\w*secondary_startup(_arm)?|secondary_start_kernel|__secondary_\w+|diag_reg_offset|pen|scu_\w+": (
        "another processor: a guest has one"
    ),
    r"cpu_resume\w*": "suspend",
    r"arch_cpu_idle_prepare|_soft_restart": (
        "writes F, which does nothing in USR mode: there are no fast interrupts"
    ),
}
# Functions that may trap for coprocessors 10, 11, 14 and 15 or call by HVC, and why that does not matter.
COLD = {
    r"__errata_finish|__enable_mmu|__turn_mmu_on|__lookup_\w+|__error_\w+|__fixup_\w+|__idmap_\w+": "boot",
    r"setup_processor|cacheid_init|cpu_has_aliasing_icache|__get_cpu_architecture|"
    r"build_mem_type_table": "boot",
    r"init_default_cache_policy|early_mm_init|early_cachepolicy|early_nocache|early_nowrite": "boot",
    r"tcm_init|setup_tcm_bank|alignment_init|noalign_setup|setup_arch|elf_hwcap_fixup|"
    r"cpuid_init_hwcaps|init_static_idmap|feat_\w+": "boot",
    r"__(arm926|v6|v7\w*|ca\w+|pj4b)_setup|v7_invalidate_l1|smp_setup_processor_id|kuser_init": "boot",
    r"vfp_\w+|VFP_bounce|no_old_VFP_process|look_for_VFP_exceptions|process_exception|skip": (
        "lazily switched"
    ),
    r"smp_store_cpu_info|store_cpu_topology|arm_dt_init_cpu_maps": "boot",
    r"arm_smccc_version_init|kvm_init_hyp_services|kvm_arch_ptp_get_crosststamp": "SMCCC's discovery calls",
    r"c_show": "/proc/cpuinfo",
    r"__show_regs|show_pte": "oops",
    r"do_translation_fault": "fault in vmalloc space",
    r"do_alignment|vambrace_alignment_\w+|cpu_is_v6_unaligned|alignment_proc_write|safe_usermode": (
        "alignment trap, its settings"
    ),
    r"kernel_neon_\w+": "once around a block of NEON code",
    r"init_module|chacha_simd_mod_init": "when a module is loaded",
    r"setup_mm_for_reboot|soft_restart|__soft_restart|cpu_\w+_reset|arch_hw_breakpoint\w*": "restart",
}

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
NO_RETURN = re.compile(
    r"<(panic|__do_kernel_fault\S*|die|die_kernel_fault|do_exit|make_task_dead|__stack_chk_fail|"
    r"skb_panic|cpu_startup_entry)>"
)
BRANCH = re.compile(r"^b(l?)" + CONDITION + r"(\.n|\.w)?$")


def listed(table, name):
    """The reason in a table of patterns for this function, or None."""
    name = re.sub(r"\.(constprop|isra|part|cold)\b.*", "", name)
    return next((reason for pattern, reason in table.items() if re.fullmatch(pattern, name)), None)


class Section:
    """The instructions of one section by address, and its functions."""

    def __init__(self):
        self.code, self.labels = {}, []

    def function(self, address):
        place = bisect.bisect_right(self.labels, (address, "\uffff")) - 1
        return self.labels[place] if place >= 0 else (0, "?")


def disassemble(elf, objdump):
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
            current = sections.setdefault(match.group(1), Section())
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
        if NO_RETURN.search(operands):
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
    todo = [a for a, name in section.labels if not listed(NATIVE, name) and not name.startswith("$")]
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


def findings(path, objdump):
    """Yield (address, function, instruction, reason, is_cold) for what is found in path."""
    elf = Elf(path)
    sections = disassemble(elf, objdump)
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
                yield address, function, text, "traps", bool(listed(COLD, function))


def main():
    parser = argparse.ArgumentParser(description="Find privileged instructions in a guest kernel.")
    parser.add_argument("--objdump", default="arm-linux-gnueabi-objdump")
    parser.add_argument("--verbose", action="store_true", help="print what is allowed, too")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    bad = 0
    for path in arguments.files:
        for address, function, text, reason, cold in findings(path, arguments.objdump):
            if cold and not arguments.verbose:
                continue
            note = "allowed, " + listed(COLD, function) if cold else reason
            print("%s: 0x%s <%s>: %s (%s)" % (path, "%08x" % address, function, text, note))
            bad += not cold
    if bad:
        print("%d instructions must not be there" % bad, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
