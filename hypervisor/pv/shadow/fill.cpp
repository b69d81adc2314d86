// SPDX-License-Identifier: Apache-2.0
// Filling an entry of the shadow from the guest's tables, and its neighbours with it.
#include <pv/shadow/fill.hpp>

namespace vambrace::shadow {

namespace {

using arch::Access;
using arch::Dacr_domain;
using arch::Mapping;
using Entry = arch::Shadow_entry;

constexpr u32 around = 16; ///< pages that are filled together

/// When neighbours are filled.
enum class Neighbours : u8 { always, if_mapped };

/// The shadow says what the guest says: if the hardware refuses nevertheless, it is a store to a read-only
/// page.
Fill unchanged(bool section, u32 domain)
{
    return {Fill::Kind::unchanged,
            section,
            arch::fsr::permission | (section ? 0 : arch::fsr::page) | domain << 4,
            {}};
}

constexpr Fill filled_page {Fill::Kind::filled, false, 0, {}};

/// Entries side by side, and the guest's address of the words behind them.
struct Group {
    u32 *entries;
    u32 guest;
    u32 next, filled; ///< how far it is done, and which have become something
};

/// From g.next on, until a page has other attributes.
[[gnu::noinline]] void fill_run(Group &g, Page_run const run)
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
u32 fill_group(Parts &s, u32 *entries, u32 guest, u32 domain, Seen_by whom)
{
    Group g {entries, guest, 0, 0};
    while (g.next != around) {
        u32 const word = arch::load_trusted(guest + g.next * 4);
        u32 const low = word && !entries[g.next] ? s.pages.small_page_bits(s.guest(), word, domain, whom) : 0;
        if (low)
            fill_run(g, Page_translator::run_of(s.guest(), low, word & 0xfff));
        else
            ++g.next;
    }
    return g.filled;
}

/// The neighbours that the guest has mapped: one hidden fault serves 16 pages. A guest that maps several
/// pages at once has mapped the next one too; one that has mapped a single page costs no look at the others.
void fill_around(Parts &s, Va va, u32 table, arch::L1_entry e, Seen_by whom, Neighbours wanted)
{
    Linear_map const &linear = s.guest().linear;
    if (!linear.covers(Ipa {e.table()}))
        return;
    u32 const guest = linear.address_of(Ipa {e.table()}).value;
    u32 *const entries = s.tables.second.entries(table);
    u32 const index = bits(va.value, 19, 12), next = index ^ 1;
    if (wanted == Neighbours::if_mapped && (entries[next] || !arch::load_trusted(guest + next * 4)))
        return;
    u32 const first = align_down(index, around);
    u32 const filled = fill_group(s, entries + first, guest + first * 4, e.domain(), whom);
    if (filled)
        s.tables.second[table].note_present(first);
}

/// The two usual cases at a fraction of the price: the guest has not mapped the page, or it is a small page
/// that guest user sees, in a megabyte that has such pages or nothing. False: something else.
[[gnu::noinline]] bool fill_quickly(Parts &s, Va va, Neighbours neighbours, Fill &fill)
{
    Tables &tables = s.tables;
    Walker const &guest = s.guest();
    Address_space const &now = tables.spaces.now();
    if (!now.guest)
        return false;
    arch::L1_entry const e {arch::load_trusted(now.guest + arch::l1_offset(va.value))};
    if (!e.is_table() || !guest.linear.covers(Ipa {e.table()}))
        return false;
    u32 const guest_word =
        arch::load_trusted(guest.linear.address_of(Ipa {e.table()}).value + arch::l2_offset(va.value));
    if (guest_word == 0) {
        fill = {Fill::Kind::fault, false, arch::fsr::translation | arch::fsr::page | e.domain() << 4, {}};
        return true;
    }
    u32 const megabyte = va.value >> 20, index = bits(va.value, 19, 12);
    u32 const word = s.pages.small_page_entry(guest, guest_word, e.domain(), Seen_by::everyone);
    if (!word || Tables::is_vectors_page(va) || tables.is_fixed(megabyte))
        return false;
    u32 const l1_word = now.entries[megabyte];
    u32 const table = l1_word ? tables.second.user_index_of(l1_word)
                              : tables.table_for(megabyte, Dacr_domain::user, e.table_and_domain());
    if (table >= tables.second.count() || tables.second[table].guest_table != e.table_and_domain())
        return false;
    if (!s.learned.know(e.word) || !s.learned.entry_of(guest.memory, guest_word))
        s.learned.learn(guest.linear, e.word, guest_word, word);
    u32 const old = tables.second.entries(table)[index];
    if (old == word) {
        fill = unchanged(false, e.domain());
        return true;
    }
    tables.second.set(table, index, word);
    fill_around(s, va, table, e, Seen_by::everyone, neighbours);
    arch::sync_tables();
    if (old)
        tables.changed_entry(now, table, va);
    fill = filled_page;
    return true;
}

/// A section stays one if all of it is RAM, in whole megabytes of it, and no page of it is the hypervisor's.
bool section_fits(Parts const &s, Mapping const &m, Va va)
{
    Memory const &memory = s.guest().memory;
    Ipa const first {align_down(m.page.value, section_size)};
    Result<Frame> const frame = memory.frame_of(first);
    return m.section && !Tables::has_vectors(va.value >> 20) && !s.tables.is_fixed(va.value >> 20) &&
           memory.owns(first, section_size) && is_aligned(frame->physical(), section_size);
}

[[gnu::cold]] Fill install_section(Parts &s, Va va, Mapping const &m)
{
    Address_space &now = s.tables.spaces.now();
    u32 const megabyte = va.value >> 20;
    Result<Frame> const frame = s.guest().memory.frame_of(Ipa {align_down(m.page.value, section_size)});
    arch::Rights const r = arch::rights_of(arch::ap_at(m, va.value), m.domain, s.guest().rights);
    Dacr_domain const domain = arch::allows(r.user) ? Dacr_domain::user : Dacr_domain::kernel;
    u32 const word = Entry::section(*frame, domain, effective(r, Guest_mode::kernel), m.memory);
    if (now.entries[megabyte] == word)
        return unchanged(true, m.domain);
    s.tables.clear_word(now, megabyte);
    s.tables.set_word(now, megabyte, word);
    if (m.wide)
        s.tables.note_supersection();
    arch::sync_tables();
    return {Fill::Kind::filled, true, 0, {}};
}

/// What this mode may do with a page that is there to be read only.
u32 read_rights(Walker const &guest, Mapping const &m, Guest_mode mode)
{
    u32 bits = 0;
    for (u32 n = 0; n != arch::subpages; ++n) {
        Access const access =
            effective(arch::rights_of(arch::subpage_ap(m.ap, n), m.domain, guest.rights), mode);
        bits |= Entry::subpage_rights(access == Access::write ? Access::read : access, n);
    }
    return bits;
}

/// Of a page that others see too: all of them have it in the caches, whatever else their tables say.
[[gnu::noinline]] u32 window_entry(Walker const &guest, Mapping const &m, u32 rights, Guest_mode mode)
{
    Result<Windows::Place> const place = guest.window_at(m.page);
    if (!place)
        return 0;
    return Entry::page(place->frame, place->writable ? rights : read_rights(guest, m, mode),
                       Entry::in_caches(m.memory));
}

/// The hardware's entry for the page, or 0: not memory, or nothing that this mode may do.
u32 page_entry(Walker const &guest, Mapping const &m, Page_class const &c, Guest_mode mode)
{
    bool const kernel = mode == Guest_mode::kernel;
    if (c.dead || !(kernel || c.visible))
        return 0;
    Result<Frame> const frame = guest.memory.frame_of(m.page);
    if (!frame)
        return window_entry(guest, m, kernel ? c.kernel_rights : c.user_rights, mode);
    return Entry::page(*frame, kernel ? c.kernel_rights : c.user_rights, m.memory);
}

Fill install_page(Parts &s, Va va, Mapping const &m, Guest_mode mode, Neighbours neighbours)
{
    Tables &tables = s.tables;
    Second_level &second = tables.second;
    Address_space const &now = tables.spaces.now();
    Page_class const &c = s.pages.class_of(s.guest(), m.ap, m.domain);
    u32 const word = page_entry(s.guest(), m, c, mode);
    u32 const megabyte = va.value >> 20, index = bits(va.value, 19, 12);
    u32 const l1_word = now.entries[megabyte], old = second.index_of(l1_word);
    u32 const guest_table = m.table ? m.table | u32 {m.domain} << 5 | 1 : 0;
    bool const stays_user = old != Second_level::none && Entry::domain(l1_word) == Dacr_domain::user &&
                            second[old].guest_table == guest_table;
    bool const in_user = Tables::has_vectors(megabyte) || c.visible || stays_user;
    u32 const table =
        tables.table_for(megabyte, in_user ? Dacr_domain::user : Dacr_domain::kernel, guest_table);
    u32 const before = second.entries(table)[index];
    if (before == word && now.entries[megabyte] == l1_word)
        return unchanged(m.section, m.domain);
    second.set(table, index, word);
    if (m.section && m.wide)
        tables.note_supersection();
    else if (m.wide)
        second[table].wide |= 1u << index / Second_level::large_page;
    if (in_user && mode == Guest_mode::kernel && c.kernel_part)
        s.kernel_only.note(tables, va);
    else if (m.table)
        fill_around(s, va, table, arch::L1_entry {guest_table},
                    c.visible ? Seen_by::everyone : Seen_by::kernel, neighbours);
    arch::sync_tables();
    if (before)
        tables.changed_entry(now, table, va);
    return filled_page;
}

/// What a store is told where this mode may only read; 0: it may.
u32 store_status(Walker const &guest, Mapping const &m, Va va, Guest_mode mode)
{
    arch::Rights const r = arch::rights_of(arch::ap_at(m, va.value), m.domain, guest.rights);
    if (effective(r, mode) == Access::write)
        return 0;
    return arch::fsr::permission | (m.section ? 0 : arch::fsr::page) | u32 {m.domain} << 4;
}

Fill fill_slowly(Parts &s, Va va, Guest_mode mode, Neighbours neighbours)
{
    Walker const &guest = s.guest();
    Mapping const m = guest.walk(s.tables.spaces.now().base, va);
    u32 const status = m.fault ? m.fault : arch::rights_fault(m, va.value, mode, guest.rights);
    if (status)
        return {Fill::Kind::fault, m.section, status, {}};
    if (arch::is_reserved(va.value))
        return {Fill::Kind::fault, m.section, arch::fsr::translation | (m.section ? 0 : arch::fsr::page), {}};
    bool const is_ram = guest.memory.frame_of(m.page).ok();
    Result<Windows::Place> const window = is_ram ? Error::address : guest.window_at(m.page);
    if (!is_ram && !window)
        return {Fill::Kind::no_memory, m.section, store_status(guest, m, va, mode),
                Ipa {m.page.value | (va.value & (page_size - 1))}};
    if (s.tables.is_fixed(va.value >> 20))
        return unchanged(m.section, m.domain);
    if (section_fits(s, m, va))
        return install_section(s, va, m);
    Fill fill = install_page(s, va, m, mode, neighbours);
    if (fill.kind == Fill::Kind::unchanged && window && !window->writable &&
        !store_status(guest, m, va, mode))
        fill.status = arch::fsr::external(m.section); // its tables allow what the window does not
    return fill;
}

} // namespace

Fill fill(Parts &s, Va va, Guest_mode mode)
{
    Fill quick;
    return fill_quickly(s, va, Neighbours::always, quick) ? quick
                                                          : fill_slowly(s, va, mode, Neighbours::always);
}

bool refill(Parts &s, Va va, Guest_mode mode)
{
    Fill f;
    if (!fill_quickly(s, va, Neighbours::if_mapped, f))
        f = fill_slowly(s, va, mode, Neighbours::if_mapped);
    return f.kind == Fill::Kind::filled;
}

/// Out of line and with few arguments: refill_quickly() is on the way of each page fault.
[[gnu::noinline]] void fill_neighbours(Parts &s, Va va, u32 table, arch::L1_entry e)
{
    fill_around(s, va, table, e, Seen_by::everyone, Neighbours::always);
}

} // namespace vambrace::shadow
