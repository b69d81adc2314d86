// SPDX-License-Identifier: Apache-2.0
// What HYP mode's own tables show, and that nothing in them can be both written and executed.
#include <arch/armv7ve/hyp_own_table.hpp>
#include <catch2/catch.hpp>
#include <memory>

using namespace vambrace;
using namespace vambrace::armv7ve;

namespace {

constexpr u64 read_only = 1 << 7, execute_never = 1ull << 54;
constexpr Frame ram {0x80000};

/// Parts as start.S lists them; what they are for is own_place()'s to say.
constexpr arm::Image_part parts[] {
    {layout::image + 0x10000, 0}, {layout::image + 0x20000, 1},  {layout::image + 0x25000, 1},
    {layout::image + 0x29000, 1}, {layout::image + 0x2a000, 1},  {layout::image + 0x2b000, 0},
    {layout::image + 0x30000, 1}, {layout::image + 0x100000, 1},
};

u64 image_entry(Hyp_tables const &tables, u32 offset)
{
    return tables.image[lpae::l3_index(layout::image + offset)];
}

} // namespace

TEST_CASE("HYP mode's tables: code is read-only, constants and data are not executed, nothing else is there")
{
    auto const tables = std::make_unique<Hyp_tables>();
    map_image(*tables, parts, ram);
    CHECK(image_entry(*tables, 0) == 0);
    CHECK(image_entry(*tables, 0x10000) == (0x80010000 | 0x7c3)); // page, AF, SH inner, AP read-only
    CHECK(image_entry(*tables, 0x24000) == (0x80024000 | 0x7c3));
    CHECK(image_entry(*tables, 0x25000) == (0x80025000 | 0x7c3 | execute_never));
    CHECK(image_entry(*tables, 0x29000) == (0x80029000 | 0x743 | execute_never));
    CHECK(image_entry(*tables, 0x2a000) == 0); // the stack's guard page
    CHECK(image_entry(*tables, 0x2b000) == (0x8002b000 | 0x743 | execute_never));
    CHECK(image_entry(*tables, 0xff000) == (0x800ff000 | 0x743 | execute_never));
}

TEST_CASE("HYP mode's tables: all of RAM is data, but its first block, which is never written through them")
{
    auto const tables = std::make_unique<Hyp_tables>();
    map_ram(*tables, ram);
    CHECK(tables->ram[0] == (0x80000000 | 0x7c1 | execute_never));
    CHECK(tables->ram[1] == (0x80200000 | 0x741 | execute_never));
    CHECK(tables->ram[511] == (0xbfe00000 | 0x741 | execute_never));
    CHECK(tables->high[0] == (0xc0000000 | 0x741 | execute_never));
    CHECK(tables->high[lpae::l2_index(layout::ram_map + layout::ram_map_size - 1)] != 0);
    CHECK(tables->high[lpae::l2_index(layout::ram_map + layout::ram_map_size)] == 0);
}

TEST_CASE("HYP mode's tables: behind the end of RAM nothing is mapped")
{
    auto const tables = std::make_unique<Hyp_tables>();
    map_ram(*tables, ram);
    trim_ram(*tables, 256 * mib + mib); // its last block is not whole
    CHECK(tables->ram[127] != 0);
    CHECK(tables->ram[128] != 0);
    CHECK(tables->ram[129] == 0);
    CHECK(tables->high[0] == 0);
}

TEST_CASE("HYP mode's tables: devices are data, strongly typed, behind the image's two megabytes")
{
    auto const tables = std::make_unique<Hyp_tables>();
    constexpr u32 pages[] {0x2c001000, 0x1c090000};
    map_devices(*tables, {0x80040}, pages, 2);
    CHECK(tables->devices[0] == (0x2c001000 | 0x647 | execute_never)); // AttrIndx 1, SH outer
    CHECK(tables->devices[1] == (0x1c090000 | 0x647 | execute_never));
    CHECK(tables->devices[2] == 0);
    CHECK(tables->high[lpae::l2_index(layout::devices)] == (0x80040000 | 3));
    (void)read_only;
}
