// SPDX-License-Identifier: Apache-2.0
// Makes the device tree that a guest boots with (docs/abi.md section 1).
#pragma once
#include <boot/part_list.hpp>
#include <boot/problem.hpp>
#include <kernel/guest_kind.hpp>

namespace vambrace {

struct Guest_machine {
    u32 memory; ///< bytes at VAMBRACE_RAM_IPA
    char const *bootargs;
    Ipa ramdisk;
    u32 ramdisk_size; ///< 0: none
    char const *cpu;  ///< the core's "compatible" string
    bool clock;       ///< there is a PL031
    Guest_interface interface = Guest_interface::paravirtual;
    bool room = false; ///< the tree says that it fills its buffer: whoever reads it will add to it
    Part_list parts {};
};

/// Large enough for every tree that make_guest_tree makes with max_bootargs characters of command line.
constexpr u32 guest_tree_size = 8 * kib;

/// \pre buffer is 8-byte aligned
/// \return the tree's size in bytes
Boot_result<u32> make_guest_tree(Guest_machine const &machine, u8 *buffer, u32 size);

} // namespace vambrace
