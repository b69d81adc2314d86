// SPDX-License-Identifier: Apache-2.0
// Services by HVC: PSCI 1.0 (ARM DEN 0022), the SMC Calling Convention's queries (ARM DEN 0028) and those of
// Vambrace's own that mean something to a guest with hardware interfaces.
#include <hyp/machine.hpp>
#include <hyp/trap/trap.hpp>
#include <kernel/cpu.hpp>
#include <vambrace/abi.h>

namespace vambrace {

namespace {

namespace psci {
constexpr u32 version = 0x84000000, cpu_suspend = 0x84000001, cpu_off = 0x84000002, cpu_on = 0x84000003,
              affinity_info = 0x84000004, migrate_info_type = 0x84000006, system_off = 0x84000008,
              system_reset = 0x84000009, features = 0x8400000a;
constexpr u32 not_supported = ~0u, invalid_parameters = static_cast<u32>(-2),
              already_on = static_cast<u32>(-4);
/// MIGRATE_INFO_TYPE: there is no Trusted OS to migrate.
constexpr u32 no_migration = 2;
} // namespace psci

/// SMCCC 1.1.
constexpr u32 smccc_version = 0x80000000, smccc_features = 0x80000001;

bool is_known(u32 id)
{
    switch (id) {
    case psci::version:
    case psci::cpu_suspend:
    case psci::cpu_off:
    case psci::cpu_on:
    case psci::affinity_info:
    case psci::migrate_info_type:
    case psci::system_off:
    case psci::system_reset:
    case psci::features:
    case smccc_version:
    case smccc_features:
    case VAMBRACE_FUNCTION(YIELD):
    case VAMBRACE_FUNCTION(EVENT_SEND):
    case VAMBRACE_FUNCTION(EVENT_MASK):
    case VAMBRACE_FUNCTION(EVENT_TAKE): return true;
    default: return false;
    }
}

/// There is one processor, which runs: it is the one that asks.
u32 state_of(u32 target) { return target == (machine::mpidr(0) & 0xffffff) ? 0 : psci::invalid_parameters; }

u32 take_events(Guest_ports &ports, Hyp_context &c)
{
    c.r[1] = ports.take();
    c.r[2] = ports.pending();
    return VAMBRACE_SUCCESS;
}

u32 answer(Hyp_vcpu &v, u32 id)
{
    Hyp_context &c = v.context;
    Guest_ports &ports = guest_of(v).standard.ports;
    switch (id) {
    case VAMBRACE_CALL_UID:
        c.r[1] = VAMBRACE_UID_1;
        c.r[2] = VAMBRACE_UID_2;
        c.r[3] = VAMBRACE_UID_3;
        return VAMBRACE_UID_0;
    case VAMBRACE_CALL_COUNT: return VAMBRACE_NR_CALLS;
    case VAMBRACE_REVISION: c.r[1] = 0; return VAMBRACE_ABI_VERSION;
    case smccc_version: return 0x10001;
    case smccc_features: return is_known(c.r[1]) ? 0 : psci::not_supported;
    case psci::version: return 0x10000;
    case psci::features: return is_known(c.r[1]) ? 0 : psci::not_supported;
    case psci::migrate_info_type: return psci::no_migration;
    case psci::affinity_info: return c.r[2] ? psci::invalid_parameters : state_of(c.r[1]);
    case psci::cpu_on: return state_of(c.r[1]) ? psci::invalid_parameters : psci::already_on;
    case psci::cpu_suspend: wait_until_interrupted(v); return 0;
    case VAMBRACE_FUNCTION(EVENT_SEND): return static_cast<u32>(ports.send(c.r[1]));
    case VAMBRACE_FUNCTION(EVENT_MASK): return static_cast<u32>(ports.mask(c.r[1], c.r[2]));
    case VAMBRACE_FUNCTION(EVENT_TAKE): return take_events(ports, c);
    default: return psci::not_supported;
    }
}

} // namespace

void handle_call(Hyp_vcpu &v)
{
    Domain &d = v.domain;
    d.counters.count(Counter::hypercall);
    if (v.context.r[0] == VAMBRACE_FUNCTION(YIELD)) { // before the others: who waits calls it all the time
        this_cpu().yield(v);
        v.context.r[0] = VAMBRACE_SUCCESS;
        return;
    }
    switch (u32 const id = v.context.r[0]) {
    case psci::system_off:
    case psci::cpu_off: // of the last one
        return power_off(d);
    case psci::system_reset: return restart(d);
    default: v.context.r[0] = answer(v, id);
    }
}

} // namespace vambrace
