// SPDX-License-Identifier: Apache-2.0
// Operations of the virtual CP15 that ARMv6 and ARMv7 cores share: caches, TLB, translation; and its CP14.
#include <arch/arm/model/cp15_vmsa.hpp>

namespace vambrace::cp15 {
namespace {

using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

Cp15_action all(Cache cache) { return {.kind = Kind::cache_all, .cache = cache}; }
Cp15_action line(Cache cache, u32 va) { return {.kind = Kind::cache_line, .cache = cache, .address = {va}}; }

} // namespace

Cp15_action maintain_cache(u32 name, u32 value)
{
    switch (name) {
    case cp15_name(0, 7, 5, 0): return all(Cache::invalidate_i);
    case cp15_name(0, 7, 5, 1): return line(Cache::invalidate_i, value);
    case cp15_name(0, 7, 6, 1): return line(Cache::invalidate_d, value);
    case cp15_name(0, 7, 6, 2): return all(Cache::invalidate_d);
    case cp15_name(0, 7, 10, 1): return line(Cache::clean_d, value);
    case cp15_name(0, 7, 10, 2): return all(Cache::clean_d);
    case cp15_name(0, 7, 14, 1): return line(Cache::clean_invalidate_d, value);
    case cp15_name(0, 7, 14, 2): return all(Cache::clean_invalidate_d);
    case cp15_name(0, 7, 10, 4): // DSB
    case cp15_name(0, 7, 10, 5): // DMB
        return {Kind::drain};
    case cp15_name(0, 7, 5, 4):  // ISB: the return to the guest is one
    case cp15_name(0, 7, 13, 1): // prefetch an instruction cache line: a hint
        return {};
    case cp15_name(0, 7, 5, 6): // branch predictor, all or by address: goes with the instruction cache
    case cp15_name(0, 7, 5, 7): return all(Cache::invalidate_i);
    default: return {Kind::undefined};
    }
}

Cp15_action maintain_tlb(u32 name, u32 value)
{
    switch (name) {
    case cp15_name(0, 8, 5, 0):
    case cp15_name(0, 8, 6, 0):
    case cp15_name(0, 8, 7, 0):
    case cp15_name(0, 8, 5, 2): // by ASID
    case cp15_name(0, 8, 6, 2):
    case cp15_name(0, 8, 7, 2): return {Kind::tlb_all};
    case cp15_name(0, 8, 5, 1):
    case cp15_name(0, 8, 6, 1):
    case cp15_name(0, 8, 7, 1): return {.kind = Kind::tlb_address, .address = {value & 0xfffff000}};
    default: return {Kind::undefined};
    }
}

Cp15_action translate(unsigned opc2, u32 value)
{
    if (opc2 > 3) // for the other security state
        return {Kind::undefined};
    return {
        .kind = Kind::translate, .as = static_cast<Cp15_action::As>(opc2), .address = {value & 0xfffff000}};
}

Cp15_action debug_or_jazelle(Coprocessor_op const &op)
{
    constexpr u32 didr = cp15_name(0, 0, 0, 0), drar = cp15_name(0, 1, 0, 0), dsar = cp15_name(0, 2, 0, 0);
    constexpr u32 jidr = cp15_name(7, 0, 0, 0), joscr = cp15_name(7, 1, 0, 0), jmcr = cp15_name(7, 2, 0, 0);
    switch (cp15_name(op.opc1, op.crn, op.crm, op.opc2)) {
    case didr:
    case drar:
    case dsar: return {op.load ? Kind::none : Kind::undefined};
    case jidr:
    case joscr:
    case jmcr: return {};
    default: return {Kind::undefined};
    }
}

} // namespace vambrace::cp15
