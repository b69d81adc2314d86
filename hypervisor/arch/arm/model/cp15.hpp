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
        mmu_changed,        ///< what rights() says, or SCTLR.M (and perhaps A): every table
        alignment_changed,  ///< SCTLR.A only
        domains_changed,    ///< DACR: the rights of some domain
        table_changed,      ///< TTBR
        tlb_all,            ///< forget all translations
        tlb_address,        ///< forget the translation of `address`
        cache_all,          ///< `cache` on the whole cache
        cache_line,         ///< `cache` on the line of `address`
        cache_range,        ///< `cache` on the lines from `address`, `value` bytes; does not wrap round
        drain,              ///< drain the write buffer
        wait_for_interrupt, ///< until an interrupt is pending, masked or not
        translate,       ///< `address`, for an access of kind `as`: the result goes to record_translation()
        thread_register, ///< TPIDRURO is `value` from now on
        coprocessors_changed, ///< CPACR: vfp_access()
    };
    /// Executed on caches that other guests share: an invalidation may have to clean as well.
    enum class Cache : u8 { invalidate_i, invalidate_d, invalidate_both, clean_d, clean_invalidate_d };

    /// Whose access a translation is made for (DDI 0406C B4.2.4): bit 0 a write, bit 1 guest user.
    enum class As : u8 { kernel_read, kernel_write, user_read, user_write };

    Kind kind = Kind::none;
    Cache cache = Cache::invalidate_i;
    As as = As::kernel_read;
    Va address {0}; ///< the guest's, any value
    u32 value = 0;  ///< MRC: what complete() takes
};

/// One CP15 register or operation as a number, for switch tables.
constexpr u32 cp15_name(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return opc1 << 12 | crn << 8 | crm << 4 | opc2;
}

} // namespace vambrace
