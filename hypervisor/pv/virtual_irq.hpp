// SPDX-License-Identifier: Apache-2.0
// A paravirtual guest's interrupts, from a device's line to the word that the guest finds in its shared page.
#pragma once
#include <base/result.hpp>

namespace vambrace {

class Pv_guest;
class Running;

/// Lines that were raised are kept until the guest runs; then they are shown, if they are enabled.
class Virtual_irqs {
  public:
    void raise(unsigned irq) { raised_ |= 1u << irq; }
    void lower(unsigned irq) { raised_ &= ~(1u << irq); }
    /// IRQ_ENABLE. Error::inval: there is no such line, or `on` is not 0 or 1.
    Error enable(u32 irq, u32 on);
    bool enabled(unsigned irq) const { return enabled_ >> irq & 1; }

    /// Some were raised that the guest has to be shown.
    bool waiting() const { return (raised_ & enabled_) != 0; }
    /// They are shown now. \pre waiting()
    u32 take()
    {
        ASSERT(waiting());
        u32 const shown = raised_ & enabled_;
        raised_ &= ~shown;
        return shown;
    }

  private:
    u32 raised_ {};  ///< that the guest has not been shown
    u32 enabled_ {}; ///< by IRQ_ENABLE
};

/// A line of the guest's is high: it is shown when the guest runs next, which wakes if it waits for it.
void raise(Pv_guest &d, unsigned irq);
/// It is low: the device no longer asks for it.
void lower(Pv_guest &d, unsigned irq);

/// IDLE, and WFI: the guest does not run until an enabled interrupt is raised, masked or not.
void wait_for_interrupt(Running g);

/// Before the guest goes on: shows what was raised, and delivers it if the guest may be interrupted; else
/// sees to it that the store that unmasks traps. Returns whether something still waits to be taken.
bool show_interrupts(Running g);

} // namespace vambrace
