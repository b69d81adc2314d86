// SPDX-License-Identifier: Apache-2.0
// The state of a guest's interrupts, and which VCPU something has come for.
#pragma once
#include <hyp/vgic/vgic_vcpu.hpp>

namespace vambrace {

/// The part of Vgic that devices speak to.
class Vgic_state {
  public:
    static constexpr unsigned max_vcpus = 8;
    static constexpr unsigned sgi_count = Vgic_vcpu::sgi_count, private_count = Vgic_vcpu::private_count;
    static constexpr unsigned spi_count = Vgic_vcpu::spi_count, intid_count = Vgic_vcpu::intid_count;
    static constexpr unsigned virtual_timer = Vgic_vcpu::virtual_timer;

    Vgic_state(Vgic_state const &) = delete;

    /// Everything becomes as after reset: nothing is enabled, pending or active, and the first VCPU is
    /// online. List registers are to be made empty. The lines' devices set them anew if they are high.
    void reset();
    /// A VCPU begins or ends to take interrupts that others may take as well. \pre fold(), if it ends
    void set_online(unsigned vcpu, bool online);

    /// A device's line is high, or low, from now on; as often as the device likes.
    /// \param intid 32 to 95
    void set_line(unsigned intid, bool high);
    /// Likewise, a VCPU's own line. \param intid 16 to 31
    void set_private_line(unsigned vcpu, unsigned intid, bool high);

    /// Whether no VCPU's list registers have to be filled.
    bool is_settled() const { return !dirty_; }
    /// Whether list registers have to be filled before the VCPU runs.
    bool needs_fill(unsigned vcpu) const { return bit(dirty_, vcpu); }
    /// The VCPUs, a bit each, that something has come for since this was asked last: wake them if they wait,
    /// and if they run elsewhere make them fill their list registers.
    [[nodiscard]] u32 take_wakeups()
    {
        u32 const wakeups = wakeups_;
        wakeups_ = 0;
        return wakeups;
    }
    /// The VCPUs, a bit each, that may have interrupts in list registers.
    u32 listed_vcpus() const;

  protected:
    using Vcpu = Vgic_vcpu;
    static constexpr unsigned words = Vgic_vcpu::words;
    static constexpr u32 timer_bit = Vgic_vcpu::timer_bit, sgis = (1u << sgi_count) - 1;

    /// What of interrupts has changed: whether they are pending, or something that list registers have to be
    /// given anew for.
    enum class Change { pending, other };

    explicit Vgic_state(unsigned vcpus);

    static constexpr u32 mask_of(unsigned intid) { return 1u << intid % 32; }
    static Interrupt_bank &bank(Vcpu const &v, unsigned word) { return *v.banks[word]; }
    u32 present() const { return (1u << count_) - 1; }

    /// Interrupts that may be put into a list register as they are pending.
    static u32 candidates(Vcpu const &v, unsigned word)
    {
        Interrupt_bank const &b = bank(v, word);
        return b.pending() & v.allowed[word] & ~b.busy;
    }

    void notify(unsigned vcpu)
    {
        dirty_ |= 1u << vcpu;
        wakeups_ |= 1u << vcpu;
    }
    /// An interrupt has become pending for a VCPU, or is no more so and busy.
    /// \param vcpu may be count_: nobody
    void arrived(unsigned vcpu, unsigned intid)
    {
        if (vcpu == count_)
            return;
        Vcpu &v = vcpus_[vcpu];
        unsigned const word = intid / 32;
        u32 const mask = mask_of(intid);
        Interrupt_bank const &b = bank(v, word);
        if (b.busy & mask)
            v.stale |= 1u << b.list_register[intid % 32];
        else if (v.allowed[word] & mask)
            v.news |= 1u << word;
        else
            return;
        notify(vcpu);
    }
    /// The VCPU that has a shared interrupt, or will have it; count_ if there is none.
    unsigned concerned(unsigned intid) const { return count_ == 1 ? 0 : concerned_of_several(intid); }
    unsigned concerned_of_several(unsigned intid) const;
    /// Something has changed of some interrupts of a bank. \param vcpu whose, if it is the private one
    void changed(unsigned vcpu, unsigned word, u32 mask, Change change);
    void changed_for(unsigned vcpu, unsigned word, u32 mask, Change change);
    /// An interrupt is no more in a list register, nor active.
    void release(unsigned vcpu, unsigned intid);
    /// What is forwarded has changed.
    void forward(unsigned vcpu, unsigned word);
    /// A line's targets have, or which VCPUs are online.
    void route(unsigned spi);

    u32 dirty_ {}, wakeups_ {};
    u32 control_ {};  ///< GICD_CTLR
    u32 const count_; ///< of VCPUs
    u32 online_ {};
    Interrupt_bank spis_[words - 1] {};
    u8 targets_[spi_count] {};
    Vcpu vcpus_[max_vcpus] {};
};

} // namespace vambrace
