// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of the Cortex-A cores: what is not
// common to ARMv6 and ARMv7 (DDI 0344K 3.2, DDI 0388I 4.2).
#include <arch/armv7/cp15.hpp>

namespace vambrace::armv7 {
namespace {

using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

bool is_a8(Cp15_identity const &id) { return id.part() == part::cortex_a8; }
/// RR is Cortex-A9's (DDI 0388I 4.3.8).
bool is_a9(Cp15_identity const &id) { return id.part() == part::cortex_a9; }
/// The Multiprocessing Extensions come with SW and operations
/// of their own (DDI 0406C B4.1.106 MPIDR, B4.1.130 SCTLR).
bool is_mp(Cp15_identity const &id) { return bit(id.mpidr, 31); }
/// Cortex-A7 and A15 have theirs in the cluster, with registers in CP15 (DDI 0464, DDI 0438 chapter 4).
bool has_second_level(Cp15_identity const &id)
{
    return id.part() == part::cortex_a7 || id.part() == part::cortex_a15;
}

u32 sctlr_writable(Cp15_identity const &id)
{
    using namespace guest_sctlr;
    return m | a | c | z | i | v | tre | afe | (is_mp(id) ? sw : 0) | (is_a9(id) ? rr : 0);
}

/// Of a guest's caches there are two: level 1, data and instruction (DDI 0406C B4.1.41).
u32 cache_size(Cp15_state const &state, Cp15_identity const &id)
{
    switch (state.csselr) {
    case 0: return id.ccsidr_data;
    case 1: return id.ccsidr_instruction;
    default: return 0;
    }
}

/// Lockdown in c9 (A8: of level 2) and c10; L2CTLR, L2ECTLR (A7, A15: 0 is one core); c15, test, diagnostic
/// and power control. Errata code writes them.
bool ignored(u32 name, Cp15_identity const &id)
{
    switch (name >> 8 & 0xf) {
    case 9:
        return (is_a8(id) && (name == cp15_name(1, 9, 0, 0) || name == cp15_name(1, 9, 0, 2))) ||
               (has_second_level(id) && (name == cp15_name(1, 9, 0, 2) || name == cp15_name(1, 9, 0, 3)));
    case 10: return name == cp15_name(0, 10, 0, 0) || (name == cp15_name(0, 10, 0, 1) && is_a8(id));
    case 5: return name == cp15_name(0, 5, 1, 0) || name == cp15_name(0, 5, 1, 1); // ADFSR, AIFSR
    case 15: return true;
    default: return false;
    }
}

/// c7. Wait for interrupt by CP15 is a NOP in ARMv7 (DDI 0406C B4.2.5).
Cp15_action maintain(u32 name, u32 value, Cp15_identity const &id)
{
    switch (name) {
    case cp15_name(0, 7, 0, 4): return {};
    case cp15_name(0, 7, 1, 0): // ICIALLUIS, BPIALLIS
    case cp15_name(0, 7, 1, 6):
        if (!is_mp(id))
            return {Kind::undefined};
        return {.kind = Kind::cache_all, .cache = Cache::invalidate_i};
    case cp15_name(0, 7, 8, 0)... cp15_name(0, 7, 8, 7): return cp15::translate(name & 7, value);
    case cp15_name(0, 7, 11, 1): // to the point of unification
        return {.kind = Kind::cache_line, .cache = Cache::clean_d, .address = {value}};
    default: return cp15::maintain_cache(name, value);
    }
}

Cp15_action maintain_tlb(u32 name, u32 value, Cp15_identity const &id)
{
    switch (name) {
    case cp15_name(0, 8, 3, 0): // inner shareable: all, by ASID
    case cp15_name(0, 8, 3, 2): return {is_mp(id) ? Kind::tlb_all : Kind::undefined};
    case cp15_name(0, 8, 3, 1): // inner shareable: by address; by address and all ASIDs
    case cp15_name(0, 8, 3, 3):
    case cp15_name(0, 8, 7, 3):
        if (!is_mp(id))
            return {Kind::undefined};
        return {.kind = Kind::tlb_address, .address = {value & 0xfffff000}};
    default: return cp15::maintain_tlb(name, value);
    }
}

Cp15_action read(Cp15_state const &state, u32 name, Cp15_identity const &id)
{
    if (ignored(name, id))
        return {};
    switch (name) {
    case cp15_name(1, 0, 0, 0): return {.value = cache_size(state, id)};
    case cp15_name(1, 0, 0, 1): return {.value = id.clidr};
    case cp15_name(1, 0, 0, 7): return {.value = id.aidr};
    case cp15_name(2, 0, 0, 0): return {.value = state.csselr};
    default: return cp15::read(state, name, id);
    }
}

Cp15_action write(Cp15_state &state, u32 name, u32 value, Cp15_identity const &id)
{
    if (ignored(name, id))
        return {};
    switch (name) {
    case cp15_name(0, 1, 0, 0): return cp15::write_sctlr(state, value, sctlr_writable(id), sctlr_ones);
    case cp15_name(2, 0, 0, 0): state.csselr = value & 0xf; return {};
    case cp15_name(0, 13, 0, 0): return {}; // these cores have no FCSE: ignored (DDI 0406C B4.1.61)
    default: return cp15::write(state, name, value, id);
    }
}

} // namespace

Cp15_action access(Cp15_state &state, Coprocessor_op const &op, u32 value, Cp15_identity const &identity)
{
    if (op.coprocessor == 14)
        return cp15::debug_or_jazelle(op);
    if (op.coprocessor != 15 || (!op.load && op.rt == 15))
        return {Kind::undefined};
    u32 const name = cp15_name(op.opc1, op.crn, op.crm, op.opc2);
    if (op.load)
        return read(state, name, identity);
    if (op.crn == 7 && op.crm != 4)
        return maintain(name, value, identity);
    if (op.crn == 8)
        return maintain_tlb(name, value, identity);
    return write(state, name, value, identity);
}

Cp15_action access(Cp15_state &, Coprocessor_pair const &, u32, u32, Cp15_identity const &)
{
    return {Kind::undefined};
}

} // namespace vambrace::armv7
