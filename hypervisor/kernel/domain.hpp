// SPDX-License-Identifier: Apache-2.0
// A guest: its memory, its vcpu, its devices, and what happens to it from start to end.
#pragma once
#include <boot/bundle.hpp>
#include <boot/loader.hpp>
#include <device/vpl011.hpp>
#include <device/vpl031.hpp>
#include <kernel/counters.hpp>
#include <kernel/memory.hpp>
#include <kernel/restart_policy.hpp>
#include <pv/shadow/shadow.hpp>
#include <pv/vcpu.hpp>

namespace vambrace {

class Domain {
  public:
    enum class State : u8 { off, running, powered_off, ended };

    Domain(unsigned id, Guest_config const &config, Memory memory) : id {id}, config {config}, memory {memory}
    {
        for (u32 n = 0; n != max_label && config.label[n]; ++n)
            label_[n] = config.label[n];
    }

    char const *label() const { return label_; }
    bool runs() const { return state == State::running; }

    unsigned const id;
    Guest_config const config; ///< it points into the bundle: for use with the hypervisor's own table only
    Memory const memory;
    State state {State::off};
    Vcpu vcpu {};
    Shadow shadow {};
    Vpl011 uart {};
    Vpl031 rtc {};
    Counters counters {};
    Restart_policy restarts {};
    Time_ns held_until {never}; ///< it has just been restarted and does not run yet
    u32 window[8] {};           ///< the L1 words of the hypervisor's window, in all of its tables
    u32 *guest_table {};        ///< the second-level table of the window's guest part
    Frame shared_frame {0};
    bool store_passes {}; ///< once: the guest's next store to the page is not trapped, though it is guarded
    bool guarded {};      ///< the guest's stores to its shared page trap: an interrupt waits for it to unmask
    u32 *shared_page {};  ///< at the hypervisor's address: only while the guest does not run

  private:
    char label_[max_label + 1] {};
};

/// The guest's counters, with what entry.S and the shadow tables count for themselves.
Counters counters_of(Domain &d);

/// Puts vcpu, UART and shadow to what a guest starts with.
/// Of an earlier life nothing is left but its counters.
void start_over(Domain &d, Entry entry);

/// The running guest's shared page, for storing to: not guarded any more.
vambrace_shared &shared_of(Domain &d);
/// An interrupt waits: the store that unmasks has to trap. The page is read-only in every mode from now on.
void guard_shared(Domain &d);

/// A virtual interrupt for the guest; it is shown when the guest runs next.
void raise(Domain &d, unsigned irq);
/// The device no longer asks for it.
void lower(Domain &d, unsigned irq);

/// The guest is over. Prints why, once.
void power_off(Domain &d);
void end(Domain &d, char const *why);

/// The current guest's MMU state has changed: rights and table follow SCTLR, TTBR and DACR.
void update_mmu(Domain &d);

} // namespace vambrace
