// SPDX-License-Identifier: Apache-2.0
// The hypervisor's own first-level table, wherever RAM begins:
// from what start.S leaves to what boot reads RAM through.
#include <arch/arm/core/own_table.hpp>
#include <arch/arm/model/vmsa.hpp>
#include <arch/armv5/mmu.hpp>
#include <catch2/catch.hpp>
#include <vector>

using namespace vambrace;
using namespace vambrace::arm;

namespace {

/// DDI 0100I table B4-3: AP = 01, domain 0, C and B; DDI 0406C B3.5.1: nG, TEX = 101, AP = 01, XN, B.
/// `first` is RAM's first megabyte, which is read only: AP = 00, and APX.
struct Armv5 {
    using Entry = armv5::Shadow_entry;
    static constexpr u32 identity = 0x412, ram = 0x41e, first = 0x01e;
};
struct Vmsa {
    using Entry = vmsa::Shadow_entry;
    static constexpr u32 identity = 0x25402, ram = 0x25416, first = 0x2d416;
};

constexpr Own_tables tables {0x00112000, 0x00112400};

/// Entry of the image in the window.
template <typename Format>
u32 image_word()
{
    return Format::Entry::table(0x00112c00, Dacr_domain::hypervisor);
}

/// What ram_map shows at an offset that exists.
template <typename Format>
u32 ram_word(u32 ram, u32 offset)
{
    return (ram + offset) | (offset ? Format::ram : Format::first);
}

class Table {
  public:
    std::vector<u32> l1 = std::vector<u32>(4096);
    std::vector<std::vector<u32>> published;

    /// \param format's words are what start.S writes
    template <typename Format>
    Table(u32 ram, Format)
    {
        l1[ram >> 20] = ram | Format::identity;
        l1[layout::image >> 20] = image_word<Format>();
        complete_own_table<typename Format::Entry>(l1.data(), tables, ram,
                                                   [this] { published.push_back(l1); });
    }
    u32 at(u32 va) const { return l1[va >> 20]; }
};

/// Low and high, inside ram_map at its beginning, in its middle and at its end, before the window, and in it.
auto some_rams()
{
    return GENERATE(0u, 0x10000000u, 0x60000000u, 0x70000000u, 0x80000000u, 0x80100000u, 0xa0000000u,
                    0xc0000000u, 0xef000000u, 0xefe00000u, 0xf0000000u, 0xff000000u, 0xff100000u, 0xff200000u,
                    0xff400000u);
}

} // namespace

TEMPLATE_TEST_CASE("own table: ram_map shows RAM from its first megabyte on, wherever that is", "", Armv5,
                   Vmsa)
{
    u32 const ram = some_rams();
    Table const t {ram, TestType {}};
    INFO("RAM at " << std::hex << ram);
    for (u32 offset = 0; offset != layout::ram_map_size; offset += mib) {
        bool const exists = ram + offset >= ram;
        REQUIRE(t.at(layout::ram_map + offset) == (exists ? ram_word<TestType>(ram, offset) : 0));
    }
}

TEMPLATE_TEST_CASE("own table: the code that makes it stays where it runs, and the window is whole", "",
                   Armv5, Vmsa)
{
    u32 const ram = some_rams();
    Table const t {ram, TestType {}};
    INFO("RAM at " << std::hex << ram);
    REQUIRE(t.published.size() == (ram == layout::image ? 0 : 1));
    for (auto const &l1 : t.published)
        CHECK(l1[layout::image >> 20] == image_word<TestType>());
    CHECK(t.at(layout::image) == image_word<TestType>());
    CHECK(TestType::Entry::table_address(t.at(layout::devices)) == tables.devices);
    CHECK(TestType::Entry::table_address(t.at(layout::alias)) == tables.alias);
    for (u32 at = 0; at != layout::pool_size; at += mib) // each guest has its own there
        CHECK(t.at(layout::pool + at) == 0);
}

TEMPLATE_TEST_CASE("own table: nothing is left at the address where start.S ran, and nothing was for a time",
                   "", Armv5, Vmsa)
{
    u32 const ram = GENERATE(0x10000000u, 0x60000000u, 0x80000000u, 0xa0000000u, 0xef000000u, 0xf0000000u);
    Table const t {ram, TestType {}};
    INFO("RAM at " << std::hex << ram);
    REQUIRE(t.published.size() == 1);
    CHECK(t.published[0][ram >> 20] == 0);
    bool const in_map = ram - layout::ram_map < layout::ram_map_size;
    u32 const there = in_map ? ram + (ram - layout::ram_map) : 0;
    CHECK(t.at(ram) == (in_map && there >= ram ? ram_word<TestType>(ram, there - ram) : 0));
}

TEMPLATE_TEST_CASE("own table: behind the end of RAM there is nothing", "", Armv5, Vmsa)
{
    auto const [ram, size] = GENERATE(table<u32, u32>({
        {0x60000000, 128 * mib},
        {0x80000000, 512 * mib},
        {0x80000000, layout::ram_map_size},
        {0xc0000000, 1024 * mib - page_size},
    }));
    Table t {ram, TestType {}};
    trim_ram_map(t.l1.data(), size);
    for (u32 offset = 0; offset != layout::ram_map_size; offset += mib)
        REQUIRE(t.at(layout::ram_map + offset) == (offset < size ? ram_word<TestType>(ram, offset) : 0));
    CHECK(t.at(layout::image) == image_word<TestType>());
}

TEST_CASE("own table: an address of the image's megabyte is in the part that ends behind it")
{
    static constexpr u32 at = layout::image;
    constexpr Image_part parts[] {{at + 0x10000, 0}, {at + 0x20000, 1}, {at + 0x25000, 2}, {at + 0x26000, 3},
                                  {at + 0x27000, 4}, {at + 0x28000, 0}, {at + 0x30000, 5}, {at + mib, 6}};
    using enum Own_place;
    auto const [va, place] = GENERATE(table<u32, Own_place>({
        {0, elsewhere},
        {at - 1, elsewhere},
        {at, unused},
        {at + 0xffff, unused},
        {at + 0x10000, code},
        {at + 0x20000, code},
        {at + 0x24fff, code},
        {at + 0x25000, constants},
        {at + 0x25fff, constants},
        {at + 0x26000, data}, // with a value from the start
        {at + 0x26fff, data},
        {at + 0x27000, stack_guard},
        {at + 0x27fff, stack_guard},
        {at + 0x28000, data},
        {at + 0x30000, data},
        {at + mib - 1, data},
        {at + mib, elsewhere},
        {0xffffffff, elsewhere},
    }));
    INFO(std::hex << va);
    CHECK(own_place(parts, va) == place);
}
