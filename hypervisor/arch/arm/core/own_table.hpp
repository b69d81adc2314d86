// SPDX-License-Identifier: Apache-2.0
// The hypervisor's own first-level table. start.S leaves two entries in it: the image's pages in the
// window, and the megabyte that it ran in at its physical address, which may be any, and that of ram_map too.
#pragma once
#include <arch/arm/core/layout.hpp>
#include <arch/arm/model/rights.hpp>

namespace vambrace::arm {

/// What the table's entries for second-level tables point at, physical.
struct Own_tables {
    u32 devices, alias;
};

/// Where an address of the image's megabyte lies.
enum class Own_place : u8 { elsewhere, unused, code, constants, stack_guard, data };

/// A part of the image's megabyte, as start.S maps it.
struct Image_part {
    u32 end;   ///< the first address behind it
    u32 entry; ///< what its second-level entries are, but for the address
};

/// \param parts from layout::image on, in order, as image_parts has them
constexpr Own_place own_place(Image_part const *parts, u32 va)
{
    using enum Own_place;
    if (va - layout::image >= mib)
        return elsewhere;
    constexpr Own_place places[] {unused, code, code, constants, data, stack_guard, data, data};
    unsigned n = 0;
    while (va >= parts[n].end)
        ++n;
    return places[n];
}

/// All of RAM, as far as there are addresses, for data. In its first megabyte, which is our own, nothing is
/// written through this: the device tree may be there, and is read. \param ram where it begins
template <typename Entry>
void map_ram(u32 *l1, u32 ram)
{
    u32 const addresses = 0 - ram; // up to 4 GB; 0 if that is all of them
    u32 const size = addresses - 1 < layout::ram_map_size ? addresses : layout::ram_map_size;
    for (u32 at = 0; at != size; at += mib)
        l1[(layout::ram_map + at) >> 20] =
            Entry::own_section(ram + at, at ? Own_use::data : Own_use::constants);
}

/// \pre runs in the window
/// \param publish lets the hardware see the table; once while nothing is where start.S was: an address does
/// not go from one frame to another at once (DDI 0406C B3.10.1). The caller does it at the end
template <typename Entry, typename F>
void complete_own_table(u32 *l1, Own_tables tables, u32 ram, F publish)
{
    if (ram != layout::image) {
        l1[ram >> 20] = 0;
        publish();
    }
    map_ram<Entry>(l1, ram);
    l1[layout::devices >> 20] = Entry::table(tables.devices, Dacr_domain::hypervisor);
    l1[layout::alias >> 20] = Entry::table(tables.alias, Dacr_domain::hypervisor);
}

/// RAM ends here: behind it there may be devices, which a core must not read ahead. The caller cleans the
/// caches and invalidates the TLB.
/// \param size bytes of RAM
inline void trim_ram_map(u32 *l1, u32 size)
{
    for (u32 at = align_up(size, mib); at < layout::ram_map_size; at += mib)
        l1[(layout::ram_map + at) >> 20] = 0;
}

} // namespace vambrace::arm
