// SPDX-License-Identifier: Apache-2.0
// The short-descriptor translation table format of ARMv6 (SCTLR.XP = 1) and ARMv7: how a guest's entries are
// read and how shadow entries are made. DDI 0406C B3.5, for ARMv6 appendix D12 and DDI 0100I B4.7.
#pragma once
#include <arch/arm/model/rights.hpp>
#include <arch/arm/model/vmsa_fault.hpp>

namespace vambrace::vmsa {

using vambrace::Access;
using vambrace::allows;
using vambrace::Dacr_domain;
using vambrace::dacr_kernel;
using vambrace::dacr_user;
using vambrace::effective;
using vambrace::l1_offset;
using vambrace::l2_offset;
using vambrace::Rights;

/// The guest's own registers that decide how its entries are read and about rights.
struct Rights_context {
    u32 dacr;
    bool s = false, r = false; ///< SCTLR.S and SCTLR.R; ARMv7 has none
    bool xp = true;            ///< SCTLR.XP; ARMv7: 1
    bool tre = false;          ///< SCTLR.TRE: TEX remap
    bool afe = false;          ///< SCTLR.AFE: AP[0] is the access flag
    u32 prrr = 0, nmrr = 0;
    constexpr bool operator==(Rights_context const &) const = default;
};
/// As seen with the MMU off: every domain is 0, a client.
constexpr Rights_context rights_off {.dacr = 1};

/// What a guest's tables say of one 4 KB page.
struct Mapping {
    u32 fault; ///< 0, or the fault status with the guest's domain in bits 7:4
    Ipa page;  ///< IPA of the 4 KB page
    u8 ap;     ///< APX and AP
    u8 domain;
    bool section; ///< the whole megabyte is one section
    bool wide;    ///< a large page or a supersection: the guest's one entry maps its neighbours as well
    u16 memory;   ///< TEX, C, B and XN for the hardware, where a small page's entry has them
    u32 table;    ///< IPA of the second-level table; 0 for a section
};

/// The subpages of a page that have rights of their own.
constexpr unsigned subpages = 1;

/// Rights under DDI 0406C table B3-8, with DACR and, on ARMv6, SCTLR.S/R applied (DDI 0100I table B4-2).
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
    case 3: return {Access::write, Access::write};
    case 5: return {Access::read, Access::none};
    case 6:
    case 7: return {Access::read, Access::read};
    default: return {Access::none, Access::none}; // 4: reserved
    }
}

/// The guest's first-level entry for va. DDI 0406C figure B3-4.
struct L1_entry {
    u32 word;
    constexpr bool is_section() const { return (word & 3) == 2; }
    constexpr bool is_table() const { return (word & 3) == 1; }
    constexpr bool is_supersection() const { return is_section() && bit(word, 18); }
    constexpr u32 domain() const { return is_supersection() ? 0 : bits(word, 8, 5); }
    constexpr u32 table() const { return word & 0xfffffc00; }
    /// What tells one table from another, of a word that is
    /// one: its address, its domain, and that it is a table.
    constexpr u32 table_and_domain() const { return word & 0xfffffde3; }
};

constexpr u32 subpage_ap(u32 ap, unsigned) { return ap; }
constexpr u32 ap_at(Mapping const &m, u32) { return m.ap; }

/// TEX, C and B as five bits, and where a small page has them.
constexpr u16 memory_of(u32 tex_c_b, bool xn)
{
    return static_cast<u16>((tex_c_b >> 2) << 6 | (tex_c_b & 3) << 2 | u32 {xn});
}

/// The cache policies of the core's own caches and of an outer cache (table B3-11).
namespace policy {
constexpr u32 none = 0, write_back_allocate = 1, write_through = 2, write_back = 3;
}

/// RAM, as TEX = 1BB and CB = AA (table B3-10). An outer cache is a part of memory: whatever the inner
/// policy, every access is looked up there, so that it never needs maintenance (decision 0019).
constexpr u32 ram(u32 inner) { return 0x10 | policy::write_back_allocate << 2 | inner; }

/// The inner policy of an encoding without TEX remap (table
/// B3-10). Device, strongly-ordered and reserved ones: none.
constexpr u32 plain_policy(u32 tex_c_b)
{
    if (tex_c_b & 0x10)
        return tex_c_b & 3;
    switch (tex_c_b) {
    case 0x02: return policy::write_through;
    case 0x03: return policy::write_back;
    case 0x07: return policy::write_back_allocate;
    default: return policy::none;
    }
}

/// With TEX remap (B3.8.3): three bits choose a type in PRRR and, if it is normal memory, a policy in NMRR.
constexpr u32 remapped_policy(u32 tex_c_b, Rights_context const &context)
{
    constexpr u32 normal = 2;
    u32 const shift = 2 * (tex_c_b & 7);
    return (context.prrr >> shift & 3) == normal ? context.nmrr >> shift & 3 : policy::none;
}

