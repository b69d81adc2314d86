#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Look for privileged instructions that a paravirtual guest kernel must not run.

usage: scan-leftovers.py [--objdump PROGRAM] [--verbose] vmlinux [module.ko ...]

A Vambrace guest's kernel runs in the processor's USR mode. Two kinds of instruction matter there:

 - those that do something else without a trap, or are UNPREDICTABLE (MSR to the control or a saved
   PSR, MRS, CPS, LDM and STM with ^, MOVS and SUBS to pc): none may be left;
 - coprocessor instructions (MCR, MRC, ...), which trap and are emulated: correct but slow, so only
   functions that are known to be cold may have them.

Every finding is printed as file, address, function and instruction; the exit status is 1 if there
is one.
"""

import argparse
import re
import subprocess
import sys

# Functions that may trap for coprocessor 15, and why that does not matter.
COLD = {
    "stext": "boot",
    "__enable_mmu": "boot",
    "__turn_mmu_on": "boot",
    "__vambrace_setup": "boot",
    "setup_processor": "boot",
    "cacheid_init": "boot",
    "__get_cpu_architecture": "boot",
    "build_mem_type_table": "boot",
    "init_default_cache_policy": "boot",
    "early_mm_init": "boot",
    "early_cachepolicy": "boot",
    "early_nocache": "boot",
    "early_nowrite": "boot",
    "alignment_init": "boot",
    "noalign_setup": "boot",
    "cpu_vambrace_reset": "restart into another kernel",
    "c_show": "/proc/cpuinfo",
    "__show_regs": "oops",
    "show_pte": "oops",
    "do_translation_fault": "fault in vmalloc space",
    "do_alignment": "alignment trap switched off by the user",
    "cpu_is_v6_unaligned": "/proc/cpu/alignment",
    "alignment_proc_write": "/proc/cpu/alignment",
    "__kuser_get_tls": "data: the code for cores with a TLS register",
}

LINE = re.compile(r"^\s*([0-9a-f]+):\s+(?:[0-9a-f]{8}|[0-9a-f]{4}(?: [0-9a-f]{4})?)\s+(\S+)\s*(.*)$")
LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
CONDITION = r"(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)?"

FORBIDDEN = [
    # A hint (CSDB, ...) is encoded as MSR with an empty mask and disassembled as such on ARMv5.
    (re.compile(r"^msr" + CONDITION + "$"),
     lambda o: not re.match(r"(CPSR_f?|APSR_nzcvq),", o), "writes a PSR"),
    (re.compile(r"^mrs" + CONDITION + "$"), lambda o: True, "reads a PSR"),
    (re.compile(r"^cps(id|ie)?$"), lambda o: True, "changes the mode"),
    (re.compile(r"^(ldm|stm|push|pop)\S*$"), lambda o: "^" in o, "user-bank registers"),
    (re.compile(r"^(mov|sub|add|mvn|orr|and|eor|rsb|bic)" + "s" + CONDITION + "$"),
     lambda o: re.match(r"pc,", o), "exception return"),
    (re.compile(r"^(mov|sub)" + CONDITION + "s$"), lambda o: re.match(r"pc,", o), "exception return"),
    (re.compile(r"^(rfe|srs)\S*$"), lambda o: True, "exception return"),
    (re.compile(r"^(hvc|smc|eret|wfi|wfe|sev)" + CONDITION + "$"), lambda o: True, "system call"),
]
COPROCESSOR = re.compile(r"^(mcr|mrc|mcrr|mrrc|cdp|ldc|stc)(2|l|2l)?" + CONDITION + "$")


def findings(path, objdump):
    """Yield (address, function, instruction, reason, is_cold) for what is found in path."""
    output = subprocess.run([objdump, "-d", path], check=True, stdout=subprocess.PIPE,
                            universal_newlines=True).stdout
    function = "?"
    for line in output.splitlines():
        label = LABEL.match(line)
        if label:
            function = label.group(2)
            continue
        match = LINE.match(line)
        if not match:
            continue
        address, mnemonic, operands = match.groups()
        operands = re.split(r"\s*[;@]", operands)[0].strip()
        text = (mnemonic + " " + operands).strip()
        for pattern, is_bad, reason in FORBIDDEN:
            if pattern.match(mnemonic) and is_bad(operands):
                yield address, function, text, reason, False
                break
        else:
            if COPROCESSOR.match(mnemonic):
                name = re.sub(r"\.(constprop|isra|part|cold)\b.*", "", function)
                yield address, function, text, "traps", name in COLD


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
            note = "allowed, " + COLD.get(function, "cold") if cold else reason
            print("%s: 0x%s <%s>: %s (%s)" % (path, address, function, text, note))
            bad += not cold
    if bad:
        print("%d instructions must not be there" % bad, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
