// SPDX-License-Identifier: Apache-2.0
// Who runs next and until when: round-robin over the runnable vcpus. Time is an argument.
#pragma once
#include <base/result.hpp>
#include <base/types.hpp>

namespace vambrace {

/// What a scheduler knows of a vcpu: its place in the queue. It stays where it is.
class Runnable {
  public:
    constexpr Runnable() = default;
    Runnable(Runnable const &) = delete;
    Runnable &operator=(Runnable const &) = delete;

  private:
    friend class Scheduler;

    Runnable *next_ {}; ///< in the queue; nullptr: it is not runnable
    Runnable *previous_ {};
    bool known_ {};
};

/// A vcpu that was never added, or removed, is ignored. No
/// call looks at a clock or costs more with more vcpus.
class Scheduler {
  public:
    static constexpr Time_ns default_slice = 10'000'000;

    constexpr explicit Scheduler(Time_ns slice = default_slice) : slice_ {slice}
    {
        ends_.next_ = ends_.previous_ = &ends_;
    }

    /// A new vcpu, runnable, behind the others. Error::inval: it is known already.
    Error add(Runnable &vcpu);
    void remove(Runnable &vcpu);

    /// It waits until wake(); a woken one goes behind the others that are runnable.
    void block(Runnable &vcpu);
    /// Has it waited? Then pick() has to be asked again.
    bool wake(Runnable &vcpu);
    /// It goes behind the others that are runnable; if it is running, its slice is over.
    void yield(Runnable &vcpu);

    /// Who runs from now on. The same one as before until it blocks, yields or has used its slice while
    /// another is waiting. nullptr: nobody is runnable.
    Runnable *pick(Time_ns now);
    /// When pick() has to be asked again: `never` if the one that runs is alone, so no timer is needed.
    Time_ns slice_end() const { return running_ && several() ? end_ : never; }

    bool runnable(Runnable const &vcpu) const { return vcpu.next_ != nullptr; }

  private:
    bool several() const { return ends_.next_ != ends_.previous_; }
    void append(Runnable &vcpu);
    void take_out(Runnable &vcpu);

    Time_ns slice_;
    Time_ns end_ = 0;      ///< of the first one's slice
    bool running_ = false; ///< the first one was picked
    Runnable ends_;        ///< the queue, in turn
};

} // namespace vambrace
