// SPDX-License-Identifier: Apache-2.0
// A guest at its virtual GIC: the distributor's registers, and the virtual CPU interface that reads and
// changes list registers as the hardware does (ARM IHI 0048B chapter 5).
#pragma once
#include <catch2/catch.hpp>
#include <hyp/vgic/vgic.hpp>
#include <optional>
#include <vector>

namespace vambrace::vgic_test {

/// IHI 0048B table 4-1.
constexpr u32 ctlr = 0x000, typer = 0x004, iidr = 0x008, igroupr = 0x080, isenabler = 0x100,
              icenabler = 0x180;
constexpr u32 ispendr = 0x200, icpendr = 0x280, isactiver = 0x300, icactiver = 0x380, ipriorityr = 0x400;
constexpr u32 itargetsr = 0x800, icfgr = 0xc00, nsacr = 0xe00, sgir = 0xf00, cpendsgir = 0xf10,
              spendsgir = 0xf20;
constexpr u32 spurious = 1023;

constexpr u32 mask_of(unsigned intid) { return 1u << intid % 32; }
constexpr u32 word_of(u32 row, unsigned intid) { return row + intid / 32 * 4; }

/// One VCPU's virtual CPU interface, and what the hypervisor does at its exits.
class Virtual_cpu {
  public:
    Virtual_cpu(Vgic &gic, unsigned number) : gic_ {gic}, number_ {number} {}

    /// GICH_VMCR: both groups, and all priorities but the lowest.
    u32 vmcr = 0xf8000003;
    List_registers lrs {};
    /// How often the hypervisor was entered for a maintenance interrupt.
    unsigned maintenance = 0;

    unsigned number() const { return number_; }
    Virtual_interface_control control() const { return Virtual_interface_control {vmcr}; }
    bool deliverable() const { return gic_.deliverable(number_, lrs, control()); }

    /// The hypervisor goes back to the guest.
    void enter()
    {
        if (gic_.needs_fill(number_))
            gic_.fill(number_, lrs);
        for (unsigned n = 0; n != List_registers::count; ++n)
            for (unsigned other = 0; other != n; ++other)
                if (lrs.lr[n].is_valid() && lrs.lr[other].is_valid())
                    REQUIRE(lrs.lr[n].intid() != lrs.lr[other].intid());
        for (List_register lr : lrs.lr)
            REQUIRE_FALSE((lr.has_hardware() && lr.is_pending() && lr.is_active()));
        REQUIRE_FALSE(wants_maintenance());
    }

    /// GICD access: an exit. Smaller ones are by `size`.
    u32 read(u32 offset, unsigned size = 4)
    {
        if (Vgic::touches_state(offset))
            gic_.fold(number_, lrs);
        u32 const value = gic_.read(number_, offset, size);
        enter();
        return value;
    }
    void write(u32 offset, u32 value, unsigned size = 4)
    {
        if (Vgic::touches_state(offset))
            gic_.fold(number_, lrs);
        gic_.write(number_, offset, size, value);
        enter();
    }

    /// The highest priority that could be acknowledged; nothing if the guest is not interrupted.
    List_register *best()
    {
        List_register *found = nullptr;
        for (List_register &lr : lrs.lr)
            if (lr.is_pending() && !lr.is_active() && (!found || lr.priority() < found->priority()))
                found = &lr;
        bool const takes = found && control().takes(found->priority(), found->group());
        return takes && found->priority() < running_priority() ? found : nullptr;
    }
    bool interrupted() { return best() != nullptr; }

    /// GICV_IAR, or GICV_AIAR.
    u32 acknowledge()
    {
        List_register *const lr = best();
        if (!lr)
            return spurious;
        running_.push_back(lr->priority());
        bool const sgi = lr->intid() < Vgic::sgi_count;
        u32 const iar = lr->intid() | (sgi ? lr->source() << 10 : 0);
        *lr = List_register {(lr->word() & ~pending_bit) | active_bit};
        return iar;
    }

