// SPDX-License-Identifier: Apache-2.0
// The hypervisor's own memory: where it is, its own tables, and clearing it quickly.
#pragma once
#include <arch/arm/core/own_table.hpp>

extern "C" {
extern vambrace::u32 host_l1[];
extern vambrace::u32 host_l2[]; ///< four tables: devices, the alias page, vectors, the image
extern char vectors_start[];
extern vambrace::arm::Image_part const image_parts[]; ///< start.S
void clear_memory(vambrace::u32 *to, vambrace::u32 bytes);
}

namespace vambrace::arm {

/// A first-level table for the hardware, and the ASID of what it maps (0: the hypervisor's own table).
struct Table_base {
    u32 physical, asid;
};

template <u32 size>
struct alignas(size) Aligned {
    u32 words[size / 4];
};

/// Of something in our own megabyte, which begins at `ram`.
inline u32 physical(void const *p, u32 ram) { return reinterpret_cast<u32>(p) - layout::image + ram; }
inline Own_place own_place(Va va) { return own_place(image_parts, va.value); }
inline Frame frame_of(void const *p, u32 ram) { return Frame::of(physical(p, ram)); }

/// RAM as the hypervisor's own table shows it, while that is in use.
inline u8 *ram_at(u32 physical, u32 ram)
{
    return reinterpret_cast<u8 *>(std::uintptr_t {layout::ram_map} + (physical - ram));
}

constexpr unsigned host_alias = 256, host_vectors = 512; ///< in host_l2

/// The vector page's entry, for the table behind megabyte 0.
inline u32 vectors_page() { return host_l2[host_vectors]; }

/// Tables, and a guest's memory before it starts. \param bytes a multiple of 32
inline void clear_table(u32 *table, u32 bytes) { clear_memory(table, bytes); }

/// Shows a frame of guest RAM at an address of ours, in the megabyte of the alias page.
/// \param publish is told if the entry changed: as publish_entry()
template <typename Entry, typename F>
void point_at(u32 va, Frame frame, u16 memory, F publish)
{
    u32 const entry = Entry::private_page(frame.physical(), memory, Own_use::data);
    u32 *const place = &host_l2[host_alias + (va - layout::alias) / page_size];
    if (*place == entry)
        return;
    *place = entry;
    publish(place, Va {va});
}
template <typename Entry, typename F>
void point_alias_at(Frame frame, u16 memory, F publish)
{
    point_at<Entry>(layout::alias, frame, memory, publish);
}

/// Shows more of RAM, for data, where nothing has been shown. \param size at most layout::more_memory_size
/// \param publish lets the hardware see the table
template <typename Entry, typename F>
void map_more_memory(u32 physical, u32 size, F publish)
{
    u32 *const entries = &host_l2[host_alias + (layout::more_memory - layout::alias) / page_size];
    for (u32 at = 0; at < size; at += page_size)
        entries[at / page_size] = Entry::private_page(physical + at, Entry::cached, Own_use::data);
    publish();
}

inline void trim_ram_map(u32 size) { trim_ram_map(host_l1, size); }

/// Completes the hypervisor's own table, which start.S began:
/// RAM, vectors, devices and the alias page.
/// \param publish as for complete_own_table()
template <typename Entry, typename F>
void fill_host_table(u32 ram, u32 const *device_pages, u32 count, F publish)
{
    u32 *const devices = host_l2, *const alias = host_l2 + host_alias,
               *const vectors = host_l2 + host_vectors;
    for (u32 n = 0; n != count; ++n)
        devices[n] = Entry::private_page(device_pages[n], Entry::device, Own_use::data);
    vectors[0] = Entry::private_page(physical(vectors_start, ram), Entry::cached, Own_use::code);
    complete_own_table<Entry>(host_l1, {physical(devices, ram), physical(alias, ram)}, ram, publish);
}

} // namespace vambrace::arm
