// SPDX-License-Identifier: Apache-2.0
// A board's GIC as two of its devices.
#pragma once
#include <drivers/gic_v2/gic_v2_split.hpp>
#include <families/device_map.hpp>

namespace vambrace {

struct Gic_at {
    Board_device distributor, cpu_interface;

    /// \tparam Map of a board that has it
    template <typename Map>
    consteval Gic_v2 chip() const
    {
        return {Map::va(distributor), Map::va(cpu_interface)};
    }
};

/// One that has the virtualization extensions: four devices of the board, and one that guests see.
struct Virtual_gic_at {
    Board_device distributor, cpu_interface, deactivation, virtual_control;
    /// \param base the core's private memory (Cortex-A7, A15)
    static constexpr Virtual_gic_at private_memory(u32 base)
    {
        return {{base + 0x1000}, {base + 0x2000}, {base + 0x3000}, {base + 0x4000}};
    }

    /// \tparam Map of a board that has it
    template <typename Map>
    consteval Gic_v2_split chip() const
    {
        return {Map::va(distributor), Map::va(cpu_interface), Map::va(deactivation),
                Map::va(virtual_control)};
    }
};

/// What a Cortex-A9 MPCore's cores have to themselves (ARM DDI 0407G table 1-3); an ARM11 MPCore has it too.
struct Mpcore_private_memory {
    u32 base;

    constexpr Gic_at gic() const { return {{base + 0x1000}, {base + 0x100}}; }
    /// What A9_timer takes: the region with the global and the private timers.
    constexpr Board_device timers() const { return {base}; }
};

} // namespace vambrace
