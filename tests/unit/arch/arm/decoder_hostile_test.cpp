// SPDX-License-Identifier: Apache-2.0
// The instruction decoder against hostile opcodes: what holds for every one of them.
#include <arch/arm/decoder.hpp>
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
char const *broken_promise(u32 opcode, Trap_regs const &before, unsigned failing)
{
    Result<Transfer> const transfer =
        before.thumb() ? decode_thumb(static_cast<u16>(opcode), before) : decode_arm(opcode, before);
    if (!transfer)
        return transfer.error() == Error::not_supported ? nullptr : "an unexpected error";
    unsigned const count = static_cast<unsigned>(__builtin_popcount(transfer->registers));
    if (count && transfer->size != 1 && transfer->size != 2 && transfer->size != 4)
        return "an impossible size";
    if (transfer->address & (count ? transfer->size - 1 : 0u))
        return "an unaligned access";
    if ((transfer->writeback && transfer->base > 14) || transfer->source > 14)
        return "an impossible register";
    Trap_regs after = before;
    Bus bus {failing};
    if (!perform(*transfer, after, bus).ok())
        return std::memcmp(&before, &after, sizeof after) == 0 ? nullptr : "a register changed by a failure";
    if (bus.accesses != (transfer->swap ? 2 : count))
        return "a wrong number of accesses";
    u32 const loaded = transfer->load ? transfer->registers : 0u;
    for (unsigned n = 0; n < 15; n++)
        if (after[n] != before[n] && !bit(loaded, n) && !(transfer->writeback && n == transfer->base))
            return "a register changed that is not the instruction's";
    if (!bit(loaded, 15) && (after.pc != before.pc + (before.thumb() ? 2 : 4) || after.psr != before.psr))
        return "pc is not behind the instruction";
    return (after.psr ^ before.psr) & ~psr::t ? "psr changed" : nullptr;
}

Trap_regs registers(Random &random, bool thumb)
{
    Trap_regs regs {};
    for (unsigned n = 0; n < 16; n++)
        regs[n] = random.next() & (random.next() & 1 ? ~3u : ~0u);
    regs.pc &= thumb ? ~1u : ~3u;
    regs.psr = (random.next() & psr::flags) | psr::user | (thumb ? psr::t : 0);
    return regs;
}

} // namespace

TEST_CASE("hostile ARM words break no promise")
{
    Random random;
    for (unsigned i = 0; i < 3'000'000; i++) {
        u32 const opcode = i & 1 ? (random.next() & 0x0fffffff) | 0xe0000000 : random.next();
        char const *const broken = broken_promise(opcode, registers(random, false), random.next() % 32);
        if (broken)
            FAIL(broken << " by opcode " << opcode);
    }
}

TEST_CASE("no Thumb opcode breaks a promise")
{
    Random random;
    for (u32 i = 0; i < 16 * 0x10000; i++) {
        char const *const broken = broken_promise(i & 0xffff, registers(random, true), i >> 16);
        if (broken)
            FAIL(broken << " by opcode " << (i & 0xffff));
    }
}
