// SPDX-License-Identifier: Apache-2.0
// The guest kernel's own mapping of its RAM: its page tables are read through it.
#pragma once
#include <arch.hpp>

namespace vambrace {

/// [va, va + size) shows [ipa, ipa + size) in each of the guest's address spaces. Whole megabytes; size 0:
/// none.
struct Linear_map {
    u32 va, ipa, size;

    constexpr bool covers(Ipa i) const { return i.value - ipa < size; }
    /// The guest's address of ipa. \pre covers(ipa)
    constexpr Va address_of(Ipa i) const
    {
        ASSERT(covers(i));
        return {va + (i.value - ipa)};
    }
    /// The same for any ipa. Error::address: it does not show it.
    constexpr Result<Va> view(Ipa i) const
    {
        return covers(i) ? Result<Va> {address_of(i)} : Result<Va> {Error::address};
    }
    constexpr bool has_megabyte(u32 megabyte) const { return megabyte - (va >> 20) < size >> 20; }
};

} // namespace vambrace
