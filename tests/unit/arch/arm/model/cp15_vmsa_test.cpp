// SPDX-License-Identifier: Apache-2.0
// The registers that every ARMv6 and ARMv7 core has, asked on one core of each.
#include "cores.hpp"
#include <catch2/catch.hpp>
#include <cstring>

using namespace vambrace;
using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;
using As = Cp15_action::As;

namespace {

template <typename Guest>
Guest on_core();
template <>
V6 on_core<V6>()
{
    return {masked(arm1176)};
}
template <>
V7 on_core<V7>()
{
    return {masked(cortex_a9)};
}

} // namespace

TEMPLATE_TEST_CASE("the identification registers read as masked and cannot be written", "", V6, V7)
{
    TestType g = on_core<TestType>();
    Cp15_identity const &id = g.identity;
    u32 const c0[] = {id.midr, id.ctr, 0, id.tlbtr, id.midr, id.mpidr, id.midr, id.midr};
    u32 const c1[] = {id.pfr[0], id.pfr[1], id.dfr0, id.afr0, id.mmfr[0], id.mmfr[1], id.mmfr[2], id.mmfr[3]};
    u32 const c2[] = {id.isar[0], id.isar[1], id.isar[2], id.isar[3], id.isar[4], id.isar[5], 0, 0};
    for (unsigned n = 0; n != 8; ++n) {
        CAPTURE(n);
        CHECK(g.read(mrc(0, 0, 0, n)) == c0[n]);
        CHECK(g.read(mrc(0, 0, 1, n)) == c1[n]);
        CHECK(g.read(mrc(0, 0, 2, n)) == c2[n]);
        CHECK(g.run(mrc(0, 0, 3 + n % 5, n)).kind == Kind::none);
        CHECK(g.read(mrc(0, 0, 3 + n % 5, n)) == 0);
        CHECK(g.run(mcr(0, 0, n % 3, n), 1).kind == Kind::undefined);
    }
    CHECK(g.run(mrc(0, 0, 8, 0)).kind == Kind::undefined);
}

TEMPLATE_TEST_CASE("a register keeps what is written as far as it has the bits", "", V6, V7)
{
    // what is kept of all ones, DDI 0406C B4.1: TTBR1, DFSR, IFSR, DFAR, IFAR, PAR, TPIDRPRW
    auto const [crn, crm, opc2, kept] = GENERATE(table<unsigned, unsigned, unsigned, u32>({
        {2, 0, 1, 0xffffc07f},
        {5, 0, 0, 0x00001cff},
        {5, 0, 1, 0x0000140f},
        {6, 0, 0, 0xffffffff},
        {6, 0, 2, 0xffffffff},
        {7, 4, 0, 0xffffffff},
        {13, 0, 4, 0xffffffff},
    }));
    TestType g = on_core<TestType>();
    CAPTURE(crn, crm, opc2);
    CHECK(g.read(mrc(0, crn, crm, opc2)) == 0);
    CHECK(g.run(mcr(0, crn, crm, opc2), 0xffffffff).kind == Kind::none);
    CHECK(g.read(mrc(0, crn, crm, opc2)) == kept);
    CHECK(g.run(mcr(0, crn, crm, opc2), 0).kind == Kind::none);
    CHECK(g.read(mrc(0, crn, crm, opc2)) == 0);
}

TEMPLATE_TEST_CASE("a guest's CPACR opens VFP as a whole, and says so when that changes", "", V6, V7)
{
    TestType g = on_core<TestType>();
    auto const [value, kept, open] = GENERATE(table<u32, u32, bool>({
        {0x00f00000, 0x00f00000, true},
        {0xffffffff, 0x00f00000, true},
        {0x00500000, 0x00500000, false}, // the kernel alone
        {0x00300000, 0x00300000, false}, // one of the two coprocessors
        {0x0f0fffff, 0x00000000, false},
    }));
    CAPTURE(value);
    CHECK_FALSE(g.state.vfp_access());
    CHECK(g.run(mcr(0, 1, 0, 2), value).kind == (open ? Kind::coprocessors_changed : Kind::none));
    CHECK(g.read(mrc(0, 1, 0, 2)) == kept);
    CHECK(g.state.vfp_access() == open);
    CHECK(g.run(mcr(0, 1, 0, 2), value).kind == Kind::none);
    CHECK(g.run(mcr(0, 1, 0, 2), 0).kind == (open ? Kind::coprocessors_changed : Kind::none));
}

