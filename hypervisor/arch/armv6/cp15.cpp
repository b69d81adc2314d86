// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of the ARM11 cores: what is not common to ARMv6 and ARMv7 (DDI 0211K 3.2, DDI 0301H 3.2).
#include <arch/armv6/cp15.hpp>

namespace vambrace::armv6 {
namespace {

using Kind = Cp15_action::Kind;
using Cache = Cp15_action::Cache;

Cp15_action all(Cache cache) { return {.kind = Kind::cache_all, .cache = cache}; }

/// ARM1136 before r1p0 is an ARMv6 without the K extensions: no TEX remap, no thread registers.
bool is_v6k(Cp15_identity const &id) { return id.part() != part::arm1136 || id.variant() != 0; }
bool translates(Cp15_identity const &id) { return id.part() != part::arm1136; }
bool has_ranges(Cp15_identity const &id) { return id.part() != part::arm11_mpcore; }

u32 sctlr_writable(Cp15_identity const &id)
{
    using namespace guest_sctlr;
    return m | a | c | s | r | z | i | v | rr | fi | u | xp | (is_v6k(id) ? tre | afe : 0);
}

/// c10, c2 and c13, c0, {2..4}
constexpr bool needs_v6k(u32 name)
{
    return (name & 0xffff0) == cp15_name(0, 10, 2, 0) ||
           (name >= cp15_name(0, 13, 0, 2) && name <= cp15_name(0, 13, 0, 4));
}

/// c9 lockdown and TCM, c11 DMA, c15 test, debug and performance
/// registers. WFAR (c6, c0, 1) tells of watchpoints.
bool ignored(u32 name, Cp15_identity const &id)
{
    switch (name >> 8 & 0xf) {
    case 6: return name == cp15_name(0, 6, 0, 1);
    case 9: return name >> 12 == 0;
    case 11: return name >> 12 == 0 && id.part() != part::arm11_mpcore;
    case 15: return true;
    default: return false;
    }
}

/// c7, whole caches (DDI 0211K 3.2.22). ARM11 has no unified cache: c15 of old code means the data cache.
Cp15_action maintain(u32 name, u32 value, Cp15_identity const &id)
{
    switch (name) {
    case cp15_name(0, 7, 0, 4): return {Kind::wait_for_interrupt};
    case cp15_name(0, 7, 5, 2): return all(Cache::invalidate_i);
    case cp15_name(0, 7, 6, 0): return all(Cache::invalidate_d);
    case cp15_name(0, 7, 7, 0): return all(Cache::invalidate_both);
    case cp15_name(0, 7, 8, 0)... cp15_name(0, 7, 8, 7):
        return translates(id) ? cp15::translate(name & 7, value) : Cp15_action {Kind::undefined};
    case cp15_name(0, 7, 10, 0): return all(Cache::clean_d);
    case cp15_name(0, 7, 12, 5): return {}; // stop a prefetch of a range: none runs
    case cp15_name(0, 7, 14, 0):
    case cp15_name(0, 7, 15, 0): return all(Cache::clean_invalidate_d);
    default: return cp15::maintain_cache(name, value);
    }
}

/// "By address, all ASIDs" is ARM11 MPCore's alone (DDI 0360F 3.3).
Cp15_action maintain_tlb(u32 name, u32 value, Cp15_identity const &id)
{
    u32 const crm = name >> 4 & 0xf;
    if ((name & 0xf) == 3 && crm >= 5 && crm <= 7 && name >> 12 == 0 && id.part() == part::arm11_mpcore)
        return {.kind = Kind::tlb_address, .address = {value & 0xfffff000}};
    return cp15::maintain_tlb(name, value);
}

Cp15_action read(Cp15_state const &state, u32 name, Cp15_identity const &id)
{
    if (ignored(name, id))
        return {};
    switch (name) {
    case cp15_name(0, 7, 4, 0):
        return translates(id) ? cp15::read(state, name, id) : Cp15_action {Kind::undefined};
    case cp15_name(0, 7, 10, 6): // the data cache is clean
    case cp15_name(0, 7, 12, 4): // no transfer of a range is active
        return {};
    default: return cp15::read(state, name, id);
    }
}

Cp15_action write(Cp15_state &state, u32 name, u32 value, Cp15_identity const &id)
{
    if (ignored(name, id))
        return {};
    switch (name) {
    case cp15_name(0, 1, 0, 0): return cp15::write_sctlr(state, value, sctlr_writable(id), sctlr_ones);
    case cp15_name(0, 7, 4, 0):
        return translates(id) ? cp15::write(state, name, value, id) : Cp15_action {Kind::undefined};
    case cp15_name(0, 13, 0, 0): return {value ? Kind::undefined : Kind::none}; // FCSE: nobody relocates
    default: return cp15::write(state, name, value, id);
    }
}

Cp15_action range(Cache cache, u32 start, u32 end, u32 line)
{
    u32 const from = align_down(start, line), to = align_down(end, line);
    if (to < from) // UNPREDICTABLE
        return {};
    u32 const size = to - from + line;
    if (size == 0)
        return all(cache);
    return {.kind = Kind::cache_range, .cache = cache, .address = {from}, .value = size};
}

} // namespace

Cp15_action access(Cp15_state &state, Coprocessor_op const &op, u32 value, Cp15_identity const &identity)
{
    if (op.coprocessor == 14)
        return cp15::debug_or_jazelle(op);
    u32 const name = cp15_name(op.opc1, op.crn, op.crm, op.opc2);
    if (op.coprocessor != 15 || (!op.load && op.rt == 15) || (needs_v6k(name) && !is_v6k(identity)))
        return {Kind::undefined};
    if (op.load)
        return read(state, name, identity);
    if (op.crn == 7 && op.crm != 4)
        return maintain(name, value, identity);
    if (op.crn == 8)
        return maintain_tlb(name, value, identity);
    return write(state, name, value, identity);
}

/// DDI 0211K 3.2.22, "Block transfer operations": both addresses are of lines, the last one included.
Cp15_action access(Cp15_state &, Coprocessor_pair const &op, u32 end, u32 start,
                   Cp15_identity const &identity)
{
    constexpr u32 line = 32;
    if (op.load || op.coprocessor != 15 || !has_ranges(identity))
        return {Kind::undefined};
    switch (op.opc1 << 4 | op.crm) {
    case 0x05: return range(Cache::invalidate_i, start, end, line);
    case 0x06: return range(Cache::invalidate_d, start, end, line);
    case 0x0c: return range(Cache::clean_d, start, end, line);
    case 0x0e: return range(Cache::clean_invalidate_d, start, end, line);
    case 0x1c: // prefetch into the instruction or the data cache
    case 0x2c: return {};
    default: return {Kind::undefined};
    }
}

} // namespace vambrace::armv6