    /// GICV_EOIR with EOImode = 0.
    void end(u32 iar)
    {
        if (!running_.empty())
            running_.pop_back();
        deactivate(iar);
    }

    void deactivate(u32 iar)
    {
        bool found = false;
        for (List_register &lr : lrs.lr)
            if (lr.is_active() && lr.intid() == (iar & 0x3ff)) {
                if (lr.has_hardware())
                    physical_timer_active = false;
                lr = List_register {lr.word() & ~active_bit};
                found = true;
                break;
            }
        if (!found)
            lrs.hcr += 1u << 27;
        serve_maintenance();
    }

    /// Acknowledges, and ends what it has got.
    u32 take()
    {
        u32 const iar = acknowledge();
        if (iar != spurious)
            end(iar);
        return iar;
    }
    /// What interrupts it until nothing does, in order.
    std::vector<u32> take_all()
    {
        std::vector<u32> taken;
        while (interrupted()) {
            taken.push_back(take());
            REQUIRE(taken.size() < 1000);
        }
        return taken;
    }

    /// The hardware's timer fires, if it can.
    void fire_timer()
    {
        if (physical_timer_active)
            return;
        physical_timer_active = true;
        gic_.raise_hardware_timer(number_, lrs);
        enter();
    }
    bool physical_timer_active = false;

    unsigned running_priority() const { return running_.empty() ? 0x100 : running_.back(); }

    /// GICH_MISR.
    bool wants_maintenance() const
    {
        unsigned valid = 0;
        bool ended = false;
        for (List_register lr : lrs.lr) {
            valid += lr.is_valid();
            ended = ended || (!lr.is_valid() && lr.tells_its_end());
        }
        return ended || (lrs.hcr & List_registers::underflow && valid < 2) || lrs.ended_unlisted();
    }
    void serve_maintenance()
    {
        if (!wants_maintenance())
            return;
        ++maintenance;
        gic_.fill(number_, lrs);
        if (gic_.take_timer_deactivation(number_))
            physical_timer_active = false;
        enter();
    }

  private:
    static constexpr u32 pending_bit = 1 << 28, active_bit = 1 << 29;

    Vgic &gic_;
    unsigned const number_;
    std::vector<u32> running_ {};
};

/// A guest whose distributor is on, with all lines enabled, of one priority, for the first VCPU.
struct Guest {
    explicit Guest(unsigned vcpus = 1) : gic {vcpus}
    {
        for (unsigned n = 0; n != vcpus; ++n) {
            cpus.emplace_back(gic, n);
            gic.set_online(n, true);
            gic.write(n, isenabler, 4, ~0u);
            for (unsigned intid = 0; intid != 32; intid += 4)
                gic.write(n, ipriorityr + intid, 4, 0xa0a0a0a0);
        }
        gic.write(0, ctlr, 4, 1);
        for (unsigned intid = 32; intid != Vgic::intid_count; intid += 4) {
            gic.write(0, ipriorityr + intid, 4, 0xa0a0a0a0);
            gic.write(0, itargetsr + intid, 4, 0x01010101);
        }
        gic.write(0, isenabler + 4, 4, ~0u);
        gic.write(0, isenabler + 8, 4, ~0u);
        (void)gic.take_wakeups();
    }

    Virtual_cpu &cpu(unsigned n = 0) { return cpus[n]; }
    void set_line(unsigned intid, bool high)
    {
        gic.set_line(intid, high);
        enter_all();
    }
    void enter_all()
    {
        for (Virtual_cpu &c : cpus)
            c.enter();
    }
    void set_priority(unsigned intid, u32 priority, unsigned vcpu = 0)
    {
        cpus[vcpu].write(ipriorityr + intid, priority, 1);
    }
    void make_edge(unsigned intid)
    {
        u32 const offset = icfgr + intid / 16 * 4;
        cpus[0].write(offset, cpus[0].read(offset) | 2u << intid % 16 * 2);
    }

    Vgic gic;
    std::vector<Virtual_cpu> cpus {};
};

} // namespace vambrace::vgic_test
