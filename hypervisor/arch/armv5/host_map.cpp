// SPDX-License-Identifier: Apache-2.0
// The hypervisor's own table: what start.S left out.
#include <arch.hpp>

extern "C" char vectors_start[];

namespace vambrace::armv5 {

void map_host(u32 ram, u32 const *device_pages, u32 count)
{
    u32 *const devices = host_l2, *const alias = host_l2 + 256, *const vectors = host_l2 + 512;
    u32 const domain = 1u << 4 | 1; // domain 0, coarse table
    for (u32 n = 0; n != count; ++n)
        devices[n] = Shadow_entry::private_page(device_pages[n], false);
    vectors[0] = Shadow_entry::private_page(physical(vectors_start, ram), true);
    host_l1[layout::vectors >> 20] = vectors_table(ram);
    host_l1[layout::devices >> 20] = physical(devices, ram) | domain;
    host_l1[layout::alias >> 20] = physical(alias, ram) | domain;
    for (u32 n = 0; n != layout::pools_size / mib; ++n)
        host_l1[(layout::pools >> 20) + n] = Shadow_entry::private_section(ram + mib + n * mib, false, true);
    Dacr::write(dacr_kernel);
    caches().clean_invalidate_all();
    tlb_invalidate_all();
}

} // namespace vambrace::armv5