TEMPLATE_TEST_CASE("the auxiliary control register is the core's and not the guest's", "", V6, V7)
{
    TestType g = on_core<TestType>();
    u32 const real = g.read(mrc(0, 1, 0, 1));
    CHECK(real == g.identity.actlr);
    CHECK(g.run(mcr(0, 1, 0, 1), ~real).kind == Kind::none);
    CHECK(g.read(mrc(0, 1, 0, 1)) == real);
}

TEMPLATE_TEST_CASE("a table base is announced when it changes, its attributes are kept", "", V6, V7)
{
    TestType g = on_core<TestType>();
    CHECK(g.run(mcr(0, 2, 0, 0), 0x4000406a).kind == Kind::table_changed);
    CHECK(g.read(mrc(0, 2, 0, 0)) == 0x4000406a);
    CHECK(g.state.table() == 0x40004000);
    CHECK(g.run(mcr(0, 2, 0, 0), 0x40004000).kind == Kind::none);
    CHECK(g.run(mcr(0, 2, 0, 0), 0x40007f8a).kind == Kind::none); // bits 13:7 are no address
    CHECK(g.read(mrc(0, 2, 0, 0)) == 0x4000400a);
    g.state.set_table(0x48013fff);
    CHECK(g.read(mrc(0, 2, 0, 0)) == 0x4801000a);
}

TEMPLATE_TEST_CASE("one table translates all addresses: another split is undefined", "", V6, V7)
{
    TestType g = on_core<TestType>();
    CHECK(g.run(mcr(0, 2, 0, 2), 0).kind == Kind::none);
    CHECK(g.run(mcr(0, 2, 0, 2), 0x30).kind == Kind::none); // PD1, PD0: Security Extensions
    CHECK(g.read(mrc(0, 2, 0, 2)) == 0);
    CHECK(g.run(mcr(0, 2, 0, 2), GENERATE(1u, 7u, 0x80000000u)).kind == Kind::undefined);
}

TEMPLATE_TEST_CASE("a DACR write of a newer core is announced when it changes a right", "", V6, V7)
{
    TestType g = on_core<TestType>();
    CHECK(g.run(mcr(0, 3, 0, 0), 0x55).kind == Kind::domains_changed);
    CHECK(g.run(mcr(0, 3, 0, 0), 0x55).kind == Kind::none);
    CHECK(g.run(mcr(0, 3, 0, 0), 0x200055).kind == Kind::none); // the reserved value: no access
    CHECK(g.read(mrc(0, 3, 0, 0)) == 0x200055);
}

TEMPLATE_TEST_CASE("another ASID means other translations", "", V6, V7)
{
    TestType g = on_core<TestType>();
    CHECK(g.run(mcr(0, 13, 0, 1), 0x1234561f).kind == Kind::tlb_all);
    CHECK(g.read(mrc(0, 13, 0, 1)) == 0x1234561f);
    CHECK(g.run(mcr(0, 13, 0, 1), 0xffffff1f).kind == Kind::none); // only PROCID
    CHECK(g.run(mcr(0, 13, 0, 1), 0xffffff20).kind == Kind::tlb_all);
}

TEMPLATE_TEST_CASE("TEX remap counts while it is on", "", V6, V7)
{
    TestType g = on_core<TestType>();
    unsigned const opc2 = GENERATE(0u, 1u);
    CHECK(g.run(mcr(0, 10, 2, opc2), 0x98aa4).kind == Kind::none);
    CHECK(g.read(mrc(0, 10, 2, opc2)) == 0x98aa4);
    CHECK((opc2 ? g.state.nmrr : g.state.prrr) == 0x98aa4);
    (void)g.run(mcr(0, 1, 0, 0), 1);
    CHECK(g.state.rights().prrr == 0);
    CHECK(g.run(mcr(0, 10, 2, opc2), 0x1).kind == Kind::none);
    CHECK(g.run(mcr(0, 1, 0, 0), 1 | 1 << 28).kind == Kind::mmu_changed);
    CHECK((opc2 ? g.state.rights().nmrr : g.state.rights().prrr) == 1);
    CHECK(g.run(mcr(0, 10, 2, opc2), 0x98aa4).kind == Kind::mmu_changed);
    CHECK(g.run(mcr(0, 10, 2, opc2), 0x98aa4).kind == Kind::none);
    CHECK((opc2 ? g.state.rights().nmrr : g.state.rights().prrr) == 0x98aa4);
}

