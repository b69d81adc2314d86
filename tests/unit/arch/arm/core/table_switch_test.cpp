// SPDX-License-Identifier: Apache-2.0
// The order of a table switch on ARMv6 and ARMv7 cores (DDI 0406C B3.10.4).
#include <arch/arm/core/table_switch.hpp>
#include <catch2/catch.hpp>
#include <support/recorder.hpp>

using namespace vambrace;
using namespace vambrace::vmsa;
using S = Table_step;

namespace {

using Step = Operation<S>;
using Steps = Record<S>;

template <Walks walks>
Steps switched(u32 ttbr, u32 asid)
{
    return record_of<S>([&](auto port) { switch_table<walks>(port, ttbr, asid); });
}

} // namespace

TEST_CASE("table switch: the table changes under ASID 0, and the predictor forgets")
{
    CHECK(switched<Walks::end_at_isb>(0x10000008, 7) == Steps {{S::dsb, 0},
                                                               {S::contextidr, 0},
                                                               {S::isb, 0},
                                                               {S::ttbr, 0x10000008},
                                                               {S::isb, 0},
                                                               {S::contextidr, 7},
                                                               {S::invalidate_predictor, 0},
                                                               {S::isb, 0}});
}

TEST_CASE(
    "table switch: where a walk may cross a change of the ASID, a DSB stands before each (erratum 754322)")
{
    CHECK(switched<Walks::may_cross_asid>(0x10000008, 7) == Steps {{S::dsb, 0},
                                                                   {S::contextidr, 0},
                                                                   {S::isb, 0},
                                                                   {S::ttbr, 0x10000008},
                                                                   {S::isb, 0},
                                                                   {S::dsb, 0},
                                                                   {S::contextidr, 7},
                                                                   {S::invalidate_predictor, 0},
                                                                   {S::isb, 0}});
}

TEST_CASE("table switch: to the hypervisor's own table all that was walked meanwhile goes")
{
    CHECK(switched<Walks::end_at_isb>(0x8, 0).back() == Step {S::invalidate_tlb, 0});
    CHECK(switched<Walks::may_cross_asid>(0x8, 0).back() == Step {S::invalidate_tlb, 0});
}
