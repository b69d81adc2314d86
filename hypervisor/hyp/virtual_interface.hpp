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

constexpr u32 all_list_registers = (1u << List_registers::count) - 1;

[[gnu::always_inline]] inline auto hardware() { return board::irq_chip().virtual_interface(); }

/// \param wanted list registers, a bit each; of the others nothing is read
inline List_registers read(u32 wanted)
{
    List_registers list;
    for (unsigned n = 0; n != List_registers::count; ++n)
        if (bit(wanted, n))
            list.lr[n] = List_register {hardware().list_register(n)};
    list.hcr = hardware().control();
    return list;
}

/// Writes what has changed. \param before what the core has
inline void write(List_registers const &list, List_registers const &before)
{
    for (unsigned n = 0; n != List_registers::count; ++n)
        if (list.lr[n] != before.lr[n])
            hardware().list_register(n, list.lr[n].word());
    if (list.hcr != before.hcr)
        hardware().control(list.hcr);
}

inline Interface_registers save()
{
    Interface_registers const all {hardware().machine_control(), hardware().active_priorities(),
                                   read(all_list_registers)};
    hardware().control(0);
    return all;
}

inline void restore(Interface_registers const &from)
{
    hardware().machine_control(from.machine_control);
    hardware().active_priorities(from.active_priorities);
    for (unsigned n = 0; n != List_registers::count; ++n)
        hardware().list_register(n, from.list.lr[n].word());
    hardware().control(from.list.hcr);
}

} // namespace virtual_interface

} // namespace vambrace
