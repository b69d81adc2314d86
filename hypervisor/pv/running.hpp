// SPDX-License-Identifier: Apache-2.0
// The guest that runs: whatever touches a guest's addresses, its shared page among them, takes this.
#pragma once
#include <kernel/cpu.hpp>
#include <pv/guest.hpp>

namespace vambrace {

/// Made from the registers of the vcpu that has the processor, and from nothing else: the addresses of a
/// guest that does not run show another one's memory.
class Running {
  public:
    Pv_guest *operator->() const { return &guest_; }
    Pv_guest &operator*() const { return guest_; }

  private:
    friend Running running(Pv_guest &d);
    explicit Running(Pv_guest &guest) : guest_ {guest} {}

    Pv_guest &guest_;
};

/// \pre it has the processor
inline Running running(Pv_guest &d)
{
    ASSERT(this_cpu().current() == &d.vcpu);
    return Running {d};
}
/// The guest that an upcall's registers are of.
inline Running running(arch::Context &c)
{
    // There is no virtual base: the compiler knows the offset all the same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
    constexpr auto offset = offsetof(Pv_guest, vcpu.context);
#pragma GCC diagnostic pop
    return running(*reinterpret_cast<Pv_guest *>(reinterpret_cast<char *>(&c) - offset));
}

/// Nothing has come up since the trap that the guest has to see, or that gives the processor to another one.
inline bool goes_on_as_it_is(Running g)
{
    return !this_cpu().must_reschedule() && !g->look_again && !g->vcpu.irqs.waiting();
}

/// The way out of a trap that unmasked no interrupt: unless it raised one the guest goes on as it is.
arch::Context *resume(Running g);
/// The way out of every other: whose turn it is, ready to be resumed. A guest may end on this way.
arch::Context *resume_next();

} // namespace vambrace
