// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of the ARM11 cores where it is not that of ARMv7.
#include <arch/arm/model/cores.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

namespace {

constexpr Cp15_identity arm1136_r0 = [] {
    Cp15_identity id = arm1136;
    id.midr = 0x4107b362;
    return id;
}();

/// mcrr p15, opc1, r1, r0, crm: r1 holds the end, r0 the start
Cp15_action run_range(Cp15_identity const &id, unsigned opc1, unsigned crm, u32 start, u32 end)
{
    armv6::Cp15_state state;
    Result<Coprocessor_pair> const op = decode_coprocessor_pair(0xec401f00 | opc1 << 4 | crm);
    REQUIRE(op);
    return access(state, *op, end, start, masked(id));
}

} // namespace

TEST_CASE("an ARM11's control register starts as after reset and keeps its fixed bits")
{
    auto const [real, all] = GENERATE(table<Cp15_identity, u32>({
        {arm1136, 0x30e57b7f},
        {arm1136_r0, 0x00e57b7f}, // no TEX remap, no access flag
        {arm1176, 0x30e57b7f},
        {arm11_mpcore, 0x30e57b7f},
    }));
    V6 g {masked(real)};
    CHECK(g.read(mrc(0, 1, 0, 0)) == 0x00050078);
    CHECK(g.run(mcr(0, 1, 0, 0), 0xffffffff).kind == Kind::mmu_changed);
    CHECK(g.read(mrc(0, 1, 0, 0)) == all);
    CHECK(g.run(mcr(0, 1, 0, 0), 0).kind == Kind::mmu_changed);
    CHECK(g.read(mrc(0, 1, 0, 0)) == 0x00050078);
}

TEST_CASE("an ARM11's control register write says what it changes")
{
    auto const [value, kind] = GENERATE(table<u32, Kind>({
        {0x00050078, Kind::none},
        {0x0005007a, Kind::alignment_changed}, // A
        {0x0065787c, Kind::none},              // C, Z, I, V, RR, FI, U
        {0x00050079, Kind::mmu_changed},       // M
        {0x00050178, Kind::mmu_changed},       // S
        {0x00050278, Kind::mmu_changed},       // R
        {0x00850078, Kind::mmu_changed},       // XP
        {0x10050078, Kind::mmu_changed},       // TRE
        {0x20050078, Kind::mmu_changed},       // AFE
        {0x00c5387d, Kind::mmu_changed},       // what Linux 6.1 writes
    }));
    V6 g {masked(arm1176)};
    CAPTURE(value);
    CHECK(g.run(mcr(0, 1, 0, 0), value).kind == kind);
    CHECK(g.run(mcr(0, 1, 0, 0), value).kind == Kind::none);
}

TEST_CASE("an ARM11's control register decides how the guest's tables are read")
{
    V6 g {masked(arm1176)};
    (void)g.run(mcr(0, 3, 0, 0), 1);
    auto const with = [&](u32 bits) {
        (void)g.run(mcr(0, 1, 0, 0), 1 | bits);
        return g.state.rights();
    };
    CHECK(with(0) == vmsa::Rights_context {.dacr = 1, .xp = false});
    CHECK(with(1 << 8) == vmsa::Rights_context {.dacr = 1, .s = true, .xp = false});
    CHECK(with(1 << 9) == vmsa::Rights_context {.dacr = 1, .r = true, .xp = false});
    CHECK(with(1 << 23) == vmsa::Rights_context {.dacr = 1, .xp = true});
    CHECK(g.state.alignment_check() == false);
    CHECK(with(1 << 1) == vmsa::Rights_context {.dacr = 1, .xp = false});
    CHECK(g.state.alignment_check());
}

TEST_CASE("whole-cache operations of the ARM11")
{
    auto const [crm, opc2, cache] = GENERATE(table<unsigned, unsigned, Cache>({
        {5, 2, Cache::invalidate_i},
        {6, 0, Cache::invalidate_d},
        {7, 0, Cache::invalidate_both},
        {10, 0, Cache::clean_d},
        {14, 0, Cache::clean_invalidate_d},
        {15, 0, Cache::clean_invalidate_d},
    }));
    V6 g {masked(arm1136)};
    CAPTURE(crm, opc2);
    CHECK(g.run(mcr(0, 7, crm, opc2)).kind == Kind::cache_all);
    CHECK(g.run(mcr(0, 7, crm, opc2)).cache == cache);
}

TEST_CASE("an ARM11 waits by CP15, and says that its caches are clean and idle")
{
    V6 g {masked(arm1136)};
    CHECK(g.run(mcr(0, 7, 0, 4)).kind == Kind::wait_for_interrupt);
    CHECK(g.run(mcr(0, 7, 12, 5)).kind == Kind::none);
    for (u32 opcode : {mrc(0, 7, 10, 6), mrc(0, 7, 12, 4)}) {
        CHECK(g.run(opcode).kind == Kind::none);
        CHECK(g.read(opcode) == 0);
    }
    CHECK(g.run(mcr(0, 7, 11, 1)).kind == Kind::undefined); // to the point of unification: ARMv7
    CHECK(g.run(mcr(0, 7, 1, 0)).kind == Kind::undefined);
}

