// SPDX-License-Identifier: Apache-2.0
// What a guest maps by one entry a TLB holds as one: a flush of any part of it leaves nothing of the rest.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow.hpp>
#include <support/guest_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 ram = VAMBRACE_RAM_IPA;
constexpr u32 base_a = ram + 0x4000, base_b = ram + 0x8000, table_1 = ram + 0x10000, table_2 = ram + 0x10400;
constexpr u32 old_frames = ram + 0x200000, new_frames = ram + 0x300000;
constexpr u32 user_va = 0x00100000, kernel_va = 0xd0000000;

enum class Flush : u8 { resync, one_page, drop_page, all_tables };

/// As TLB_FLUSH or a CP15 operation does it, of one page of base_a.
void flush(Shadow_bench &b, Flush how, u32 va)
{
    switch (how) {
    case Flush::resync: CHECK(b.shadow.resync(base_a, Va {va}, page_size) == 0); break;
    case Flush::one_page: b.shadow.resync_page(base_a, Va {va}); break;
    case Flush::drop_page: b.shadow.drop_page(base_a, Va {va}); break;
    case Flush::all_tables: b.shadow.drop(Va {va}, page_size); break;
    }
}

/// Nothing of the 16 pages leads to the frames of before; whatever is there leads where the guest says.
void check_pages(Shadow_bench &b, u32 va, u32 frames, u32 count, Guest_mode mode)
{
    for (u32 n = va >> 12 & 255 ? 0 : 1; n != count; ++n) { // page 0 is not the guest's
        u32 const page = va + n * page_size;
        u32 const reached = b.reached(page, false, mode);
        CHECK((reached == 0 || reached == b.ram.physical(frames) + n * page_size));
        CHECK(b.loads(page, mode));
        CHECK(b.reached(page, false, mode) == b.ram.physical(frames) + n * page_size);
    }
    CHECK(hardware.stale().empty());
}

} // namespace

TEST_CASE("a flush of one page of a large page is a flush of all of it")
{
    auto const how = GENERATE(Flush::resync, Flush::one_page, Flush::drop_page, Flush::all_tables);
    Guest_mode const mode = GENERATE(Guest_mode::user, Guest_mode::kernel);
    bool const asleep = GENERATE(false, true);
    int const asids = GENERATE(range(least_asids, 2));
    u32 const part = GENERATE(0u, 7u, 15u);
    bool const absent = GENERATE(false, true); // the page that is flushed was never touched
    With_asids const with {asids != 0};
    Shadow_bench b;
    u32 const va = (mode == Guest_mode::kernel ? kernel_va : user_va) + 0x30000,
              ap = mode == Guest_mode::kernel ? 1 : 3;
    b.activate(base_a);
    b.ram.set_l1(base_a, va, G::table(table_1));
    b.ram.set_large(table_1, va, G::large_page(old_frames, ap));
    for (u32 n = 0; n != 16; ++n)
        if (n != part || !absent)
            CHECK(b.loads(va + n * page_size, mode));
    if (asleep)
        b.activate(base_b);
    SECTION("that is another one now") { b.ram.set_large(table_1, va, G::large_page(new_frames, ap)); }
    SECTION("that is sixteen small ones now")
    {
        for (u32 n = 0; n != 16; ++n)
            b.ram.set_l2(table_1, va + n * page_size, G::page(new_frames + n * page_size, ap));
    }
    flush(b, how, va + part * page_size);
    b.activate(base_a);
    check_pages(b, va, new_frames, 16, mode);
}

TEST_CASE("a flush of small pages beside a large page leaves both as they are")
{
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, user_va, G::table(table_1));
    b.ram.set_large(table_1, user_va, G::large_page(old_frames, 3));
    b.ram.set_l2(table_1, user_va + 0x10000, G::page(new_frames, 3));
    CHECK(b.loads(user_va + 0x5000, Guest_mode::user));
    CHECK(b.loads(user_va + 0x10000, Guest_mode::user));
    b.shadow.resync_page(base_a, Va {user_va + 0x10000});
    CHECK(b.reached(user_va + 0x5000, false, Guest_mode::user) == b.ram.physical(old_frames + 0x5000));
    CHECK(b.reached(user_va + 0x10000, false, Guest_mode::user) == b.ram.physical(new_frames));
    CHECK(b.shadow.resynced() == 0);
}

TEST_CASE("a flush of one page of a section that is filled page by page is a flush of all of it")
{
    auto const how = GENERATE(Flush::resync, Flush::one_page, Flush::drop_page, Flush::all_tables);
    u32 const part = GENERATE(0u, 1u, 255u); // page 0 too, though it is not the guest's
    bool const asleep = GENERATE(false, true), to_table = GENERATE(false, true);
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, 0, G::section(old_frames, 3)); // beside the vectors
    for (u32 n = 1; n != 256; ++n)
        CHECK(b.loads(n * page_size, Guest_mode::user));
    if (asleep)
        b.activate(base_b);
    b.ram.set_l1(base_a, 0, to_table ? G::table(table_2) : G::section(new_frames, 3));
    for (u32 n = 0; n != 256 && to_table; ++n)
        b.ram.set_l2(table_2, n * page_size, G::page(new_frames + n * page_size, 3));
    flush(b, how, part * page_size);
    b.activate(base_a);
    check_pages(b, 0, new_frames, 256, Guest_mode::user);
    CHECK(has_its_vectors());
}

TEST_CASE("a large page beside the vectors goes whole, and the vectors stay")
{
    auto const how = GENERATE(Flush::resync, Flush::one_page, Flush::drop_page, Flush::all_tables);
    u32 const part = GENERATE(0u, 3u);
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, 0, G::table(table_1));
    b.ram.set_large(table_1, 0, G::large_page(old_frames, 3));
    for (u32 n = 1; n != 16; ++n)
        CHECK(b.loads(n * page_size, Guest_mode::user));
    b.ram.set_large(table_1, 0, G::large_page(new_frames, 3));
    flush(b, how, part * page_size);
    check_pages(b, 0, new_frames, 16, Guest_mode::user);
    CHECK(has_its_vectors());
}
