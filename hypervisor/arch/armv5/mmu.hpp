// SPDX-License-Identifier: Apache-2.0
// The ARMv5 translation table format: how a guest's entries are read and how shadow entries are made.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv5 {

/// What one mode may do with a page.
enum class Access : u8 { none, read, write };

/// The guest's own registers that decide about rights.
struct Rights_context {
    u32 dacr;
    bool s, r; ///< SCTLR.S and SCTLR.R
    constexpr bool operator==(Rights_context const &) const = default;
};

/// ARM's domains as the shadow tables use them; not to be mixed up with a guest.
enum class Dacr_domain : u32 { hypervisor = 0, kernel = 1, user = 2 };

/// DACR: 01 is client; never manager, which would switch write protection off (DDI 0100I B4.5).
constexpr u32 dacr_client(Dacr_domain d) { return 1u << (2 * static_cast<u32>(d)); }
constexpr u32 dacr_user = dacr_client(Dacr_domain::hypervisor) | dacr_client(Dacr_domain::user);
constexpr u32 dacr_kernel = dacr_user | dacr_client(Dacr_domain::kernel);

/// Fault status, DDI 0100I table B4-1. The page form is the section form + 2.
namespace fsr {
constexpr u32 alignment = 0x1, translation = 0x5, domain = 0x9, permission = 0xd, external = 0x8;
constexpr u32 external_l1 = 0xc, external_l2 = 0xe, page = 0x2;
constexpr bool is_mmu(u32 status) { return (status & 0x5) == 0x5 || (status & 0xd) == 0x9; }
constexpr bool is_permission(u32 status) { return (status & 0xd) == 0xd; }
} // namespace fsr

/// What a guest's tables say of one 4 KB page.
struct Mapping {
    u32 fault;      ///< 0, or the fault status with the guest's domain in bits 7:4
    Ipa page;       ///< IPA of the 4 KB page
    u8 ap;          ///< AP of the four 1 KB subpages, lowest first
    u8 domain;
    bool section;   ///< the whole megabyte is one section
    bool c, b;
    u32 table;      ///< IPA of the second-level table; 0 for a section
};

/// Rights under DDI 0100I table B4-2, with DACR and SCTLR.S/R applied.
struct Rights {
    Access kernel, user;
};

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

/// What USR mode is given for the guest kernel: on pages that guest user reaches, the user's rights.
constexpr Access effective(Rights rights, bool kernel)
{
    return kernel && rights.user == Access::none ? rights.kernel : rights.user;
}

constexpr bool allows(Access access) { return access != Access::none; }

/// The guest's first-level entry for va. DDI 0100I table B4-3.
struct L1_entry {
    u32 word;
    constexpr bool is_section() const { return (word & 3) == 2; }
    constexpr bool is_table() const { return (word & 3) == 1; }
    constexpr u32 domain() const { return bits(word, 8, 5); }
    constexpr u32 table() const { return word & 0xfffffc00; }
    constexpr u32 table_and_domain() const { return word & 0xfffffde0; }
    constexpr u32 section() const { return word & 0xfff00000; }
    constexpr u32 ap() const { return bits(word, 11, 10); }
};

constexpr u32 l1_offset(u32 va) { return va >> 20 << 2; }
constexpr u32 l2_offset(u32 va) { return bits(va, 19, 12) << 2; }

/// AP of the four subpages where one AP holds for all.
constexpr u8 same_ap(u32 ap) { return static_cast<u8>(ap * 0x55); }
constexpr u32 subpage_ap(u32 ap, unsigned n) { return ap >> (2 * n) & 3; }

constexpr Mapping section_mapping(L1_entry e, u32 va)
{
    return {0, Ipa {e.section() | (va & 0xff000)}, same_ap(e.ap()), static_cast<u8>(e.domain()), true,
            bit(e.word, 3), bit(e.word, 2), 0};
}

/// A second-level entry of a coarse table. DDI 0100I table B4-5. Tiny pages exist in fine tables only.
constexpr Mapping page_mapping(u32 word, L1_entry e, u32 va)
{
    Mapping m {0, Ipa {word & 0xfffff000}, static_cast<u8>(word >> 4), static_cast<u8>(e.domain()), false,
               bit(word, 3), bit(word, 2), e.table()};
    switch (word & 3) {
    case 1: // large page: an AP for each 16 KB
        m.page = Ipa {(word & 0xffff0000) | (va & 0xf000)};
        m.ap = same_ap(subpage_ap(m.ap, bits(va, 15, 14)));
        break;
    case 2: break;
    default: m.fault = fsr::translation | fsr::page | e.domain() << 4;
    }
    return m;
}

/// With the MMU off a guest sees its IPAs, and its kernel may do everything.
constexpr Mapping identity_mapping(u32 va)
{
    return {0, Ipa {va & 0xfffff000}, same_ap(1), 0, true, false, false, 0};
}

/// The fault that va meets in this mode, or 0. kernel: the guest kernel's rights.
constexpr u32 rights_fault(Mapping const &m, u32 va, bool kernel, Rights_context const &context)
{
    u32 const form = (m.section ? 0 : fsr::page) | u32 {m.domain} << 4;
    u32 const d = context.dacr >> (2 * m.domain) & 3;
    if (d != 1 && d != 3)
        return fsr::domain | form;
    Rights const rights = rights_of(subpage_ap(m.ap, bits(va, 11, 10)), m.domain, context);
    return allows(effective(rights, kernel)) ? 0 : fsr::permission | form;
}

/// Shadow entries. The hardware runs with S = 0 and R = 1, so AP=00 is read-only in every mode: the
/// hypervisor's own stores fault there as well (DDI 0100I table B4-2).
struct Shadow_entry {
    static constexpr u32 ap(Access a) { return a == Access::write ? 3 : a == Access::read ? 0 : 1; }

    static constexpr u32 section(Frame frame, Dacr_domain d, Access a, bool c, bool b)
    {
        return (frame.physical() & 0xfff00000) | ap(a) << 10 | static_cast<u32>(d) << 5 | 1 << 4 | u32 {c} << 3 |
               u32 {b} << 2 | 2;
    }
    static constexpr u32 table(u32 physical, Dacr_domain d) { return physical | static_cast<u32>(d) << 5 | 1 << 4 | 1; }
    /// aps: the hardware's AP of the four subpages
    static constexpr u32 page(Frame frame, u8 aps, bool c, bool b)
    {
        return frame.physical() | u32 {aps} << 4 | u32 {c} << 3 | u32 {b} << 2 | 2;
    }
    static constexpr Dacr_domain domain(u32 l1) { return static_cast<Dacr_domain>(bits(l1, 8, 5)); }
    static constexpr bool is_table(u32 l1) { return (l1 & 3) == 1; }
    static constexpr bool is_section(u32 l1) { return (l1 & 3) == 2; }
    static constexpr u32 table_address(u32 l1) { return l1 & 0xfffffc00; }
    /// a page that only the privileged modes reach: AP=01
    static constexpr u32 private_page(u32 physical, bool cached) { return physical | 0x55 << 4 | (cached ? 0xc : 0) | 2; }
    static constexpr u32 private_section(u32 physical, bool c, bool b)
    {
        return physical | 1 << 10 | 1 << 4 | u32 {c} << 3 | u32 {b} << 2 | 2;
    }
};

} // namespace vambrace::armv5
