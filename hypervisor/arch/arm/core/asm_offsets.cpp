// SPDX-License-Identifier: Apache-2.0
// The numbers that assembly shares with C++; the build turns this into asm_offsets.h.
#include <arch.hpp>
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/define_offset.hpp>
#include <arch/arm/core/layout.hpp>

using namespace vambrace;
using Entry = arch::Shadow_entry;

void offsets()
{
    DEFINE(CONTEXT_PC, offsetof(Context, regs.pc));
    DEFINE(CONTEXT_PSR, offsetof(Context, regs.psr));
    static_assert(offsetof(Context, regs.psr) == offsetof(Context, regs.pc) + 4 &&
                  offsetof(Context, regs.pc) % 8 == 0);
    static_assert(offsetof(Context, user_frame) == 0 && offsetof(Context, regs) == 4);
    DEFINE(CONTEXT_DACR_KERNEL, offsetof(Context, dacr_kernel));
    DEFINE(CONTEXT_DACR_USER, offsetof(Context, dacr_user));
    DEFINE(CONTEXT_SVC_ENTRY, offsetof(Context, svc_entry));
    DEFINE(CONTEXT_ATTENTION, offsetof(Context, pending.attention));
    DEFINE(ATTENTION_REFILL, Pending_work::refill_only);
    DEFINE(CONTEXT_SYSTEM_CALLS, offsetof(Context, system_calls));
    DEFINE(CONTEXT_DATA_ABORTS, offsetof(Context, data_aborts));
    DEFINE(CONTEXT_PREFETCH_ABORTS, offsetof(Context, prefetch_aborts));
    DEFINE(CONTEXT_DATA_ABORT_ENTRY, offsetof(Context, data_abort_entry));
    DEFINE(CONTEXT_PREFETCH_ABORT_ENTRY, offsetof(Context, prefetch_abort_entry));
    DEFINE(CONTEXT_REFILL, offsetof(Context, pending.refill));
    DEFINE(TRAP_UNDEFINED, static_cast<u32>(Trap::undefined));
    DEFINE(TRAP_SVC, static_cast<u32>(Trap::svc));
    DEFINE(TRAP_PREFETCH_ABORT, static_cast<u32>(Trap::prefetch_abort));
    DEFINE(TRAP_DATA_ABORT, static_cast<u32>(Trap::data_abort));
    DEFINE(TRAP_IRQ, static_cast<u32>(Trap::irq));
    DEFINE(TRAP_NONE, static_cast<u32>(Trap::none));
    DEFINE(TRAP_CERTAIN_PREFETCH_ABORT, static_cast<u32>(Trap::certain_prefetch_abort));
    DEFINE(TRAP_CERTAIN_DATA_ABORT, static_cast<u32>(Trap::certain_data_abort));
    DEFINE(AFTER_CALL_SEE_INTERRUPT, static_cast<u32>(After_call::see_interrupt));
    static_assert(After_call::back < After_call::see_interrupt &&
                  After_call::see_interrupt < After_call::as_any_trap); // compared without a sign
    DEFINE(ENTRY_ONLY_ONE, static_cast<u32>(Entry_mode::only_one));
    DEFINE(IMAGE, layout::image);
    DEFINE(OWN_TABLE, Entry::table(0, Dacr_domain::hypervisor));
    DEFINE(PAGE_CODE, Entry::private_page(0, Entry::cached, Own_use::code));
    DEFINE(LARGE_CODE, Entry::private_large_page(0, Entry::cached, Own_use::code));
    DEFINE(PAGE_CONSTANTS, Entry::private_page(0, Entry::cached, Own_use::constants));
    DEFINE(PAGE_DATA, Entry::private_page(0, Entry::cached, Own_use::data));
    DEFINE(LARGE_DATA, Entry::private_large_page(0, Entry::cached, Own_use::data));
}
