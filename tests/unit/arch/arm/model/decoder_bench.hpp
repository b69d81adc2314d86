// SPDX-License-Identifier: Apache-2.0
// A bus and registers for tests of the instruction decoder; what an instruction does, as text.
#pragma once
#include <arch/arm/model/decoder.hpp>
#include <cstdio>
#include <string>

namespace vambrace {

constexpr u32 c_flag = 1u << 29;

inline std::string text(char const *format, auto... arguments)
{
    char line[64];
    std::snprintf(line, sizeof line, format, arguments...);
    return line;
}

/// Writes down every access; reads give cafe8f80, cafe8f81, ... whatever the size. Can fail at one access.
struct Bus {
    std::string trace {};
    unsigned accesses = 0, failing = ~0u;

    Error step() { return accesses++ == failing ? Error::address : Error::none; }
    Result<u32> read(u32 address, unsigned size)
    {
        if (step() != Error::none)
            return Error::address;
        trace += text("R%u@%08x ", size, address);
        return 0xcafe8f80u + accesses - 1;
    }
    Error write(u32 address, unsigned size, u32 value)
    {
        if (step() != Error::none)
            return Error::address;
        trace += text("W%u@%08x=%x ", size, address, value);
        return Error::none;
    }
};

inline Trap_regs start(bool thumb)
{
    Trap_regs regs {};
    regs.r[0] = 0xa1b2c3d4;
    regs.r[1] = 0x20000100;
    regs.r[2] = 8;
    regs.r[3] = 0x80000040;
    regs.r[4] = 0x44444444;
    regs.r[5] = 0x55555555;
    regs.r[7] = 0x77777777;
    regs.sp = 0x20000200;
    regs.lr = 0x1e1e1e1e;
    regs.pc = 0x8002 - (thumb ? 0 : 2);
    regs.psr = psr::user | c_flag | (thumb ? psr::t : 0);
    return regs;
}

/// The accesses in order, then every register that changed; pc only if it is not the next instruction's.
inline std::string outcome(Instruction const &instruction, Trap_regs const &before, Isa isa)
{
    Trap_regs after = before;
    Bus bus;
    Result<Transfer> const transfer = decode(instruction, after, isa);
    if (!transfer)
        return transfer.error() == Error::not_supported ? "rejected"
               : transfer.error() == Error::inval       ? "unaligned"
                                                        : "wrong error";
    if (!perform(*transfer, after, bus).ok())
        return "failed";
    for (unsigned n = 0; n < 15; n++)
        if (after[n] != before[n])
            bus.trace +=
                text(bit(transfer->changed(), n) ? "r%u=%x " : "r%u=%x, not announced ", n, after[n]);
    if (after.pc != before.pc + instruction.length)
        bus.trace += text("pc=%x ", after.pc);
    if (after.thumb() != before.thumb())
        bus.trace += text("T=%u ", unsigned {after.thumb()});
    return bus.trace.substr(0, bus.trace.empty() ? 0 : bus.trace.size() - 1);
}

} // namespace vambrace
