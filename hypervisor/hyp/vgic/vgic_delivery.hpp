// SPDX-License-Identifier: Apache-2.0
// How a guest's interrupts get into list registers and back.
#pragma once
#include <hyp/vgic/vgic_state.hpp>

namespace vambrace {

/// The part of Vgic that keeps list registers. Those are a cache of the state: fill() keeps them up to date,
/// fold() takes back all that the guest has done to them.
///
/// The caller reads the hardware's list registers before a function that takes List_registers, and writes
/// those that have changed afterwards. GICH_HCR need not be read while it is List_registers::on.
class Vgic_delivery : public Vgic_state {
  public:
    /// Gives list registers what is active and what is pending with the highest priority. If there is more
    /// than they hold, a maintenance interrupt comes when they have to be filled again. \pre needs_fill()
    void fill(unsigned vcpu, List_registers &lrs)
    {
        Vcpu &v = vcpus_[vcpu];
        dirty_ &= ~(1u << vcpu);
        if (v.rebuild)
            return rebuild(vcpu, lrs);
        for (; v.stale; v.stale &= v.stale - 1) {
            unsigned const at = static_cast<unsigned>(__builtin_ctz(v.stale));
            lrs.lr[at] = refreshed(v, at, lrs.lr[at]);
        }
        if (v.news)
            fill_news(vcpu, lrs);
    }
    /// List registers, a bit each, if fill() would do no more than to refresh() these, as nearly always.
    /// Else 0. \pre needs_fill()
    u32 only_stale(unsigned vcpu) const
    {
        Vcpu const &v = vcpus_[vcpu];
        return v.rebuild || v.news ? 0 : v.stale;
    }
    /// What fill() makes of one of them. \pre only_stale() has named it; the last one ends it
    List_register refresh(unsigned vcpu, unsigned at, List_register lr)
    {
        Vcpu &v = vcpus_[vcpu];
        v.stale &= ~(1u << at);
        if (!v.stale)
            dirty_ &= ~(1u << vcpu);
        return refreshed(v, at, lr);
    }
    /// Likewise, at a maintenance interrupt. \param ended GICH_EISR0
    void fill_after_end(unsigned vcpu, List_registers &lrs, u32 ended)
    {
        vcpus_[vcpu].stale |= ended & vcpus_[vcpu].in_use & ~1u;
        fill(vcpu, lrs);
    }
    /// List registers, a bit each, that are some interrupt's, be it idle now: the others need not be read.
    u32 list_registers_in_use(unsigned vcpu) const { return vcpus_[vcpu].in_use; }
    /// Takes back all that list registers have. They are empty then, and have to be filled.
    void fold(unsigned vcpu, List_registers &lrs);

    /// Whether the VCPU would be interrupted if it did not mask interrupts; maybe also if only something
    /// active prevents that. Fills list registers if they need it.
    bool deliverable(unsigned vcpu, List_registers &lrs, Virtual_interface_control control);

    /// The hardware's virtual timer has interrupted, with GICC_CTLR.EOImode = 1, and its priority was
    /// dropped: it stays active until the guest ends what it is shown. Changes list register 0 at most, and
    /// that one alone need not have been read. \pre the VCPU runs on this core
    void raise_hardware_timer(unsigned vcpu, List_registers &lrs)
    {
        if (!renews_hardware_timer(vcpu))
            return raise_first_hardware_timer(vcpu, lrs);
        lrs.lr[0] = renewed_hardware_timer(vcpu);
    }
    /// Whether list register 0 is the timer's already, as nearly always: then it becomes
    /// renewed_hardware_timer(), which does what raise_hardware_timer() does.
    [[gnu::always_inline]] bool renews_hardware_timer(unsigned vcpu) const
    {
        Vcpu const &v = vcpus_[vcpu];
        return v.in_use & 1 && v.bank.forwarded & ~v.bank.latched & timer_bit;
    }
    [[gnu::always_inline]] List_register renewed_hardware_timer(unsigned vcpu)
    {
        // It was inactive, so what list register 0 has shown before has been ended.
        vcpus_[vcpu].timer_latched = 0;
        return vcpus_[vcpu].hardware_timer().pending();
    }
    /// The hardware's timer no longer asks: the guest is not shown what it has not taken yet.
    /// \return true: deactivate the physical interrupt
    [[nodiscard]] bool lower_hardware_timer(unsigned vcpu, List_registers &lrs);
    /// Whether the guest has made the timer's interrupt inactive by software since this was asked last. It
    /// may have if list registers were folded.
    /// \return true: deactivate the physical interrupt
    [[nodiscard]] bool take_timer_deactivation(unsigned vcpu)
    {
        bool const wanted = vcpus_[vcpu].deactivate_timer;
        vcpus_[vcpu].deactivate_timer = false;
        return wanted;
    }

  protected:
    using Vgic_state::Vgic_state;

    /// Software, or the end of what was in no list register. \param mask interrupts
    void clear_active(unsigned vcpu, unsigned word, u32 mask);

  private:
    // What is seldom is not inlined: the registers that it saves are not saved on the common way then.
    [[gnu::noinline]] void fill_news(unsigned vcpu, List_registers &lrs);
    void retire_idle(unsigned vcpu, List_registers &lrs);
    void give(Vcpu &v, unsigned at, unsigned intid, List_registers &lrs);
    List_register refreshed(Vcpu &v, unsigned at, List_register lr);
    [[gnu::noinline]] List_register refreshed_soft(Vcpu &v, unsigned at, List_register lr);
    [[gnu::noinline]] List_register refreshed_elsewhere(Vcpu &v, unsigned at, List_register lr);
    List_register refreshed_sgi(Vcpu &v, List_register lr);
    [[gnu::noinline]] void rebuild(unsigned vcpu, List_registers &lrs);
    void fold_one(unsigned vcpu, unsigned at, List_register lr);
    void end_unlisted(unsigned vcpu, unsigned count);
    void raise_first_hardware_timer(unsigned vcpu, List_registers &lrs);
};

} // namespace vambrace
