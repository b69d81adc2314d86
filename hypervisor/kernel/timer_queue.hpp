// SPDX-License-Identifier: Apache-2.0
// What waits for a time: timeouts that lie in what they belong to, in the order in which they are due.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Something that is to happen at a time. It stays where it is and is in one queue at most.
class Timeout {
  public:
    /// \param now not before the time it was set to; it is out of the queue and may be set again
    using Handler = void (*)(Timeout &, Time_ns now);

    constexpr explicit Timeout(Handler handler) : handler_ {handler} {}
    Timeout(Timeout const &) = delete;
    Timeout &operator=(Timeout const &) = delete;

    /// never: it is not set.
    constexpr Time_ns when() const { return when_; }

  private:
    friend class Timer_queue;

    Handler handler_;
    Time_ns when_ {never};
    Timeout *next_ {};
    Timeout *previous_ {};
};

/// A member of Owner that calls one of its functions.
template <typename Owner, void (Owner::*expired)(Time_ns now)>
class Timeout_of : public Timeout {
  public:
    constexpr explicit Timeout_of(Owner &owner) : Timeout {call}, owner_ {owner} {}

  private:
    static void call(Timeout &timeout, Time_ns now)
    {
        (static_cast<Timeout_of &>(timeout).owner_.*expired)(now);
    }

    Owner &owner_;
};

/// Sorted: to set a timeout costs as many steps as others
/// are due before it, of which there are a few a guest.
class Timer_queue {
  public:
    constexpr Timer_queue() { ends_.next_ = ends_.previous_ = &ends_; }

    /// \param when never: it is cancelled
    void set(Timeout &timeout, Time_ns when)
    {
        if (timeout.next_)
            take_out(timeout);
        timeout.when_ = when;
        if (when != never)
            insert(timeout);
    }
    [[gnu::always_inline]] void cancel(Timeout &timeout) // that nothing is set is what nearly all calls find
    {
        if (timeout.next_)
            set(timeout, never);
    }

    /// When expire() is to be called next; never: nothing is set.
    Time_ns earliest() const { return ends_.next_->when_; }

    /// Calls the handlers of those that are due, in their order.
    void expire(Time_ns now);

  private:
    static void take_out(Timeout &timeout)
    {
        timeout.previous_->next_ = timeout.next_;
        timeout.next_->previous_ = timeout.previous_;
        timeout.next_ = nullptr;
    }
    void insert(Timeout &timeout)
    {
        Timeout *behind = ends_.next_;
        while (behind->when_ <= timeout.when_) // the ends' is never
            behind = behind->next_;
        timeout.next_ = behind;
        timeout.previous_ = behind->previous_;
        behind->previous_->next_ = &timeout;
        behind->previous_ = &timeout;
    }

    Timeout ends_ {nullptr};
};

} // namespace vambrace
