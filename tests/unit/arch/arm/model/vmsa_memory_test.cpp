// SPDX-License-Identifier: Apache-2.0
// Memory types of ARMv6 and ARMv7, with and without TEX remap, against the tables of DDI 0406C B3.8.
#include <arch/arm/model/vmsa_terms.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::vmsa;

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
