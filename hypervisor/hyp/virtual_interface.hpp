// SPDX-License-Identifier: Apache-2.0
// The running vcpu's CPU interface: list registers and what is beside them, in the hardware.
#pragma once
#include <board.hpp>
#include <hyp/vgic/list_registers.hpp>

namespace vambrace {

/// What a CPU interface holds while its vcpu does not have the processor: registers of the GIC's virtual
/// interface (ARM IHI 0048B 5.3), of which a reset leaves everything off.
struct Interface_registers {
    u32 machine_control {};   ///< GICH_VMCR
    u32 active_priorities {}; ///< GICH_APR
    List_registers list {};
};

namespace virtual_interface {

inline auto hardware() { return board::irq_chip().virtual_interface(); }

inline List_registers read()
{
    List_registers list;
    for (unsigned n = 0; n != List_registers::count; ++n)
        list.lr[n] = List_register {hardware().list_register(n)};
    list.hcr = hardware().control();
    return list;
}

inline void write(List_registers const &list)
{
    for (unsigned n = 0; n != List_registers::count; ++n)
        hardware().list_register(n, list.lr[n].word());
    hardware().control(list.hcr);
}

inline Interface_registers save()
{
    Interface_registers const all {hardware().machine_control(), hardware().active_priorities(), read()};
    hardware().control(0);
    return all;
}

inline void restore(Interface_registers const &from)
{
    hardware().machine_control(from.machine_control);
    hardware().active_priorities(from.active_priorities);
    write(from.list);
}

} // namespace virtual_interface

} // namespace vambrace
