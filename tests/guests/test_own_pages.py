# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own pages: what is code is not written, what is data is not executed, a stack has its end.

A debugger makes the mistake: while a guest runs, the hypervisor's next trap finds other registers.
"""

import re
import subprocess

import pytest

from harness import images, qemu

import cores
from harness.debugger import PC, SP, Debugger
from machine import Machine
from runs import guest

PAGE = 4096
CORES = [c for c in cores.ALL if str(c) in ("versatilepb", "realview-eb-arm1176", "vexpress-a9")]


def console_after(core, board, mistake):
    """What the hypervisor says when registers are as `mistake` says. It gets the symbols and returns
    {register: value} for the first instruction of on_trap() after the guest has begun."""
    with_gdb = Machine(core.platform, board, [guest(board, "hello")])
    path = with_gdb.folder / "gdb"
    with_gdb.line += ["-gdb", f"unix:{path},server=on,wait=off", "-S"]
    symbols = images.symbols(board.folder / "vambrace.elf")
    with with_gdb as machine:
        while not path.exists():
            assert machine.read(0.05), machine.text
        with Debugger(path) as core_:
            core_.run_to(symbols["on_trap"])
            for register, value in mistake(symbols).items():
                core_.set(register, value)
            core_.go()
            machine.wait_for(r"^vambrace:   guest 1 .* had the processor$")
        return machine.text


def fatal(what, pc, address, place):
    return re.compile(
        rf"^vambrace: FATAL: {what} in the hypervisor at pc {pc:08x}\n"
        rf"vambrace:   r0 \w+ psr \w+ far \w+ dfsr \w+\n"
        rf"vambrace:   {address:08x} is in its {place}$",
        re.M,
    )


# svc_enter begins with a store of lr to [sp, #64].
STORED = 64
# Where ARMv5's format cannot say so (docs/caveats.md) code is written and data executed.
ENFORCED = [c for c in CORES if c.arch != "armv5"]


@pytest.mark.parametrize("place, symbol", [("code", "on_trap"), ("constants", "image_parts")])
@pytest.mark.parametrize("core", ENFORCED, ids=str)
def test_a_store_to_what_is_constant_stops_the_hypervisor(boards, core, place, symbol):
    board = boards[core.image].made()
    symbols = images.symbols(board.folder / "vambrace.elf")
    target = symbols[symbol]
    text = console_after(core, board, lambda s: {PC: s["svc_enter"], SP: target - STORED})
    assert fatal("data abort", symbols["svc_enter"], target, place).search(text), text


@pytest.mark.parametrize("place, symbol", [("data", "host_l1"), ("constants", "image_parts")])
@pytest.mark.parametrize("core", ENFORCED, ids=str)
def test_a_jump_to_what_is_no_code_stops_the_hypervisor(boards, core, place, symbol):
    board = boards[core.image].made()
    target = images.symbols(board.folder / "vambrace.elf")[symbol]
    text = console_after(core, board, lambda s: {PC: target})
    assert fatal("prefetch abort", target, target, place).search(text), text


@pytest.mark.parametrize("core", CORES, ids=str)
def test_a_stack_that_overflows_stops_the_hypervisor(boards, core):
    """on_trap() begins with a push: one word is left on the stack."""
    board = boards[core.image].made()
    end = images.symbols(board.folder / "vambrace.elf")["__stack_guard_end"]
    text = console_after(core, board, lambda s: {SP: end + 4})
    found = re.search(r"^vambrace: FATAL: stack overflow in the hypervisor at pc ff\w+$", text, re.M)
    assert found, text
    where = re.search(r"^vambrace:   (\w+) is in its stack's guard page$", text, re.M)
    assert where and end - PAGE <= int(where[1], 16) < end, text


@pytest.mark.parametrize("core", CORES, ids=str)
def test_a_jump_to_the_images_unused_pages_stops_the_hypervisor(boards, core):
    board = boards[core.image].made()
    target = images.symbols(board.folder / "vambrace.elf")["__image_start"] - PAGE
    text = console_after(core, board, lambda s: {PC: target})
    assert fatal("prefetch abort", target, target, "unused memory").search(text), text


def segments(elf):
    """[(address, size in memory, flags)] of what is loaded."""
    text = subprocess.run(
        ["arm-none-eabi-readelf", "-lW", str(elf)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    row = re.compile(r"^\s+LOAD\s+\S+ (\S+) \S+ \S+ (\S+) ([RWE ]{3})", re.M)
    return [(int(m[1], 16), int(m[2], 16), m[3].replace(" ", "")) for m in row.finditer(text)]


@pytest.mark.parametrize("board", qemu.platforms())
def test_no_part_of_the_image_is_written_and_executed(boards, board):
    core = next(c for c in cores.ALL if c.board == board)
    parts = segments(boards[core.image].made().folder / "vambrace.elf")
    assert [flags for _, _, flags in parts] == ["RE", "R", "RW"]
    for (address, size, _), (following, _, _) in zip(parts, parts[1:]):
        assert address % PAGE == following % PAGE == 0 and address + size <= following
