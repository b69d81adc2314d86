// SPDX-License-Identifier: Apache-2.0
// The numbers that assembly shares with C++; the build turns this into asm_offsets.h.
#include <arch.hpp>
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/define_offset.hpp>
#include <arch/arm/core/layout.hpp>

using namespace vambrace;
using Entry = arch::Shadow_entry;

/// From where SVC mode's stack pointer points.
#define DEFINE_CONTEXT(name, member)                                                                         \
    DEFINE(name,                                                                                             \
           static_cast<int>(offsetof(Context, member)) - static_cast<int>(offsetof(Context, user_frame)))

void offsets()
{
    DEFINE_CONTEXT(CONTEXT_PC, regs.pc);
    DEFINE_CONTEXT(CONTEXT_PSR, regs.psr);
    static_assert(offsetof(Context, regs.psr) == offsetof(Context, regs.pc) + 4 &&
                  offsetof(Context, regs.pc) % 8 == 0);
    DEFINE(CONTEXT_STACK, offsetof(Context, user_frame));
    DEFINE_CONTEXT(CONTEXT_SVC_HANDLER, svc_handler);
    DEFINE(SVC_OF_KERNEL, Context::svc_of_kernel);
    static_assert(offsetof(Context, regs) == offsetof(Context, user_frame) + 4 &&
                  offsetof(Context, svc_handler) == offsetof(Context, user_frame) - 12);
    DEFINE_CONTEXT(CONTEXT_DACR_KERNEL, dacr_kernel);
    DEFINE_CONTEXT(CONTEXT_DACR_USER, dacr_user);
    DEFINE_CONTEXT(CONTEXT_SVC_ENTRY, svc_entry);
    DEFINE_CONTEXT(CONTEXT_ATTENTION, pending.attention);
    DEFINE(ATTENTION_REFILL, Pending_work::refill_only);
    DEFINE_CONTEXT(CONTEXT_DATA_ABORTS, data_aborts);
    DEFINE_CONTEXT(CONTEXT_PREFETCH_ABORTS, prefetch_aborts);
    DEFINE_CONTEXT(CONTEXT_DATA_ABORT_ENTRY, data_abort_entry);
    DEFINE_CONTEXT(CONTEXT_PREFETCH_ABORT_ENTRY, prefetch_abort_entry);
    DEFINE_CONTEXT(CONTEXT_REFILL, pending.refill);
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