TEMPLATE_TEST_CASE("with the MMU off only domain 0 decides, as a client", "", V6, V7)
{
    TestType g = on_core<TestType>();
    (void)g.run(mcr(0, 3, 0, 0), 0xffffffff);
    (void)g.run(mcr(0, 1, 0, 0), 0x30000300); // TRE, AFE, R, S
    CHECK(g.state.rights() == vmsa::rights_off);
    (void)g.run(mcr(0, 1, 0, 0), 0x30000301);
    CHECK(g.state.rights().dacr == 0xffffffff);
    CHECK(g.state.rights().tre);
    CHECK(g.state.rights().afe);
}

TEMPLATE_TEST_CASE("a fault is recorded where the guest looks for it", "", V6, V7)
{
    TestType g = on_core<TestType>();
    g.state.record_fault(Abort::data, Va {0xc0ffee01}, 0xfffff817);
    CHECK(g.read(mrc(0, 5, 0, 0)) == 0x00001817);
    CHECK(g.read(mrc(0, 6, 0, 0)) == 0xc0ffee01);
    CHECK(g.read(mrc(0, 6, 0, 2)) == 0);
    g.state.record_fault(Abort::prefetch, Va {0xdead0000}, 0x1f);
    CHECK(g.read(mrc(0, 5, 0, 1)) == 0xf);
    CHECK(g.read(mrc(0, 6, 0, 2)) == 0xdead0000);
    CHECK(g.read(mrc(0, 6, 0, 0)) == 0xc0ffee01);
}

TEMPLATE_TEST_CASE("a translation for a guest says whose access it is made for; PAR holds the result", "", V6,
                   V7)
{
    TestType g = on_core<TestType>();
    unsigned const opc2 = GENERATE(0u, 1u, 2u, 3u);
    Cp15_action const action = g.run(mcr(0, 7, 8, opc2), 0xc0008abc);
    CHECK(action.kind == Kind::translate);
    CHECK(action.as == static_cast<As>(opc2));
    CHECK(action.address == Va {0xc0008000});
    CHECK(g.run(mcr(0, 7, 8, opc2 + 4), 0xc0008000).kind == Kind::undefined);
    CHECK(g.run(mrc(0, 7, 8, opc2)).kind == Kind::undefined);
    g.state.record_translation(Ipa {0x40008fff}, 0);
    CHECK(g.read(mrc(0, 7, 4, 0)) == 0x40008000);
    g.state.record_translation(Ipa {0x40008fff}, 0x1c47); // ExT, FS = 0b10111, domain 4
    CHECK(g.read(mrc(0, 7, 4, 0)) == (1 << 6 | 1 << 5 | 7 << 1 | 1));
}

TEMPLATE_TEST_CASE("cache operations that both architectures have", "", V6, V7)
{
    auto const [crm, opc2, kind, cache] = GENERATE(table<unsigned, unsigned, Kind, Cache>({
        {5, 0, Kind::cache_all, Cache::invalidate_i},
        {5, 1, Kind::cache_line, Cache::invalidate_i},
        {5, 6, Kind::cache_all, Cache::invalidate_i},
        {5, 7, Kind::cache_all, Cache::invalidate_i},
        {6, 1, Kind::cache_line, Cache::invalidate_d},
        {6, 2, Kind::cache_all, Cache::invalidate_d},
        {10, 1, Kind::cache_line, Cache::clean_d},
        {10, 2, Kind::cache_all, Cache::clean_d},
        {14, 1, Kind::cache_line, Cache::clean_invalidate_d},
        {14, 2, Kind::cache_all, Cache::clean_invalidate_d},
    }));
    TestType g = on_core<TestType>();
    Cp15_action const action = g.run(mcr(0, 7, crm, opc2), 0xc0008024);
    CAPTURE(crm, opc2);
    CHECK(action.kind == kind);
    CHECK(action.cache == cache);
    CHECK(action.address.value == (kind == Kind::cache_line ? 0xc0008024 : 0));
    CHECK(g.run(mrc(0, 7, crm, opc2)).kind == Kind::undefined);
    CHECK(g.run(mcr(1, 7, crm, opc2)).kind == Kind::undefined);
}

TEMPLATE_TEST_CASE("barriers drain, prefetching is a hint", "", V6, V7)
{
    TestType g = on_core<TestType>();
    CHECK(g.run(mcr(0, 7, 10, 4)).kind == Kind::drain);
    CHECK(g.run(mcr(0, 7, 10, 5)).kind == Kind::drain);
    CHECK(g.run(mcr(0, 7, 5, 4)).kind == Kind::none);
    CHECK(g.run(mcr(0, 7, 13, 1)).kind == Kind::none);
}

