// SPDX-License-Identifier: Apache-2.0
// Reads list registers of the core and writes those that have changed.
#include <hyp/interrupts.hpp>
#include <hyp/machine.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

/// The core's list registers, for as long as the virtual GIC changes them.
class Borrowed {
  public:
    explicit Borrowed(Hyp_vcpu &v)
        : v_ {v}, before_ {virtual_interface::read(guest_of(v).gic.list_registers_in_use(v.number))},
          list {before_}
    {
    }
    ~Borrowed()
    {
        virtual_interface::write(list, before_);
        if (guest_of(v_).gic.take_timer_deactivation(v_.number))
            board::irq_chip().set_active(machine::virtual_timer, false);
    }
    Borrowed(Borrowed const &) = delete;
    Borrowed &operator=(Borrowed const &) = delete;

  private:
    Hyp_vcpu &v_;
    List_registers const before_;

  public:
    List_registers list;
};

} // namespace

void fill_list_registers(Hyp_vcpu &v)
{
    Vgic &gic = guest_of(v).gic;
    if (u32 stale = gic.only_stale(v.number)) {
        auto const interface = virtual_interface::hardware();
        for (; stale; stale &= stale - 1) {
            unsigned const at = static_cast<unsigned>(__builtin_ctz(stale));
            List_register const lr {interface.list_register(at)};
            interface.list_register(at, gic.refresh(v.number, at, lr).word());
        }
        return;
    }
    Borrowed core {v};
    gic.fill(v.number, core.list);
}

void refill_list_registers(Hyp_vcpu &v)
{
    Borrowed core {v};
    guest_of(v).gic.fill_after_end(v.number, core.list, virtual_interface::hardware().ended());
}

void fold_list_registers(Hyp_vcpu &v)
{
    Borrowed core {v};
    guest_of(v).gic.fold(v.number, core.list);
}

void raise_first_virtual_timer(Hyp_vcpu &v)
{
    Borrowed core {v};
    guest_of(v).gic.raise_hardware_timer(v.number, core.list);
}

bool is_interrupted(Hyp_vcpu &v)
{
    Borrowed core {v};
    Virtual_interface_control const control {virtual_interface::hardware().machine_control()};
    return guest_of(v).gic.deliverable(v.number, core.list, control);
}

void wait_until_interrupted(Hyp_vcpu &v)
{
    if (is_interrupted(v))
        return;
    Virtual_timer::look_at_line();
    this_cpu().block(v);
}

void wake_interrupted(Hyp_guest &d)
{
    if (d.gic.take_wakeups()) {
        this_cpu().wake(d.vcpu);
        if (this_cpu().current() != &d.vcpu) // the one that has the processor fills list registers anyhow
            this_cpu().reschedule();
    }
}

} // namespace vambrace
