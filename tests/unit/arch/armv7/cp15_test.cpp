// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of the Cortex-A cores where it is not that of ARMv6.
#include <arch/arm/model/cores.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

TEST_CASE("a Cortex-A's control register starts as after reset and keeps its fixed bits")
{
    auto const [real, all] = GENERATE(table<Cp15_identity, u32>({
        {cortex_a8, 0x30c5387f},
        {cortex_a9, 0x30c57c7f}, // SW, RR
        {cortex_a7, 0x30c53c7f}, // SW
        {cortex_a15, 0x30c53c7f},
    }));
    V7 g {masked(real)};
    CHECK(g.read(mrc(0, 1, 0, 0)) == 0x00c50078);
    CHECK(g.run(mcr(0, 1, 0, 0), 0xffffffff).kind == Kind::mmu_changed);
    CHECK(g.read(mrc(0, 1, 0, 0)) == all);
    CHECK(g.run(mcr(0, 1, 0, 0), 0).kind == Kind::mmu_changed);
    CHECK(g.read(mrc(0, 1, 0, 0)) == 0x00c50078);
}

TEST_CASE("a Cortex-A's control register write says what it changes")
{
    auto const [value, kind] = GENERATE(table<u32, Kind>({
        {0x00c50078, Kind::none},
        {0x00c5007a, Kind::alignment_changed}, // A
        {0x00c5387c, Kind::none},              // C, Z, I, V
        {0x43000300, Kind::none},              // TE, EE, VE, and ARMv6's R and S
        {0x00000000, Kind::none},              // fixed bits, XP and U among them
        {0x00c50079, Kind::mmu_changed},       // M
        {0x10c50078, Kind::mmu_changed},       // TRE
        {0x20c50078, Kind::mmu_changed},       // AFE
        {0x10c5387d, Kind::mmu_changed},       // what Linux 6.1 writes
    }));
    V7 g {masked(cortex_a8)};
    CAPTURE(value);
    CHECK(g.run(mcr(0, 1, 0, 0), value).kind == kind);
    CHECK(g.run(mcr(0, 1, 0, 0), value).kind == Kind::none);
}

TEST_CASE("a Cortex-A's tables have one format, with or without TEX remap and access flag")
{
    V7 g {masked(cortex_a9)};
    (void)g.run(mcr(0, 3, 0, 0), 1);
    (void)g.run(mcr(0, 1, 0, 0), 0xffffffff & ~(3u << 28));
    CHECK(g.state.rights() == vmsa::Rights_context {.dacr = 1});
    (void)g.run(mcr(0, 1, 0, 0), 1 | 1 << 28);
    CHECK(g.state.rights() == vmsa::Rights_context {.dacr = 1, .tre = true});
    (void)g.run(mcr(0, 1, 0, 0), 1 | 1 << 29);
    CHECK(g.state.rights() == vmsa::Rights_context {.dacr = 1, .afe = true});
}

TEST_CASE("CSSELR chooses between the two caches there are")
{
    V7 g {masked(cortex_a9)};
    CHECK(g.read(mrc(1, 0, 0, 1)) == 0x09000003); // CLIDR
    CHECK(g.read(mrc(1, 0, 0, 7)) == 0);          // AIDR
    CHECK(g.read(mrc(1, 0, 0, 0)) == 0xe0000001);
    CHECK(g.run(mcr(2, 0, 0, 0), 0xffffff01).kind == Kind::none);
    CHECK(g.read(mrc(2, 0, 0, 0)) == 1);
    CHECK(g.read(mrc(1, 0, 0, 0)) == 0x200fe019);
    (void)g.run(mcr(2, 0, 0, 0), 2);
    CHECK(g.read(mrc(1, 0, 0, 0)) == 0); // there is no level 2
    for (u32 opcode : {mcr(1, 0, 0, 0), mcr(1, 0, 0, 1), mcr(1, 0, 0, 7)})
        CHECK(g.run(opcode).kind == Kind::undefined);
}

TEST_CASE("a guest's loop over its data cache's sets and ways takes one turn")
{
    V7 g {masked(GENERATE(cortex_a7, cortex_a8, cortex_a9, cortex_a15))};
    u32 const ccsidr = g.read(mrc(1, 0, 0, 0));
    CHECK(bits(ccsidr, 12, 3) == 0);  // ways
    CHECK(bits(ccsidr, 27, 13) == 0); // sets
    CHECK(g.run(mcr(0, 7, 14, 2), 0).kind == Kind::cache_all);
}

TEST_CASE("operations that came with ARMv7")
{
    V7 g {masked(cortex_a8)};
    Cp15_action const unified = g.run(mcr(0, 7, 11, 1), 0xc0008024);
    CHECK(unified.kind == Kind::cache_line);
    CHECK(unified.cache == Cache::clean_d);
    CHECK(unified.address == Va {0xc0008024});
    CHECK(g.run(mcr(0, 7, 0, 4)).kind == Kind::none); // waiting by CP15 is a NOP
    for (u32 gone : {mcr(0, 7, 6, 0), mcr(0, 7, 7, 0), mcr(0, 7, 10, 0), mcr(0, 7, 14, 0), mcr(0, 7, 15, 0)})
        CHECK(g.run(gone).kind == Kind::undefined);
}

