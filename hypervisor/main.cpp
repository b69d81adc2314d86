// SPDX-License-Identifier: Apache-2.0
// Boot order, and on_trap(): handle, schedule, resume.
#include <base/log.hpp>
#include <board.hpp>
#include <core/boot.hpp>
#include <core/machine.hpp>
#include <core/trap.hpp>

using namespace vambrace;

extern "C" arch::Context *on_trap(arch::Trap trap)
{
    Domain &d = *machine.current();
    switch (trap) {
    case arch::Trap::data_abort: handle_data_abort(d); return machine.same();
    case arch::Trap::prefetch_abort: handle_prefetch_abort(d); return machine.same();
    case arch::Trap::svc: handle_svc(d); break;
    case arch::Trap::none: break;
    case arch::Trap::undefined: handle_undefined(d); break;
    case arch::Trap::irq:
        d.counters.count(Counter::irq);
        machine.handle_interrupts();
        break;
    }
    return machine.next();
}

extern "C" u32 on_user_data_abort() { return told_quickly(*machine.current(), false); }
extern "C" u32 on_user_prefetch_abort() { return told_quickly(*machine.current(), true); }
extern "C" u32 on_switch_table(u32 base) { return switch_table(*machine.current(), base); }

extern "C" u64 on_forget_table(u32 *, u32 base, u32, u32) { return forget_table(*machine.current(), base); }
extern "C" u64 on_tlb_flush(u32 *r, u32 base, u32 va, u32 size)
{
    return tlb_flush(*machine.current(), r, base, va, size);
}
extern "C" u64 on_cache_op(u32 *, u32 op, u32 va, u32 size) { return cache_op(*machine.current(), op, va, size); }
extern "C" u64 on_set_tls(u32 *, u32 value, u32, u32) { return set_tls(*machine.current(), value); }
extern "C" u64 on_timer_set(u32 *, u32 low, u32 high, u32)
{
    Domain &d = *machine.current();
    u32 const result = timer_set(d, low, high);
    return u64 {(d.vcpu.raised & d.vcpu.enabled) != 0} << 32 | result;
}
extern "C" u64 on_time_get(u32 *r, u32, u32, u32) { return time_get(*machine.current(), r); }

extern "C" void on_refill() { refill(*machine.current()); }

extern "C" arch::Context *on_boot(u32 device_tree, u32 ram)
{
    boot(device_tree, ram);
    return machine.next();
}

extern "C" void on_fatal(arch::Trap trap, arch::Fatal_trap const *state)
{
    constexpr char const *names[] = {"undefined instruction", "svc", "prefetch abort", "data abort", "irq"};
    log("\nvambrace: FATAL: %s in the hypervisor at pc %08x\n", names[static_cast<u32>(trap)], state->pc);
    log("vambrace:   r0 %08x psr %08x far %08x dfsr %02x\n", state->r0, state->psr,
        arch::fault_address().value, arch::data_fault_status());
    if (Domain *const d = machine.current())
        log("vambrace:   guest %u (%s): pc %08x lr %08x sp %08x psr %08x\n", d->id + 1, d->label(),
            d->vcpu.context.regs.pc, d->vcpu.context.regs.lr, d->vcpu.context.regs.sp,
            d->vcpu.context.regs.psr);
    halt();
}

namespace vambrace {

void halt()
{
    machine.console.flush_log();
    for (;;)
        arch::wait_for_interrupt();
}

void panic(char const *why)
{
    log("\nvambrace: FATAL: %s\n", why);
    halt();
}

} // namespace vambrace
