// SPDX-License-Identifier: Apache-2.0
// The ARMv5 translation table format: how a guest's entries are read and how shadow entries are made.
#pragma once
#include <arch/arm/model/rights.hpp>

namespace vambrace::armv5 {

using vambrace::Access;
using vambrace::allows;
using vambrace::Dacr_domain;
using vambrace::dacr_kernel;
using vambrace::dacr_user;
using vambrace::effective;
using vambrace::l1_offset;
using vambrace::l2_offset;
using vambrace::Rights;

/// The guest's own registers that decide about rights.
struct Rights_context {
    u32 dacr;
    bool s, r; ///< SCTLR.S and SCTLR.R
    constexpr bool operator==(Rights_context const &) const = default;
};
/// As seen with the MMU off: every domain is 0, a client.
constexpr Rights_context rights_off {1, false, false};

/// Fault status, DDI 0100I table B4-1. The page form is the section form + 2.
namespace fsr {
constexpr u32 alignment = 0x1, translation = 0x5, domain = 0x9, permission = 0xd;
constexpr u32 external_l1 = 0xc, external_l2 = 0xe, page = 0x2;
/// An external abort that is none of a table walk's.
constexpr u32 external(bool section) { return section ? 0x8 : 0xa; }
constexpr bool is_mmu(u32 status) { return (status & 0x5) == 0x5 || (status & 0xd) == 0x9; }
constexpr bool is_translation(u32 status) { return (status & 0xd) == 0x5; }
constexpr bool is_permission(u32 status) { return (status & 0xd) == 0xd; }
/// The core has only aborts that belong to an instruction.
constexpr bool is_asynchronous(u32) { return false; }
/// What the guest's own status says of the access, beside the fault: nothing (B4.6.1).
constexpr u32 access_bits(u32) { return 0; }
/// IFSR has the form of DFSR (DDI 0198 2.3.5).
constexpr u32 instruction(u32 status) { return status; }
/// Of a fault that is not the MMU's, for the guest.
constexpr u32 forwarded(u32 status) { return status & 0xf; }
} // namespace fsr

/// What a guest's tables say of one 4 KB page.
struct Mapping {
    u32 fault; ///< 0, or the fault status with the guest's domain in bits 7:4
    Ipa page;  ///< IPA of the 4 KB page
    u8 ap;     ///< AP of the four 1 KB subpages, lowest first
    u8 domain;
    bool section; ///< the whole megabyte is one section
    bool wide;    ///< a large page: the guest's one entry maps its neighbours as well
    u16 memory;   ///< C and B, where a page's entry has them
    u32 table;    ///< IPA of the second-level table; 0 for a section
};

/// The subpages of a page that have rights of their own.
constexpr unsigned subpages = 4;

/// Rights under DDI 0100I table B4-2, with DACR and SCTLR.S/R applied.
constexpr Rights rights_of(u32 ap, u32 domain, Rights_context const &context)
{
    switch (context.dacr >> (2 * domain) & 3) {
    case 3: return {Access::write, Access::write};
    case 1: break;
    default: return {Access::none, Access::none};
    }
    switch (ap) {
    case 0:
        if (context.s == context.r)
            return {Access::none, Access::none};
        return {Access::read, context.r ? Access::read : Access::none};
    case 1: return {Access::write, Access::none};
    case 2: return {Access::write, Access::read};
    default: return {Access::write, Access::write};
    }
}

/// The guest's first-level entry for va. DDI 0100I table B4-3.
struct L1_entry {
    u32 word;
    constexpr bool is_section() const { return (word & 3) == 2; }
    constexpr bool is_table() const { return (word & 3) == 1; }
    constexpr u32 domain() const { return bits(word, 8, 5); }
    constexpr u32 table() const { return word & 0xfffffc00; }
    /// What tells one table from another, of a word that is
    /// one: its address, its domain, and that it is a table.
    constexpr u32 table_and_domain() const { return word & 0xfffffde3; }
    constexpr u32 section() const { return word & 0xfff00000; }
    constexpr u32 ap() const { return bits(word, 11, 10); }
};

/// AP of the four subpages where one AP holds for all.
constexpr u8 same_ap(u32 ap) { return static_cast<u8>(ap * 0x55); }
constexpr u32 subpage_ap(u32 ap, unsigned n) { return ap >> (2 * n) & 3; }
/// AP of the subpage that va lies in.
constexpr u32 ap_at(Mapping const &m, u32 va) { return subpage_ap(m.ap, bits(va, 11, 10)); }

constexpr Mapping no_mapping(u32 fault, bool section) { return {fault, {}, 0, 0, section, false, 0, 0}; }

constexpr Mapping section_mapping(L1_entry e, u32 va, Rights_context const &)
{
    return {0,
            Ipa {e.section() | (va & 0xff000)},
            same_ap(e.ap()),
            static_cast<u8>(e.domain()),
            true,
            false,
            static_cast<u16>(e.word & 0xc),
            0};
}

/// A second-level entry of a coarse table. DDI 0100I table B4-5. Tiny pages exist in fine tables only.
constexpr Mapping page_mapping(u32 word, L1_entry e, u32 va, Rights_context const &)
{
    Mapping m {0,
               Ipa {word & 0xfffff000},
               static_cast<u8>(word >> 4),
               static_cast<u8>(e.domain()),
               false,
               false,
               static_cast<u16>(word & 0xc),
               e.table()};
    switch (word & 3) {
    case 1: // large page: an AP for each 16 KB
        m.page = Ipa {(word & 0xffff0000) | (va & 0xf000)};
        m.ap = same_ap(subpage_ap(m.ap, bits(va, 15, 14)));
        m.wide = true;
        break;
    case 2: break;
    default: m.fault = fsr::translation | fsr::page | e.domain() << 4;
    }
    return m;
}

/// Small pages that occur side by side differ in this: it chooses a place in a cache.
constexpr u32 small_page_kinds = 2;
constexpr u32 small_page_kind(u32 word) { return bit(word, 4); }

constexpr bool is_small_page(u32 word, Rights_context const &) { return (word & 3) == 2; }

/// With the MMU off a guest sees its IPAs, and its kernel may do everything.
constexpr Mapping identity_mapping(u32 va)
{
    return {0, Ipa {va & 0xfffff000}, same_ap(1), 0, true, false, 0, 0};
}

/// The fault that va meets in this mode, or 0.
constexpr u32 rights_fault(Mapping const &m, u32 va, Guest_mode mode, Rights_context const &context)
{
    u32 const form = (m.section ? 0 : fsr::page) | u32 {m.domain} << 4;
    u32 const d = context.dacr >> (2 * m.domain) & 3;
    if (d != 1 && d != 3)
        return fsr::domain | form;
    Rights const rights = rights_of(ap_at(m, va), m.domain, context);
    return allows(effective(rights, mode)) ? 0 : fsr::permission | form;
}

/// Shadow entries. The hardware runs with S = 0 and R = 1, so AP=00 is read-only in every mode: the
/// hypervisor's own stores fault there as well (DDI 0100I table B4-2).
struct Shadow_entry {
    /// How RAM is mapped where nobody has said: write-back.
    static constexpr u16 cached = 0xc;
    /// Bufferable: the table walker sees it when the write buffer is empty.
    static constexpr u16 uncached = 0x4;
    static constexpr u16 device = 0;
    /// Cached RAM, whatever a guest's page says.
    static constexpr u16 in_caches(u16) { return cached; }

