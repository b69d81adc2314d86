// SPDX-License-Identifier: Apache-2.0
// What a guest's tables say, read by the manual and not by hypervisor/arch: for the model of the shadow.
#pragma once
#include <array>
#include <guest_format.hpp>

namespace vambrace::reading {

enum Right : u8 { none, read, write };

enum class Shape : u8 { nothing, table, section, supersection, large, small };

struct Entry {
    Shape shape = Shape::nothing;
    u32 ipa = 0;              ///< of the page, or of the table
    std::array<u32, 4> ap {}; ///< of the subpages, lowest first
    bool xn = false;
    u32 fault = 0; ///< beside the domain, of an entry that is there and says that it is not to be used
};

/// DDI 0100I table B4-3. \param index of the page in its megabyte
inline Entry first_level(u32 l1, u32 index, u32, arch::Rights_context const &)
{
    u32 const ap = l1 >> 10 & 3;
    switch (l1 & 3) {
    case 1: return {Shape::table, l1 & 0xfffffc00};
    case 2: return {Shape::section, (l1 & 0xfff00000) | index << 12, {ap, ap, ap, ap}};
    default: return {};
    }
}

/// DDI 0100I table B4-5.
inline Entry second_level(u32 l2, u32 index, arch::Rights_context const &)
{
    auto const ap = [&](u32 n) { return l2 >> (4 + 2 * n) & 3; };
    u32 const quarter = ap(index >> 2 & 3);
    switch (l2 & 3) {
    case 1:
        return {Shape::large, (l2 & 0xffff0000) | (index & 15) << 12, {quarter, quarter, quarter, quarter}};
    case 2: return {Shape::small, l2 & 0xfffff000, {ap(0), ap(1), ap(2), ap(3)}};
    default: return {};
    }
}

/// DDI 0100I table B4-2.
inline Right kernel_right(u32 ap, arch::Rights_context const &c)
{
    return ap ? write : c.s != c.r ? read : none;
}
inline Right user_right(u32 ap, arch::Rights_context const &c)
{
    return ap == 3 ? write : ap == 2 || (ap == 0 && c.r && !c.s) ? read : none;
}

/// What an entry of the shadow gives USR mode on subpage n, in a domain that is open. AP = 10 would let the
/// hypervisor's own stores through.
inline bool gives(u32 l1, u32 l2, u32 n, Right &right)
{
    u32 const ap = l2 ? l2 >> (4 + 2 * n) & 3 : l1 >> 10 & 3;
    right = ap == 3 ? write : ap == 0 ? read : none;
    return ap != 2;
}
inline bool executes(u32, u32) { return true; }

/// Registers for a model, by a random number.
inline arch::Rights_context registers(u32 dacr, bool s, bool r, u32) { return {dacr, s, r}; }

/// Words that a guest may write, by random numbers: four bits of rights and a number below 100.
inline u32 any_first(u32 ipa, u32 domain, u32 rights, u32 chance)
{
    constexpr u32 fine_table = 0x13;
    return chance < 28 ? fine_table : Guest_format::section(ipa & 0xfff00000, rights & 3, domain);
}
inline u32 any_small(u32 ipa, u32 rights, u32 chance)
{
    constexpr u32 tiny = 0x40000fff;
    return chance < 10   ? tiny
           : chance < 60 ? Guest_format::page(ipa, rights & 3)
                         : Guest_format::page_of_four(ipa, rights & 0xff);
}
inline u32 any_large(u32 ipa, u32 rights)
{
    return Guest_format::large_page_of_four(ipa & 0xffff0000, rights & 0xff);
}

} // namespace vambrace::reading
