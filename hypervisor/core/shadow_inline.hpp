// SPDX-License-Identifier: Apache-2.0
// Shadow tables: the few functions that both filling and flushing run for every page.
#pragma once
#include <core/shadow.hpp>

namespace vambrace {

/// A word of a guest table, through the address where the guest wrote it: on a virtually tagged cache only
/// that finds the line (DDI 0198 4.1). Every table maps the linear map to the guest's RAM, so the load is safe.
[[gnu::always_inline]] inline Result<u32> Shadow::read_table(Ipa ipa)
{
    if (linear_.covers(ipa))
        return arch::load_trusted(linear_.address_of(ipa));
    Result<Frame> const frame = memory_.frame_of(ipa);
    if (!frame)
        return frame.error();
    return arch::load_alias(*frame, ipa.value & (page_size - 1));
}

[[gnu::always_inline]] inline Result<u32> Shadow::first_level(u32 base, u32 va)
{
    return read_table(Ipa {base + arch::l1_offset(va)});
}

[[gnu::always_inline]] inline Shadow::Page_class const &Shadow::class_of(u32 ap, u32 domain)
{
    Page_class &c = classes_[(ap & 3) | (domain & 3) << 2];
    if (c.key != (ap | domain << 8))
        c = make_class(ap, domain);
    return c;
}

/// The guest has mapped nothing there; or its page is in the shadow and forbids the access: as in a TLB, that holds
/// until the guest flushes it.
[[gnu::always_inline]] inline u32 Shadow::certain_fault(Va va, u32 status) const
{
    if (!guest_l1_)
        return 0;
    arch::L1_entry const e {arch::load_trusted(guest_l1_ + arch::l1_offset(va.value))};
    if (!e.is_table())
        return 0;
    u32 const form = arch::fsr::page | e.domain() << 4;
    if (arch::fsr::is_permission(status))
        return arch::fsr::permission | form;
    if (!arch::fsr::is_translation(status) || !linear_.covers(Ipa {e.table()}))
        return 0;
    u32 const word = arch::load_trusted(linear_.address_of(Ipa {e.table()}) + arch::l2_offset(va.value));
    return word ? 0 : arch::fsr::translation | form;
}

/// The hardware's entry for the page, or 0: not RAM, or nothing that this mode may do.
[[gnu::always_inline]] inline u32 Shadow::page_entry(arch::Mapping const &m, Page_class const &c,
                                                     bool kernel) const
{
    Result<Frame> const frame = memory_.frame_of(m.page);
    if (!frame || c.dead || !(kernel || c.visible))
        return 0;
    return arch::Shadow_entry::page(*frame, kernel ? c.kernel_rights : c.user_rights, m.memory);
}

/// The low bits of the shadow's entry for the guest's word of a small page that all modes see alike, or 0: it is
/// none, or not of the wanted kind. visible: to guest user as well.
[[gnu::always_inline]] inline u32 Shadow::small_page_bits(u32 word, u32 domain, bool visible)
{
    u32 const key = (word & 0xfff) | domain << 12;
    Small_page &p = small_pages_[arch::small_page_kind(word) | (visible ? 0 : arch::small_page_kinds)];
    if (p.key != key)
        p = {key, small_page_low(word, domain, visible)};
    return p.low;
}

/// \param low of small_page_bits(), not 0
inline Shadow::Run Shadow::run_of(u32 low, u32 attributes) const
{
    return {attributes, VAMBRACE_RAM_IPA + attributes, memory_.first().physical() + low, memory_.size()};
}

/// The whole entry, or 0.
[[gnu::always_inline]] inline u32 Shadow::small_page_entry(u32 word, u32 domain, bool visible)
{
    u32 const low = small_page_bits(word, domain, visible);
    u32 const offset = (word & 0xfffff000) - VAMBRACE_RAM_IPA;
    return offset < memory_.size() && low ? memory_.first().physical() + offset + low : 0;
}

/// Did the entry change?
[[gnu::always_inline]] inline bool Shadow::set_l2(u32 table, u32 index, u32 word)
{
    u32 *const entry = l2(table) + index;
    if (*entry == word)
        return false;
    *entry = word;
    u32 const mask = 1u << (index & 31);
    u32 &present = l2_[table].present[index >> 5];
    present = word ? present | mask : present & ~mask;
    return true;
}

/// An entry of a second-level table that the first-level table i links has changed: no TLB may show the old one.
/// A shared table is behind several address spaces.
inline void Shadow::changed_entry(u32 i, u32 table, Va va)
{
    if (l2_[table].owner == owner_shared)
        arch::tlb_invalidate_everywhere(va);
    else if (may_be_cached(i))
        arch::tlb_invalidate(va, asid(i));
}

/// Several entries.
inline void Shadow::changed_entries(u32 i, u32 table)
{
    if (l2_[table].owner == owner_shared)
        arch::tlb_invalidate_all();
    else if (may_be_cached(i))
        arch::tlb_invalidate_asid(asid(i));
}

inline u32 lowest_bit(u32 word) { return 31 - static_cast<u32>(__builtin_clz(word & -word)); }

/// Calls f(megabyte) for those of [first, last] that have an entry; it says whether to go on.
template <typename F>
inline void Shadow::for_populated(u32 i, u32 first, u32 last, F f)
{
    if (first == last) { // a page or a few: the usual flush
        if (l1(i)[first])
            f(first);
        return;
    }
    for (u32 group = first >> 8; group <= last >> 8; ++group) {
        for (u32 bits = l1_[i].populated[group]; bits; bits &= bits - 1) {
            u32 const start = group << 8 | lowest_bit(bits) << 3;
            if (start + 7 < first || start > last)
                continue;
            for (u32 megabyte = start; megabyte != start + 8; ++megabyte)
                if (l1(i)[megabyte] && megabyte >= first && megabyte <= last && !f(megabyte))
                    return;
        }
    }
}

} // namespace vambrace
