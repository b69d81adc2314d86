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
    case arch::Trap::data_abort: return handle_data_abort(d) ? &d.vcpu.context : machine.same();
    case arch::Trap::prefetch_abort: return handle_prefetch_abort(d) ? &d.vcpu.context : machine.same();
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

extern "C" u32 on_switch_table(u32 base) { return switch_table(*machine.current(), base); }

extern "C" u64 on_simple_call(u32 function, u32 *arguments)
{
    Domain &d = *machine.current();
    u32 const result = simple_hypercall(d, function, arguments);
    return u64 {(d.vcpu.raised & d.vcpu.enabled) != 0} << 32 | result;
}

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
