// SPDX-License-Identifier: Apache-2.0
// Long descriptors against words put together by hand from DDI 0406C B3.6.
#include <arch/arm/model/lpae.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::lpae;

namespace {

constexpr Memory_type normal = Memory_type::normal, device = Memory_type::device,
                      uncached = Memory_type::non_cacheable;
constexpr u64 xn = 1ull << 54;

} // namespace

TEST_CASE("HYP mode's own pages are executed or written, never both, and what is constant is neither")
{
    // AF 0x400, SH 0x300 inner or 0x200 outer, AP[2:1] 0xc0 or 0x40, AttrIndx 4:2
    auto const [use, memory, attributes] = GENERATE(table<Own_use, Memory_type, u64>({
        {Own_use::code, normal, 0x00000000000007c0},
        {Own_use::constants, normal, 0x00400000000007c0},
        {Own_use::data, normal, 0x0040000000000740},
        {Own_use::data, device, 0x0040000000000644},
        {Own_use::data, uncached, 0x0040000000000648},
        {Own_use::constants, uncached, 0x00400000000006c8},
    }));
    CHECK(Own_entry::page({0x40123}, memory, use) == (0x40123000 | attributes | 3));
    CHECK(Own_entry::block_2m({0x40200}, memory, use) == (0x40200000 | attributes | 1));
    CHECK(Own_entry::block_1g({0x40000}, memory, use) == (0x40000000 | attributes | 1));
}

TEST_CASE("a guest's RAM is a write-back block of stage 2")
{
    CHECK(Stage2_entry::block_2m({0x40000}, normal, Access::write, Execution::allowed) == 0x400007fd);
}

TEST_CASE("an entry of stage 2 carries rights, memory type and execution")
{
    auto const [access, memory, execution, attributes] = GENERATE(table<Access, Memory_type, Execution, u64>({
        {Access::write, normal, Execution::allowed, 0x7fc},
        {Access::write, normal, Execution::never, 0x7fc | xn},
        {Access::read, normal, Execution::allowed, 0x77c},
        {Access::none, normal, Execution::never, 0x73c | xn},
        {Access::write, device, Execution::never, 0x6c4 | xn}, // the GICV page
        {Access::read, device, Execution::never, 0x644 | xn},
        {Access::write, uncached, Execution::allowed, 0x6d4},
    }));
    u64 const page = Stage2_entry::page({0x08006}, memory, access, execution);
    u64 const block = Stage2_entry::block_2m({0x48200}, memory, access, execution);
    CHECK(page == (0x08006000 | attributes | 3));
    CHECK(block == (0x48200000 | attributes | 1));
    CHECK(Stage2_entry::access(page) == access);
    CHECK(Stage2_entry::access(block) == access);
}

TEST_CASE("the access flag is set in every block and page, so that no access flag fault comes")
{
    auto const memory = GENERATE(normal, device, uncached);
    auto const use = GENERATE(Own_use::code, Own_use::constants, Own_use::data);
    auto const access = GENERATE(Access::none, Access::read, Access::write);
    auto const execution = GENERATE(Execution::allowed, Execution::never);
    for (u64 const word :
         {Own_entry::page({0}, memory, use), Own_entry::block_2m({0}, memory, use),
          Own_entry::block_1g({0}, memory, use), Stage2_entry::page({0}, memory, access, execution),
          Stage2_entry::block_2m({0}, memory, access, execution)}) {
        CHECK((word & 1 << 10) != 0);
        CHECK((word >> 55) == 0);                // bits 58:55 are software's, the table's rights above them
        CHECK((word >> 52 & 3) == 0);            // the contiguous hint, PXN
        CHECK((word & 0x000ffffffff00800) == 0); // nG, and no address
    }
}

TEST_CASE("a table's entry is its address and nothing else")
{
    CHECK(Own_entry::table({0x40123}) == 0x40123003);
    CHECK(Stage2_entry::table({0x88000}) == 0x88000003);
}

TEST_CASE("addresses have 40 bits")
{
    CHECK(Own_entry::table({0x0fffffff}) == 0x000000fffffff003);
    CHECK(Own_entry::block_1g({0x0ffc0000}, normal, Own_use::data) == 0x004000ffc0000741);
    CHECK(Stage2_entry::block_2m({0x08000200}, normal, Access::write, Execution::allowed) ==
          0x00000080002007fd);
    CHECK(frame_of(0x004000fffffff7ff) == Frame {0x0fffffff});
    CHECK(frame_of(0xfff00080002007fd) == Frame {0x08000200});
}

TEST_CASE("what an entry is depends on its level")
{
    auto const [word, level, kind] = GENERATE(table<u64, Level, Entry_kind>({
        {0x40000001, Level::first, Entry_kind::block},
        {0x40000003, Level::first, Entry_kind::table},
        {0x40000001, Level::second, Entry_kind::block},
        {0x40000003, Level::second, Entry_kind::table},
        {0x40000003, Level::third, Entry_kind::page},
        {0x40000001, Level::third, Entry_kind::invalid}, // reserved
        {0x40000000, Level::first, Entry_kind::invalid},
        {0xfffffffffffffffe, Level::second, Entry_kind::invalid},
        {0xfffffffffffffffe, Level::third, Entry_kind::invalid},
    }));
    CHECK(kind_of(word, level) == kind);
}

TEST_CASE("an address is taken apart into the indexes of the three levels")
{
    auto const [address, l1, l2, l3] = GENERATE(table<u32, unsigned, unsigned, unsigned>({
        {0x00000000, 0, 0, 0},
        {0x00000fff, 0, 0, 0},
        {0x001ff000, 0, 0, 511},
        {0x00200000, 0, 1, 0},
        {0x40000000, 1, 0, 0},
        {0x7fe00000, 1, 511, 0},
        {0x8edcb123, 2, 118, 459},
        {0xffffffff, 3, 511, 511},
    }));
    CHECK(l1_index(address) == l1);
    CHECK(l2_index(address) == l2);
    CHECK(l3_index(address) == l3);
}

TEST_CASE("the registers of the walk have the values that the manual's fields give")
{
    CHECK(hmair0 == 0x004404ff);
    CHECK(htcr::value == 0x80803500); // SH0 inner, ORGN0 and IRGN0 write-back with allocation, T0SZ 0
    CHECK(vtcr::value == 0x80003540); // and SL0 = 1
    CHECK(ttbcr::eae == 0x80000000);
    CHECK(httbr(0x8765432fe0) == 0x8765432fe0);
    CHECK(vttbr(0x8765432fe0, 0) == 0x8765432fe0);
    CHECK(vttbr(0x40000020, 255) == 0x00ff000040000020);
}
