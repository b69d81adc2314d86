// SPDX-License-Identifier: Apache-2.0
// The virtual CPU interface, which reads and changes list registers as the hardware does (ARM IHI 0048B
// chapter 5), and the hypervisor at its exits.
#pragma once
#include <catch2/catch.hpp>
#include <hyp/vgic/vgic.hpp>
#include <vector>

namespace vambrace::vgic_test {

/// What GICV_IAR gives if nothing interrupts.
constexpr u32 spurious = 1023;

/// One VCPU, on a core of its own.
class Virtual_cpu {
  public:
    Virtual_cpu(Vgic &gic, unsigned number) : gic_ {gic}, number_ {number} {}

    /// GICH_VMCR: both groups, all priorities but the lowest.
    u32 vmcr = 0xf8000003;
    /// GICV_CTLR.EOImode.
    bool split_end = false;
    List_registers lrs {};
    /// Maintenance interrupts so far.
    unsigned maintenance = 0;
    /// The hardware's timer asks; its interrupt is active.
    bool timer_line = false, timer_active = false;

    Virtual_interface_control control() const { return Virtual_interface_control {vmcr}; }
    bool deliverable() { return gic_.deliverable(number_, lrs, control()); }
    bool needs_fill() const { return gic_.needs_fill(number_); }
    void fold() { gic_.fold(number_, lrs); }
    void fill()
    {
        if (u32 stale = gic_.only_stale(number_)) {
            for (; stale; stale &= stale - 1) {
                unsigned const at = static_cast<unsigned>(__builtin_ctz(stale));
                lrs.lr[at] = gic_.refresh(number_, at, lrs.lr[at]);
            }
            return;
        }
        gic_.fill(number_, lrs);
        if (gic_.take_timer_deactivation(number_))
            timer_active = false;
    }

    /// The hypervisor goes back to the guest, and comes again at once if the hardware interrupts it.
    void enter()
    {
        for (unsigned turn = 0;; ++turn) {
            if (needs_fill())
                fill();
            if (gic_.take_timer_deactivation(number_))
                FAIL("nobody asks for a deactivation of the timer without a fill");
            if (!is_sound())
                FAIL("list registers " << std::hex << lrs.lr[0].word() << ' ' << lrs.lr[1].word() << ' '
                                       << lrs.lr[2].word() << ' ' << lrs.lr[3].word() << " hcr " << lrs.hcr);
            if (timer_line && !timer_active)
                take_timer();
            else if (wants_maintenance())
                take_maintenance();
            else
                return;
            if (turn == 8)
                FAIL("an interrupt of the hypervisor's does not end");
        }
    }

    void set_timer(bool high)
    {
        timer_line = high;
        if (!high && gic_.lower_hardware_timer(number_, lrs))
            timer_active = false;
        enter();
    }

    /// What GICV_IAR would show; nullptr if nothing interrupts.
    List_register const *best() const
    {
        List_register const *found = nullptr;
        for (List_register const &lr : lrs.lr)
            if (lr.is_pending() && !lr.is_active() && (!found || rank(lr) < rank(*found)))
                found = &lr;
        bool const takes = found && control().takes(found->priority(), found->group());
        return takes && found->priority() < running_priority() ? found : nullptr;
    }
    bool interrupted() const { return best() != nullptr; }
    u32 running_priority() const { return running_.empty() ? 0x100 : running_.back(); }

    /// GICV_IAR, or GICV_AIAR.
    u32 acknowledge()
    {
        auto *const lr = const_cast<List_register *>(best());
        if (!lr)
            return spurious;
        running_.push_back(lr->priority());
        u32 const iar = lr->intid() | (lr->intid() < Vgic::sgi_count ? lr->source() << 10 : 0);
        *lr = List_register {(lr->word() & ~pending_bit) | active_bit};
        return iar;
    }
    /// GICV_EOIR.
    void end(u32 iar)
    {
        if (!running_.empty())
            running_.pop_back();
        if (!split_end)
            deactivate(iar);
    }
    /// GICV_DIR.
    void deactivate(u32 iar)
    {
        bool found = false;
        for (List_register &lr : lrs.lr)
            if (lr.is_active() && lr.intid() == bits(iar, 9, 0)) {
                if (lr.has_hardware())
                    timer_active = false;
                lr = List_register {lr.word() & ~active_bit};
                found = true;
                break;
            }
        if (!found)
            lrs.hcr += 1u << 27;
        enter();
    }

    /// Acknowledges, and ends what it has got.
    u32 take()
    {
        u32 const iar = acknowledge();
        if (iar != spurious)
            end(iar);
        return iar;
    }
    /// All that interrupts it, in order.
    std::vector<u32> take_all()
    {
        std::vector<u32> taken;
        while (interrupted() && taken.size() < 300)
            taken.push_back(take());
        return taken;
    }

    /// GICH_MISR.
    bool wants_maintenance() const { return ended() || lrs.ended_unlisted(); }
    /// GICH_EISR0.
    u32 ended() const
    {
        u32 mask = 0;
        for (unsigned n = 0; n != List_registers::count; ++n)
            if (!lrs.lr[n].is_valid() && lrs.lr[n].tells_its_end())
                mask |= 1u << n;
        return mask;
    }

  private:
    static constexpr u32 pending_bit = 1 << 28, active_bit = 1 << 29;

    static u32 rank(List_register lr) { return lr.priority() << 10 | lr.intid(); }

    void take_timer()
    {
        timer_active = true;
        gic_.raise_hardware_timer(number_, lrs);
    }
    void take_maintenance()
    {
        ++maintenance;
        gic_.fill_after_end(number_, lrs, ended());
    }

    /// No INTID twice, and no register in a state that the hardware must not be given.
    bool is_sound() const
    {
        bool sound = lrs.hcr & List_registers::on;
        for (unsigned n = 0; n != List_registers::count; ++n) {
            List_register const lr = lrs.lr[n];
            sound = sound && lr.intid() < Vgic::intid_count && lr.has_hardware() == (n == 0 && lr.word());
            sound = sound && !(lr.has_hardware() && lr.is_pending() && lr.is_active());
            for (unsigned other = 0; other != n; ++other)
                sound = sound &&
                        !(lr.is_valid() && lrs.lr[other].is_valid() && lr.intid() == lrs.lr[other].intid());
        }
        return sound;
    }

    Vgic &gic_;
    unsigned const number_;
    std::vector<u32> running_ {};
};

} // namespace vambrace::vgic_test
