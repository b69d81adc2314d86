// SPDX-License-Identifier: Apache-2.0
// Boot order, and on_trap(): handle, schedule, resume.
#include <base/log.hpp>
#include <boot/boot.hpp>
#include <boot/pv_way.hpp>
#include <kernel/cpu.hpp>
#include <pv/trap/trap.hpp>
#include <wait.hpp>

using namespace vambrace;

extern "C" arch::Context *on_trap(arch::Trap trap, u32 status, arch::Context *c)
{
    Running const g = running(*c);
    switch (trap) {
    case arch::Trap::data_abort: handle_data_abort(g); return resume(g);
    case arch::Trap::prefetch_abort: handle_prefetch_abort(g); return resume(g);
    case arch::Trap::certain_data_abort: deliver_certain_data_abort(g, status); return resume(g);
    case arch::Trap::certain_prefetch_abort: deliver_certain_prefetch_abort(g, status); return resume(g);
    case arch::Trap::svc: handle_svc(g); break;
    case arch::Trap::none: break;
    case arch::Trap::undefined: handle_undefined(g); break;
    case arch::Trap::irq:
        g->counters.count(Counter::irq);
        this_cpu().handle_interrupt();
        break;
    }
    return resume_next();
}

extern "C" u32 on_user_data_abort(arch::Context *c) { return certain_data_abort(running(*c)); }
extern "C" u32 on_user_prefetch_abort(arch::Context *c) { return certain_prefetch_abort(running(*c)); }

extern "C" arch::Context *on_refill(arch::Context *c)
{
    refill(running(*c));
    return c;
}

extern "C" arch::Context *on_boot(u32 device_tree, u32 ram, Entry_mode mode)
{
    Pv_way way {ram, mode};
    boot(device_tree, ram, way);
    return resume_next();
}

extern "C" void on_fatal(arch::Trap trap, arch::Fatal_trap const *state)
{
    constexpr char const *names[] = {"undefined instruction", "svc", "prefetch abort", "data abort",
                                     "irq"}; // of Trap
    constexpr char const *places[] = {"",          "unused memory",      "code",
                                      "constants", "stack's guard page", "data"}; // of Own_place
    Va const far = arch::fault_address();
    Va const at = trap == arch::Trap::data_abort ? far : Va {state->pc};
    arch::Own_place const place = arch::own_place(at);
    bool const overflow = trap == arch::Trap::data_abort && place == arch::Own_place::stack_guard;
    log("\nvambrace: FATAL: %s in the hypervisor at pc %08x\n",
        overflow ? "stack overflow" : names[static_cast<u32>(trap)], state->pc);
    log("vambrace:   r0 %08x psr %08x far %08x dfsr %02x\n", state->r0, state->psr, far.value,
        arch::data_fault_status());
    if (place != arch::Own_place::elsewhere)
        log("vambrace:   %08x is in its %s\n", at.value, places[static_cast<u32>(place)]);
    if (Vcpu const *const v = this_cpu().current()) {
        log("vambrace:   guest %u (%s) had the processor\n", v->domain.id + 1, v->domain.label());
        v->domain.kind.dump(v->domain);
    }
    halt();
}

namespace vambrace {

void halt()
{
    this_cpu().host.console.flush_log();
    for (;;)
        core::wait_for_interrupt();
}

void assertion_failed(char const *condition, char const *file, unsigned line)
{
    log("\nvambrace: %s:%u does not hold:\n", file, line);
    panic(condition);
}

void panic(char const *why)
{
    log("\nvambrace: FATAL: %s\n", why);
    halt();
}

} // namespace vambrace
