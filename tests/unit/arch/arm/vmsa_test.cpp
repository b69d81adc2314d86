// SPDX-License-Identifier: Apache-2.0
// The short descriptors of ARMv6 and ARMv7 against words put together by hand from DDI 0406C B3.5 and B3.8,
// and
// those of ARMv6 with SCTLR.XP = 0 from DDI 0100I B4.7.
#include <arch/arm/vmsa.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::vmsa;

namespace {

constexpr Access none = Access::none, ro = Access::read, rw = Access::write;
constexpr Rights_context all_clients {.dacr = 0x55555555};
constexpr Rights_context subpaged {.dacr = 0x55555555, .xp = false};

/// Memory attributes as a small page's word has them: TEX 8:6, C 3, B 2, XN 0.
constexpr u32 attributes(u32 tex, u32 c, u32 b, u32 xn) { return tex << 6 | c << 3 | b << 2 | xn; }
/// Normal memory, outer write-back with allocation (TEX = 101), by its inner policy (CB, table B3-11).
constexpr u32 nc = attributes(5, 0, 0, 0), wbwa = attributes(5, 0, 1, 0), wt = attributes(5, 1, 0, 0),
              wb = attributes(5, 1, 1, 0), xn = 1;

/// Where the hardware looks for a small page's rights: APX 9, AP 5:4 (table B3-8, SCTLR.AFE = 0).
Rights hardware_rights(u32 word, bool section)
{
    u32 const ap = section ? bit(word, 15) << 2 | bits(word, 11, 10) : bit(word, 9) << 2 | bits(word, 5, 4);
    constexpr Rights table[] = {{none, none}, {rw, none}, {rw, ro}, {rw, rw},
                                {none, none}, {ro, none}, {ro, ro}, {ro, ro}};
    return table[ap];
}

} // namespace

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

TEST_CASE("each of the 32 encodings keeps its inner policy, and is outer write-back memory with allocation")
{
    // DDI 0406C table B3-10, from TEX = 000, CB = 00 on: what the guest has said, and its inner policy.
    constexpr u32 inner[32] = {
        nc, nc,   wt, wb,   // strongly-ordered; device; write-through; write-back
        nc, nc,   nc, wbwa, // not cached; reserved; implementation defined; write-back, allocates
        nc, nc,   nc, nc,   // a device that is not shared; reserved
        nc, nc,   nc, nc,   // reserved
        nc, wbwa, wt, wb,   // outer not cached; CB is the inner policy (table B3-11)
        nc, wbwa, wt, wb,   // outer write-back, allocates
        nc, wbwa, wt, wb,   // outer write-through
        nc, wbwa, wt, wb,   // outer write-back
    };
    u32 const n = GENERATE(range(0u, 32u));
    u32 const tex = n >> 2, c_b = n & 3;
    u32 const small = 0x40123032 | c_b << 2 | tex << 6, large = 0x40120031 | c_b << 2 | tex << 12;
    u32 const section = 0x40300c02 | c_b << 2 | tex << 12;
    for (u32 const shared : {0u, 1u}) {
        CHECK(page_mapping(small | shared << 10, {0x40004801}, 0, all_clients).memory == inner[n]);
        CHECK(page_mapping(large | shared << 10, {0x40004801}, 0, all_clients).memory == inner[n]);
        CHECK(section_mapping({section | shared << 16}, 0, all_clients).memory == inner[n]);
    }
    CHECK(page_mapping(small | 1, {0x40004801}, 0, all_clients).memory == (inner[n] | xn));
    // SCTLR.XP = 0: the extended small page, and the large page
    CHECK(page_mapping(small | 3, {0x40004801}, 0, subpaged).memory == inner[n]);
    CHECK(page_mapping(large, {0x40004801}, 0, subpaged).memory == inner[n]);
    CHECK(section_mapping({section}, 0, subpaged).memory == inner[n]);
}

TEST_CASE("with TEX remap an entry has the inner policy that PRRR and NMRR give it, DDI 0406C B3.8.3")
{
    // Linux's: strongly-ordered, not cached, write-through,
    // write-back, device, -, -, write-back with allocation.
    Rights_context const context {.dacr = 0x55555555, .tre = true, .prrr = 0x000a81a8, .nmrr = 0x40e040e0};
    constexpr u32 inner[8] = {nc, nc, wt, wb, nc, nc, nc, wbwa};
    u32 const n = GENERATE(range(0u, 8u));
    u32 const ignored = GENERATE(range(0u, 4u)); // TEX[2:1] are the guest's own
    u32 const small = 0x40123032 | (n & 3) << 2 | (n >> 2) << 6 | ignored << 7;
    u32 const large = 0x40120031 | (n & 3) << 2 | (n >> 2) << 12 | ignored << 13;
    u32 const section = 0x40300c02 | (n & 3) << 2 | (n >> 2) << 12 | ignored << 13;
    CHECK(page_mapping(small, {0x40004801}, 0, context).memory == inner[n]);
    CHECK(page_mapping(large, {0x40004801}, 0, context).memory == inner[n]);
    CHECK(section_mapping({section}, 0, context).memory == inner[n]);
}

TEST_CASE("with TEX remap neither the outer policy nor the other seven types count")
{
    constexpr u32 policies[4] = {nc, wbwa, wt, wb};
    u32 const n = GENERATE(range(0u, 8u));
    u32 const type = GENERATE(range(0u, 4u)); // PRRR.TRn: strongly-ordered, device, normal, reserved
    u32 const ir = GENERATE(range(0u, 4u)), outer = GENERATE(range(0u, 4u)); // NMRR.IRn, NMRR.ORn
    u32 const others = GENERATE(0u, ~0u);
    u32 const types = (others & ~(3u << (2 * n))) | type << (2 * n);
    u32 const nmrr =
        (others & ~(3u << (2 * n)) & ~(3u << (16 + 2 * n))) | ir << (2 * n) | outer << (16 + 2 * n);
    Rights_context const context {.dacr = 1, .tre = true, .prrr = types, .nmrr = nmrr};
    u32 const small = 0x40123032 | (n & 3) << 2 | (n >> 2) << 6;
    CHECK(page_mapping(small, {0x40004801}, 0, context).memory == (type == 2 ? policies[ir] : nc));
}

TEST_CASE("with the MMU off a guest's memory is in none of the core's caches, and in the outer one")
{
    CHECK(identity_mapping(0x40123456).memory == nc);
}

TEST_CASE("walks are outer write-back with allocation, inner not cached: TTBR0 of DDI 0406C B4.1.154")
{
    u32 const value = table_register(0x6010c000);
    CHECK(value == 0x6010c008);
    CHECK(bits(value, 4, 3) == 1);                    // RGN: outer write-back, allocates
    CHECK((bit(value, 0) << 1 | bit(value, 6)) == 0); // IRGN[1:0], with the Multiprocessing Extensions
    CHECK_FALSE(bit(value, 0));                       // C, without
    CHECK_FALSE(bit(value, 1));                       // S
    CHECK_FALSE(bit(value, 5));                       // NOS
}

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
    CHECK(rights_fault(m, 0, kernel, {.dacr = field << 6}) == status);
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
    CHECK(S::private_page(0x1c001000, S::device) == 0x1c001017);
    CHECK(S::private_page(0x60001000, S::cached) == 0x60001156);
    CHECK(S::private_section(0x60000000, S::uncached) == 0x60005402); // start.S: SECTION_PRIVATE
    CHECK(S::private_section(0x60000000, S::cached) == 0x60005406);   // SECTION_CACHED
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
