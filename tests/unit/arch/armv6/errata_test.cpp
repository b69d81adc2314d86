// SPDX-License-Identifier: Apache-2.0
// Which revisions of the ARM11 cores get which bits, and in which order.
#include <arch/armv6/errata.hpp>
#include <catch2/catch.hpp>
#include <support/recorder.hpp>

using namespace vambrace;
using namespace vambrace::armv6;

namespace {

using Steps = Record<Errata_step>;

Steps steps(u32 midr)
{
    return record_of<Errata_step>([&](auto port) { avoid_errata(port, midr); });
}

} // namespace

TEST_CASE("errata: an ARM1136 of r0 from r0p2 on runs without hit under miss, other ARM11 cores as they are")
{
    Steps const no_hit_under_miss {{Errata_step::set_actlr, 0x80000000},
                                   {Errata_step::dsb, 0},
                                   {Errata_step::set_sctlr, 0x00200000},
                                   {Errata_step::dsb, 0}};
    auto const [midr, affected] = GENERATE(table<u32, bool>({
        {0x4107b360, false}, // r0p0
        {0x4107b361, false}, // r0p1
        {0x4107b362, true},  // r0p2
        {0x4107b364, true},  // r0p4
        {0x4107b36f, true},
        {0x4117b360, false}, // r1p0
        {0x4117b363, false}, // r1p3
        {0x410fb767, false}, // ARM1176 r0p7
        {0x410fb762, false}, // ARM1176 r0p2
        {0x410fb022, false}, // ARM11 MPCore r0p2
        {0x5607b362, false}, // another implementer's
    }));
    CHECK(steps(midr) == (affected ? no_hit_under_miss : Steps {}));
}