TEMPLATE_TEST_CASE("a TLB operation of a newer core: all, one page, or an ASID, through every half", "", V6,
                   V7)
{
    unsigned const half = GENERATE(5u, 6u, 7u);
    TestType g = on_core<TestType>();
    CHECK(g.run(mcr(0, 8, half, 0)).kind == Kind::tlb_all);
    CHECK(g.run(mcr(0, 8, half, 2), 0x1f).kind == Kind::tlb_all);
    Cp15_action const one = g.run(mcr(0, 8, half, 1), 0xc000801f); // with its ASID
    CHECK(one.kind == Kind::tlb_address);
    CHECK(one.address == Va {0xc0008000});
    CHECK(g.run(mrc(0, 8, half, 0)).kind == Kind::undefined);
    CHECK(g.run(mcr(0, 8, half, 4)).kind == Kind::undefined);
}

TEMPLATE_TEST_CASE("the user's read-only thread register is the core's own", "", V6, V7)
{
    TestType g = on_core<TestType>();
    Cp15_action const action = g.run(mcr(0, 13, 0, 3), 0xb6f00480);
    CHECK(action.kind == Kind::thread_register);
    CHECK(action.value == 0xb6f00480);
}

TEMPLATE_TEST_CASE("the Security Extensions, performance monitors and timers are not there", "", V6, V7)
{
    // SCR, SDER, NSACR, VBAR, MVBAR, ISR; PMCR, PMCNTENSET, PMCCNTR, PMUSERENR; CNTFRQ, CNTP_CTL
    auto const [crn, crm, opc2] = GENERATE(table<unsigned, unsigned, unsigned>({
        {1, 1, 0},
        {1, 1, 1},
        {1, 1, 2},
        {12, 0, 0},
        {12, 0, 1},
        {12, 1, 0},
        {4, 0, 0},
        {14, 0, 0},
        {14, 2, 1},
    }));
    TestType g = on_core<TestType>();
    CAPTURE(crn, crm, opc2);
    CHECK(g.run(mrc(0, crn, crm, opc2)).kind == Kind::undefined);
    CHECK(g.run(mcr(0, crn, crm, opc2), 1).kind == Kind::undefined);
}

TEMPLATE_TEST_CASE("CP14 identifies nothing; ThumbEE is not there", "", V6, V7)
{
    // mrc p14, 0, r0, c0, c0, 0 (DBGDIDR); c1, c0, 0 (DBGDRAR);
    // c2, c0, 0 (DBGDSAR); 7, c0 (JIDR); c1 (JOSCR); c2 (JMCR)
    TestType g = on_core<TestType>();
    u32 const identifies =
        GENERATE(0xee100e10u, 0xee110e10u, 0xee120e10u, 0xeef00e10u, 0xeef10e10u, 0xeef20e10u);
    CHECK(g.run(identifies).kind == Kind::none);
    CHECK(g.run(identifies).value == 0);
    // TEECR, TEEHBR; DBGDSCRint; DBGBVR0
    u32 const absent = GENERATE(0xeed00e10u, 0xeed10e10u, 0xee100e11u, 0xee100e90u);
    CHECK(g.run(absent).kind == Kind::undefined);
    CHECK(g.run(absent & ~(1u << 20), 1).kind == Kind::undefined);
    CHECK(g.run(0xee000e10u, 1).kind == Kind::undefined); // DBGDIDR is read-only
}

TEMPLATE_TEST_CASE("no access of a newer core's CP15 breaks its state or names what is not the guest's",
                   "[long]", V6, V7)
{
    TestType g = on_core<TestType>();
    u32 const value = GENERATE(0u, 0xffffffffu, 0x80000007u, 0x5a5aa5a5u);
    for (u32 name = 0; name != 1u << 14; ++name)
        for (bool load : {false, true})
            for (u8 coprocessor : {u8 {14}, u8 {15}, u8 {13}}) {
                Coprocessor_op const op {load,
                                         coprocessor,
                                         static_cast<u8>(name >> 11),
                                         static_cast<u8>(name >> 7 & 0xf),
                                         static_cast<u8>(name >> 3 & 0xf),
                                         static_cast<u8>(name & 7),
                                         static_cast<u8>(name % 16)};
                auto const before = g.state;
                Cp15_action const action = access(g.state, op, value, g.identity);
                if (load || action.kind == Kind::undefined)
                    REQUIRE(std::memcmp(&before, &g.state, sizeof before) == 0);
                REQUIRE((g.state.sctlr & 0x43028080) == 0); // TE, EE, VE, HA, L4, B
                REQUIRE((g.state.sctlr & 0x00050078) == 0x00050078);
                REQUIRE((g.state.table() & 0x3fff) == 0);
                if (coprocessor == 13)
                    REQUIRE(action.kind == Kind::undefined);
            }
}
