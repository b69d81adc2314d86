// SPDX-License-Identifier: Apache-2.0
// The boot bundle: a FIT (U-Boot's flattened image tree) with images and descriptions of guests.
#pragma once
#include <boot/part_list.hpp>
#include <boot/problem.hpp>
#include <kernel/limits.hpp>

namespace vambrace {

/// A file in the bundle, in place. size == 0: there is none.
struct Image {
    u8 const *data;
    u32 size;
    u32 load = 0;  ///< of a kernel: the guest's address that it is made for, unchecked; 0: it does not say
    u32 entry = 0; ///< of one that says: where it starts, in Thumb state if bit 0 is set
};

/// What the user asked for; strings and images lie in the bundle and live as long as it does.
struct Guest_config {
    char const *label;   ///< 1..max_label printable characters, no spaces or brackets; nobody else's
    u32 memory;          ///< bytes, a multiple of 1 MB; 0: an equal share of what the others leave
    u32 shadow_pool_kib; ///< at least 64, a multiple of 16; 0: by the size of its memory
    Image kernel;
    Image ramdisk;
    char const *bootargs;
    Image firmware {};  ///< the guest starts in it instead of the kernel, which then need not be there
    Part_list parts {}; ///< disks, regions and channels
};

/// What firmware may have: QEMU's `virt` has a flash of this size at address 0, and another one behind it.
constexpr u32 most_firmware = 64 * mib;

struct Bundle {
    Guest_config guests[max_guests];
    unsigned count;
};

/// A part of one kind of the first guests' with this property; negative: none of them has one.
int find_part(Bundle const &bundle, unsigned guests, Part_list::Kind kind, char const *property,
              char const *value);

/// Reads and checks everything: after it, no offset or string of the bundle is in doubt, and every image that
/// a guest uses has the hash it should have. A FIT without /vambrace is one guest made of its default
/// configuration.
/// \param size of the memory that holds the bundle; the bundle may be shorter
/// \pre fit is 8-byte aligned
Boot_result<Bundle> read_bundle(void const *fit, u32 size);

/// Gives every guest its memory: whoever asked for none gets an equal share of what is left.
/// \param available bytes that guests can have
/// \param granule what each guest takes is a multiple of it; a power of two, at least 1 MB
Boot_result<Bundle> share_memory(Bundle bundle, u32 available, u32 granule = mib);

} // namespace vambrace
