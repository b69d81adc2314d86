// SPDX-License-Identifier: Apache-2.0
// The short descriptors of ARMv6 and ARMv7 against words put together by hand from DDI 0406C B3.5, and those
// of ARMv6 with SCTLR.XP = 0 from DDI 0100I B4.7.
#include <arch/arm/model/vmsa_terms.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::vmsa;

TEST_CASE("a first-level word is taken apart as DDI 0406C figure B3-4 says")
{
    auto const [word, section, coarse, super, domain, address] =
        GENERATE(table<u32, bool, bool, bool, u32, u32>({
            {0x40300c0e, true, false, false, 0, 0},           // section, C, B, AP 11
            {0x403095e2, true, false, false, 15, 0},          // APX, TEX 001, AP 01, domain 15
            {0x40320c1e, true, false, false, 0, 0},           // nG, XN
            {0x40050c0e, true, false, true, 0, 0},            // a supersection, S
            {0x40040dee, true, false, true, 0, 0},            // bits 8:5 are PA[39:36] and no domain
            {0x40004021, false, true, false, 1, 0x40004000},  // table
            {0x400047e1, false, true, false, 15, 0x40004400}, // 1 KB aligned
            {0x40004029, false, true, false, 1, 0x40004000},  // NS, which the Non-secure side ignores
            {0x40004023, false, false, false, 1, 0},          // type 3: reserved
            {0x00000000, false, false, false, 0, 0},
            {0x403405fc, false, false, false, 15, 0}, // a fault entry may hold anything in its other bits
        }));
    L1_entry const e {word};
    CHECK(e.is_section() == section);
    CHECK(e.is_table() == coarse);
    CHECK(e.is_supersection() == super);
    CHECK(e.domain() == domain);
    if (coarse)
        CHECK(e.table() == address);
}

TEST_CASE("a section or supersection carries address, rights, domain and memory type in every format")
{
    auto const [word, xp, va, page, ap, domain, memory] = GENERATE(table<u32, bool, u32, u32, u32, u32, u32>({
        {0x4030040e, true, 0xc0145678, 0x40345000, 1, 0, wb},        // write-back
        {0x4030844e, true, 0xc0145678, 0x40345000, 5, 2, wb},        // APX
        {0x40308c4e, true, 0xc0145678, 0x40345000, 7, 2, wb},        // AP 111
        {0x40311c1e, true, 0xc0145678, 0x40345000, 3, 0, wbwa | xn}, // TEX 001 C B S XN
        {0x40322c12, true, 0xc0145678, 0x40345000, 3, 0, nc | xn},   // a device that is not shared, nG
        {0x40305c02, true, 0xc0145678, 0x40345000, 3, 0, nc},        // outer write-back, inner not cached
        {0x40301c06, true, 0xc0145678, 0x40345000, 3, 0, nc},        // reserved: strongly-ordered
        {0x40303c0e, true, 0xc0145678, 0x40345000, 3, 0, nc},        // reserved
        {0x40040c0e, true, 0xc1245678, 0x40245000, 3, 0, wb},        // supersection: VA[23:12] counts
        {0x41040c0e, true, 0xc1fff678, 0x41fff000, 3, 0, wb},
        {0x40140c0e, true, 0xc1245678, 0xfffff000, 3, 0, wb},  // PA[35:32] = 1: nobody's RAM
        {0x40040c2e, true, 0xc1245678, 0xfffff000, 3, 0, wb},  // PA[39:36] = 1
        {0x40308c5e, false, 0xc0145678, 0x40345000, 3, 2, wb}, // XP = 0: neither APX nor XN
    }));
    Mapping const m = section_mapping({word}, va, {.dacr = 0x55555555, .xp = xp});
    CHECK(m.fault == 0);
    CHECK(m.page == Ipa {page});
    CHECK(m.ap == ap);
    CHECK(m.domain == domain);
    CHECK(m.section);
    CHECK(m.memory == memory);
    CHECK(m.table == 0);
}

