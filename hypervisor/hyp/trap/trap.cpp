// SPDX-License-Identifier: Apache-2.0
// Which trap it was, and the way out of all of them.
#include <base/log.hpp>
#include <hyp/trap/trap.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

/// BXJ without Jazelle is BX.
void branch(Hyp_vcpu &v, u32 to)
{
    Hyp_context &c = v.context;
    c.psr = (advance_it(c.psr) & ~psr::t) | (to & 1 ? psr::t : 0);
    c.pc = to & 1 ? to & ~1u : to & ~3u;
}

/// There is no memory where the guest has jumped to.
void refuse_fetch(Hyp_vcpu &v, Abort_syndrome const &s)
{
    Fault_kind const kind = s.on_stage1_walk ? Fault_kind::external_on_walk : Fault_kind::external;
    inject_prefetch_abort(v, {kind, 1, false}, Va {Hifar::read()});
}

/// WFE lets others run, as a guest waits with it for another of its processors.
void wait(Hyp_vcpu &v, Hsr hsr)
{
    v.domain.counters.count(Counter::idle);
    skip_instruction(v, hsr.length());
    if (hsr.is_wfe())
        this_cpu().yield(v);
    else
        wait_until_interrupted(v);
}

} // namespace

[[gnu::noinline]] void handle_other_trap(Hyp_vcpu &v, Hsr hsr)
{
    if (hsr.ec() == Ec::guest_data_abort) // of an access that is executed, its condition has passed
        return access_device(v, hsr);
    if (!condition_passed(hsr, v.context.psr))
        return skip_instruction(v, hsr.length());
    switch (hsr.ec()) {
    case Ec::wfx: return wait(v, hsr);
    case Ec::smc: skip_instruction(v, 4); return handle_call(v);
    case Ec::coprocessor:
        if (!guest_of(v).processor.vfp().present)
            return inject_undefined(v);
        return guest_of(v).processor.take_vfp(v);
    case Ec::cp15_word:
    case Ec::cp15_pair:
    case Ec::cp14_word:
    case Ec::cp10_id:
    case Ec::cp14_pair: return access_register(v, hsr);
    case Ec::bxj: return branch(v, read_register(v, hsr.bxj_register()));
    case Ec::guest_prefetch_abort: return refuse_fetch(v, hsr.prefetch_abort());
    default: return inject_undefined(v);
    }
}

void skip_instruction(Hyp_vcpu &v, unsigned length)
{
    v.context.pc += length;
    v.context.psr = advance_it(v.context.psr);
}

[[gnu::noinline]] Hyp_context *resume_hyp()
{
    Cpu &cpu = this_cpu();
    for (;;) {
        auto &v = static_cast<Hyp_vcpu &>(cpu.schedule());
        if (Vgic const &gic = guest_of(v).gic; !gic.is_settled() && gic.needs_fill(v.number))
            fill_list_registers(v);
        if (!cpu.must_reschedule())
            return &v.context;
    }
}

} // namespace vambrace
