// SPDX-License-Identifier: Apache-2.0
// Exceptions that the hypervisor gives a guest: the model says what its registers hold then.
#include <hyp/trap/trap.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

Exception_control control() { return {Sctlr::read().word(), Vbar::read(), Ttbcr::read()}; }

Return_state state_of(Hyp_vcpu const &v) { return {v.context.pc, v.context.psr}; }

void go_on(Hyp_vcpu &v, Exception_entry const &entry)
{
    v.context.pc = entry.pc;
    v.context.psr = entry.cpsr;
}

Abort_entry enter_abort(Hyp_vcpu &v, Abort abort, Injected_fault const &fault, Va va)
{
    Abort_entry const all = inject_abort(abort, fault, va, control(), state_of(v));
    write_lr_abt(all.entry.lr);
    write_spsr_abt(all.entry.spsr);
    go_on(v, all.entry);
    return all;
}

} // namespace

void inject_undefined(Hyp_vcpu &v)
{
    v.domain.counters.count(Counter::undefined);
    Exception_entry const entry = inject_undefined(control(), state_of(v));
    write_lr_und(entry.lr);
    write_spsr_und(entry.spsr);
    go_on(v, entry);
}

void inject_data_abort(Hyp_vcpu &v, Injected_fault const &fault, Va va)
{
    v.domain.counters.count(Counter::data_abort);
    Abort_entry const all = enter_abort(v, Abort::data, fault, va);
    arm::Dfsr::write(all.status);
    arm::Far::write(all.address);
}

void inject_prefetch_abort(Hyp_vcpu &v, Injected_fault const &fault, Va va)
{
    using Ifar = Cp15<0, 6, 0, 2>;
    v.domain.counters.count(Counter::prefetch_abort);
    Abort_entry const all = enter_abort(v, Abort::prefetch, fault, va);
    arm::Ifsr::write(all.status);
    Ifar::write(all.address);
}

} // namespace vambrace
