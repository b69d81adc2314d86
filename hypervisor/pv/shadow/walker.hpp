// SPDX-License-Identifier: Apache-2.0
// The guest's own tables: what they say of an address, read as the guest's hardware would read them.
#pragma once
#include <kernel/memory.hpp>
#include <pv/shadow/linear_map.hpp>

namespace vambrace {

/// A table base that no TTBR can be: the identity map of a guest whose MMU is off.
constexpr u32 mmu_off = 1;

struct Walker {
    Memory memory {};
    Windows const *windows {}; ///< not empty; nullptr: there are none
    arch::Rights_context rights {};
    Linear_map linear {};

    /// A word of a guest table, through the address where the guest wrote it: on a virtually tagged cache
    /// only that finds the line (DDI 0198 4.1). Every table maps the linear map to the guest's RAM, so the
    /// load is safe. Error::address: the table is not in the guest's RAM.
    [[gnu::always_inline]] Result<u32> read(Ipa ipa) const
    {
        if (linear.covers(ipa))
            return arch::load_trusted(linear.address_of(ipa).value);
        return read_aliased(ipa);
    }
    /// The same where the linear map does not show it.
    Result<u32> read_aliased(Ipa ipa) const;
    /// The first-level entry for va of the table at base.
    [[gnu::always_inline]] Result<u32> first_level(u32 base, Va va) const
    {
        return read(Ipa {base + arch::l1_offset(va.value)});
    }

    /// What is not RAM and yet memory. Error::address: neither.
    Result<Windows::Place> window_at(Ipa ipa) const
    {
        return windows ? windows->place_of(ipa) : Error::address;
    }

    /// What the guest's table at base says of va; its fault, if it has one, is for the guest.
    arch::Mapping walk(u32 base, Va va) const;
    /// The guest's frame at va, whatever its rights. Error::address: there is none.
    Result<Frame> frame_behind(u32 base, Va va) const;
};

} // namespace vambrace
