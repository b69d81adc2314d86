// SPDX-License-Identifier: Apache-2.0
// What every table format shares: who may do what with a
// page, and the domains that stand for a guest's modes.
#pragma once
#include <arch/arm/model/registers.hpp>

namespace vambrace {

/// The two modes of a guest: both are USR mode to the core.
enum class Guest_mode : u8 { user, kernel };

/// What one mode may do with a page.
enum class Access : u8 { none, read, write };

/// What pages of the hypervisor's own are for. Where the format and the core allow it code and constants are
/// read-only, and nothing but code is executed.
enum class Own_use : u8 { code, constants, data };

/// The rights that a guest's tables give its two modes.
struct Rights {
    Access kernel, user;
};

/// What USR mode is given for the guest kernel: on pages that guest user reaches, the user's rights.
constexpr Access effective(Rights rights, Guest_mode mode)
{
    return mode == Guest_mode::kernel && rights.user == Access::none ? rights.kernel : rights.user;
}

constexpr bool allows(Access access) { return access != Access::none; }

/// ARM's domains as the shadow tables use them; not to be mixed up with a guest.
enum class Dacr_domain : u32 { hypervisor = 0, kernel = 1, user = 2 };

/// DACR. Never manager, which would switch write protection off (DDI 0100I B4.5, DDI 0406C B3.7.3).
struct Dacr_fields : arm::Fields_of<Dacr_fields> {
    template <Dacr_domain d>
    static constexpr Field<2 * static_cast<u32>(d) + 1, 2 * static_cast<u32>(d)> domain {};
    static constexpr u32 client = 1;

    static constexpr Value user =
        Value {}.with(domain<Dacr_domain::hypervisor>, client).with(domain<Dacr_domain::user>, client);
    static constexpr Value kernel = user.with(domain<Dacr_domain::kernel>, client);
};
constexpr u32 dacr_user = Dacr_fields::user.word(), dacr_kernel = Dacr_fields::kernel.word();

constexpr u32 l1_offset(u32 va) { return va >> 20 << 2; }
constexpr u32 l2_offset(u32 va) { return bits(va, 19, 12) << 2; }

} // namespace vambrace
