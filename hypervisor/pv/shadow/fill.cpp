// SPDX-License-Identifier: Apache-2.0
// Shadow tables: what the guest's tables say, and filling an entry from it.
#include <pv/shadow/entries.hpp>

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
    for (Page_class &c : classes_)
        c.key = ~0u;
    for (Small_page &p : small_pages_)
        p.key = ~0u;
    other_pages_[0] = other_pages_[1] = ~0u;
    usual_ = {};
    drop_all();
}

void Shadow::set_linear_map(Linear_map map)
{
    ASSERT(is_aligned(map.va | map.ipa | map.size, section_size));
    ASSERT(map.size == 0 || (memory_.owns(Ipa {map.ipa}, map.size) && !arch::is_reserved(map.va, map.size)));
    linear_ = map;
    usual_ = {};
    drop_all();
    make_current(current_);
}

Mapping Shadow::walk_entry(u32 l1_word, u32 va)
{
    arch::L1_entry const e {l1_word};
    if (e.is_section())
        return arch::section_mapping(e, va, rights_);
    if (!e.is_table())
        return arch::no_mapping(arch::fsr::translation | e.domain() << 4, true);
    Result<u32> const word = read_table(Ipa {e.table() + arch::l2_offset(va)});
    if (!word)
        return arch::no_mapping(arch::fsr::external_l2 | e.domain() << 4, false);
    return arch::page_mapping(*word, e, va, rights_);
}

Mapping Shadow::walk(Va va)
{
    if (base() == mmu_off)
        return arch::identity_mapping(va.value);
    Result<u32> const word = first_level(base(), va.value);
    if (!word)
        return arch::no_mapping(arch::fsr::external_l1, true);
    return walk_entry(*word, va.value);
}

Result<Frame> Shadow::frame_behind(Va va)
{
    Mapping const m = walk(va);
    return m.fault ? Result<Frame> {Error::address} : memory_.frame_of(m.page);
}

namespace {
/// The shadow says what the guest says: if the hardware
/// refuses nevertheless, it is a store to a read-only page.
Fill unchanged(bool section, u32 domain)
{
    return {Fill::Kind::unchanged,
            section,
            arch::fsr::permission | (section ? 0 : arch::fsr::page) | domain << 4,
            {}};
}
} // namespace

/// The two usual cases at a fraction of the price: the guest has not mapped the page, or it is a small page
/// that guest user sees, in a megabyte that has such pages or nothing. False: something else.
[[gnu::noinline]] bool Shadow::quick_fill(u32 va, Around around, Fill &fill)
{
    if (!now_->guest)
        return false;
    arch::L1_entry const e {arch::load_trusted(now_->guest + arch::l1_offset(va))};
    if (!e.is_table() || !linear_.covers(Ipa {e.table()}))
        return false;
    u32 const guest_word = arch::load_trusted(linear_.address_of(Ipa {e.table()}) + arch::l2_offset(va));
    if (guest_word == 0) {
        fill = {Fill::Kind::fault, false, arch::fsr::translation | arch::fsr::page | e.domain() << 4, {}};
        return true;
    }
    u32 const word = small_page_entry(guest_word, e.domain(), true);
    if (!word || is_vectors_page(va) || is_fixed(va >> 20))
        return false;
    u32 const l1_word = now_->table[va >> 20];
    u32 const table =
        l1_word ? user_l2_index(l1_word) : table_for(va >> 20, Dacr_domain::user, e.table_and_domain());
    if (table >= l2_count_ || l2_[table].guest_table != e.table_and_domain())
        return false;
    if (!is_usual(e.word) || !usual_entry(guest_word))
        learn_usual(e.word, guest_word, word);
    u32 const old = l2(table)[bits(va, 19, 12)];
    if (old == word) {
        fill = unchanged(false, e.domain());
        return true;
    }
    set_l2(table, bits(va, 19, 12), word);
    fill_around(va, table, e, true, around);
    arch::sync_tables();
    if (old)
        changed_entry(current_, table, Va {va});
    fill = {Fill::Kind::filled, false, 0, {}};
    return true;
}

Fill Shadow::fill(Va va, bool kernel)
{
    Fill quick;
    return quick_fill(va.value, Around::always, quick) ? quick : full_fill(va, kernel, Around::always);
}

bool Shadow::refill(Va va, bool kernel)
{
    Fill quick;
    return (quick_fill(va.value, Around::if_mapped, quick) ? quick : full_fill(va, kernel, Around::if_mapped))
               .kind == Fill::Kind::filled;
}

