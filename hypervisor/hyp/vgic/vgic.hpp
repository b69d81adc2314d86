// SPDX-License-Identifier: Apache-2.0
// A guest's interrupt controller: a GICv2 (ARM IHI 0048B) without Security Extensions, whose CPU interfaces
// are those that the core has for guests.
#pragma once
#include <hyp/vgic/interrupt_bank.hpp>
#include <hyp/vgic/list_registers.hpp>

namespace vambrace {

/// The distributor is emulated; what it forwards to a VCPU goes into list registers, as much as there is room
/// for. The state is here and list registers are a cache of it: fold() takes back what the guest has done to
/// them, fill() gives them anew. No register of the hardware is touched.
///
/// The caller reads the hardware's list registers before a function that takes List_registers, and writes
/// them afterwards. Interrupts are named by INTID: 0 to 15 are sent by VCPUs (SGIs), 16 to 31 are a VCPU's
/// own lines (PPIs), from 32 on they are lines that all VCPUs share (SPIs).
class Vgic {
  public:
    static constexpr unsigned max_vcpus = 8;
    static constexpr unsigned sgi_count = 16, private_count = 32, spi_count = 64;
    static constexpr unsigned intid_count = private_count + spi_count;
    /// The virtual timer's line, which the guest has from the hardware: list register 0 is for it.
    static constexpr unsigned virtual_timer = 27;
    /// Bytes of the distributor's registers.
    static constexpr u32 size = page_size;

    /// As after reset. \param vcpus 1 to max_vcpus; the first is online
    explicit Vgic(unsigned vcpus = 1);

    /// A VCPU begins or ends to take interrupts that others may take as well. \pre fold(), if it ends
    void set_online(unsigned vcpu, bool online);

    /// A device's line is high, or low, from now on; as often as the device likes.
    /// \param intid 32 to 95
    void set_line(unsigned intid, bool high);
    /// Likewise, a VCPU's own line. \param intid 16 to 31
    void set_private_line(unsigned vcpu, unsigned intid, bool high);

    /// The hardware's virtual timer has interrupted, with GICC_CTLR.EOImode = 1, and its priority was
    /// dropped: it stays active until the guest ends what it is shown. \pre the VCPU runs on this core
    void raise_hardware_timer(unsigned vcpu, List_registers &lrs)
    {
        Vcpu &v = vcpus_[vcpu];
        // It was inactive, so what list register 0 had shown before has been ended.
        if (!(v.bank.forwarded & timer_bit) || (!(v.in_use & 1) && v.has_soft_timer()))
            return keep_hardware_timer(vcpu);
        show_hardware_timer(v, lrs);
    }
    /// The hardware's timer no longer asks: the guest is not shown what it has not taken yet.
    /// \return true: deactivate the physical interrupt
    [[nodiscard]] bool lower_hardware_timer(unsigned vcpu, List_registers &lrs);
    /// Whether the guest has made the timer's interrupt inactive by software since this was asked last.
    /// \return true: deactivate the physical interrupt
    [[nodiscard]] bool take_timer_deactivation(unsigned vcpu)
    {
        bool const wanted = vcpus_[vcpu].deactivate_timer;
        vcpus_[vcpu].deactivate_timer = false;
        return wanted;
    }

    /// Whether list registers have to be filled before the VCPU runs.
    bool needs_fill(unsigned vcpu) const { return bit(dirty_, vcpu); }
    /// Takes back all that list registers have. They are empty then, and have to be filled.
    void fold(unsigned vcpu, List_registers &lrs);
    /// Folds, and gives list registers what is active and what is pending with the highest priority. If there
    /// is more than they hold, a maintenance interrupt comes when it has to be filled again.
    void fill(unsigned vcpu, List_registers &lrs);

    /// Whether the VCPU would be interrupted if it did not mask interrupts. What it has active is not
    /// considered.
    bool deliverable(unsigned vcpu, List_registers const &lrs, Virtual_interface_control control) const;

    /// The VCPUs, a bit each, that something has come for since this was asked last: wake them if they wait,
    /// and if they run elsewhere make them fill their list registers.
    [[nodiscard]] u32 take_wakeups()
    {
        u32 const wakeups = wakeups_;
        wakeups_ = 0;
        return wakeups;
    }
    /// The VCPUs, a bit each, that have interrupts in list registers.
    u32 listed_vcpus() const;

    /// Whether an access shows or changes what may be in list registers: fold them before, those of all
    /// listed_vcpus() to be exact.
    static constexpr bool touches_state(u32 offset)
    {
        return offset - 0x200 < 0x200 || offset - 0xc00 < 0x100 || offset - 0xf10 < 0x20;
    }
    /// Access to the distributor's registers. What the GIC does not have, or not of this size, is zero, and
    /// writes to it are ignored.
    /// \param offset,size any
    u32 read(unsigned vcpu, u32 offset, unsigned size) const;
    void write(unsigned vcpu, u32 offset, unsigned size, u32 value);

