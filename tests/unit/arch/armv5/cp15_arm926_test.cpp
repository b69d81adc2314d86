// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of an ARM926EJ-S, asked with the instructions that Linux and its decompressor use.
#include <arch/armv5/cp15_arm926.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using armv5::Cp15_state;
using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

namespace {

/// \param opcode an MRC or MCR from the assembler, register r0
Cp15_action run(Cp15_state &state, u32 opcode, u32 value = 0)
{
    return armv5::access(state, *decode_coprocessor(opcode), value);
}

constexpr u32 read_sctlr = 0xee110f10, write_sctlr = 0xee010f10;
constexpr u32 read_ttbr = 0xee120f10, write_ttbr = 0xee020f10;
constexpr u32 read_dacr = 0xee130f10, write_dacr = 0xee030f10;

} // namespace

TEST_CASE("the identification registers read as the board's core and cannot be written")
{
    // mrc p15, 0, r0, c0, c0, {0, 1, 2, 5}
    auto const [opcode, value] = GENERATE(table<u32, u32>({
        {0xee100f10, 0x41069265},
        {0xee100f30, 0x01dd20d2},
        {0xee100f50, 0},
        {0xee100fb0, 0x41069265},
    }));
    Cp15_state state;
    CHECK(run(state, opcode).kind == Kind::none);
    CHECK(run(state, opcode).value == value);
    CHECK(run(state, opcode & ~(1u << 20), 1).kind == Kind::undefined);
}

TEST_CASE("the control register starts as after reset and keeps its fixed bits")
{
    Cp15_state state;
    CHECK(run(state, read_sctlr).value == 0x00050078);
    CHECK(run(state, write_sctlr, 0xffffffff).kind == Kind::mmu_changed);
    CHECK(run(state, read_sctlr).value == 0x0005737f);
    CHECK(run(state, write_sctlr, 0).kind == Kind::mmu_changed);
    CHECK(run(state, read_sctlr).value == 0x00050078);
}

TEST_CASE("a control register write says what it changes")
{
    auto const [value, kind] = GENERATE(table<u32, Kind>({
        {0x00050078, Kind::none},              // as it was
        {0x00000000, Kind::none},              // only fixed bits differ
        {0x0005007a, Kind::alignment_changed}, // A
        {0x0005707c, Kind::none},              // C, I, V, RR
        {0x00050079, Kind::mmu_changed},       // M
        {0x00050178, Kind::mmu_changed},       // S
        {0x00050278, Kind::mmu_changed},       // R
        {0x0005317f, Kind::mmu_changed},       // what Linux 6.1 writes
    }));
    Cp15_state state;
    CAPTURE(value);
    CHECK(run(state, write_sctlr, value).kind == kind);
    CHECK(run(state, write_sctlr, value).kind == Kind::none);
}

TEST_CASE("a table base is aligned and announced when it changes")
{
    Cp15_state state;
    CHECK(run(state, write_ttbr, 0x40004018).kind == Kind::table_changed);
    CHECK(run(state, read_ttbr).value == 0x40004000);
    CHECK(run(state, write_ttbr, 0x40004000).kind == Kind::none);
}

TEST_CASE("a DACR write is announced when it changes a right")
{
    Cp15_state state;
    CHECK(run(state, write_dacr, 0x00000015).kind == Kind::domains_changed);
    CHECK(run(state, write_dacr, 0x00000015).kind == Kind::none);
    CHECK(run(state, write_dacr, 0x00000035).kind == Kind::domains_changed); // client to manager
    CHECK(run(state, write_dacr, 0x80000035).kind == Kind::none);            // the reserved value: no access
    CHECK(run(state, read_dacr).value == 0x80000035);
}

TEST_CASE("fault status, fault address and context id keep what is written")
{
    // mcr p15, 0, r0, c5, c0, 0; c5, c0, 1; c6, c0, 0; c13, c0, 1
    auto const [opcode, kept] = GENERATE(table<u32, u32>({
        {0xee050f10, 0x000000fd},
        {0xee050f30, 0x000000fd},
        {0xee060f10, 0xffffdffd},
        {0xee0d0f30, 0xffffdffd},
    }));
    Cp15_state state;
    CHECK(run(state, opcode, 0xffffdffd).kind == Kind::none);
    CHECK(run(state, opcode | 1u << 20).value == kept);
}

TEST_CASE("a cache operation says what it does and where")
{
    auto const [mnemonic, opcode, kind, cache] = GENERATE(table<char const *, u32, Kind, Cache>({
        {"mcr p15, 0, r0, c7, c7, 0", 0xee070f17, Kind::cache_all, Cache::invalidate_both},
        {"mcr p15, 0, r0, c7, c5, 0", 0xee070f15, Kind::cache_all, Cache::invalidate_i},
        {"mcr p15, 0, r0, c7, c5, 1", 0xee070f35, Kind::cache_line, Cache::invalidate_i},
        {"mcr p15, 0, r0, c7, c5, 2", 0xee070f55, Kind::cache_all, Cache::invalidate_i},
        {"mcr p15, 0, r0, c7, c6, 0", 0xee070f16, Kind::cache_all, Cache::invalidate_d},
        {"mcr p15, 0, r0, c7, c6, 1", 0xee070f36, Kind::cache_line, Cache::invalidate_d},
        {"mcr p15, 0, r0, c7, c6, 2", 0xee070f56, Kind::cache_all, Cache::invalidate_d},
        {"mcr p15, 0, r0, c7, c10, 1", 0xee070f3a, Kind::cache_line, Cache::clean_d},
        {"mcr p15, 0, r0, c7, c10, 2", 0xee070f5a, Kind::cache_all, Cache::clean_d},
        {"mcr p15, 0, r0, c7, c14, 1", 0xee070f3e, Kind::cache_line, Cache::clean_invalidate_d},
        {"mcr p15, 0, r0, c7, c14, 2", 0xee070f5e, Kind::cache_all, Cache::clean_invalidate_d},
    }));
    Cp15_state state;
    Cp15_action const action = run(state, opcode, 0xc0008020);
    CAPTURE(mnemonic);
    CHECK(action.kind == kind);
    CHECK(action.cache == cache);
    CHECK(action.address.value == (kind == Kind::cache_line ? 0xc0008020 : 0));
    CHECK(run(state, opcode | 1u << 20).kind == Kind::undefined);
}

