// SPDX-License-Identifier: Apache-2.0
// What the hypervisor gives the virtual CPU interface of the core (ARM IHI 0048B 5.3), as values.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// GICH_LRn: one interrupt that the virtual CPU interface can show the guest.
class List_register {
  public:
    constexpr List_register() = default;
    /// \param word as the hardware has it
    constexpr explicit List_register(u32 word) : word_ {word} {}
    /// Neither pending nor active yet.
    /// \param priority GICD_IPRIORITYR's, of which the upper five bits count
    /// \param group 0 or 1
    constexpr List_register(unsigned intid, u32 priority, u32 group)
        : word_ {group << group_shift | priority >> 3 << priority_shift | intid}
    {
    }

    constexpr List_register pending() const { return List_register {word_ | pending_bit}; }
    constexpr List_register not_pending() const { return List_register {word_ & ~pending_bit}; }
    constexpr List_register active() const { return List_register {word_ | active_bit}; }
    /// Of an interrupt that a core sends: which one. \param cpu 0 to 7
    constexpr List_register from(unsigned cpu) const
    {
        return List_register {(word_ & ~(7u << source_shift)) | cpu << source_shift};
    }
    /// The end of this interrupt makes a maintenance interrupt. Not of one with hardware().
    constexpr List_register telling_its_end() const { return List_register {word_ | eoi_bit}; }
    constexpr List_register not_telling_its_end() const { return List_register {word_ & ~eoi_bit}; }
    /// The end of this interrupt deactivates a physical one.
    constexpr List_register with_hardware(unsigned physical) const
    {
        return List_register {word_ | hardware_bit | physical << physical_shift};
    }

    constexpr u32 word() const { return word_; }
    constexpr unsigned intid() const { return bits(word_, 9, 0); }
    /// \pre it is one that a core sends
    constexpr unsigned source() const { return bits(word_, 12, 10); }
    /// GICD_IPRIORITYR's, the lower three bits zero.
    constexpr u32 priority() const { return bits(word_, 27, 23) << 3; }
    constexpr u32 group() const { return bits(word_, 30, 30); }
    constexpr bool is_pending() const { return word_ & pending_bit; }
    constexpr bool is_active() const { return word_ & active_bit; }
    /// Whether it is pending or active. One that is not has room for another.
    constexpr bool is_valid() const { return word_ & (pending_bit | active_bit); }
    constexpr bool tells_its_end() const { return !has_hardware() && word_ & eoi_bit; }
    constexpr bool has_hardware() const { return word_ & hardware_bit; }
    constexpr bool operator==(List_register const &) const = default;

  private:
    static constexpr u32 source_shift = 10, physical_shift = 10, priority_shift = 23, group_shift = 30;
    static constexpr u32 eoi_bit = 1 << 19, pending_bit = 1 << 28, active_bit = 1 << 29;
    static constexpr u32 hardware_bit = 1u << 31;

    u32 word_ {};
};

/// The list registers of one core and GICH_HCR, as the hardware has them.
struct List_registers {
    /// GICH_VTR.ListRegs + 1 of the Cortex-A15 and A7.
    static constexpr unsigned count = 4;

    /// GICH_HCR: the interface is on; a maintenance interrupt when the guest has ended an interrupt that was
    /// in no list register, and how many, in bits 31:27.
    static constexpr u32 on = 1 << 0, not_listed = 1 << 2, all_ended_unlisted = 31u << 27;

    List_register lr[count] {};
    u32 hcr = on;

    /// GICH_HCR.EOICount. 0 unless it was asked for.
    constexpr unsigned ended_unlisted() const { return hcr & not_listed ? hcr >> 27 : 0; }
};

/// GICH_VMCR: what the guest has set in its CPU interface.
class Virtual_interface_control {
  public:
    constexpr explicit Virtual_interface_control(u32 word) : word_ {word} {}

    /// Whether an interrupt can interrupt the guest, if none of its priority or a higher one is active.
    /// \param priority GICD_IPRIORITYR's
    /// \param group 0 or 1
    constexpr bool takes(u32 priority, u32 group) const
    {
        return bit(word_, group) && priority >> 3 < bits(word_, 31, 27);
    }

  private:
    u32 word_;
};

} // namespace vambrace