  private:
    static constexpr unsigned words = intid_count / 32;
    static constexpr u32 timer_bit = 1u << virtual_timer, sgis = (1u << sgi_count) - 1;

    struct Vcpu {
        Interrupt_bank bank {};
        /// What is this VCPU's of Interrupt_bank::active and listed; interrupts that may come here.
        u32 active[words] {}, listed[words] {}, routed[words] {};
        /// SGIs that are pending, a bit for each VCPU that has sent it; which one sent the one that is
        /// active.
        u8 sgi_sources[sgi_count] {}, sgi_active_source[sgi_count] {};
        /// List registers, a bit each: that were given an interrupt; one that was pending.
        u32 in_use {}, given_pending {};
        /// The timer's line is high as the hardware's has interrupted; its interrupt is active, and will
        /// deactivate that of the hardware.
        bool timer_raised {}, timer_active {};
        bool deactivate_timer {};
        /// Of Interrupt_bank::latched, when list register 0 got the interrupt.
        u32 timer_latched {};

        bool has_soft_timer() const { return (active[0] | listed[0]) & timer_bit; }
    };

    static constexpr u32 mask_of(unsigned intid) { return 1u << intid % 32; }
    Interrupt_bank &bank(Vcpu &v, unsigned word) { return word ? spis_[word - 1] : v.bank; }
    Interrupt_bank const &bank(Vcpu const &v, unsigned word) const { return word ? spis_[word - 1] : v.bank; }
    u32 present() const { return (1u << count_) - 1; }
    void notify(unsigned vcpu)
    {
        dirty_ |= 1u << vcpu;
        wakeups_ |= 1u << vcpu;
    }

    u32 waiting(Vcpu const &v, unsigned word) const { return bank(v, word).waiting() & v.routed[word]; }
    void route(unsigned spi);
    void changed(unsigned vcpu, unsigned word, u32 mask);
    void changed_for(unsigned vcpu, unsigned word, u32 mask);

    // Delivery (delivery.cpp).
    void show_hardware_timer(Vcpu &v, List_registers &lrs)
    {
        lrs.lr[0] = hardware_timer(v).pending();
        v.in_use |= 1;
        v.timer_active = false;
        v.timer_latched = v.bank.latched & timer_bit;
        v.bank.latched &= ~timer_bit;
        v.bank.active &= ~timer_bit;
        v.active[0] &= ~timer_bit;
        v.bank.listed |= timer_bit;
        v.listed[0] |= timer_bit;
    }
    static List_register hardware_timer(Vcpu const &v)
    {
        u32 const group = bits(v.bank.group, virtual_timer, virtual_timer);
        return List_register {virtual_timer, v.bank.priority[virtual_timer], group}.with_hardware(
            virtual_timer);
    }
    void keep_hardware_timer(unsigned vcpu);
    void forget_hardware_timer(Vcpu &v);
    void fold_hardware_timer(Vcpu &v, List_register lr);
    void fill_hardware_timer(Vcpu &v, List_registers &lrs);
    bool hardware_timer_waits(Vcpu const &v) const;
    void fold_one(unsigned vcpu, List_register lr, bool was_pending);
    void fold_sgi(Vcpu &v, List_register lr);
    void end_unlisted(unsigned vcpu, unsigned count);
    void give(Vcpu &v, unsigned at, unsigned intid, List_registers &lrs);
    List_register give_pending(Vcpu &v, List_register lr);
    List_register give_sgi(Vcpu &v, List_register lr);
    static void pend_sgi(Vcpu &v, unsigned sgi, u32 sources)
    {
        v.sgi_sources[sgi] |= static_cast<u8>(sources);
        if (sources)
            v.bank.latched |= mask_of(sgi);
    }

    // The register page (distributor.cpp).
    u32 read_word(unsigned vcpu, u32 offset) const;
    u32 read_bits(Vcpu const &v, unsigned region, unsigned word) const;
    u32 read_configuration(unsigned index) const;
    u32 read_byte(unsigned vcpu, u32 offset) const;
    void write_word(unsigned vcpu, u32 offset, u32 value);
    void write_byte(unsigned vcpu, u32 offset, u32 value);
    void write_control(u32 value);
    void write_bits(unsigned vcpu, unsigned region, unsigned word, u32 value);
    void write_configuration(unsigned index, u32 value);
    void set_active(unsigned vcpu, unsigned word, u32 mask);
    void clear_active(unsigned vcpu, unsigned word, u32 mask);
    void send_sgi(unsigned vcpu, u32 value);

    u32 dirty_ {}, wakeups_ {};
    u32 control_ {}; ///< GICD_CTLR
    u32 count_, online_ {1};
    Interrupt_bank spis_[words - 1] {};
    u8 targets_[spi_count] {};
    Vcpu vcpus_[max_vcpus] {};
};

} // namespace vambrace
