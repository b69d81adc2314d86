// SPDX-License-Identifier: Apache-2.0
// The machine that a guest in HYP mode's care finds (docs/guest-machine.md): QEMU virt's map.
#pragma once
#include <base/types.hpp>
#include <vambrace/abi.h>

namespace vambrace::machine {

constexpr u32 gic_distributor = VAMBRACE_GICD_IPA, gic_cpu_interface = VAMBRACE_GICC_IPA;
/// What each of the two takes; the first pages answer.
constexpr u32 gic_size = VAMBRACE_GIC_SIZE;

/// The controller's numbers: 16 to 31 are each processor's own, 32 is the first that they share.
constexpr unsigned virtual_timer = 27, physical_timer = 30, first_shared = 32;

/// The number of a device's line, by the paravirtual one.
constexpr unsigned intid_of(unsigned irq)
{
    switch (irq) {
    case VAMBRACE_IRQ_PL011: return first_shared + VAMBRACE_SPI_PL011;
    case VAMBRACE_IRQ_PL031: return first_shared + VAMBRACE_SPI_PL031;
    case VAMBRACE_IRQ_PORTS: return first_shared + VAMBRACE_SPI_PORTS;
    default:
        return irq >= VAMBRACE_IRQ_VIRTIO ? first_shared + VAMBRACE_SPI_VIRTIO + irq - VAMBRACE_IRQ_VIRTIO
                                          : first_shared + irq;
    }
}

/// MPIDR: a uniprocessor's cluster 0, with the multiprocessing extensions' format (bit 31).
constexpr u32 mpidr(unsigned vcpu) { return 1u << 31 | vcpu; }

} // namespace vambrace::machine
