// SPDX-License-Identifier: Apache-2.0
// The ARMv5 table format against words put together by hand from DDI 0100I chapter B4.
#include <arch/armv5/mmu.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::armv5;

namespace {

constexpr Access none = Access::none, ro = Access::read, rw = Access::write;

} // namespace

TEST_CASE("a guest's first-level word is taken apart as DDI 0100I table B4-3 says")
{
    auto const [word, section, coarse, domain, address, ap] = GENERATE(table<u32, bool, bool, u32, u32, u32>({
        {0x40300c1e, true, false, 0, 0x40300000, 3},  // section, C, B
        {0x403005f2, true, false, 15, 0x40300000, 1}, // domain 15, AP 01, not cached
        {0xfff0085e, true, false, 2, 0xfff00000, 2},
        {0x40004031, false, true, 1, 0x40004000, 0},  // coarse table
        {0x400047f1, false, true, 15, 0x40004400, 0}, // a coarse table is 1 KB aligned
        {0x40004033, false, false, 1, 0, 0},          // a fine table is refused
        {0x00000000, false, false, 0, 0, 0},
        {0x403001fc, false, false, 15, 0, 0}, // a fault entry may hold anything in its other bits
    }));
    L1_entry const e {word};
    CHECK(e.is_section() == section);
    CHECK(e.is_table() == coarse);
    CHECK(e.domain() == domain);
    if (section) {
        CHECK(e.section() == address);
        CHECK(e.ap() == ap);
    }
    if (coarse)
        CHECK(e.table() == address);
}

TEST_CASE("the walk indexes both levels by the bits that DDI 0100I B4.7 names")
{
    auto const [va, first, second] = GENERATE(table<u32, u32, u32>({
        {0x00000000, 0x0000, 0x000},
        {0x00001fff, 0x0000, 0x004},
        {0x12345678, 0x048c, 0x114},
        {0xffffffff, 0x3ffc, 0x3fc},
    }));
    CHECK(l1_offset(va) == first);
    CHECK(l2_offset(va) == second);
}

TEST_CASE("a section maps each of its pages with one right")
{
    Mapping const m = section_mapping({0x4030085a}, 0xc0145678, rights_off); // AP 10, domain 2, C
    CHECK(m.fault == 0);
    CHECK(m.page == Ipa {0x40345000});
    CHECK(m.ap == 0xaa);
    CHECK(m.domain == 2);
    CHECK(m.section);
    CHECK(m.memory == 8);
    CHECK(m.table == 0);
}

TEST_CASE("a second-level word of a coarse table is taken apart as DDI 0100I table B4-5 says")
{
    // address: of the page; aps: of the four subpages, lowest in the lowest bits
    auto const [word, va, fault, address, aps, c, b] = GENERATE(table<u32, u32, u32, u32, u32, bool, bool>({
        {0x40123ffe, 0x00005000, 0x00, 0x40123000, 0xff, true, true},
        {0x40123e42, 0x00005000, 0x00, 0x40123000, 0xe4, false, false}, // AP 3, 2, 1, 0
        {0x4012301a, 0x00005000, 0x00, 0x40123000, 0x01, true, false},
        {0x40120e4d, 0x00001000, 0x00, 0x40121000, 0x00, true, true},   // large page: AP0 for its first 16 KB
        {0x40120e49, 0x00006000, 0x00, 0x40126000, 0x55, true, false},  // AP1
        {0x40120e45, 0x0000bfff, 0x00, 0x4012b000, 0xaa, false, true},  // AP2
        {0x40120e41, 0x0000f123, 0x00, 0x4012f000, 0xff, false, false}, // AP3
        {0x4012fe41, 0x0000f123, 0x00, 0x4012f000, 0xff, false, false}, // bits 15:12 are no address
        {0x00000000, 0x00005000, 0x57, 0, 0, false, false},             // fault: page translation, domain 5
        {0x40123ffc, 0x00005000, 0x57, 0, 0, false, false},
        {0x40123fff, 0x00005000, 0x57, 0, 0, false, false}, // a tiny page is not for coarse tables
    }));
    Mapping const m = page_mapping(word, {0x400048b1}, va, rights_off); // table 0x40004800, domain 5
    CHECK(m.fault == fault);
    CHECK(m.domain == 5);
    CHECK_FALSE(m.section);
    CHECK(m.table == 0x40004800);
    if (!fault) {
        CHECK(m.page == Ipa {address});
        CHECK(m.ap == aps);
        CHECK(m.memory == (u32 {c} << 3 | u32 {b} << 2));
    }
}

