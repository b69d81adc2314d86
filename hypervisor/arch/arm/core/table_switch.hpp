// SPDX-License-Identifier: Apache-2.0
// The order in which ARMv6 and ARMv7 cores take another first-level table (DDI 0406C B3.10.4).
#pragma once
#include <base/types.hpp>

namespace vambrace::vmsa {

/// CP15 operations by name. The port executes them; a test's port records them.
enum class Table_step : u8 {
    dsb,
    isb,
    contextidr, ///< the ASID
    ttbr,
    invalidate_predictor,
    invalidate_tlb, ///< all of it
};

/// Cortex-A9 (r2, r3), erratum 754322: a walk that began before a change of the ASID and ends after it is
/// entered under the new one. A DSB before each change waits for it.
enum class Walks : bool { end_at_isb, may_cross_asid };

/// No walk mixes the old table with the new ASID. What was walked meanwhile is under ASID 0, which is the
/// hypervisor's own table's.
/// \param ttbr what TTBR0 holds
template <Walks walks, typename Port>
[[gnu::always_inline]] inline void switch_table(Port port, u32 ttbr, u32 asid)
{
    port(Table_step::dsb, 0);
    port(Table_step::contextidr, 0);
    port(Table_step::isb, 0);
    port(Table_step::ttbr, ttbr);
    port(Table_step::isb, 0);
    if constexpr (walks == Walks::may_cross_asid)
        port(Table_step::dsb, 0);
    port(Table_step::contextidr, asid);
    port(Table_step::invalidate_predictor, 0);
    port(Table_step::isb, 0);
    if (asid == 0)
        port(Table_step::invalidate_tlb, 0);
}

} // namespace vambrace::vmsa