/// The attributes for the hardware, which runs without TEX remap: RAM is normal memory whatever the guest
/// calls it, and only RAM gets an entry. S is dropped: one core uses the tables.
constexpr u16 memory(u32 tex, u32 c_b, bool xn, Rights_context const &context)
{
    u32 const tex_c_b = tex << 2 | c_b;
    return memory_of(ram(context.tre ? remapped_policy(tex_c_b, context) : plain_policy(tex_c_b)), xn);
}

/// XN counts in a client's domain only (B3.7.3).
constexpr bool never_executes(bool xn, u32 domain, Rights_context const &context)
{
    return xn && (context.dacr >> (2 * domain) & 3) != 3;
}

constexpr Mapping no_mapping(u32 fault, bool section) { return {fault, {}, 0, 0, section, false, 0, 0}; }

/// With AFE the flag has to be set, and the rights are AP[2:1] (table B3-9).
constexpr void apply_access_flag(Mapping &m, Rights_context const &context)
{
    if (!context.afe)
        return;
    if (!(m.ap & 1))
        m.fault = (m.section ? fsr::access_flag_section : fsr::access_flag_page) | u32 {m.domain} << 4;
    m.ap |= 1;
}

/// A supersection's base beyond 4 GB is nobody's RAM.
constexpr u32 no_ram = 0xfffff000;

constexpr Mapping section_mapping(L1_entry e, u32 va, Rights_context const &context)
{
    u32 page = (e.word & 0xfff00000) | (va & 0xff000);
    if (e.is_supersection())
        page = bits(e.word, 23, 20) || bits(e.word, 8, 5) ? no_ram : (e.word & 0xff000000) | (va & 0xfff000);
    bool const xn = never_executes(context.xp && bit(e.word, 4), e.domain(), context);
    u32 const apx = context.xp && bit(e.word, 15);
    Mapping m {0,
               Ipa {page},
               static_cast<u8>(apx << 2 | bits(e.word, 11, 10)),
               static_cast<u8>(e.domain()),
               true,
               e.is_supersection(),
               memory(bits(e.word, 14, 12), bits(e.word, 3, 2), xn, context),
               0};
    apply_access_flag(m, context);
    return m;
}

/// SCTLR.XP = 0: the four subpages of an ARMv5 small page have an AP each;
/// the page gets the least of them. With SCTLR.R guest user reads where AP
/// is 0: beside a subpage that is the kernel's, the kernel alone reads.
constexpr u8 least_ap(u32 aps, Rights_context const &context)
{
    constexpr u8 kernel_reads = 5;
    u32 least = aps & 3;
    bool kernels = least == 1;
    for (unsigned n = 1; n != 4; ++n) {
        u32 const ap = aps >> (2 * n) & 3;
        least = ap < least ? ap : least;
        kernels |= ap == 1;
    }
    return least == 0 && kernels && context.r && !context.s ? kernel_reads : static_cast<u8>(least);
}

/// A second-level entry under SCTLR.XP = 0 (DDI 0100I table B4-5 and B4.7.5: the extended small page).
constexpr Mapping subpage_mapping(u32 word, L1_entry e, u32 va, Rights_context const &context)
{
    u8 const least = least_ap(bits(word, 11, 4), context);
    Mapping m {0,
               Ipa {word & 0xfffff000},
               least,
               static_cast<u8>(e.domain()),
               false,
               (word & 3) == 1,
               memory(0, bits(word, 3, 2), false, context),
               e.table()};
    switch (word & 3) {
    case 0: m.fault = fsr::translation | fsr::page | e.domain() << 4; break;
    case 1:
        m.page = Ipa {(word & 0xffff0000) | (va & 0xf000)};
        m.ap = static_cast<u8>(bits(word, 11, 4) >> (2 * bits(va, 15, 14)) & 3);
        m.memory = memory(bits(word, 14, 12), bits(word, 3, 2), false, context);
        break;
    case 3:
        m.ap = static_cast<u8>(bits(word, 5, 4));
        m.memory = memory(bits(word, 8, 6), bits(word, 3, 2), false, context);
        break;
    default: break;
    }
    return m;
}

/// A second-level entry. DDI 0406C figure B3-5.
constexpr Mapping page_mapping(u32 word, L1_entry e, u32 va, Rights_context const &context)
{
    if (!context.xp)
        return subpage_mapping(word, e, va, context);
    Mapping m {0,
               Ipa {word & 0xfffff000},
               static_cast<u8>(bit(word, 9) << 2 | bits(word, 5, 4)),
               static_cast<u8>(e.domain()),
               false,
               (word & 3) == 1,
               0,
               e.table()};
    switch (word & 3) {
    case 0: m.fault = fsr::translation | fsr::page | e.domain() << 4; return m;
    case 1:
        m.page = Ipa {(word & 0xffff0000) | (va & 0xf000)};
        m.memory = memory(bits(word, 14, 12), bits(word, 3, 2),
                          never_executes(bit(word, 15), e.domain(), context), context);
        break;
    default:
        m.memory = memory(bits(word, 8, 6), bits(word, 3, 2),
                          never_executes(bit(word, 0), e.domain(), context), context);
    }
    apply_access_flag(m, context);
    return m;
}

