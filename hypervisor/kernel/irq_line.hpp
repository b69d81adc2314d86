// SPDX-License-Identifier: Apache-2.0
// What a device has of the guest's interrupt controller: one line of it.
#pragma once
#include <kernel/domain.hpp>

namespace vambrace {

class Irq_line {
  public:
    constexpr Irq_line(Domain &domain, unsigned irq) : domain_ {domain}, irq_ {irq} {}

    /// The line is high, or low, from now on; as often as the device likes. While it is high the guest is
    /// told each time: it may have been shown the interrupt meanwhile.
    void set(bool high)
    {
        if (high || high_)
            domain_.kind.set_irq(domain_, irq_, high);
        high_ = high;
    }

    bool is_high() const { return high_; }

  private:
    Domain &domain_;
    unsigned const irq_;
    bool high_ {};
};

} // namespace vambrace
