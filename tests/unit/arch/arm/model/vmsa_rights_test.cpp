// SPDX-License-Identifier: Apache-2.0
// What AP, the access flag and domains permit, a fault's status, and the shadow's own entries: DDI 0406C.
#include <arch/arm/model/vmsa_terms.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::vmsa;

namespace {

/// Where the hardware looks for a small page's rights: APX 9, AP 5:4 (table B3-8, SCTLR.AFE = 0).
Rights hardware_rights(u32 word, bool section)
{
    u32 const ap = section ? bit(word, 15) << 2 | bits(word, 11, 10) : bit(word, 9) << 2 | bits(word, 5, 4);
    constexpr Rights table[] = {{none, none}, {rw, none}, {rw, ro}, {rw, rw},
                                {none, none}, {ro, none}, {ro, ro}, {ro, ro}};
    return table[ap];
}

} // namespace

TEST_CASE("with AFE an entry whose flag is clear faults as DDI 0406C B3.7.2 says, and AP[2:1] are the rights")
{
    Rights_context const context {.dacr = 0x55555555, .afe = true};
    auto const [ap, fault, kernel, user] = GENERATE(table<u32, bool, Access, Access>({
        {0, true, none, none},
        {1, false, rw, none},
        {2, true, none, none},
        {3, false, rw, rw},
        {4, true, none, none},
        {5, false, ro, none},
        {6, true, none, none},
        {7, false, ro, ro},
    }));
    Mapping const page = page_mapping(0x4012300e | (ap & 3) << 4 | (ap >> 2) << 9, {0x400048a1}, 0, context);
    Mapping const section = section_mapping({0x4030004e | (ap & 3) << 10 | (ap >> 2) << 15}, 0, context);
    CHECK(page.fault == (fault ? 0x56u : 0));
    CHECK(section.fault == (fault ? 0x23u : 0));
    if (!fault) {
        CHECK(rights_of(page.ap, page.domain, context).kernel == kernel);
        CHECK(rights_of(page.ap, page.domain, context).user == user);
        CHECK(rights_of(section.ap, section.domain, context).user == user);
    }
}

TEST_CASE(
    "rights follow APX and AP in a client domain as DDI 0406C table B3-8 says, and S and R before ARMv7")
{
    auto const [ap, s, r, kernel, user] = GENERATE(table<u32, bool, bool, Access, Access>({
        {0, false, false, none, none},
        {0, true, false, ro, none},
        {0, false, true, ro, ro},
        {0, true, true, none, none}, // UNPREDICTABLE: nothing
        {1, false, false, rw, none},
        {1, true, false, rw, none},
        {1, false, true, rw, none},
        {2, false, false, rw, ro},
        {2, false, true, rw, ro},
        {3, false, false, rw, rw},
        {4, false, false, none, none},
        {4, false, true, none, none}, // reserved
        {5, false, false, ro, none},
        {5, false, true, ro, none},
        {6, false, false, ro, ro},
        {7, false, false, ro, ro},
    }));
    u32 const domain = GENERATE(0u, 1u, 15u);
    Rights const rights = rights_of(ap, domain, {.dacr = 1u << (2 * domain), .s = s, .r = r});
    CHECK(rights.kernel == kernel);
    CHECK(rights.user == user);
}

TEST_CASE("a manager may do everything, execute included; a closed domain nothing")
{
    u32 const ap = GENERATE(0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u);
    auto const [field, access] = GENERATE(table<u32, Access>({{0, none}, {2, none}, {3, rw}}));
    Rights_context const context {.dacr = (0x55555555 & ~(3u << 10)) | field << 10};
    Rights const rights = rights_of(ap, 5, context);
    CHECK(rights.kernel == access);
    CHECK(rights.user == access);
    bool const executes = field == 3;
    CHECK((page_mapping(0x4012303f, {0x400048a1}, 0, context).memory & 1) == !executes);
    CHECK((page_mapping(0x4012803d, {0x400048a1}, 0, context).memory & 1) == !executes);
    CHECK((section_mapping({0x40300cbe}, 0, context).memory & 1) == !executes);
}

TEST_CASE("a forbidden access has the status of DDI 0406C table B3-23 with the guest's domain")
{
    auto const [section, ap, field, kernel, status] = GENERATE(table<bool, u32, u32, bool, u32>({
        {true, 3, 0, true, 0x39},
        {false, 3, 0, true, 0x3b},
        {true, 3, 2, false, 0x39}, // the reserved value
        {true, 1, 1, false, 0x3d},
        {false, 1, 1, false, 0x3f},
        {false, 1, 1, true, 0},
        {false, 5, 1, false, 0x3f},
        {false, 5, 1, true, 0},
        {false, 0, 1, true, 0x3f},
        {false, 0, 3, false, 0}, // a manager
    }));
    Mapping const m {0, Ipa {0x40000000}, static_cast<u8>(ap), 3, section, false, 0, 0};
    CHECK(rights_fault(m, 0, kernel ? Guest_mode::kernel : Guest_mode::user, {.dacr = field << 6}) == status);
}

