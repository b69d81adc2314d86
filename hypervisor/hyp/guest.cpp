// SPDX-License-Identifier: Apache-2.0
// What the kernel asks of a guest in HYP mode's care: Guest_kind's functions.
#include <base/log.hpp>
#include <hyp/interrupts.hpp>
#include <hyp/machine.hpp>
#include <hyp/trap/trap.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

Hyp_vcpu &hyp(Vcpu &v) { return static_cast<Hyp_vcpu &>(v); }

} // namespace

Guest_kind const Hyp_guest::kind {.interface = Guest_interface::hardware,
                                  .start = start,
                                  .use_own_table = use_own_table,
                                  .open_memory = open_memory,
                                  .close_memory = close_memory,
                                  .enter = enter,
                                  .leave = leave,
                                  .clock_changed = clock_changed,
                                  .set_irq = set_irq,
                                  .stop = stop,
                                  .dump = dump,
                                  .counters = counters_of};

[[gnu::cold]] Hyp_guest::Hyp_guest(unsigned id, char const *label, Memory memory, Hyp_processor &processor)
    : Domain {id, label, memory, kind, vcpu}, vcpu {*this, 0}, processor {processor}, standard {*this}
{
    standard.connect(*this, this_cpu().host.wall_clock);
}

[[gnu::cold]] Error Hyp_guest::init(Firmware firmware, Arena &arena, u32 ram)
{
    if (Error const error = stage2.init(memory, arena, ram); error != Error::none)
        return error;
    vttbr_ = stage2.base(vmid());
    for (u32 page = 0; page != 2; ++page) {
        Frame const frame = Frame::of(board::virtual_cpu_interface + page * page_size);
        Ipa const ipa {machine::gic_cpu_interface + page * page_size};
        if (Error const error = stage2.map_device(ipa, frame, arena, ram); error != Error::none)
            return error;
    }
    for (Windows::Window const &window : windows)
        if (Error const error = stage2.map_window(window, arena, ram); error != Error::none)
            return error;
    return firmware.size ? stage2.map_flash(firmware, arena, ram) : Error::none;
}

[[gnu::cold]] void Hyp_guest::start(Domain &domain, Start start)
{
    Hyp_guest &d = hyp_guest(domain);
    ASSERT(!this_cpu().current());
    Hyp_vcpu &v = d.vcpu;
    d.processor.forget_vfp(v);
    v.timer.reset();
    v.physical_timer.reset();
    domain.counters.count(Counter::hypercall, v.context.leaf_calls); // they outlive it
    static_cast<Hyp_state &>(v) = {};
    v.context.pc = start.pc();
    v.context.psr = psr::svc | psr::a | psr::i | psr::f | (start.in_thumb() ? psr::t : 0);
    v.context.r[1] = ~0u;
    v.context.r[2] = start.device_tree.value;
    v.system.sctlr = 0x00c50078; // DDI 0406C B4.1.130: as after reset
    d.gic.reset();
    d.standard.bus.reset();
    Vttbr::write(d.vttbr_);
    isb();
    Tlbiall::write(0); // of its former life
    dsb();
    isb();
}

/// Out of line: the registers that it saves are not saved on the common way then.
[[gnu::noinline]] void Hyp_guest::fill_before_entry(Hyp_vcpu &v)
{
    Vgic &gic = guest_of(v).gic;
    gic.fill(v.number, v.interface.list);
    if (gic.take_timer_deactivation(v.number))
        v.timer.deactivated();
}

[[gnu::cold]] u8 *Hyp_guest::open_memory(Domain &domain)
{
    return arch::ram_at(domain.memory.first().physical(), hyp_guest(domain).processor.ram());
}

void Hyp_guest::enter(Vcpu &vcpu)
{
    Hyp_vcpu &v = hyp(vcpu);
    Hyp_guest &d = guest_of(v);
    Vttbr::write(d.vttbr_);
    Vmpidr::write(machine::mpidr(v.number));
    restore(v.banked);
    restore(v.system);
    if (d.processor.has_thumbee())
        restore(v.thumbee);
    if (!d.gic.is_settled() && d.gic.needs_fill(v.number)) [[unlikely]]
        fill_before_entry(v);
    virtual_interface::restore(v.interface);
    v.timer.enter();
    d.processor.run(v);
    asm volatile("clrex");
}

void Hyp_guest::leave(Vcpu &vcpu)
{
    Hyp_vcpu &v = hyp(vcpu);
    ASSERT(this_cpu().current() == &vcpu);
    save(v.banked);
    save(v.system);
    if (guest_of(v).processor.has_thumbee())
        save(v.thumbee);
    v.timer.leave();
    v.interface = virtual_interface::save();
}

void Hyp_guest::set_irq(Domain &domain, unsigned irq, bool high)
{
    Hyp_guest &d = hyp_guest(domain);
    d.gic.set_line(machine::intid_of(irq), high);
    wake_interrupted(d);
}

[[gnu::cold]] void Hyp_guest::stop(Domain &domain)
{
    Hyp_guest &d = hyp_guest(domain);
    d.standard.clock.reset();
    d.vcpu.physical_timer.reset();
    if (this_cpu().current() != &d.vcpu)
        d.vcpu.timer.reset();
}

Counters Hyp_guest::counters_of(Domain &domain)
{
    Counters all = domain.counters;
    all.count(Counter::hypercall, hyp_guest(domain).vcpu.context.leaf_calls);
    return all;
}

[[gnu::cold]] void Hyp_guest::dump(Domain const &domain)
{
    Hyp_context const &c = static_cast<Hyp_guest const &>(domain).vcpu.context;
    log("vambrace:   pc %08x lr_usr %08x psr %08x r0 %08x r1 %08x\n", c.pc, c.lr, c.psr, c.r[0], c.r[1]);
}

} // namespace vambrace
