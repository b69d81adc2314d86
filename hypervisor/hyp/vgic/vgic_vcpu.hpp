// SPDX-License-Identifier: Apache-2.0
// What a guest's interrupt controller has for one VCPU.
#pragma once
#include <hyp/vgic/interrupt_bank.hpp>
#include <hyp/vgic/list_registers.hpp>

namespace vambrace {

/// Interrupts are named by INTID: 0 to 15 are sent by VCPUs (SGIs), 16 to 31 are a VCPU's own lines (PPIs),
/// from 32 on they are lines that all VCPUs share (SPIs).
struct Vgic_vcpu {
    static constexpr unsigned sgi_count = 16, private_count = 32, spi_count = 64;
    static constexpr unsigned intid_count = private_count + spi_count;
    static constexpr unsigned words = intid_count / 32;
    /// The virtual timer's line, which the guest has from the hardware: list register 0 is for it.
    static constexpr unsigned virtual_timer = 27;
    static constexpr u32 timer_bit = 1u << virtual_timer;

    Interrupt_bank bank {};
    /// Its own and those of the guest, in the order of INTIDs.
    Interrupt_bank *banks[words] {};
    /// Interrupts that may come here, and those of them that are forwarded.
    u32 routed[words] {}, allowed[words] {};
    /// What is this VCPU's of Interrupt_bank::busy; what is active, but in no list register.
    u32 held[words] {}, active[words] {};
    /// SGIs that are pending, a bit for each VCPU that has sent it; which one sent the one that is active.
    u8 sgi_sources[sgi_count] {}, sgi_active_source[sgi_count] {};

    /// List registers, a bit each: that are some interrupt's, be it idle now; that show a level-sensitive
    /// one as pending because of software.
    u32 in_use {}, soft {};
    /// List registers, a bit each, whose interrupts have changed.
    u32 stale {};
    /// Words with interrupts that may have to be put into a list register.
    u32 news {};
    /// All list registers have to be filled anew. If not, nothing is active but what they have.
    bool rebuild {};

    /// The timer's line is high as the hardware's has interrupted; its interrupt is active, and its end will
    /// deactivate that of the hardware. Only while list register 0 does not say so.
    bool timer_raised {}, timer_active {};
    /// Software has made it inactive, and the hardware does not know.
    bool deactivate_timer {};
    /// Of Interrupt_bank::latched, when list register 0 got the interrupt.
    u32 timer_latched {};

    /// \param sources a bit for each VCPU that sends it
    void pend_sgi(unsigned sgi, u32 sources)
    {
        sgi_sources[sgi] |= static_cast<u8>(sources);
        if (sources)
            bank.latched |= 1u << sgi;
    }

    /// What list register 0 is given, neither pending nor active yet.
    [[gnu::always_inline]] List_register hardware_timer() const
    {
        u32 const group = bits(bank.group, virtual_timer, virtual_timer);
        return List_register {virtual_timer, bank.priority[virtual_timer], group}.with_hardware(
            virtual_timer);
    }
    /// The hardware's has interrupted, and could be shown now.
    bool hardware_timer_waits() const { return timer_raised && bank.forwarded & ~bank.busy & timer_bit; }
    /// The hardware's has interrupted, and list register 0 cannot show it yet.
    void keep_hardware_timer();
    /// The line is low, or list register 0 shows that it is high.
    void forget_hardware_timer();
    /// List register 0 shows that it is pending.
    void give_hardware_timer(List_registers &lrs);
    /// \return true: it was not taken yet, and is in no list register any more
    bool withdraw_hardware_timer(List_registers &lrs);
    void fold_hardware_timer(List_register lr);
    /// \pre nothing is in list registers
    void fill_hardware_timer(List_registers &lrs);
};

} // namespace vambrace
