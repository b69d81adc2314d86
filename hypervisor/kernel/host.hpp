// SPDX-License-Identifier: Apache-2.0
// What there is once, however many processors: the guests, the console, the clocks.
#pragma once
#include <kernel/clock.hpp>
#include <kernel/console_input.hpp>
#include <kernel/domain.hpp>
#include <kernel/host_irq.hpp>

namespace vambrace {

/// The guests by number. None is ever taken out.
class Domains {
  public:
    /// \pre d.id == count(), and below max_guests
    void add(Domain &d)
    {
        ASSERT(d.id == count_ && count_ < max_guests);
        domains_[count_++] = &d;
    }
    unsigned count() const { return count_; }
    /// \pre n < count()
    Domain &operator[](unsigned n) const
    {
        ASSERT(n < count_);
        return *domains_[n];
    }
    Domain *const *begin() const { return domains_; }
    Domain *const *end() const { return domains_ + count_; }

  private:
    Domain *domains_[max_guests] {};
    unsigned count_ {};
};

struct Host {
    Host();

    void print_counters();
    void print_own_memory() const;

    Domains domains {};
    Console console;
    Console_input input;
    Clock clock;
    Wall_clock wall_clock {};
    Host_irqs irqs {};
    u32 own_memory_left {};
};

} // namespace vambrace
