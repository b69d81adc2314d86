// SPDX-License-Identifier: Apache-2.0
// Places kernel, ramdisk and device tree in a guest's memory, as the ARM Linux boot protocol wants them.
#pragma once
#include <boot/bundle.hpp>
#include <kernel/guest_kind.hpp>

namespace vambrace {

/// What guests of this board have.
struct Guest_hardware {
    char const *cpu; ///< the core's "compatible" string
    bool clock;      ///< a PL031
    Guest_interface interface = Guest_interface::paravirtual;
};

/// Where a guest starts, and what its firmware has to be told by the user.
struct Loaded {
    Start start;
    Ipa kernel;
    Ipa ramdisk;
};

/// The kernel is a zImage, an Image, or made for the address that it says. Writes what it places and nothing
/// else; the rest of the guest's memory keeps its contents, so the caller clears it first.
/// \param ram the guest's memory as the hypervisor sees it, 8-byte aligned
Boot_result<Loaded> load_guest(Guest_config const &config, u8 *ram, u32 size, Guest_hardware hardware);

} // namespace vambrace
