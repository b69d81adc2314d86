// SPDX-License-Identifier: Apache-2.0
// A guest at its virtual GIC.
#pragma once
#include <hyp/vgic/virtual_cpu.hpp>

namespace vambrace::vgic_test {

/// IHI 0048B table 4-1.
constexpr u32 ctlr = 0x000, typer = 0x004, iidr = 0x008, igroupr = 0x080, isenabler = 0x100,
              icenabler = 0x180;
constexpr u32 ispendr = 0x200, icpendr = 0x280, isactiver = 0x300, icactiver = 0x380, ipriorityr = 0x400;
constexpr u32 itargetsr = 0x800, icfgr = 0xc00, nsacr = 0xe00, sgir = 0xf00, cpendsgir = 0xf10,
              spendsgir = 0xf20;
constexpr u32 icpidr2 = 0xfe8;

using Taken = std::vector<u32>;

constexpr u32 mask_of(unsigned intid) { return 1u << intid % 32; }
/// The word of a register with a bit for each interrupt.
constexpr u32 word_of(u32 first, unsigned intid) { return first + intid / 32 * 4; }

/// Every VCPU runs on a core of its own, and is made to look at once when something has come for it.
struct Machine {
    explicit Machine(unsigned vcpus) : gic {vcpus}
    {
        for (unsigned n = 0; n != vcpus; ++n)
            cpus.emplace_back(gic, n);
    }
    Machine(Machine const &) = delete;

    Virtual_cpu &cpu(unsigned n = 0) { return cpus[n]; }
    /// One may take from its list registers what is another's by now, so that this one is made to look.
    void enter_all()
    {
        for (unsigned turn = 0; turn != 3; ++turn)
            for (Virtual_cpu &c : cpus)
                c.enter();
        for (Virtual_cpu &c : cpus)
            if (c.needs_fill())
                FAIL("a VCPU is always made to look once more");
    }

    /// Access to GICD.
    u32 read(u32 offset, unsigned size = 4, unsigned vcpu = 0)
    {
        fold_for(offset);
        u32 const value = gic.read(vcpu, offset, size);
        enter_all();
        return value;
    }
    void write(u32 offset, u32 value, unsigned size = 4, unsigned vcpu = 0)
    {
        fold_for(offset);
        gic.write(vcpu, offset, size, value);
        enter_all();
    }

    void set_line(unsigned intid, bool high)
    {
        gic.set_line(intid, high);
        enter_all();
    }
    void pulse(unsigned intid)
    {
        set_line(intid, true);
        set_line(intid, false);
    }
    void set_private_line(unsigned vcpu, unsigned intid, bool high)
    {
        gic.set_private_line(vcpu, intid, high);
        enter_all();
    }
    void set_priority(unsigned intid, u32 priority, unsigned vcpu = 0)
    {
        write(ipriorityr + intid, priority, 1, vcpu);
    }
    void make_edge(unsigned intid)
    {
        u32 const offset = icfgr + intid / 16 * 4;
        write(offset, read(offset) | 2u << intid % 16 * 2);
    }
    void enable(unsigned intid, unsigned vcpu = 0)
    {
        write(word_of(isenabler, intid), mask_of(intid), 4, vcpu);
    }
    void disable(unsigned intid, unsigned vcpu = 0)
    {
        write(word_of(icenabler, intid), mask_of(intid), 4, vcpu);
    }
    bool is_set(u32 first, unsigned intid, unsigned vcpu = 0)
    {
        return read(word_of(first, intid), 4, vcpu) & mask_of(intid);
    }
    /// By GICD_SGIR: the VCPUs of a mask.
    void send(unsigned from, unsigned sgi, u32 to) { write(sgir, to << 16 | sgi, 4, from); }

    Vgic gic;
    std::vector<Virtual_cpu> cpus {};

  private:
    void fold_for(u32 offset)
    {
        u32 const listed = Vgic::touches_state(offset) ? gic.listed_vcpus() : 0;
        for (unsigned n = 0; n != cpus.size(); ++n)
            if (bit(listed, n))
                cpus[n].fold();
    }
};

/// Its distributor is on for group 0, all lines are enabled, of one priority, and for the first VCPU.
struct Guest : Machine {
    static constexpr u32 priority = 0xa0;

    explicit Guest(unsigned vcpus = 1) : Machine {vcpus}
    {
        for (unsigned n = 0; n != vcpus; ++n) {
            gic.set_online(n, true);
            write(isenabler, ~0u, 4, n);
            for (unsigned intid = 0; intid != Vgic::private_count; intid += 4)
                write(ipriorityr + intid, priority * 0x01010101, 4, n);
        }
        for (unsigned intid = 32; intid != Vgic::intid_count; intid += 4) {
            write(ipriorityr + intid, priority * 0x01010101);
            write(itargetsr + intid, 0x01010101);
        }
        write(isenabler + 4, ~0u);
        write(isenabler + 8, ~0u);
        write(ctlr, 1);
        (void)gic.take_wakeups();
    }
};

} // namespace vambrace::vgic_test