TEST_CASE("a second-level word is taken apart as DDI 0406C figure B3-5 says")
{
    auto const [word, va, fault, page, ap, memory] = GENERATE(table<u32, u32, u32, u32, u32, u32>({
        {0x4012303e, 0x00005000, 0x00, 0x40123000, 3, wb},
        {0x4012303f, 0x00005000, 0x00, 0x40123000, 3, wb | xn}, // XN
        {0x40123e1e, 0x00005000, 0x00, 0x40123000, 5, wb},      // APX, S, nG
        {0x40123232, 0x00005000, 0x00, 0x40123000, 7, nc},      // AP 111, strongly-ordered
        {0x40123226, 0x00005000, 0x00, 0x40123000, 6, nc},      // device
        {0x4012306e, 0x00005000, 0x00, 0x40123000, 2, wbwa},    // TEX 001
        {0x40123082, 0x00005000, 0x00, 0x40123000, 0, nc},      // TEX 010: AP is not in its place
        {0x40123086, 0x00005000, 0x00, 0x40123000, 0, nc},      // reserved: strongly-ordered
        {0x401200ed, 0x00001000, 0x00, 0x40121000, 2, wb},      // large: bits 8:6 are no TEX
        {0x4012f03d, 0x0000f123, 0x00, 0x4012f000, 3, wb | xn}, // large: TEX 14:12, XN 15
        {0x40127231, 0x00006000, 0x00, 0x40126000, 7, nc},      // large, APX
        {0x00000000, 0x00005000, 0x57, 0, 0, 0},                // fault: page translation, domain 5
        {0x40123ffc, 0x00005000, 0x57, 0, 0, 0},
    }));
    Mapping const m = page_mapping(word, {0x400048a1}, va, all_clients); // table 0x40004800, domain 5
    CHECK(m.fault == fault);
    CHECK(m.domain == 5);
    CHECK_FALSE(m.section);
    CHECK(m.table == 0x40004800);
    if (!fault) {
        CHECK(m.page == Ipa {page});
        CHECK(m.ap == ap);
        CHECK(m.memory == memory);
    }
}

TEST_CASE("with SCTLR.XP = 0 a page has ARMv5's rights, and never more than the least of its subpages")
{
    auto const [word, va, page, ap, memory] = GENERATE(table<u32, u32, u32, u32, u32>({
        {0x40123ffe, 0x00005000, 0x40123000, 3, wb},
        {0x40123aaa, 0x00005000, 0x40123000, 2, wt},
        {0x40123e42, 0x00005000, 0x40123000, 0, nc},   // AP 3, 2, 1, 0
        {0x40123fba, 0x00005000, 0x40123000, 2, wt},   // AP 3, 3, 2, 3
        {0x40123d72, 0x00005000, 0x40123000, 1, nc},   // AP 3, 1, 1, 3
        {0x4012303f, 0x00005000, 0x40123000, 3, wb},   // extended small page: XN does not exist
        {0x4012306f, 0x00005000, 0x40123000, 2, wbwa}, // its TEX
        {0x40121e4d, 0x00001000, 0x40121000, 0, wbwa}, // large page: its first 16 KB, TEX 14:12
        {0x40120e49, 0x00006000, 0x40126000, 1, wt},   // its second
        {0x40120e45, 0x0000bfff, 0x4012b000, 2, nc},
        {0x40120e41, 0x0000f123, 0x4012f000, 3, nc},
    }));
    Mapping const m = page_mapping(word, {0x400048a1}, va, subpaged);
    CHECK(m.fault == 0);
    CHECK(m.page == Ipa {page});
    CHECK(m.ap == ap);
    CHECK(m.memory == memory);
    CHECK(page_mapping(0x40123ffc, {0x400048a1}, va, subpaged).fault == 0x57);
}

TEST_CASE(
    "no subpage that is the kernel's alone is open to guest user, whatever SCTLR.S and R make of AP = 0")
{
    auto const [word, s, r, kernel, user] = GENERATE(table<u32, bool, bool, Access, Access>({
        {0x4012300e, false, true, ro, ro},   // AP 0, 0, 0, 0
        {0x40123fce, false, true, ro, ro},   // AP 0, 3, 3, 3
        {0x4012305e, false, true, ro, none}, // AP 0, 0, 1, 1
        {0x4012344e, false, true, ro, none}, // AP 1, 0, 1, 0
        {0x40123f4e, false, true, ro, none}, // AP 3, 3, 1, 0
        {0x4012305e, true, false, ro, none},
        {0x4012305e, false, false, none, none},
        {0x4012305e, true, true, none, none},
    }));
    Rights_context const context {.dacr = 0x55555555, .s = s, .r = r, .xp = false};
    Mapping const m = page_mapping(word, {0x400048a1}, 0x5000, context);
    Rights const rights = rights_of(m.ap, m.domain, context);
    CHECK(rights.kernel == kernel);
    CHECK(rights.user == user);
}
