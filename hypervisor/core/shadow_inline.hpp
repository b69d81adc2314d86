// SPDX-License-Identifier: Apache-2.0
// Shadow tables: the few functions that both filling and flushing run for every page.
#pragma once
#include <core/shadow.hpp>

namespace vambrace {

/// A word of a guest table, through the address where the guest wrote it: on a virtually tagged cache only
/// that finds the line (DDI 0198 4.1). Every table maps the linear map to the guest's RAM, so the load is safe.
inline Result<u32> Shadow::read_table(Ipa ipa)
{
    if (linear_.covers(ipa))
        return arch::load_trusted(linear_.address_of(ipa));
    Result<Frame> const frame = memory_->frame_of(ipa);
    if (!frame)
        return frame.error();
    return arch::load_alias(*frame, ipa.value & (page_size - 1));
}

inline Result<u32> Shadow::first_level(u32 base, u32 va) { return read_table(Ipa {base + arch::l1_offset(va)}); }

inline Shadow::Page_class const &Shadow::class_of(u32 ap, u32 domain)
{
    Page_class &c = classes_[ap & 3];
    if (c.key != (ap | domain << 8))
        c = make_class(ap, domain);
    return c;
}

/// The hardware's entry for the page, or 0: not RAM, or nothing that this mode may do.
inline u32 Shadow::page_entry(arch::Mapping const &m, Page_class const &c, bool kernel) const
{
    Result<Frame> const frame = memory_->frame_of(m.page);
    if (!frame || c.dead || !(kernel || c.visible))
        return 0;
    return arch::Shadow_entry::page(*frame, kernel ? c.kernel_aps : c.user_aps, m.c, m.b);
}

/// The shadow's entry for a small page beside the one that faulted, or 0: not of the same kind.
inline u32 Shadow::neighbour_entry(u32 word, u32 domain, bool visible)
{
    if ((word & 3) != 2)
        return 0;
    Page_class const &c = class_of(bits(word, 11, 4), domain);
    if (c.visible != visible || (visible && c.kernel_part) || c.dead)
        return 0;
    Result<Frame> const frame = memory_->frame_of(Ipa {word & 0xfffff000});
    return frame ? arch::Shadow_entry::page(*frame, visible ? c.user_aps : c.kernel_aps, bit(word, 3), bit(word, 2)) : 0;
}

} // namespace vambrace
