// SPDX-License-Identifier: Apache-2.0
// The ARM Generic Interrupt Controller, architecture versions 1 and 2 (ARM IHI 0048B), and its forerunner in
// the ARM11 MPCore (ARM DDI 0360F chapter 10), which has the same registers: as one core sees it.
#pragma once
#include <drivers/gic_v2/gic_cpu_interface.hpp>
#include <drivers/gic_v2/gic_distributor.hpp>

namespace vambrace {

/// Lines are numbered as the GIC numbers them: the first that a device of the board can have is 32.
class Gic_v2 {
  public:
    using Taken = Gic_cpu_interface::Taken;

    constexpr Gic_v2(std::uintptr_t distributor, std::uintptr_t cpu_interface)
        : distributor_ {distributor}, cpu_interface_ {cpu_interface}
    {
    }

    /// Every line off; those that are enabled from now on interrupt this core, as IRQ.
    void start() const
    {
        cpu_interface_.stop();
        distributor_.stop();
        distributor_.start();
        cpu_interface_.start();
    }

    void enable(unsigned n) const { distributor_.enable(n); }
    void disable(unsigned n) const { distributor_.disable(n); }
    bool is_active(unsigned n) const { return distributor_.is_active(n); }
    void set_active(unsigned n, bool active) const { distributor_.set_active(n, active); }

    /// The line that interrupts, if one does. It does not interrupt again until finish().
    Taken take() const { return cpu_interface_.take(); }
    void finish(Taken taken) const { cpu_interface_.finish(taken); }

  protected:
    /// Lowers the running priority alone; the line stays active. \pre split_end()
    void drop(Taken taken) const { cpu_interface_.finish(taken); }
    void split_end() const { cpu_interface_.split_end(); }

  private:
    Gic_distributor distributor_;
    Gic_cpu_interface cpu_interface_;
};

} // namespace vambrace
