// SPDX-License-Identifier: Apache-2.0
// What a kind of guest gives the kernel. All of it is on slow paths: what is fast, a kind does by itself.
#pragma once
#include <kernel/counters.hpp>

namespace vambrace {

class Domain;
class Vcpu;

/// Where a guest starts: pc, and r2. Bit 0 of the entry point: in Thumb state.
struct Start {
    Ipa entry;
    Ipa device_tree;

    constexpr u32 pc() const { return entry.value & ~1u; }
    constexpr bool in_thumb() const { return entry.value & 1; }
};

/// What a guest finds beside RAM and devices: the controller of its interrupts and its timer.
enum class Guest_interface : u8 {
    paravirtual, ///< both by hypercalls (docs/abi.md)
    hardware,    ///< a GICv2 and the generic timer (docs/guest-machine.md)
};

struct Guest_kind {
    Guest_interface interface;
    /// The guest's memory is loaded: its vcpus and tables become what a start finds. Of an earlier life
    /// nothing is left but the counters. \pre no guest has the processor: Cpu::leave()
    void (*start)(Domain &, Start);
    /// The guest's memory is about to be loaded: its addresses, and those of any other, mean nothing any
    /// more.
    void (*use_own_table)(Domain &);
    /// Until close_memory() we reach all of the guest's RAM, and its own addresses mean nothing.
    /// \return where its first byte is for us. \pre a vcpu of it has the processor
    u8 *(*open_memory)(Domain &);
    void (*close_memory)(Domain &);
    /// The processor is this vcpu's from now on.
    void (*enter)(Vcpu &);
    /// It is not any more. \pre it was
    void (*leave)(Vcpu &);
    /// The base that times are computed from has changed; of those that do not run, enter() sees to it.
    void (*clock_changed)(Vcpu &running);
    /// An interrupt line of the guest's is high, or no longer; it wakes whoever waits for it.
    void (*set_irq)(Domain &, unsigned irq, bool high);
    /// It has ended and waits for nothing any more.
    void (*stop)(Domain &);
    /// Its registers, into the log.
    void (*dump)(Domain const &);
    /// All that was counted of it, wherever that stands.
    Counters (*counters)(Domain &);
};

} // namespace vambrace