TEST_CASE("inner shareable operations and all ASIDs: not on a Cortex-A8")
{
    auto const [crn, crm, opc2, kind] = GENERATE(table<unsigned, unsigned, unsigned, Kind>({
        {7, 1, 0, Kind::cache_all},
        {7, 1, 6, Kind::cache_all},
        {8, 3, 0, Kind::tlb_all},
        {8, 3, 1, Kind::tlb_address},
        {8, 3, 2, Kind::tlb_all},
        {8, 3, 3, Kind::tlb_address},
        {8, 7, 3, Kind::tlb_address},
    }));
    V7 a8 {masked(cortex_a8)}, mp {masked(GENERATE(cortex_a7, cortex_a9, cortex_a15))};
    CAPTURE(crn, crm, opc2);
    CHECK(a8.run(mcr(0, crn, crm, opc2)).kind == Kind::undefined);
    CHECK(mp.run(mcr(0, crn, crm, opc2), 0xc0008fff).kind == kind);
    CHECK(mp.run(mcr(0, crn, crm, opc2), 0xc0008fff).address.value ==
          (kind == Kind::tlb_address ? 0xc0008000 : 0));
}

TEST_CASE("a Cortex-A's lockdown, diagnostic and auxiliary fault registers read as zero and ignore writes")
{
    auto const [real, opc1, crn, crm, opc2] =
        GENERATE(table<Cp15_identity, unsigned, unsigned, unsigned, unsigned>({
            {cortex_a8, 0, 5, 1, 0},  // ADFSR
            {cortex_a9, 0, 5, 1, 1},  // AIFSR
            {cortex_a8, 1, 9, 0, 0},  // level 2 lockdown
            {cortex_a8, 1, 9, 0, 2},  // level 2 auxiliary control: erratum 460075
            {cortex_a8, 0, 10, 0, 1}, // TLB lockdown
            {cortex_a9, 0, 10, 0, 0},
            {cortex_a9, 0, 15, 0, 0}, // power control
            {cortex_a9, 0, 15, 0, 1}, // diagnostic: errata 742230, 743622, 751472
            {cortex_a9, 4, 15, 0, 0}, // configuration base: no SCU
            {cortex_a7, 1, 9, 0, 2},  // level 2 control: one core
            {cortex_a15, 1, 9, 0, 2},
            {cortex_a15, 1, 9, 0, 3},  // level 2 extended control
            {cortex_a15, 1, 15, 0, 0}, // level 2 auxiliary control: erratum 798870
        }));
    V7 g {masked(real)};
    CAPTURE(opc1, crn, crm, opc2);
    CHECK(g.run(mcr(opc1, crn, crm, opc2), 0xffffffff).kind == Kind::none);
    CHECK(g.run(mrc(opc1, crn, crm, opc2)).kind == Kind::none);
    CHECK(g.read(mrc(opc1, crn, crm, opc2)) == 0);
}

TEST_CASE("what a guest of a Cortex-A does not get is undefined")
{
    // PMCR, PMCCNTR, PMUSERENR; preload engine; WFAR of ARMv6; cache lockdown of ARMv6
    auto const [crn, crm, opc2] = GENERATE(table<unsigned, unsigned, unsigned>({
        {9, 12, 0},
        {9, 13, 0},
        {9, 14, 0},
        {11, 0, 0},
        {6, 0, 1},
        {9, 0, 0},
    }));
    V7 g {masked(cortex_a9)};
    CAPTURE(crn, crm, opc2);
    CHECK(g.run(mrc(0, crn, crm, opc2)).kind == Kind::undefined);
    CHECK(g.run(mcr(0, crn, crm, opc2), 1).kind == Kind::undefined);
}

TEST_CASE("registers of one Cortex-A's second level are not another's")
{
    auto const [real, opc2] = GENERATE(table<Cp15_identity, unsigned>({
        {cortex_a9, 0},
        {cortex_a9, 2},
        {cortex_a8, 3},
        {cortex_a15, 0},
    }));
    V7 g {masked(real)};
    CHECK(g.run(mrc(1, 9, 0, opc2)).kind == Kind::undefined);
    CHECK(g.run(mcr(1, 9, 0, opc2)).kind == Kind::undefined);
}

TEST_CASE("a Cortex-A has no FCSE, and NEON cannot be closed by halves")
{
    V7 g {masked(cortex_a9)};
    CHECK(g.run(mcr(0, 13, 0, 0), 0x02000000).kind == Kind::none);
    CHECK(g.read(mrc(0, 13, 0, 0)) == 0);
    (void)g.run(mcr(0, 1, 0, 2), 0xffffffff);
    CHECK(g.read(mrc(0, 1, 0, 2)) == 0x00f00000); // no ASEDIS, no D32DIS
}

TEST_CASE("a Cortex-A has no register of 64 bits and no operation on a range")
{
    armv7::Cp15_state state;
    u8 const crm = GENERATE(u8 {2}, u8 {5}, u8 {7}, u8 {14});
    CHECK(access(state, {false, 15, 0, crm, 1, 0}, 0, 0, cortex_a9).kind == Kind::undefined);
    CHECK(access(state, {true, 15, 0, crm, 1, 0}, 0, 0, cortex_a9).kind == Kind::undefined);
    CHECK(access(state, {true, 14, 0, crm, 1, 0}, 0, 0, cortex_a9).kind == Kind::undefined);
}
