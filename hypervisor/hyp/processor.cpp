// SPDX-License-Identifier: Apache-2.0
// Sets the traps, and hands the VFP from guest to guest.
#include <hyp/interrupts.hpp>
#include <hyp/processor.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

u32 read_fpexc()
{
    u32 value;
    asm volatile("mrc p10, 7, %0, c8, c0, 0" : "=r"(value));
    return value;
}
void write_fpexc(u32 value) { asm volatile("mcr p10, 7, %0, c8, c0, 0\n isb" ::"r"(value) : "memory"); }
u32 read_fpscr()
{
    u32 value;
    asm volatile("mrc p10, 7, %0, c1, c0, 0" : "=r"(value));
    return value;
}
void write_fpscr(u32 value) { asm volatile("mcr p10, 7, %0, c1, c0, 0" ::"r"(value)); }

void trap_vfp(bool on)
{
    Hcptr::write(on ? Hcptr::vfp_closed : Hcptr::vfp_open);
    isb();
}

void save_vfp(Vfp_state &to, bool all)
{
    to.fpexc = read_fpexc();
    write_fpexc(fpexc::en);
    to.fpscr = read_fpscr();
    vfp_save(to.d, all);
}

void load_vfp(Vfp_state const &from, bool all)
{
    write_fpexc(fpexc::en);
    vfp_load(from.d, all);
    write_fpscr(from.fpscr);
    write_fpexc(from.fpexc);
}

} // namespace

void Hyp_processor::start()
{
    rate_ = Counter_rate {Cntfrq::read()};
    identity_ = shown_under_hyp(armv7::read_identity());
    has_thumbee_ = bits(identity_.pfr[0], 15, 12) == 1;
    Hcr::write(Hcr::guest);
    Hstr::write(Hstr::guest(has_thumbee()));
    Hdcr::write(Hdcr::guest(Hdcr::read()));
    Cnthctl::write(Cnthctl::guest);
    Cntvoff::write(0);
    Pmuserenr::write(0); // hyp_registers.cpp relies on it
    Vtcr::write(lpae::vtcr::value);
    Vpidr::write(arm::Midr::read());
    trap_vfp(false);
    if (u32 const fpsid = vfp_read_fpsid())
        vfp_ = {true, fpsid, vfp_read_mvfr0(), vfp_read_mvfr1()};
    trap_vfp(true);
    Tlbiallnsnh::write(0);
    dsb();
    isb();
    this_cpu().host.irqs.add(timer_irq_);
    this_cpu().host.irqs.add(maintenance_irq_);
    board::irq_chip().enable(27);
    board::irq_chip().enable(25);
}

/// The timer in the core is the running vcpu's, or the last one's that had the processor.
void Hyp_processor::handle_virtual_timer()
{
    auto *const v = static_cast<Hyp_vcpu *>(this_cpu().current());
    if (!v)
        return board::irq_chip().set_active(27, false);
    raise_virtual_timer(*v);
    (void)guest_of(*v).gic.take_wakeups(); // that is this one
    this_cpu().wake(*v);
}

void Hyp_processor::handle_maintenance()
{
    if (auto *const v = static_cast<Hyp_vcpu *>(this_cpu().current()))
        return refill_list_registers(*v);
    virtual_interface::hardware().control(0);
}

void Hyp_processor::run(Hyp_vcpu const &v) { trap_vfp(vfp_owner_ != &v); }

void Hyp_processor::take_vfp(Hyp_vcpu &v)
{
    trap_vfp(false);
    if (vfp_owner_ == &v)
        return;
    bool const all = vfp_.has_32_registers();
    if (vfp_owner_)
        save_vfp(vfp_owner_->vfp, all);
    load_vfp(v.vfp, all);
    vfp_owner_ = &v;
}

void Hyp_processor::forget_vfp(Hyp_vcpu &v)
{
    if (vfp_owner_ == &v) {
        vfp_owner_ = nullptr;
        trap_vfp(true);
    }
    v.vfp = {};
}

} // namespace vambrace