TEST_CASE("operations on a range take its last line as well")
{
    auto const [opc1, crm, cache] = GENERATE(table<unsigned, unsigned, Cache>({
        {0, 5, Cache::invalidate_i},
        {0, 6, Cache::invalidate_d},
        {0, 12, Cache::clean_d},
        {0, 14, Cache::clean_invalidate_d},
    }));
    Cp15_action const action = run_range(arm1176, opc1, crm, 0xc0008004, 0xc0008fff);
    CHECK(action.kind == Kind::cache_range);
    CHECK(action.cache == cache);
    CHECK(action.address == Va {0xc0008000});
    CHECK(action.value == 0x1000);
    CHECK(run_range(arm1136, opc1, crm, 0xc0008000, 0xc0008000).value == 32);
    CHECK(run_range(arm1136, opc1, crm, 0xc0008020, 0xc0008000).kind == Kind::none); // backwards
    CHECK(run_range(arm1136, opc1, crm, 0, 0xffffffff).kind == Kind::cache_all);
    CHECK(run_range(arm1136, opc1, crm, 0x20, 0xffffffff).value == 0xffffffe0);
    CHECK(run_range(arm11_mpcore, opc1, crm, 0xc0008004, 0xc0008fff).kind == Kind::undefined);
    CHECK(run_range(arm1136, 3, crm, 0xc0008000, 0xc0008000).kind == Kind::undefined);
}

TEST_CASE("prefetching a range is a hint; there are no registers of 64 bits")
{
    CHECK(run_range(arm1136, 1, 12, 0, 0xffffffff).kind == Kind::none);
    CHECK(run_range(arm1136, 2, 12, 0, 0xffffffff).kind == Kind::none);
    CHECK(run_range(arm1136, 0, 2, 0, 0).kind == Kind::undefined); // TTBR0 of LPAE
    armv6::Cp15_state state;
    CHECK(access(state, {true, 15, 0, 5, 1, 0}, 0, 0, arm1136).kind == Kind::undefined);
    CHECK(access(state, {false, 14, 0, 5, 1, 0}, 0, 0, arm1136).kind == Kind::undefined);
}

TEST_CASE("by address and all ASIDs: ARM11 MPCore alone")
{
    unsigned const half = GENERATE(5u, 6u, 7u);
    V6 one {masked(arm1176)}, many {masked(arm11_mpcore)};
    CHECK(one.run(mcr(0, 8, half, 3), 0xc0008000).kind == Kind::undefined);
    CHECK(many.run(mcr(0, 8, half, 3), 0xc0008000).kind == Kind::tlb_address);
    CHECK(many.run(mcr(0, 8, half, 3), 0xc0008fff).address == Va {0xc0008000});
}

TEST_CASE("an ARM1136 does not translate for its guest")
{
    V6 g {masked(arm1136)};
    CHECK(g.run(mcr(0, 7, 8, 0)).kind == Kind::undefined);
    CHECK(g.run(mcr(0, 7, 4, 0)).kind == Kind::undefined);
    CHECK(g.run(mrc(0, 7, 4, 0)).kind == Kind::undefined);
    V6 many {masked(arm11_mpcore)};
    CHECK(many.run(mcr(0, 7, 8, 0)).kind == Kind::translate);
}

TEST_CASE("an ARM1136 r0 lacks what came with ARMv6K")
{
    V6 g {masked(arm1136_r0)};
    for (unsigned opc2 : {0u, 1u}) {
        CHECK(g.run(mrc(0, 10, 2, opc2)).kind == Kind::undefined);
        CHECK(g.run(mcr(0, 10, 2, opc2), 1).kind == Kind::undefined);
    }
    for (unsigned opc2 : {2u, 3u, 4u}) {
        CHECK(g.run(mrc(0, 13, 0, opc2)).kind == Kind::undefined);
        CHECK(g.run(mcr(0, 13, 0, opc2), 1).kind == Kind::undefined);
    }
    CHECK(g.run(mcr(0, 13, 0, 1), 0x100).kind == Kind::none);
}

TEST_CASE("an ARM11's lockdown, DMA, watchpoint and test registers read as zero and ignore writes")
{
    auto const [opc1, crn, crm, opc2] = GENERATE(table<unsigned, unsigned, unsigned, unsigned>({
        {0, 6, 0, 1},   // WFAR
        {0, 9, 0, 0},   // cache lockdown
        {0, 9, 1, 1},   // TCM region
        {0, 10, 0, 0},  // TLB lockdown
        {0, 11, 0, 0},  // DMA
        {0, 15, 2, 4},  // peripheral port remap
        {0, 15, 12, 0}, // performance monitor control
        {5, 15, 4, 2},  // TLB debug
    }));
    V6 g {masked(arm1136)};
    CAPTURE(crn, crm, opc2);
    CHECK(g.run(mcr(opc1, crn, crm, opc2), 0xffffffff).kind == Kind::none);
    CHECK(g.run(mrc(opc1, crn, crm, opc2)).kind == Kind::none);
    CHECK(g.read(mrc(opc1, crn, crm, opc2)) == 0);
}

TEST_CASE("an ARM11's FCSE process identifier is zero and stays zero; it has no cache hierarchy")
{
    V6 g {masked(arm1136)};
    CHECK(g.run(mcr(0, 13, 0, 0), 0).kind == Kind::none);
    CHECK(g.run(mcr(0, 13, 0, 0), 0x02000000).kind == Kind::undefined);
    CHECK(g.read(mrc(0, 13, 0, 0)) == 0);
    for (u32 opcode : {mrc(1, 0, 0, 0), mrc(1, 0, 0, 1), mrc(1, 0, 0, 7), mrc(2, 0, 0, 0), mcr(2, 0, 0, 0)})
        CHECK(g.run(opcode).kind == Kind::undefined);
}