TEST_CASE("the test-and-clean loops end at their first turn, the cache being clean")
{
    // mrc p15, 0, r15, c7, c10, 3 and c14, 3
    auto const [opcode, cache] = GENERATE(table<u32, Cache>({
        {0xee17ff7a, Cache::clean_d},
        {0xee17ff7e, Cache::clean_invalidate_d},
    }));
    Cp15_state state;
    Trap_regs regs {};
    Cp15_action const action = run(state, opcode);
    CHECK(action.kind == Kind::cache_all);
    CHECK(action.cache == cache);
    complete(*decode_coprocessor(opcode), regs, action.value);
    CHECK(regs.psr == 1u << 30);
}

TEST_CASE("drain, wait and prefetch are told apart")
{
    // mcr p15, 0, r0, c7, c10, 4; c7, c0, 4; c7, c13, 1
    Cp15_state state;
    CHECK(run(state, 0xee070f9a).kind == Kind::drain);
    CHECK(run(state, 0xee070f90).kind == Kind::wait_for_interrupt);
    CHECK(run(state, 0xee070f3d).kind == Kind::none);
}

TEST_CASE("a TLB operation names all translations or one, through every half")
{
    // mcr p15, 0, r0, c8, {c5, c6, c7}, {0, 1}
    u32 const half = GENERATE(5u, 6u, 7u);
    Cp15_state state;
    CHECK(run(state, 0xee080f10 | half, 0xc0008000).kind == Kind::tlb_all);
    Cp15_action const one = run(state, 0xee080f30 | half, 0xc0008000);
    CHECK(one.kind == Kind::tlb_address);
    CHECK(one.address == Va {0xc0008000});
    CHECK(run(state, 0xee180f10 | half).kind == Kind::undefined);
}

TEST_CASE("lockdown, TCM and debug registers read as zero and ignore writes")
{
    // mcr p15, 0, r0, c9, c0, {0, 1}; c9, c1, {0, 1}; c10, c0, 0; mcr p15, {0, 1, 7}, r0, c15, c0, 0
    u32 const opcode = GENERATE(0xee090f10u, 0xee090f30u, 0xee090f11u, 0xee090f31u, 0xee0a0f10u, 0xee0f0f10u,
                                0xee2f0f10u, 0xeeef0f10u);
    Cp15_state state;
    CHECK(run(state, opcode, 0xffffffff).kind == Kind::none);
    CHECK(run(state, opcode | 1u << 20).kind == Kind::none);
    CHECK(run(state, opcode | 1u << 20).value == 0);
}

TEST_CASE("the FCSE process identifier is zero and stays zero")
{
    // mcr and mrc p15, 0, r0, c13, c0, 0
    Cp15_state state;
    CHECK(run(state, 0xee0d0f10, 0).kind == Kind::none);
    CHECK(run(state, 0xee0d0f10, 0x02000000).kind == Kind::undefined);
    CHECK(run(state, 0xee1d0f10).value == 0);
}

TEST_CASE("what the core does not have is undefined and changes nothing")
{
    // mcr r15, sctlr; p14; c4; c11; c14; opc1 = 1 of sctlr; TTBR1; TPIDRURW; c7, c10, 0; c7, c10, 5 (v6 DMB)
    u32 const opcode = GENERATE(0xee01ff10u, 0xee010e10u, 0xee040f10u, 0xee0b0f10u, 0xee0e0f10u, 0xee210f10u,
                                0xee020f30u, 0xee0d0f50u, 0xee070f1au, 0xee070fbau);
    Cp15_state state;
    CHECK(run(state, opcode, 0xffffffff).kind == Kind::undefined);
    CHECK(state.sctlr == Cp15_state {}.sctlr);
}

TEST_CASE("no access reaches a state that the core cannot be in")
{
    Cp15_state state;
    for (u32 name = 0; name < 0x10000; name++) {
        Coprocessor_op const op {.load = bit(name, 15),
                                 .coprocessor = 15,
                                 .opc1 = static_cast<u8>(bits(name, 14, 12)),
                                 .crn = static_cast<u8>(bits(name, 11, 8)),
                                 .crm = static_cast<u8>(bits(name, 7, 4)),
                                 .opc2 = static_cast<u8>(bits(name, 2, 0)),
                                 .rt = 0};
        Cp15_action const action = armv5::access(state, op, name * 0x9e3779b9u);
        if (action.kind == Kind::undefined && action.value)
            FAIL("a value with an undefined instruction");
    }
    CHECK((state.sctlr & ~armv5::guest_sctlr::writable) == armv5::guest_sctlr::ones);
    CHECK(is_aligned(state.ttbr, 0x4000));
    CHECK((state.dfsr | state.ifsr) <= 0xff);
}
