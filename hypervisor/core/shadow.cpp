// SPDX-License-Identifier: Apache-2.0
// Shadow tables: what the guest's tables say, and filling an entry from it.
#include <core/shadow.hpp>

namespace vambrace {

using arch::Access;
using arch::Dacr_domain;
using arch::Mapping;
using Entry = arch::Shadow_entry;

void Shadow::set_rights(arch::Rights_context rights)
{
    if (rights == rights_)
        return;
    rights_ = rights;
    drop_all();
}

/// A word of a guest table, through the address where the guest wrote it: on a virtually tagged cache only
/// that finds the line (DDI 0198 4.1). The section makes the load safe: it can reach the guest's RAM only.
Result<u32> Shadow::read_table(Ipa ipa)
{
    Result<Frame> const frame = memory_->frame_of(ipa);
    if (!frame)
        return frame.error();
    if (linear_.covers(ipa)) {
        u32 const va = linear_.address_of(ipa);
        if (!Entry::is_section(l1(current_)[va >> 20]) && !layout::is_reserved(va)) {
            Mapping m = arch::identity_mapping(va);
            m.page = Ipa {align_down(ipa.value, page_size)};
            m.c = m.b = true;
            if (section_fits(m, va))
                install_section(va, m);
        }
        if (Entry::is_section(l1(current_)[va >> 20]) && va >> 20 < layout_window)
            return arch::load_trusted(va);
    }
    return arch::load_alias(*frame, ipa.value & (page_size - 1));
}

Result<u32> Shadow::first_level(u32 base, u32 va) { return read_table(Ipa {base + arch::l1_offset(va)}); }

Mapping Shadow::walk_entry(u32 l1_word, u32 va)
{
    arch::L1_entry const e {l1_word};
    if (e.is_section())
        return arch::section_mapping(e, va);
    if (!e.is_table())
        return {arch::fsr::translation | e.domain() << 4, {}, 0, 0, true, false, false, 0};
    Result<u32> const word = read_table(Ipa {e.table() + arch::l2_offset(va)});
    if (!word)
        return {arch::fsr::external_l2 | e.domain() << 4, {}, 0, 0, false, false, false, 0};
    return arch::page_mapping(*word, e, va);
}

Mapping Shadow::walk(Va va)
{
    if (base() == mmu_off)
        return arch::identity_mapping(va.value);
    Result<u32> const word = first_level(base(), va.value);
    if (!word)
        return {arch::fsr::external_l1, {}, 0, 0, true, false, false, 0};
    return walk_entry(*word, va.value);
}

Result<Frame> Shadow::frame_behind(Va va)
{
    Mapping const m = walk(va);
    return m.fault ? Result<Frame> {Error::address} : memory_->frame_of(m.page);
}

Fill Shadow::fill(Va va, bool kernel)
{
    u32 const before = fills_;
    Mapping const m = walk(va);
    u32 const status = m.fault ? m.fault : arch::rights_fault(m, va.value, kernel, rights_);
    if (status)
        return {Fill::Kind::fault, m.section, status, {}};
    if (layout::is_reserved(va.value))
        return {Fill::Kind::fault, m.section, arch::fsr::translation | (m.section ? 0 : arch::fsr::page), {}};
    Fill fill = install(va.value, m, kernel);
    if (fill.kind == Fill::Kind::unchanged && fills_ != before)
        fill.kind = Fill::Kind::filled;
    return fill;
}

bool Shadow::user_visible(Mapping const &m) const
{
    for (u32 n = 0; n != 4; ++n)
        if (arch::allows(arch::rights_of(arch::subpage_ap(m.ap, n), m.domain, rights_).user))
            return true;
    return false;
}

/// Is there a subpage that only the guest kernel may reach?
bool Shadow::kernel_only_part(Mapping const &m) const
{
    for (u32 n = 0; n != 4; ++n) {
        arch::Rights const r = arch::rights_of(arch::subpage_ap(m.ap, n), m.domain, rights_);
        if (!arch::allows(r.user) && arch::allows(r.kernel))
            return true;
    }
    return false;
}

/// The hardware's entry for the page, or 0: not RAM, or nothing that this mode may do.
u32 Shadow::page_entry(Mapping const &m, bool kernel, Dacr_domain) const
{
    Result<Frame> const frame = memory_->frame_of(m.page);
    if (!frame)
        return 0;
    u32 aps = 0;
    bool any = false;
    for (u32 n = 0; n != 4; ++n) {
        Access const a = effective(arch::rights_of(arch::subpage_ap(m.ap, n), m.domain, rights_), kernel);
        any |= arch::allows(a);
        aps |= Entry::ap(a) << (2 * n);
    }
    return any ? Entry::page(*frame, static_cast<u8>(aps), m.c, m.b) : 0;
}

/// A section stays one if all of it is RAM, in whole megabytes of it, and no page of it is the hypervisor's.
bool Shadow::section_fits(Mapping const &m, u32 va) const
{
    Ipa const first {align_down(m.page.value, section_size)};
    Result<Frame> const frame = memory_->frame_of(first);
    return m.section && va >> 20 != 0 && !is_fixed(va >> 20) && memory_->owns(first, section_size) &&
           is_aligned(frame->physical(), section_size);
}

Fill Shadow::install_section(u32 va, Mapping const &m)
{
    Result<Frame> const frame = memory_->frame_of(Ipa {align_down(m.page.value, section_size)});
    bool const user = user_visible(m);
    arch::Rights const r = arch::rights_of(arch::subpage_ap(m.ap, 0), m.domain, rights_);
    u32 const word = Entry::section(*frame, user ? Dacr_domain::user : Dacr_domain::kernel, effective(r, true), m.c, m.b);
    if (l1(current_)[va >> 20] == word)
        return {Fill::Kind::unchanged, true, 0, {}};
    clear_l1(current_, va >> 20);
    set_l1(current_, va >> 20, word);
    ++fills_;
    arch::sync_tables();
    return {Fill::Kind::filled, true, 0, {}};
}

Fill Shadow::install(u32 va, Mapping const &m, bool kernel)
{
    if (section_fits(m, va))
        return install_section(va, m);
    u32 const word = page_entry(m, kernel, Dacr_domain::user);
    if (!word)
        return {Fill::Kind::no_memory, m.section, 0, Ipa {m.page.value | (va & (page_size - 1))}};
    u32 const megabyte = va >> 20, index = bits(va, 19, 12);
    bool const user = user_visible(m);
    u32 const l1_word = l1(current_)[megabyte];
    bool const in_user = megabyte == 0 || user ||
        (l2_index(l1_word) != no_table && Entry::domain(l1_word) == Dacr_domain::user && l2_[l2_index(l1_word)].guest_table == m.table);
    u32 const table = table_for(megabyte, in_user ? Dacr_domain::user : Dacr_domain::kernel, m.table);
    if (l2(table)[index] == word && l1(current_)[megabyte] == l1_word)
        return {Fill::Kind::unchanged, false, 0, {}};
    bool const replaces = l2(table)[index] != 0;
    set_l2(table, index, word);
    if (in_user && kernel_only_part(m))
        note_kernel_only(va);
    else if (m.table)
        fill_around(va, table, m, kernel);
    arch::sync_tables();
    if (replaces)
        arch::tlb_invalidate(Va {va});
    return {Fill::Kind::filled, false, 0, {}};
}

/// The neighbours that the guest has mapped: one hidden fault serves 16 pages.
void Shadow::fill_around(u32 va, u32 table, Mapping const &m, bool kernel)
{
    u32 const first = align_down(va, around * page_size);
    bool const user = user_visible(m);
    arch::L1_entry const e {m.table | u32 {m.domain} << 5 | 1};
    for (u32 page = first; page != first + around * page_size; page += page_size) {
        u32 const index = bits(page, 19, 12);
        if (l2(table)[index] || layout::is_reserved(page))
            continue;
        Result<u32> const word = read_table(Ipa {m.table + arch::l2_offset(page)});
        if (!word)
            return;
        Mapping const neighbour = arch::page_mapping(*word, e, page);
        if (neighbour.fault || user_visible(neighbour) != user || (user && kernel_only_part(neighbour)))
            continue;
        set_l2(table, index, page_entry(neighbour, kernel, Dacr_domain::user));
    }
}

void Shadow::note_kernel_only(u32 va)
{
    constexpr u32 most = sizeof kernel_only_ / sizeof kernel_only_[0];
    if (kernel_only_count_ == most) {
        u32 const table = l2_index(l1(current_)[kernel_only_[0] >> 20]);
        if (table != no_table) {
            drop_entry(table, bits(kernel_only_[0], 19, 12));
            arch::tlb_invalidate(Va {kernel_only_[0]});
        }
        for (u32 n = 1; n != most; ++n)
            kernel_only_[n - 1] = kernel_only_[n];
        --kernel_only_count_;
    }
    kernel_only_[kernel_only_count_++] = va;
}

void Shadow::remove_kernel_only()
{
    for (; kernel_only_count_; --kernel_only_count_) {
        u32 const va = kernel_only_[kernel_only_count_ - 1];
        u32 const table = l2_index(l1(current_)[va >> 20]);
        if (table == no_table)
            continue;
        drop_entry(table, bits(va, 19, 12));
        arch::sync_tables();
        arch::tlb_invalidate(Va {va});
    }
}

} // namespace vambrace
