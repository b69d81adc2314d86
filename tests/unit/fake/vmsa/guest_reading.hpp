// SPDX-License-Identifier: Apache-2.0
// What a guest's tables say, read by the manual and not by hypervisor/arch: for the model of the shadow.
#pragma once
#include <algorithm>
#include <array>
#include <guest_format.hpp>

namespace vambrace::reading {

enum Right : u8 { none, read, write };

enum class Shape : u8 { nothing, table, section, supersection, large, small };

struct Entry {
    Shape shape = Shape::nothing;
    u32 ipa = 0;              ///< of the page, or of the table
    std::array<u32, 4> ap {}; ///< AP[2:0], of the subpages, lowest first: ARMv6 with SCTLR.XP = 0 has them
    bool xn = false;
    u32 fault = 0; ///< beside the domain, of an entry that is there and says that it is not to be used
};

inline std::array<u32, 4> alike(u32 ap) { return {ap, ap, ap, ap}; }

/// SCTLR.AFE (DDI 0406C B3.7.1, table B3-9): AP[0] is the access flag, the rights are AP[2:1].
inline void apply_flag(Entry &e, arch::Rights_context const &c, u32 fault)
{
    if (!c.afe)
        return;
    e.fault = e.ap[0] & 1 ? 0 : fault;
    e.ap = alike(e.ap[0] | 1);
}

/// DDI 0406C figure B3-4. \param index of the page in its megabyte
inline Entry first_level(u32 l1, u32 index, u32 megabyte, arch::Rights_context const &c)
{
    u32 const apx = c.xp ? l1 >> 15 & 1 : 0; // DDI 0100I table B4-3: SBZ
    Entry e {Shape::section, (l1 & 0xfff00000) | index << 12, alike(apx << 2 | (l1 >> 10 & 3)),
             c.xp && (l1 >> 4 & 1)};
    switch (l1 & 3) {
    case 1: return {Shape::table, l1 & 0xfffffc00};
    case 2: break;
    default: return {};
    }
    if (l1 >> 18 & 1) {
        bool const beyond = (l1 >> 20 & 15) || (l1 >> 5 & 15); // address bits 35:32 and 39:36
        e.shape = Shape::supersection;
        e.ipa = beyond ? 0xfffff000 : (l1 & 0xff000000) | (megabyte & 15) << 20 | index << 12;
    }
    apply_flag(e, c, 0x3);
    return e;
}

/// DDI 0406C figure B3-5.
inline Entry second_level(u32 l2, u32 index, arch::Rights_context const &c)
{
    u32 const large = (l2 & 0xffff0000) | (index & 15) << 12, small = l2 & 0xfffff000;
    auto const old_ap = [&](u32 n) { return l2 >> (4 + 2 * n) & 3; };
    if ((l2 & 3) == 0)
        return {};
    if (!c.xp && (l2 & 3) == 1) // DDI 0100I table B4-5
        return {Shape::large, large, alike(old_ap(index >> 2 & 3))};
    if (!c.xp && (l2 & 3) == 2)
        return {Shape::small, small, {old_ap(0), old_ap(1), old_ap(2), old_ap(3)}};
    if (!c.xp) // DDI 0100I B4.7.5: an extended small page
        return {Shape::small, small, alike(old_ap(0))};
    u32 const ap = (l2 >> 9 & 1) << 2 | old_ap(0);
    Entry e = (l2 & 3) == 1 ? Entry {Shape::large, large, alike(ap), (l2 >> 15 & 1) != 0}
                            : Entry {Shape::small, small, alike(ap), (l2 & 1) != 0};
    apply_flag(e, c, 0x6);
    return e;
}

/// DDI 0406C table B3-8, AP = 0 with ARMv6's S and R (DDI 0100I table B4-2).
inline Right kernel_right(u32 ap, arch::Rights_context const &c)
{
    switch (ap) {
    case 0: return c.s != c.r ? read : none;
    case 1:
    case 2:
    case 3: return write;
    case 4: return none; // reserved
    default: return read;
    }
}
inline Right user_right(u32 ap, arch::Rights_context const &c)
{
    switch (ap) {
    case 0: return c.r && !c.s ? read : none;
    case 2:
    case 6:
    case 7: return read;
    case 3: return write;
    default: return none;
    }
}

/// What an entry of the shadow gives USR mode in an open domain. Every other would let the hypervisor's
/// own stores through, or give its loads less than a guest kernel's; all that is a guest's has nG.
inline bool gives(u32 l1, u32 l2, u32, Right &right)
{
    walk::Translation const t {l1, l2};
    u32 const ap = walk::rights(t);
    right = ap == 3 ? write : ap == 6 ? read : none;
    return (ap == 1 || ap == 3 || ap == 6) && !walk::is_global(t, 0);
}
inline bool executes(u32 l1, u32 l2) { return !walk::never_executes({l1, l2}); }

/// Registers for a model, by a random number: ARMv7's, with the access flag, or ARMv6's with SCTLR.XP = 0.
inline arch::Rights_context registers(u32 dacr, bool s, bool r, u32 number)
{
    u32 const kind = number % 8;
    return {.dacr = dacr, .s = s, .r = r, .xp = kind < 6, .afe = kind == 4 || kind == 5};
}

/// Words that a guest may write, by random numbers: four bits of rights and a number below 100.
inline u32 any_first(u32 ipa, u32 domain, u32 rights, u32 chance)
{
    constexpr u32 reserved = 0x13;
    if (chance < 8)
        return reserved;
    if (chance < 30)
        return Guest_format::supersection(ipa & 0xff000000, rights & 7);
    return Guest_format::section(ipa & 0xfff00000, rights & 7, domain) |
           (rights & 8 ? Guest_format::xn_section : 0);
}
/// In 2 cases of 10 small pages of ARMv5's form, for SCTLR.XP = 0.
inline u32 any_small(u32 ipa, u32 rights, u32 chance)
{
    if (chance < 20)
        return ipa | (rights & 0xff) << 4 | 2;
    return Guest_format::page(ipa, rights & 7) | (rights & 8 ? Guest_format::xn_page : 0);
}
inline u32 any_large(u32 ipa, u32 rights)
{
    return Guest_format::large_page(ipa & 0xffff0000, rights & 7) | (rights & 8 ? Guest_format::xn_large : 0);
}

} // namespace vambrace::reading
