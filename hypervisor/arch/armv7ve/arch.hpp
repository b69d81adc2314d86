// SPDX-License-Identifier: Apache-2.0
// What core calls `arch` on a Cortex-A with the virtualization extensions: SVC mode as on the others, and HYP
// mode beside it.
#pragma once
#include <arch/arm/model/hsr.hpp>
#include <arch/arm/model/hyp_registers.hpp>
#include <arch/arm/model/injection.hpp>
#include <arch/armv7/arch.hpp>
#include <arch/armv7ve/banked_registers.hpp>
#include <arch/armv7ve/hyp_context.hpp>
#include <arch/armv7ve/hyp_own_table.hpp>
#include <arch/armv7ve/hyp_registers.hpp>
#include <arch/armv7ve/system_registers.hpp>

extern "C" {
// HYP mode's tables lie where those of SVC mode would (hypervisor.ld.S): only one of both is used.
extern vambrace::armv7ve::Hyp_tables hyp_tables;
extern vambrace::u64 hyp_first_level[vambrace::lpae::l1_entries];
}

namespace vambrace::armv7ve {

/// The tables have changed.
inline void publish_hyp_tables()
{
    dsb();
    Tlbiallh::write(0);
    dsb();
    isb();
}

/// Completes the tables that start.S began. \param ram where our own megabyte is, a multiple of 2 MB
inline void map_hyp(u32 ram, u32 const *device_pages, u32 count)
{
    Hyp_tables &tables = hyp_tables;
    Frame const first = Frame::of(ram);
    hyp_first_level[lpae::l1_index(ram)] = 0; // where start.S was: nothing, before it is something else
    publish_hyp_tables();
    map_ram(tables, first);
    hyp_first_level[lpae::l1_index(layout::ram_map)] = lpae::Own_entry::table(arm::frame_of(tables.ram, ram));
    map_devices(tables, arm::frame_of(tables.devices, ram), device_pages, count);
    map_image(tables, image_parts, first);
    publish_hyp_tables();
    Hsctlr::write(Hsctlr::read().with(Hsctlr::wxn));
    publish_hyp_tables();
    arm::core_identity = masked(armv7::read_identity());
}

inline void trim_hyp_ram(u32 size)
{
    trim_ram(hyp_tables, size);
    publish_hyp_tables();
}

} // namespace vambrace::armv7ve