TEST_CASE("with the MMU off the kernel reaches everything and user nothing")
{
    Mapping const m = identity_mapping(0x40123456);
    CHECK(m.page == Ipa {0x40123000});
    CHECK(m.fault == 0);
    for (u32 n = 0; n != 4; ++n) {
        Rights const r = rights_of(subpage_ap(m.ap, n), m.domain, {1, false, false});
        CHECK(r.kernel == rw);
        CHECK(r.user == none);
    }
}

TEST_CASE("rights follow AP, S and R in a client domain as DDI 0100I table B4-1 says")
{
    auto const [ap, s, r, kernel, user] = GENERATE(table<u32, bool, bool, Access, Access>({
        {0, false, false, none, none},
        {0, true, false, ro, none},
        {0, false, true, ro, ro},
        {0, true, true, none, none}, // S = R = 1 is UNPREDICTABLE: nothing
        {1, false, false, rw, none},
        {1, true, false, rw, none},
        {1, false, true, rw, none},
        {1, true, true, rw, none},
        {2, false, false, rw, ro},
        {2, true, false, rw, ro},
        {2, false, true, rw, ro},
        {2, true, true, rw, ro},
        {3, false, false, rw, rw},
        {3, true, false, rw, rw},
        {3, false, true, rw, rw},
        {3, true, true, rw, rw},
    }));
    u32 const domain = GENERATE(0u, 1u, 15u);
    Rights const rights = rights_of(ap, domain, {1u << (2 * domain), s, r});
    CHECK(rights.kernel == kernel);
    CHECK(rights.user == user);
}

TEST_CASE("a domain with no access gives nothing, a manager everything, whatever AP says")
{
    u32 const ap = GENERATE(0u, 1u, 2u, 3u);
    u32 const domain = GENERATE(0u, 7u, 15u);
    auto const [field, access] = GENERATE(table<u32, Access>({{0, none}, {2, none}, {3, rw}}));
    bool const s = GENERATE(false, true), r = GENERATE(false, true);
    u32 const others = 0x55555555 & ~(3u << (2 * domain));
    Rights const rights = rights_of(ap, domain, {others | field << (2 * domain), s, r});
    CHECK(rights.kernel == access);
    CHECK(rights.user == access);
}

TEST_CASE("the guest kernel has its own rights only where guest user has none")
{
    auto const [kernel, user, as_kernel, as_user] = GENERATE(table<Access, Access, Access, Access>({
        {none, none, none, none},
        {ro, none, ro, none},
        {rw, none, rw, none},
        {ro, ro, ro, ro},
        {rw, ro, ro, ro},
        {rw, rw, rw, rw},
    }));
    CHECK(effective({kernel, user}, Guest_mode::kernel) == as_kernel);
    CHECK(effective({kernel, user}, Guest_mode::user) == as_user);
}

