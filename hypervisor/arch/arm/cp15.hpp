// SPDX-License-Identifier: Apache-2.0
// What a guest's access to its virtual CP15 asks of the hypervisor; the registers themselves are per core.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// The consequence of one MCR or MRC. The state has changed already; a write that changed nothing, or
/// nothing that anybody sees, is `none`.
struct [[nodiscard]] Cp15_action {
    enum class Kind : u8 {
        none,
        undefined,          ///< the guest gets an undefined instruction; nothing changed
        mmu_changed,        ///< SCTLR.M, S or R (and perhaps A): translations or rights of every table
        alignment_changed,  ///< SCTLR.A only
        domains_changed,    ///< DACR: the rights of some domain
        table_changed,      ///< TTBR
        tlb_all,            ///< forget all translations
        tlb_address,        ///< forget the translation of `address`
        cache_all,          ///< `cache` on the whole cache
        cache_line,         ///< `cache` on the line of `address`
        drain,              ///< drain the write buffer
        wait_for_interrupt, ///< until an interrupt is pending, masked or not
    };
    /// Executed on caches that other guests share: an invalidation may have to clean as well.
    enum class Cache : u8 { invalidate_i, invalidate_d, invalidate_both, clean_d, clean_invalidate_d };

    Kind kind = Kind::none;
    Cache cache = Cache::invalidate_i;
    Va address {0}; ///< the guest's, any value
    u32 value = 0;  ///< MRC: what complete() takes
};

/// One CP15 register or operation as a number, for switch tables.
constexpr u32 cp15_name(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return opc1 << 12 | crn << 8 | crm << 4 | opc2;
}

} // namespace vambrace