TEST_CASE("fault status is classified by all five of its bits")
{
    auto const [status, mmu, permission] = GENERATE(table<u32, bool, bool>({
        {0x000, false, false}, {0x001, false, false}, {0x002, false, false}, {0x003, false, false},
        {0x004, false, false}, {0x005, true, false},  {0x006, false, false}, {0x007, true, false},
        {0x008, false, false}, {0x009, true, false},  {0x00a, false, false}, {0x00b, true, false},
        {0x00c, false, false}, {0x00d, true, true},   {0x00e, false, false}, {0x00f, true, true},
        {0x406, false, false}, // asynchronous external abort
        {0x408, false, false}, // asynchronous parity
        {0x409, false, false}, // synchronous parity
        {0x40c, false, false}, // parity on a walk
        {0x40e, false, false},
    }));
    u32 const others = GENERATE(0u, 0xf0u, 0x800u, 0x1000u, 0x1890u); // domain, WnR, ExT
    CHECK(fsr::is_mmu(status | others) == mmu);
    CHECK(fsr::is_permission(status | others) == permission);
    CHECK(fsr::access_bits(status | others) == (others & 0x800));
    CHECK(fsr::forwarded(status | others) == status);
    CHECK(fsr::instruction(status | others) == status);
}

TEST_CASE("of the hypervisor's own pages code alone is executed, and data alone written")
{
    using S = Shadow_entry;
    using enum Own_use;
    // AP 01; of small page, large page and section APX in bit 9, 9, 15, XN in bit 0, 15, 4, TEX in bits 8:6,
    // 14:12, 14:12 (DDI 0406C figures B3-4, B3-5)
    CHECK(S::private_page(0x60001000, S::cached, code) == 0x60001356);
    CHECK(S::private_page(0x60001000, S::cached, constants) == 0x60001357);
    CHECK(S::private_page(0x60001000, S::cached, data) == 0x60001157);
    CHECK(S::private_page(0x1c001000, S::device, data) == 0x1c001017);
    CHECK(S::private_large_page(0x60010000, S::cached, code) == 0x60015215);
    CHECK(S::private_large_page(0x60010000, S::cached, constants) == 0x6001d215);
    CHECK(S::private_large_page(0x60010000, S::cached, data) == 0x6001d015);
    CHECK(S::private_section(0x60000000, S::uncached, data) == 0x60005412);
    CHECK(S::private_section(0x60000000, S::uncached, code) == 0x6000d402);
    CHECK(S::own_section(0x60000000, constants) == 0x6002d416); // nG
    CHECK(S::own_section(0x60000000, data) == 0x60025416);
}

TEST_CASE("the hypervisor's own pages are read by a guest's rights as what they are for")
{
    using S = Shadow_entry;
    auto const [use, kernel] = GENERATE(table<Own_use, Access>(
        {{Own_use::code, Access::read}, {Own_use::constants, Access::read}, {Own_use::data, Access::write}}));
    L1_entry const table {S::table(0x60000000, Dacr_domain::hypervisor)};
    for (u32 const word :
         {S::private_page(0x60010000, S::cached, use), S::private_large_page(0x60010000, S::cached, use)}) {
        Mapping const m = page_mapping(word, table, 0xff110000, {.dacr = 1});
        CHECK(m.fault == 0);
        CHECK(m.page.value == 0x60010000);
        CHECK((m.memory & 1) == (use != Own_use::code));
        Rights const r = rights_of(m.ap, m.domain, {.dacr = 1});
        CHECK(r.kernel == kernel);
        CHECK(r.user == Access::none);
    }
}

TEST_CASE("a shadow entry is the word that DDI 0406C figures B3-4 and B3-5 describe")
{
    using D = Dacr_domain;
    using S = Shadow_entry;
    CHECK(S::cached == 0x144);   // TEX 101, B: outer and inner write-back, allocates
    CHECK(S::uncached == 0x140); // TEX 101: outer the same, inner not cached
    CHECK(S::device == 0x005);   // B: device; XN
    CHECK(S::section({0x02300}, D::user, ro, 0x04c) == 0x0232984e); // nG, APX, AP 10, TEX 001
    CHECK(S::section({0x02300}, D::kernel, rw, 0x04c) == 0x02321c2e);
    CHECK(S::section({0x02300}, D::kernel, none, 0x041) == 0x02321432); // AP 01, XN
    CHECK(S::table(0x08010400, D::kernel) == 0x08010421);
    CHECK(S::table(0x08010400, D::user) == 0x08010441);
    CHECK(S::page({0x02345}, S::page_rights(rw), 0x04c) == 0x0234587e);
    CHECK(S::page({0x02345}, S::page_rights(ro), 0x04c) == 0x02345a6e);
    CHECK(S::page({0x02345}, S::page_rights(none), 0x005) == 0x02345817);
    CHECK(S::window_page({0x02345}, ro, S::uncached) == 0x02345362); // global
    CHECK(S::domain(0x0232982e) == D::kernel);
    CHECK(S::is_table(0x08010441));
    CHECK(S::is_section(0x0232984e));
    CHECK(S::table_address(0x08010441) == 0x08010400);
}

TEST_CASE("what a shadow entry lets USR mode do is what was asked for, and no privileged store passes a "
          "read-only one")
{
    auto const access = GENERATE(none, ro, rw);
    u32 const page = Shadow_entry::page({0x02345}, Shadow_entry::page_rights(access), Shadow_entry::cached);
    u32 const section = Shadow_entry::section({0x02300}, Dacr_domain::user, access, Shadow_entry::cached);
    CHECK(hardware_rights(page, false).user == access);
    CHECK(hardware_rights(section, true).user == access);
    if (access == ro)
        CHECK(hardware_rights(page, false).kernel == ro);
    if (access == ro)
        CHECK(hardware_rights(section, true).kernel == ro);
}
