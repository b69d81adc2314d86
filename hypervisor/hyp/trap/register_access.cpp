// SPDX-License-Identifier: Apache-2.0
// Registers of CP10, CP14 and CP15 that trap: what the model's table says is done.
#include <hyp/counter.hpp>
#include <hyp/trap/trap.hpp>

namespace vambrace {

namespace {

using Action = Hyp_register_action;

/// VMRS of an identification register, which traps like those of CP15.
u64 read_vfp_identity(Hyp_vcpu &v, unsigned number)
{
    Vfp_identity const &vfp = guest_of(v).processor.vfp();
    switch (static_cast<Vfp_register>(number)) {
    case Vfp_register::mvfr0: return vfp.mvfr0;
    case Vfp_register::mvfr1: return vfp.mvfr1;
    default: return vfp.fpsid;
    }
}

/// \pre the action lets it be read
u64 read(Hyp_vcpu &v, Coprocessor_access const &access, Action action)
{
    using L2ctlr = arm::Cp15<1, 9, 0, 2>;
    switch (action) {
    case Action::constant:
    case Action::actlr: return identity_value(access, guest_of(v).processor.identity());
    case Action::l2ctlr: return guest_l2ctlr(L2ctlr::read_if_present(), Domain::max_vcpus);
    case Action::cycle_counter: return static_cast<u32>(physical_count());
    case Action::physical_count: return physical_count();
    case Action::timer_value: return v.physical_timer.value();
    case Action::timer_control: return v.physical_timer.control();
    case Action::timer_compare: return v.physical_timer.compare();
    case Action::pass_through: return access.coprocessor == 10 ? read_vfp_identity(v, access.crn) : 0;
    default: return 0;
    }
}

void write(Hyp_vcpu &v, Action action, u64 value)
{
    switch (action) {
    case Action::timer_value: return v.physical_timer.value(static_cast<u32>(value));
    case Action::timer_control: return v.physical_timer.control(static_cast<u32>(value));
    case Action::timer_compare: return v.physical_timer.compare(value);
    default: return; // ignored
    }
}

/// \param value two words of an MRRC
void give(Hyp_vcpu &v, Coprocessor_access const &access, u64 value)
{
    constexpr u32 flags = 0xf0000000;
    u32 const low = static_cast<u32>(value);
    if (access.rt == 15 && !access.pair)
        v.context.psr = (v.context.psr & ~flags) | (low & flags);
    else
        write_register(v, access.rt, low);
    if (access.pair)
        write_register(v, access.rt2, static_cast<u32>(value >> 32));
}

} // namespace

void access_register(Hyp_vcpu &v, Hsr hsr)
{
    v.domain.counters.count(Counter::cp15);
    Coprocessor_access const access = hsr.coprocessor_access();
    Action const action = hyp_register_action(access, v.context.psr);
    if (action == Action::undefined)
        return inject_undefined(v);
    if (access.read)
        give(v, access, read(v, access, action));
    else
        write(v, action,
              read_register(v, access.rt) |
                  (access.pair ? u64 {read_register(v, access.rt2)} << 32 : u64 {0}));
    skip_instruction(v, hsr.length());
}

} // namespace vambrace
