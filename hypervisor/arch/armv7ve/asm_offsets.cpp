// SPDX-License-Identifier: Apache-2.0
// The numbers that hyp/entry shares with C++; the build adds them to asm_offsets.h.
#include <arch.hpp>
#include <arch/arm/core/define_offset.hpp>

using namespace vambrace;
using namespace vambrace::lpae;

void offsets()
{
    DEFINE(HYP_CONTEXT_PC, offsetof(Hyp_context, pc));
    static_assert(offsetof(Hyp_context, lr) == 13 * 4 &&
                  offsetof(Hyp_context, psr) == offsetof(Hyp_context, pc) + 4);
    DEFINE(ENTRY_NO_EXTENSIONS, static_cast<u32>(Entry_mode::no_extensions));
    DEFINE(ENTRY_NON_SECURE_SVC, static_cast<u32>(Entry_mode::non_secure_svc));
    DEFINE(ENTRY_HYP, static_cast<u32>(Entry_mode::hyp));
    DEFINE(ENTRY_HYP_BY_SECURE_SVC, static_cast<u32>(Entry_mode::hyp_by_secure_svc));
    DEFINE(HYP_CONTEXT_LEAF_CALLS, offsetof(Hyp_context, leaf_calls));
    DEFINE(EC_HVC, static_cast<u32>(Ec::hvc));
    DEFINE(HYP_TRAP_OWN_UNDEFINED, static_cast<u32>(Hyp_trap::own_undefined));
    DEFINE(HYP_TRAP_OWN_PREFETCH_ABORT, static_cast<u32>(Hyp_trap::own_prefetch_abort));
    DEFINE(HYP_TRAP_OWN_DATA_ABORT, static_cast<u32>(Hyp_trap::own_data_abort));
    DEFINE(HYP_TRAP_OWN_UNEXPECTED, static_cast<u32>(Hyp_trap::own_unexpected));
    static_assert(offsetof(armv7ve::Hyp_tables, image) == 0x1000);
    // The lower words of entries; the upper ones, 0, let HYP mode execute all that start.S maps.
    DEFINE(HYP_TABLE, static_cast<u32>(Own_entry::table({0})));
    DEFINE(HYP_BLOCK, static_cast<u32>(Own_entry::block_1g({0}, Memory_type::normal, Own_use::data)));
    DEFINE(HYP_PAGE, static_cast<u32>(Own_entry::page({0}, Memory_type::normal, Own_use::data)));
    DEFINE(HYP_HMAIR0, hmair0);
    DEFINE(HYP_HTCR, htcr::value);
}
