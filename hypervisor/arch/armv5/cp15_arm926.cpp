// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of an ARM926EJ-S, register by register (DDI 0198E 2.3).
#include <arch/armv5/cp15_arm926.hpp>

namespace vambrace::armv5 {
namespace {

using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

/// The r15 form of test-and-clean ends its loop by Z, bit 30 of what it reads (2.3.8).
constexpr u32 cache_is_clean = 1u << 30;
constexpr u32 ttbr_mask = 0xffffc000, fsr_mask = 0xff;

Cp15_action reads(u32 value) { return {.value = value}; }
Cp15_action cleans(Cache cache) { return {.kind = Kind::cache_all, .cache = cache, .value = cache_is_clean}; }
Cp15_action all(Cache cache) { return {.kind = Kind::cache_all, .cache = cache}; }
Cp15_action line(Cache cache, u32 va) { return {.kind = Kind::cache_line, .cache = cache, .address = {va}}; }

Cp15_action read(Cp15_state const &state, u32 name, Cp15_identity const &identity)
{
    switch (name) {
    case cp15_name(0, 0, 0, 0):
    case cp15_name(0, 0, 0, 3)... cp15_name(0, 0, 0, 7): return reads(identity.midr);
    case cp15_name(0, 0, 0, 1): return reads(identity.ctr);
    case cp15_name(0, 0, 0, 2): return reads(identity.tcmtr);
    case cp15_name(0, 1, 0, 0): return reads(state.sctlr);
    case cp15_name(0, 2, 0, 0): return reads(state.ttbr);
    case cp15_name(0, 3, 0, 0): return reads(state.dacr);
    case cp15_name(0, 5, 0, 0): return reads(state.dfsr);
    case cp15_name(0, 5, 0, 1): return reads(state.ifsr);
    case cp15_name(0, 6, 0, 0): return reads(state.far);
    case cp15_name(0, 7, 10, 3): return cleans(Cache::clean_d);
    case cp15_name(0, 7, 14, 3): return cleans(Cache::clean_invalidate_d);
    case cp15_name(0, 9, 0, 0): // data and instruction cache lockdown
    case cp15_name(0, 9, 0, 1):
    case cp15_name(0, 9, 1, 0): // data and instruction TCM regions
    case cp15_name(0, 9, 1, 1):
    case cp15_name(0, 10, 0, 0): // TLB lockdown
    case cp15_name(0, 13, 0, 0): // FCSE PID
    case cp15_name(0, 15, 0, 0): // debug override
    case cp15_name(1, 15, 0, 0): // trace control
    case cp15_name(7, 15, 0, 0): // cache debug control
        return reads(0);
    case cp15_name(0, 13, 0, 1): return reads(state.context_id);
    default: return {Kind::undefined};
    }
}

Cp15_action write_sctlr(Cp15_state &state, u32 value)
{
    using namespace guest_sctlr;
    u32 const next = ones | (value & writable), changed = next ^ state.sctlr;
    state.sctlr = next;
    if (changed & (m | s | r))
        return {Kind::mmu_changed};
    return {changed & a ? Kind::alignment_changed : Kind::none};
}

/// The rights that a DACR gives: the reserved value 0b10 is taken as no access (DDI 0100I B4.5.1).
constexpr u32 rights(u32 dacr)
{
    u32 const some = dacr & 0x55555555;
    return dacr & (some | some << 1);
}

Cp15_action write_register(Cp15_state &state, u32 name, u32 value)
{
    switch (name) {
    case cp15_name(0, 1, 0, 0): return write_sctlr(state, value);
    case cp15_name(0, 2, 0, 0): {
        bool const changed = state.ttbr != (value & ttbr_mask);
        state.ttbr = value & ttbr_mask;
        return {changed ? Kind::table_changed : Kind::none};
    }
    case cp15_name(0, 3, 0, 0): {
        bool const changed = rights(state.dacr) != rights(value);
        state.dacr = value;
        return {changed ? Kind::domains_changed : Kind::none};
    }
    case cp15_name(0, 5, 0, 0): state.dfsr = value & fsr_mask; return {};
    case cp15_name(0, 5, 0, 1): state.ifsr = value & fsr_mask; return {};
    case cp15_name(0, 6, 0, 0): state.far = value; return {};
    case cp15_name(0, 13, 0, 0): return {value ? Kind::undefined : Kind::none};
    case cp15_name(0, 13, 0, 1): state.context_id = value; return {};
    case cp15_name(0, 9, 0, 0):
    case cp15_name(0, 9, 0, 1):
    case cp15_name(0, 9, 1, 0):
    case cp15_name(0, 9, 1, 1):
    case cp15_name(0, 10, 0, 0):
    case cp15_name(0, 15, 0, 0):
    case cp15_name(1, 15, 0, 0):
    case cp15_name(7, 15, 0, 0): return {};
    default: return {Kind::undefined};
    }
}

/// c7 (2.3.8). Set/way forms name lines of the real cache, which is not the guest's alone: they do it all.
Cp15_action cache_operation(u32 name, u32 value)
{
    switch (name) {
    case cp15_name(0, 7, 0, 4): return {Kind::wait_for_interrupt};
    case cp15_name(0, 7, 5, 0):
    case cp15_name(0, 7, 5, 2): return all(Cache::invalidate_i);
    case cp15_name(0, 7, 5, 1): return line(Cache::invalidate_i, value);
    case cp15_name(0, 7, 6, 0):
    case cp15_name(0, 7, 6, 2): return all(Cache::invalidate_d);
    case cp15_name(0, 7, 6, 1): return line(Cache::invalidate_d, value);
    case cp15_name(0, 7, 7, 0): return all(Cache::invalidate_both);
    case cp15_name(0, 7, 10, 1): return line(Cache::clean_d, value);
    case cp15_name(0, 7, 10, 2): return all(Cache::clean_d);
    case cp15_name(0, 7, 10, 4): return {Kind::drain};
    case cp15_name(0, 7, 13, 1): // prefetch an instruction cache line: a hint
        return {};
    case cp15_name(0, 7, 14, 1): return line(Cache::clean_invalidate_d, value);
    case cp15_name(0, 7, 14, 2): return all(Cache::clean_invalidate_d);
    default: return {Kind::undefined};
    }
}

/// c8 (2.3.9): one unified TLB behind the names of both halves.
Cp15_action tlb_operation(u32 name, u32 value)
{
    switch (name) {
    case cp15_name(0, 8, 5, 0):
    case cp15_name(0, 8, 6, 0):
    case cp15_name(0, 8, 7, 0): return {Kind::tlb_all};
    case cp15_name(0, 8, 5, 1):
    case cp15_name(0, 8, 6, 1):
    case cp15_name(0, 8, 7, 1): return {.kind = Kind::tlb_address, .address = {value}};
    default: return {Kind::undefined};
    }
}

} // namespace

Cp15_action access(Cp15_state &state, Coprocessor_op const &op, u32 value, Cp15_identity const &identity)
{
    if (op.coprocessor != 15)
        return {Kind::undefined};
    u32 const name = cp15_name(op.opc1, op.crn, op.crm, op.opc2);
    if (op.load)
        return read(state, name, identity);
    if (op.rt == 15)
        return {Kind::undefined};
    if (op.crn == 7)
        return cache_operation(name, value);
    if (op.crn == 8)
        return tlb_operation(name, value);
    return write_register(state, name, value);
}

} // namespace vambrace::armv5
