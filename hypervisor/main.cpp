// SPDX-License-Identifier: Apache-2.0
// Boot order, and on_trap(): handle, schedule, resume.
#include <base/log.hpp>
#include <board.hpp>
#include <boot/boot.hpp>
#include <kernel/machine.hpp>
#include <pv/trap/trap.hpp>

using namespace vambrace;

namespace {

/// The guest whose vcpu's registers these are.
Domain &domain_of(arch::Context &c)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                               \
    "-Winvalid-offsetof" // Domain has private members: the compiler knows the offset all the same
    return *reinterpret_cast<Domain *>(reinterpret_cast<char *>(&c) - offsetof(Domain, vcpu.context));
#pragma GCC diagnostic pop
}

} // namespace

extern "C" arch::Context *on_trap(arch::Trap trap, u32 status)
{
    Domain &d = *machine.current();
    switch (trap) {
    case arch::Trap::data_abort: handle_data_abort(d); return machine.same();
    case arch::Trap::prefetch_abort: handle_prefetch_abort(d); return machine.same();
    case arch::Trap::told_data_abort: handle_told_data_abort(d, status); return machine.same();
    case arch::Trap::told_prefetch_abort: handle_told_prefetch_abort(d, status); return machine.same();
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

extern "C" u32 on_user_data_abort(arch::Context *c) { return told_of_data_abort(domain_of(*c)); }
extern "C" u32 on_user_prefetch_abort(arch::Context *c) { return told_of_prefetch_abort(domain_of(*c)); }
extern "C" u32 on_switch_table(arch::Context *c, u32 base) { return switch_table(domain_of(*c), base); }

extern "C" u64 on_forget_table(Call *c, u32 base, u32, u32)
{
    return forget_table(domain_of(*c->guest), base);
}
extern "C" u64 on_tlb_flush(Call *c, u32 base, u32 va, u32 size)
{
    return tlb_flush(domain_of(*c->guest), c->r, base, va, size);
}
extern "C" u64 on_cache_op(Call *c, u32 op, u32 va, u32 size)
{
    return cache_op(domain_of(*c->guest), op, va, size);
}
extern "C" u64 on_set_tls(Call *c, u32 value, u32, u32) { return set_tls(domain_of(*c->guest), value); }
extern "C" u64 on_timer_set(Call *c, u32 low, u32 high, u32)
{
    Domain &d = domain_of(*c->guest);
    u32 const result = timer_set(d, low, high);
    return u64 {(d.vcpu.raised & d.vcpu.enabled) != 0} << 32 | result;
}
extern "C" u64 on_time_get(Call *c, u32, u32, u32) { return time_get(domain_of(*c->guest), c->r); }

extern "C" arch::Context *on_refill(arch::Context *c)
{
    refill(domain_of(*c));
    return c;
}

extern "C" arch::Context *on_boot(u32 device_tree, u32 ram)
{
    boot(device_tree, ram);
    return machine.next();
}

extern "C" void on_fatal(arch::Trap trap, arch::Fatal_trap const *state)
{
    constexpr char const *names[] = {"undefined instruction", "svc", "prefetch abort", "data abort",
                                     "irq"}; // of Trap
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