/// Small pages that occur side by side differ in this (XN and APX, each with a bit that they share): it
/// chooses a place in a cache.
constexpr u32 small_page_kinds = 4;
constexpr u32 small_page_kind(u32 word) { return (word ^ word >> 8) & 3; }

constexpr bool is_small_page(u32 word, Rights_context const &) { return word & 2; }

/// With the MMU off a guest sees its IPAs, and its kernel may do everything.
constexpr Mapping identity_mapping(u32 va)
{
    return {0, Ipa {va & 0xfffff000}, 1, 0, true, false, memory_of(ram(policy::none), false), 0};
}

/// TTBR0 for a first-level table (DDI 0406C B4.1.154; DDI 0301H 3.2.13). Walks are as the tables' own mapping
/// is: looked up in the outer cache (RGN = 01) and in none of the core's (IRGN = 00; without the
/// Multiprocessing Extensions C = 0).
constexpr u32 table_register(u32 physical) { return physical | policy::write_back_allocate << 3; }

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

/// Shadow entries. Read-only is APX = 1, AP = 10 (table
/// B3-8): read-only for the hypervisor's own stores as well.
struct Shadow_entry {
    /// RAM: in the core's caches; and in none of them, where the table walker does not look.
    static constexpr u16 cached = memory_of(ram(policy::write_back_allocate), false);
    static constexpr u16 uncached = memory_of(ram(policy::none), false);
    static constexpr u16 device = memory_of(1, true);
    /// Cached RAM, and of what a guest's page says whether it is executed.
    static constexpr u16 in_caches(u16 memory) { return cached | (memory & never_executed); }

    static constexpr u32 subpage_rights(Access a, unsigned) { return page_rights(a); }
    static constexpr u32 page_rights(Access a)
    {
        return a == Access::write ? 3 << 4 : a == Access::read ? 1 << 9 | 2 << 4 : 1 << 4;
    }

    static constexpr u32 section(Frame frame, Dacr_domain d, Access a, u16 memory)
    {
        return (frame.physical() & 0xfff00000) | not_global << 6 | as_section(page_rights(a) | memory) |
               static_cast<u32>(d) << 5 | 2;
    }
    static constexpr u32 table(u32 physical, Dacr_domain d)
    {
        return physical | static_cast<u32>(d) << 5 | 1;
    }
    static constexpr u32 page(Frame frame, u32 rights, u16 memory)
    {
        return frame.physical() | not_global | rights | memory | 2;
    }
    /// A page of the window that guest kernels reach: the same in all of a guest's tables.
    static constexpr u32 window_page(Frame frame, Access a, u16 memory)
    {
        return frame.physical() | page_rights(a) | memory | 2;
    }

    static constexpr Dacr_domain domain(u32 l1) { return static_cast<Dacr_domain>(bits(l1, 8, 5)); }
    static constexpr bool is_table(u32 l1) { return (l1 & 3) == 1; }
    static constexpr bool is_section(u32 l1) { return (l1 & 3) == 2; }
    static constexpr u32 table_address(u32 l1) { return l1 & 0xfffffc00; }
    /// Only for the privileged modes: AP=01, and APX where nothing is written (DDI 0301H table 6-1).
    static constexpr u32 private_page(u32 physical, u16 memory, Own_use use)
    {
        return physical | private_rights(use) | memory | 2;
    }
    static constexpr u32 private_large_page(u32 physical, u16 memory, Own_use use)
    {
        return physical | as_large_page(private_rights(use) | memory) | 1;
    }
    static constexpr u32 private_section(u32 physical, u16 memory, Own_use use)
    {
        return physical | as_section(private_rights(use) | memory) | 2;
    }
    /// RAM as the hypervisor's own table alone shows it: under that table's ASID.
    static constexpr u32 own_section(u32 physical, Own_use use)
    {
        return private_section(physical, cached, use) | not_global << 6;
    }

  private:
    static constexpr u32 not_global = 1 << 11;
    static constexpr u16 never_executed = 1;
    static constexpr u32 private_rights(Own_use use)
    {
        return 1 << 4 | (use == Own_use::data ? 0 : 1 << 9) | (use == Own_use::code ? 0u : never_executed);
    }
    /// AP, APX, TEX and XN from where a small page has them to where a section has them.
    static constexpr u32 as_section(u32 low)
    {
        return bits(low, 9, 4) << 10 | (low & 0xc) | bit(low, 0) << 4;
    }
    /// The same of TEX and XN for a large page, which has AP and APX where a small page has them.
    static constexpr u32 as_large_page(u32 low)
    {
        return (low & 0x23c) | bits(low, 8, 6) << 12 | bit(low, 0) << 15;
    }
};

} // namespace vambrace::vmsa
