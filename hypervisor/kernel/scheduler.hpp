// SPDX-License-Identifier: Apache-2.0
// Who runs next and until when: round-robin over the runnable vcpus. Time is an argument.
#pragma once
#include <base/result.hpp>
#include <base/types.hpp>

namespace vambrace {

/// Vcpus are numbers below max_vcpus; a number never added, or removed, is ignored. No call looks at a clock.
class Scheduler {
  public:
    static constexpr unsigned max_vcpus = 8;
    static constexpr Time_ns default_slice = 10'000'000;

    constexpr explicit Scheduler(Time_ns slice = default_slice) : slice_ {slice} {}

    /// A new vcpu, runnable, behind the others. Error::inval: the number is too large or in use.
    Error add(unsigned id);
    void remove(unsigned id);

    /// It waits until wake(); a woken one goes behind the others that are runnable.
    void block(unsigned id);
    void wake(unsigned id);
    /// It goes behind the others that are runnable; if it is running, its slice is over.
    void yield(unsigned id);

    /// Who runs from now on. The same one as before until it blocks, yields or has used its slice while
    /// another is waiting. Error::again: nobody is runnable.
    Result<unsigned> pick(Time_ns now);
    /// When pick() has to be asked again: `never` if the one that runs is alone, so no timer is needed.
    Time_ns slice_end() const { return count_ > 1 && running_ ? start_ + slice_ : never; }

    bool runnable(unsigned id) const;

  private:
    bool known(unsigned id) const { return id < max_vcpus && (known_ >> id & 1); }
    void append(unsigned id);
    void take_out(unsigned id);

    Time_ns slice_;
    Time_ns start_ = 0;        ///< when queue_[0] began its slice
    unsigned count_ = 0;       ///< runnable ones
    bool running_ = false;     ///< queue_[0] was picked
    u8 known_ = 0;             ///< bit per number
    u8 queue_[max_vcpus] = {}; ///< the runnable ones in turn
};

} // namespace vambrace
