# SPDX-License-Identifier: Apache-2.0
"""A system call returns with interrupts open: one that comes between the look at the flags and the return has
it done again. Each of those instructions is met with an interrupt of the console."""

import time

import pytest

from harness import kernel
from harness.debugger import SP, Debugger

FRAME_PC = 60  # docs/abi.md section 3
LOOK, RESULT_IS_IN_FRAME, RETURN, WORK = 0, 16, 20, 28  # in vambrace_ret_fast
FLAGS = 0xFFFF  # of thread_info: those that the way out looks at
THREAD_INFO = 9  # the register


@pytest.fixture
def symbols(platform):
    """{name: address} of the guest's kernel."""
    text = (kernel.ensure(kernel.guest(platform)).directory / "System.map").read_text()
    return {name: int(address, 16) for address, _, name in map(str.split, text.splitlines())}


def result_of(core, offset):
    """The stack pointer and the system call's result."""
    sp = core.register(SP)
    return sp, core.word(sp) if offset >= RESULT_IS_IN_FRAME else core.register(0)


def interrupt_at(core, run, symbols, offset):
    """Has an interrupt come before this instruction of the way out; returns where the kernel goes on."""
    way_out, entry = symbols["vambrace_ret_fast"], symbols["vambrace_irq_svc"]
    for _ in range(8):
        core.run_to(way_out + offset)
        before = result_of(core, offset)
        run.type("x")
        time.sleep(0.2)  # QEMU's UART takes it though the core stands still
        assert core.run_to_any([entry, way_out + LOOK]) == entry, "no interrupt came"
        if core.word(core.register(SP) + FRAME_PC) != way_out + offset:
            continue  # the timer's was quicker
        at = core.run_to_any([way_out + LOOK, way_out + RETURN, symbols["ret_to_user"]])
        assert result_of(core, offset) == before
        return at
    raise AssertionError("no interrupt came where it should")


def follow(core, symbols):
    """From the beginning of the way out: returns whether there is work at its end, and whether it was seen.

    The flags are read when the core stands there: the timer may set them after the beginning.
    """
    way_out = symbols["vambrace_ret_fast"]
    at = core.run_to_any([way_out + RETURN, way_out + WORK])
    return bool(core.word(core.register(THREAD_INFO)) & FLAGS), at == way_out + WORK


def test_an_interrupt_at_each_instruction_of_the_return(start, symbols, tmp_path):
    socket = tmp_path / "gdb"
    run = start("--qemu-args", f"-gdb unix:{socket},server=on,wait=off").boot()
    run.type("yes > /dev/null\r")
    time.sleep(1)
    with Debugger(socket) as core:
        for offset in range(LOOK, RESULT_IS_IN_FRAME, 4):
            assert interrupt_at(core, run, symbols, offset) == symbols["vambrace_ret_fast"]
            work, seen = follow(core, symbols)
            assert work == seen
        for offset in range(RESULT_IS_IN_FRAME, RETURN + 4, 4):
            assert interrupt_at(core, run, symbols, offset) == symbols["ret_to_user"]
        core.go()
    run.type("\x03")  # the guest goes on as if nothing had been
    run.expect("# ")
    assert run.sh("dmesg | grep -ciE 'oops|BUG:|unable to handle'", status=None) == "0"
