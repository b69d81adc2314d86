// SPDX-License-Identifier: Apache-2.0
// Which revisions of the Cortex-A cores get which bits, and in which order.
#include <arch/armv7/errata.hpp>
#include <catch2/catch.hpp>
#include <support/recorder.hpp>

using namespace vambrace;
using namespace vambrace::armv7;

namespace {

using Steps = Record<Errata_step>;

Steps steps(u32 midr)
{
    return record_of<Errata_step>([&](auto port) { avoid_errata(port, midr); });
}

u32 set(u32 midr, Configuration where) { return errata_bits(errata, midr, where); }

} // namespace

TEST_CASE("errata: a Cortex-A8 gets the bits of its revision in ACTLR and L2ACTLR")
{
    auto const [midr, actlr, l2actlr] = GENERATE(table<u32, u32, u32>({
        {0x410fc080, 0x0e0, 0x08000000}, // r0p0: IBE, DBSM, L1NEON; no forwarding to a PLD
        {0x411fc081, 0x0e0, 0x08000000}, // r1p1
        {0x411fc083, 0x0e0, 0x08000000}, // r1p3
        {0x411fc087, 0x0e0, 0x08000000}, // r1p7
        {0x412fc080, 0x2e0, 0x08400000}, // r2p0: PLDNOP as well; no write-allocation in the second level
        {0x412fc081, 0, 0},              // r2p1
        {0x412fc085, 0, 0},
        {0x413fc080, 0, 0}, // r3p0
        {0x413fc082, 0, 0}, // r3p2
        {0x410fc090, 0, 0}, // a Cortex-A9
        {0x412fc090, 0, 0},
        {0x510fc080, 0, 0}, // another implementer's
    }));
    CHECK(set(midr, Configuration::actlr) == actlr);
    CHECK(set(midr, Configuration::a8_l2actlr) == l2actlr);
    CHECK(set(midr, Configuration::a15_l2actlr) == 0);
}

TEST_CASE("errata: a Cortex-A9 of r2 runs without an optimisation of its store buffer")
{
    auto const [midr, diagnostic] = GENERATE(table<u32, u32>({
        {0x410fc090, 0}, // r0p0
        {0x411fc091, 0}, // r1p1
        {0x411fc09f, 0},
        {0x412fc090, 0x40}, // r2p0
        {0x412fc092, 0x40}, // r2p2
        {0x412fc09a, 0x40}, // r2p10
        {0x412fc09f, 0x40},
        {0x413fc090, 0}, // r3p0
        {0x414fc091, 0}, // r4p1
        {0x412fc080, 0}, // a Cortex-A8
        {0x512fc090, 0}, // another implementer's
    }));
    CHECK(set(midr, Configuration::diagnostic) == diagnostic);
    CHECK(set(0x412fc090, Configuration::actlr) == 0);
}

TEST_CASE(
    "errata: the second level is set up first, the debug register is cleared before the predictor obeys")
{
    CHECK(steps(0x412fc080) == Steps {{Errata_step::set_a8_l2actlr, 0x08400000},
                                      {Errata_step::clear_array_debug, 0},
                                      {Errata_step::set_actlr, 0x2e0}});
    CHECK(steps(0x412fc09a) == Steps {{Errata_step::set_diagnostic, 0x40}});
    CHECK(steps(0x410fc0f0) == Steps {{Errata_step::set_actlr, 0x2}});
    CHECK(steps(0x412fc0f1) == Steps {{Errata_step::set_a15_l2actlr, 0x80}});
}

TEST_CASE(
    "errata: a Cortex-A15 runs without its loop buffer before r0p5, with a time limit for hazards in r2")
{
    auto const [midr, actlr, l2actlr] = GENERATE(table<u32, u32, u32>({
        {0x410fc0f0, 0x2, 0}, // r0p0
        {0x410fc0f4, 0x2, 0}, // r0p4
        {0x410fc0f5, 0, 0},
        {0x411fc0f3, 0, 0},    // r1p3
        {0x412fc0f0, 0, 0x80}, // r2p0
        {0x412fc0f4, 0, 0x80}, // r2p4
        {0x413fc0f0, 0, 0},    // r3p0
        {0x414fc0f0, 0, 0},    // r4p0
        {0x510fc0f0, 0, 0},    // another implementer's
    }));
    CHECK(set(midr, Configuration::actlr) == actlr);
    CHECK(set(midr, Configuration::a15_l2actlr) == l2actlr);
    CHECK(set(midr, Configuration::a8_l2actlr) == 0);
}

TEST_CASE("errata: a core that has none of them is left alone")
{
    CHECK(steps(0x412fc081).empty());
    CHECK(steps(0x413fc082).empty());
    CHECK(steps(0x410fc090).empty());
    CHECK(steps(0x413fc090).empty());
    CHECK(steps(0x414fc0f0).empty());
    CHECK(steps(0x410fc075).empty()); // a Cortex-A7 r0p5
    CHECK(steps(0x410fc051).empty()); // a Cortex-A5 r0p1
}