    static constexpr u32 ap(Access a) { return a == Access::write ? 3 : a == Access::read ? 0 : 1; }
    /// The bits of a page's entry that give these rights on subpage n, or on all of it.
    static constexpr u32 subpage_rights(Access a, unsigned n) { return ap(a) << (4 + 2 * n); }
    static constexpr u32 page_rights(Access a) { return u32 {same_ap(ap(a))} << 4; }

    static constexpr u32 section(Frame frame, Dacr_domain d, Access a, u16 memory)
    {
        return (frame.physical() & 0xfff00000) | ap(a) << 10 | static_cast<u32>(d) << 5 | 1 << 4 | memory | 2;
    }
    static constexpr u32 table(u32 physical, Dacr_domain d)
    {
        return physical | static_cast<u32>(d) << 5 | 1 << 4 | 1;
    }
    /// \param rights of page_rights() or subpage_rights()
    static constexpr u32 page(Frame frame, u32 rights, u16 memory)
    {
        return frame.physical() | rights | memory | 2;
    }
    /// A page of the window that guest kernels reach: the same in all of a guest's tables.
    static constexpr u32 window_page(Frame frame, Access a, u16 memory)
    {
        return page(frame, page_rights(a), memory);
    }

    static constexpr Dacr_domain domain(u32 l1) { return static_cast<Dacr_domain>(bits(l1, 8, 5)); }
    static constexpr bool is_table(u32 l1) { return (l1 & 3) == 1; }
    static constexpr bool is_section(u32 l1) { return (l1 & 3) == 2; }
    static constexpr u32 table_address(u32 l1) { return l1 & 0xfffffc00; }
    /// Only for the privileged modes: AP=01, whatever the use. Read-only for them alone needs S = 1 and
    /// R = 0, and XN does not exist (decision 0025).
    static constexpr u32 private_page(u32 physical, u16 memory, Own_use)
    {
        return physical | 0x55 << 4 | memory | 2;
    }
    static constexpr u32 private_large_page(u32 physical, u16 memory, Own_use)
    {
        return physical | 0x55 << 4 | memory | 1;
    }
    static constexpr u32 private_section(u32 physical, u16 memory, Own_use)
    {
        return physical | 1 << 10 | 1 << 4 | memory | 2;
    }
    /// RAM as the hypervisor's own table alone shows it. No guest runs while that is in use, so constants are
    /// AP=00: read-only for everybody.
    static constexpr u32 own_section(u32 physical, Own_use use)
    {
        return use == Own_use::constants ? physical | 1 << 4 | cached | 2
                                         : private_section(physical, cached, use);
    }
};

} // namespace vambrace::armv5
