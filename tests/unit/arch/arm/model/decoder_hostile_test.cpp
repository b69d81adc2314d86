// SPDX-License-Identifier: Apache-2.0
// The instruction decoder against hostile opcodes: what holds for every one of them.
#include <arch/arm/model/decoder.hpp>
#include <catch2/catch.hpp>
#include <cstring>

using namespace vambrace;

namespace {

/// Answers with the address; fails at one access.
struct Bus {
    unsigned failing;
    unsigned accesses = 0;

    Result<u32> read(u32 address, unsigned)
    {
        return accesses++ == failing ? Result<u32> {Error::address} : Result<u32> {address};
    }
    Error write(u32, unsigned, u32) { return accesses++ == failing ? Error::address : Error::none; }
};

struct Random {
    u64 state = 0x123456789abcdef;
    u32 next()
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<u32>(state >> 16);
    }
};

/// Whatever the opcode: registers outside the transfer keep their values, a failed access changes nothing.
/// Returns what is wrong, to keep Catch out of the loop.
char const *broken_promise(Instruction const &instruction, Trap_regs const &before, Isa isa, unsigned failing)
{
    Result<Transfer> const transfer = decode(instruction, before, isa);
    if (!transfer && transfer.error() == Error::inval)
        return isa == Isa::v5 ? "an unaligned access that ARMv5 would do" : nullptr;
    if (!transfer)
        return transfer.error() == Error::not_supported ? nullptr : "an unexpected error";
    bool const pair = transfer->form == Transfer::Form::pair;
    unsigned const count = pair ? 2 : static_cast<unsigned>(__builtin_popcount(transfer->registers));
    if (count && transfer->size != 1 && transfer->size != 2 && transfer->size != 4)
        return "an impossible size";
    if (transfer->address & (count ? transfer->size - 1 : 0u))
        return "an unaligned access";
    if ((transfer->writeback && transfer->base > 14) || transfer->source > 14)
        return "an impossible register";
    if (pair && transfer->registers != (1u << transfer->first | 1u << transfer->second))
        return "a pair of other registers";
    Trap_regs after = before;
    Bus bus {failing};
    if (!perform(*transfer, after, bus).ok())
        return std::memcmp(&before, &after, sizeof after) == 0 ? nullptr : "a register changed by a failure";
    if (bus.accesses != (transfer->form == Transfer::Form::swap ? 2 : count))
        return "a wrong number of accesses";
    u32 const loaded = transfer->load ? transfer->registers : 0u;
    for (unsigned n = 0; n < 15; n++)
        if (after[n] != before[n] && !bit(loaded, n) && !(transfer->writeback && n == transfer->base))
            return "a register changed that is not the instruction's";
    if (!bit(loaded, 15) && (after.pc != before.pc + instruction.length || after.thumb() != before.thumb()))
        return "pc is not behind the instruction";
    if (!after.thumb() && after.psr & psr::it)
        return "ITSTATE in ARM state";
    return (after.psr ^ before.psr) & ~(psr::t | psr::it) ? "psr changed" : nullptr;
}

Trap_regs registers(Random &random, bool thumb)
{
    Trap_regs regs {};
    for (unsigned n = 0; n < 16; n++)
        regs[n] = random.next() & (random.next() & 1 ? ~3u : ~0u);
    regs.pc &= thumb ? ~1u : ~3u;
    u32 const state = random.next() & 1 ? psr::it | psr::e : 0;
    u32 const random_bits = psr::flags | (thumb ? state : state & psr::e);
    regs.psr = (random.next() & random_bits) | psr::user | (thumb ? psr::t : 0);
    return regs;
}

} // namespace

TEST_CASE("hostile ARM words break no promise")
{
    Random random;
    for (unsigned i = 0; i < 3'000'000; i++) {
        u32 const opcode = i & 1 ? (random.next() & 0x0fffffff) | 0xe0000000 : random.next();
        Isa const isa = static_cast<Isa>(i % 3);
        char const *const broken =
            broken_promise(Instruction::arm(opcode), registers(random, false), isa, random.next() % 32);
        if (broken)
            FAIL(broken << " by opcode " << opcode);
    }
}

TEST_CASE("no Thumb opcode breaks a promise")
{
    Random random;
    for (u32 i = 0; i < 16 * 0x10000; i++) {
        Instruction const instruction = Instruction::thumb16(static_cast<u16>(i));
        Isa const isa = static_cast<Isa>(i % 3);
        char const *const broken = broken_promise(instruction, registers(random, true), isa, i >> 16);
        if (broken)
            FAIL(broken << " by opcode " << (i & 0xffff));
    }
}

TEST_CASE("hostile Thumb-2 instructions break no promise")
{
    Random random;
    for (unsigned i = 0; i < 3'000'000; i++) {
        u32 const opcode = random.next();
        u16 const first = static_cast<u16>(0xe800 | (opcode >> 16 & 0x1fff));
        Instruction const instruction = Instruction::thumb32(first, static_cast<u16>(opcode));
        char const *const broken =
            broken_promise(instruction, registers(random, true), Isa::v7, random.next() % 32);
        if (broken)
            FAIL(broken << " by opcode " << instruction.opcode);
    }
}
