// SPDX-License-Identifier: Apache-2.0
// The state of 32 interrupts of a virtual distributor, a bit each.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// A VCPU's private interrupts, or 32 of those that a guest's VCPUs share.
struct Interrupt_bank {
    u32 enabled {};
    /// Enabled, and the distributor forwards their group.
    u32 forwarded {};
    /// Pending by an edge of their line or by software. One that a list register shows as pending for such a
    /// reason is so there, and not here.
    u32 latched {};
    /// The line is high.
    u32 line {};
    /// Edge-triggered; the others are level-sensitive.
    u32 edge {};
    /// In group 1.
    u32 group {};
    /// A list register is theirs, or they are active: of any VCPU.
    u32 busy {};
    /// GICD_IPRIORITYR: of five bits, the lower three are zero.
    u8 priority[32] {};
    /// Which list register is theirs, or was last.
    u8 list_register[32] {};

    /// Pending, but for what list registers show.
    constexpr u32 pending() const { return latched | (line & ~edge); }

    /// \param control GICD_CTLR: which groups are forwarded
    constexpr void forward(u32 control)
    {
        u32 const group0 = control & 1 ? ~group : 0, group1 = control & 2 ? group : 0;
        forwarded = enabled & (group0 | group1);
    }

    /// \param mask one interrupt
    /// \return whether it may be pending now and was not, or the other way round
    constexpr bool set_line(u32 mask, bool high)
    {
        if (high == ((line & mask) != 0))
            return false;
        line ^= mask;
        if (!(edge & mask))
            return true;
        if (high)
            latched |= mask;
        return high;
    }
};

} // namespace vambrace
