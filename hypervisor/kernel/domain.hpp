// SPDX-License-Identifier: Apache-2.0
// A guest, whatever its kind: its memory, its vcpus, its bus, and what happens to it from start to end.
#pragma once
#include <kernel/counters.hpp>
#include <kernel/guest_kind.hpp>
#include <kernel/limits.hpp>
#include <kernel/memory.hpp>
#include <kernel/restart_policy.hpp>
#include <kernel/timer_queue.hpp>
#include <kernel/vcpu.hpp>

namespace vambrace {

class Standard_devices;

/// Where a guest's memory gets its contents from, each time the guest starts.
struct Origin {
    /// Loads the domain's memory and starts it: Guest_kind::start. False: it could not, and has said why.
    bool (*load)(Domain &, Origin const &);
};

/// Where a guest takes what is typed for it.
struct Console_port {
    u32 capacity;
    /// Characters that receive() can take now.
    u32 (*room)(Domain const &);
    void (*receive)(Domain &, char c);
};

class Domain {
  public:
    enum class State : u8 { off, running, powered_off, ended };
    static constexpr unsigned max_vcpus = 1;

    /// \param vcpu its one processor
    Domain(unsigned id, char const *label, Memory memory, Guest_kind const &kind, Vcpu &vcpu);

    char const *label() const { return label_; }
    bool runs() const { return state == State::running; }

    unsigned const id;
    Memory const memory;
    Windows windows {}; ///< what it sees beside its memory; before the guest starts
    Guest_kind const &kind;
    Vcpu *const vcpus[max_vcpus];
    Origin const *origin {};
    Standard_devices *devices {}; ///< on its bus
    Console_port const *console {};
    State state {State::off};
    Counters counters {};
    Restart_policy restarts {};

  private:
    friend void restart(Domain &);
    friend void stop(Domain &);
    void end_delay(Time_ns);

    Timeout_of<Domain, &Domain::end_delay> delay_ {*this}; ///< it was restarted and does not run yet
    char label_[max_label + 1] {};
};

/// The guest is over. Prints why, once.
void power_off(Domain &d);
void end(Domain &d, char const *why);

/// Starts the guest again, later if it does so often, or ends it.
void restart(Domain &d);

} // namespace vambrace