TEST_CASE("a forbidden access has the status of DDI 0100I table B4-1 with the guest's domain")
{
    // aps of the page; dacr field of domain 3
    auto const [section, aps, field, va, kernel, status] = GENERATE(table<bool, u32, u32, u32, bool, u32>({
        {true, 0xff, 0, 0, true, 0x39},
        {false, 0xff, 0, 0, true, 0x3b},
        {true, 0xff, 2, 0, false, 0x39}, // the reserved value
        {false, 0xff, 2, 0, false, 0x3b},
        {true, 0x55, 1, 0, false, 0x3d},
        {false, 0x55, 1, 0, false, 0x3f},
        {true, 0x55, 1, 0, true, 0},
        {false, 0x55, 3, 0, false, 0},        // a manager
        {false, 0xe4, 1, 0x000, true, 0x3f},  // AP0 = 00
        {false, 0xe4, 1, 0x400, false, 0x3f}, // AP1 = 01
        {false, 0xe4, 1, 0x7ff, true, 0},
        {false, 0xe4, 1, 0x800, false, 0}, // AP2 = 10
        {false, 0xe4, 1, 0xc00, false, 0}, // AP3 = 11
    }));
    Mapping const m {0, Ipa {0x40000000}, static_cast<u8>(aps), 3, section, false, 0, 0};
    CHECK(rights_fault(m, va, kernel ? Guest_mode::kernel : Guest_mode::user, {field << 6, false, false}) ==
          status);
}

TEST_CASE("only translation, domain and permission faults are the MMU's")
{
    auto const [status, mmu, permission] = GENERATE(table<u32, bool, bool>({
        {0x0, false, false},
        {0x1, false, false},
        {0x2, false, false},
        {0x3, false, false}, // vector, alignment
        {0x4, false, false},
        {0x5, true, false},
        {0x6, false, false},
        {0x7, true, false},
        {0x8, false, false},
        {0x9, true, false},
        {0xa, false, false},
        {0xb, true, false},
        {0xc, false, false},
        {0xd, true, true},
        {0xe, false, false},
        {0xf, true, true},
    }));
    u32 const domain = GENERATE(0u, 0x10u, 0xf0u);
    CHECK(fsr::is_mmu(status | domain) == mmu);
    CHECK(fsr::is_permission(status | domain) == permission);
}

TEST_CASE("a shadow entry is the word that DDI 0100I tables B4-3 and B4-5 describe")
{
    using D = Dacr_domain;
    using S = Shadow_entry;
    CHECK(S::section({0x02300}, D::user, ro, 0xc) == 0x0230005e);
    CHECK(S::section({0x02300}, D::kernel, rw, 0) == 0x02300c32);
    CHECK(S::section({0x02300}, D::kernel, none, 4) == 0x02300436);
    CHECK(S::table(0x08010400, D::kernel) == 0x08010431);
    CHECK(S::table(0x08010400, D::user) == 0x08010451);
    CHECK(S::page({0x02345}, S::page_rights(rw), 0xc) == 0x02345ffe);
    CHECK(S::page({0x02345}, S::page_rights(ro), 0) == 0x02345002);
    CHECK(S::page({0x02345}, S::subpage_rights(rw, 3) | S::subpage_rights(none, 0), 4) == 0x02345c16);
    auto const use = GENERATE(Own_use::code, Own_use::constants, Own_use::data);
    CHECK(S::private_page(0x101f1000, S::device, use) == 0x101f1552);
    CHECK(S::private_page(0x101f1000, S::cached, use) == 0x101f155e);
    CHECK(S::private_large_page(0x10110000, S::cached, use) == 0x1011055d);
    CHECK(S::private_section(0x00100000, S::uncached, use) == 0x00100416);
    CHECK(S::own_section(0x00100000, use) == (use == Own_use::constants ? 0x0010001e : 0x0010041e));
    CHECK(S::domain(0x08010451) == D::user);
    CHECK(S::is_table(0x08010451));
    CHECK_FALSE(S::is_section(0x08010451));
    CHECK(S::is_section(0x0230005e));
    CHECK(S::table_address(0x08010451) == 0x08010400);
}

TEST_CASE("what guest user may not reach is not readable in USR mode, what it may read no store reaches")
{
    // The hardware runs with S = 0, R = 1: AP 00 reads in every mode, 01 is privileged, 11 writes everywhere.
    CHECK(Shadow_entry::ap(none) == 1);
    CHECK(Shadow_entry::ap(ro) == 0);
    CHECK(Shadow_entry::ap(rw) == 3);
}

TEST_CASE("guest user runs with the kernel's domain closed, and nobody is a manager")
{
    CHECK(dacr_kernel == 0x15); // clients of domains 0, 1 and 2
    CHECK(dacr_user == 0x11);
}