/// A word of the guest's second-level table became a user page's entry: others will look like it.
/// \pre the linear map shows the table
void Shadow::learn_usual(u32 l1_word, u32 word, u32 entry)
{
    u32 const first = linear_.ipa | (l1_word & 0x3ff), attributes = word & 0xfff;
    if (usual_.count == 0 || usual_.first != first)
        usual_ = {first,
                  linear_.size >> 10,
                  arch::fsr::translation | arch::fsr::page | arch::L1_entry {l1_word}.domain() << 4,
                  {}};
    usual_.pages[arch::small_page_kind(word)] = {attributes, entry - (word - attributes - VAMBRACE_RAM_IPA)};
}

Fill Shadow::full_fill(Va va, bool kernel, Around around)
{
    Mapping const m = walk(va);
    u32 const status = m.fault ? m.fault : arch::rights_fault(m, va.value, kernel, rights_);
    if (status)
        return {Fill::Kind::fault, m.section, status, {}};
    if (arch::is_reserved(va.value))
        return {Fill::Kind::fault, m.section, arch::fsr::translation | (m.section ? 0 : arch::fsr::page), {}};
    return install(va.value, m, kernel, around);
}

Shadow::Page_class Shadow::make_class(u32 ap, u32 domain) const
{
    Page_class c {ap | domain << 8, 0, 0, false, false, true};
    for (u32 n = 0; n != arch::subpages; ++n) {
        arch::Rights const r = arch::rights_of(arch::subpage_ap(ap, n), domain, rights_);
        Access const kernel = effective(r, true);
        c.kernel_rights |= Entry::subpage_rights(kernel, n);
        c.user_rights |= Entry::subpage_rights(r.user, n);
        c.visible |= arch::allows(r.user);
        c.kernel_part |= !arch::allows(r.user) && arch::allows(r.kernel);
        c.dead &= !arch::allows(kernel);
    }
    return c;
}

/// A section stays one if all of it is RAM, in whole megabytes of it, and no page of it is the hypervisor's.
bool Shadow::section_fits(Mapping const &m, u32 va) const
{
    Ipa const first {align_down(m.page.value, section_size)};
    Result<Frame> const frame = memory_.frame_of(first);
    return m.section && !has_vectors(va >> 20) && !is_fixed(va >> 20) && memory_.owns(first, section_size) &&
           is_aligned(frame->physical(), section_size);
}

Fill Shadow::install_section(u32 va, Mapping const &m)
{
    Result<Frame> const frame = memory_.frame_of(Ipa {align_down(m.page.value, section_size)});
    arch::Rights const r = arch::rights_of(arch::ap_at(m, va), m.domain, rights_);
    Dacr_domain const domain = arch::allows(r.user) ? Dacr_domain::user : Dacr_domain::kernel;
    u32 const word = Entry::section(*frame, domain, effective(r, true), m.memory);
    if (l1(current_)[va >> 20] == word)
        return unchanged(true, m.domain);
    clear_l1(current_, va >> 20);
    set_l1(current_, va >> 20, word);
    if (m.wide)
        note_supersection();
    arch::sync_tables();
    return {Fill::Kind::filled, true, 0, {}};
}

/// What a store is told where this mode may only read; 0: it may.
u32 Shadow::store_status(Mapping const &m, u32 va, bool kernel) const
{
    arch::Rights const r = arch::rights_of(arch::ap_at(m, va), m.domain, rights_);
    if (effective(r, kernel) == Access::write)
        return 0;
    return arch::fsr::permission | (m.section ? 0 : arch::fsr::page) | u32 {m.domain} << 4;
}

Fill Shadow::install(u32 va, Mapping const &m, bool kernel, Around around)
{
    if (!memory_.frame_of(m.page))
        return {Fill::Kind::no_memory, m.section, store_status(m, va, kernel),
                Ipa {m.page.value | (va & (page_size - 1))}};
    if (is_fixed(va >> 20))
        return unchanged(m.section, m.domain);
    return section_fits(m, va) ? install_section(va, m) : install_page(va, m, kernel, around);
}

