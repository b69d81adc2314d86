// SPDX-License-Identifier: Apache-2.0
// HYP mode's own tables, which show it what SVC mode's show the paravirtual way, at the same addresses.
#pragma once
#include <arch/arm/core/own_table.hpp>
#include <arch/arm/model/lpae.hpp>

namespace vambrace::armv7ve {

/// The tables below the first level, as hyp/entry/start.S begins them.
struct Hyp_tables {
    u64 high[lpae::table_entries];    ///< second level of the last gigabyte
    u64 image[lpae::table_entries];   ///< third level: the image's two megabytes
    u64 devices[lpae::table_entries]; ///< third level: those behind
    u64 ram[lpae::table_entries];     ///< second level of ram_map's gigabyte
};

/// Entries that show RAM at ram_map, \param at bytes behind its beginning.
constexpr u64 &ram_entry(Hyp_tables &tables, u32 at)
{
    constexpr u32 gigabyte = lpae::block_1g;
    static_assert(layout::ram_map % gigabyte == 0 && layout::ram_map + gigabyte == 0xc0000000);
    return (at < gigabyte ? tables.ram : tables.high)[lpae::l2_index(at)];
}

/// All of RAM, as far as there are addresses. Nothing is written through the first entry: our own megabyte is
/// in it, and the device tree may be. \param ram where it begins, a multiple of 2 MB
constexpr void map_ram(Hyp_tables &tables, Frame ram)
{
    for (u32 at = 0; at != layout::ram_map_size; at += lpae::block_2m)
        ram_entry(tables, at) = lpae::Own_entry::block_2m(
            {ram.number + (at >> 12)}, lpae::Memory_type::normal, at ? Own_use::data : Own_use::constants);
}

/// RAM ends at `size`. The caller invalidates the TLB.
constexpr void trim_ram(Hyp_tables &tables, u32 size)
{
    for (u32 at = align_up(size, lpae::block_2m); at < layout::ram_map_size; at += lpae::block_2m)
        ram_entry(tables, at) = 0;
}

/// The image's pages by what they are for. \param parts as start.S lists them
constexpr void map_image(Hyp_tables &tables, arm::Image_part const *parts, Frame ram)
{
    for (u32 n = 0; n != mib / page_size; ++n) {
        u32 const va = layout::image + n * page_size;
        u64 &entry = tables.image[lpae::l3_index(va)];
        Frame const frame {ram.number + n};
        switch (arm::own_place(parts, va)) {
            using enum arm::Own_place;
            using enum lpae::Memory_type;
        case code: entry = lpae::Own_entry::page(frame, normal, Own_use::code); break;
        case constants: entry = lpae::Own_entry::page(frame, normal, Own_use::constants); break;
        case data: entry = lpae::Own_entry::page(frame, normal, Own_use::data); break;
        default: entry = 0;
        }
    }
}

/// \param table physical address of tables.devices
constexpr void map_devices(Hyp_tables &tables, Frame table, u32 const *pages, u32 count)
{
    for (u32 n = 0; n != count; ++n)
        tables.devices[lpae::l3_index(layout::devices) + n] =
            lpae::Own_entry::page(Frame::of(pages[n]), lpae::Memory_type::device, Own_use::data);
    tables.high[lpae::l2_index(layout::devices)] = lpae::Own_entry::table(table);
}

} // namespace vambrace::armv7ve