Fill Shadow::install_page(u32 va, Mapping const &m, bool kernel, Around around)
{
    Page_class const &c = class_of(m.ap, m.domain);
    u32 const word = page_entry(m, c, kernel);
    u32 const megabyte = va >> 20, index = bits(va, 19, 12);
    u32 const l1_word = l1(current_)[megabyte];
    u32 const old = l2_index(l1_word);
    u32 const guest_table = m.table ? m.table | u32 {m.domain} << 5 | 1 : 0;
    bool const stays_user =
        old != no_table && Entry::domain(l1_word) == Dacr_domain::user && l2_[old].guest_table == guest_table;
    bool const in_user = has_vectors(megabyte) || c.visible || stays_user;
    u32 const table = table_for(megabyte, in_user ? Dacr_domain::user : Dacr_domain::kernel, guest_table);
    u32 const before = l2(table)[index];
    if (before == word && l1(current_)[megabyte] == l1_word)
        return unchanged(m.section, m.domain);
    set_l2(table, index, word);
    if (m.section && m.wide)
        note_supersection();
    else if (m.wide)
        l2_[table].wide |= 1u << index / large_page;
    if (in_user && kernel && c.kernel_part)
        note_kernel_only(va);
    else if (m.table)
        fill_around(va, table, arch::L1_entry {guest_table}, c.visible, around);
    arch::sync_tables();
    if (before)
        changed_entry(current_, table, Va {va});
    return {Fill::Kind::filled, false, 0, {}};
}

/// Every flush of the current table is one of whole
/// supersections from now on, also where a megabyte has a table.
void Shadow::note_supersection()
{
    if (now_->has_supersections)
        return;
    now_->has_supersections = true;
    for (u32 i = 0; i != l2_count_; ++i)
        if (l2_[i].owner == current_ || l2_[i].owner == owner_shared)
            l2_[i].wide |= part_of_more;
}

u32 Shadow::small_page_low(u32 word, u32 domain, bool visible)
{
    if (!arch::is_small_page(word, rights_))
        return 0;
    Mapping const m = arch::page_mapping(word, arch::L1_entry {domain << 5 | 1}, 0, rights_);
    Page_class const &c = class_of(m.ap, domain);
    if (m.fault)
        return 0;
    if (c.visible != visible || (visible && c.kernel_part) || c.dead)
        return 0;
    return Entry::page(Frame {0}, visible ? c.user_rights : c.kernel_rights, m.memory);
}

/// From g.next on, until a page has other attributes.
[[gnu::noinline]] void Shadow::fill_run(Group &g, Run const run)
{
    u32 *const entries = g.entries;
    u32 const guest = g.guest;
    u32 n = g.next, filled = g.filled;
    for (; n != around; ++n) {
        u32 const word = arch::load_trusted(guest + n * 4);
        if (word == 0 || entries[n])
            continue;
        if ((word ^ run.attributes) << 20)
            break;
        u32 const offset = word - run.base;
        if (offset >= run.size)
            continue;
        entries[n] = offset + run.first;
        filled |= 1u << n;
    }
    g.next = n;
    g.filled = filled;
}

/// Fills what is empty of `around` entries with small pages of one kind. Returns which it filled. Most pages
/// have the attributes of the one before.
u32 Shadow::fill_group(u32 *entries, u32 guest, u32 domain, bool visible)
{
    Group g {entries, guest, 0, 0};
    while (g.next != around) {
        u32 const word = arch::load_trusted(guest + g.next * 4);
        u32 const low = word && !entries[g.next] ? small_page_bits(word, domain, visible) : 0;
        if (low)
            fill_run(g, run_of(low, word & 0xfff));
        else
            ++g.next;
    }
    return g.filled;
}

/// The neighbours that the guest has mapped: one hidden fault serves 16 pages. A guest that maps several
/// pages at once has mapped the next one too; one that has mapped a single page costs no look at the others.
void Shadow::fill_around(u32 va, u32 table, arch::L1_entry e, bool visible, Around wanted)
{
    if (!linear_.covers(Ipa {e.table()}))
        return;
    u32 const guest = linear_.address_of(Ipa {e.table()});
    u32 *const entries = l2(table);
    u32 const next = bits(va, 19, 12) ^ 1;
    if (wanted == Around::if_mapped && (entries[next] || !arch::load_trusted(guest + next * 4)))
        return;
    u32 const first = align_down(bits(va, 19, 12), around);
    u32 const present = fill_group(entries + first, guest + first * 4, e.domain(), visible);
    l2_[table].present[first >> 5] |= present << (first & 31);
}

/// fill_around() with few arguments, out of line: refill_quickly() is on the way of each page fault.
[[gnu::noinline]] void Shadow::fill_neighbours(u32 va, u32 table, arch::L1_entry e)
{
    fill_around(va, table, e, true, Around::always);
}

} // namespace vambrace
