// SPDX-License-Identifier: Apache-2.0
// Disks, regions and channels that fit to each other are taken; of others it is said why they do not.
#include "part_builder.hpp"
#include <catch2/catch.hpp>
#include <random>

using namespace vambrace;
using namespace vambrace::test;

namespace {

std::string problem(std::vector<std::vector<Part_node>> const &guests)
{
    return problem_of(fit_with(guests));
}

} // namespace

TEST_CASE("parts: guests have disks, regions and channels in the order of their description")
{
    Fit const fit = fit_with(
        {{disk("disk-2"), region("ring", 0x3000, true), channel("a-b"), disk("disk-1", true), channel("a-c")},
         {region("ring", 0x3000), channel("a-b"), disk("disk-2")},
         {channel("a-c")}});
    Blob const blob = fit.make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    Part_list const &parts = bundle->guests[0].parts;
    CHECK(parts.disks().count() == 2);
    CHECK(parts.regions().count() == 1);
    CHECK(parts.channels().count() == 2);
    CHECK(parts.disks().index_of("image", "disk-1") == 1);
    CHECK(parts.disks().index_of("image", "disk-3") == 2); // it has none
    CHECK(parts.disks().find("image", "disk-3") < 0);
    CHECK(parts.channels().index_of("label", "a-c") == 1);
    CHECK(parts.tree.is(parts.regions().find("label", "ring"), "label", "ring"));
    CHECK(bundle->guests[0].parts.share_something());
    CHECK(bundle->guests[2].parts.share_something());
    CHECK(bundle->guests[2].parts.disks().count() == 0);
}

TEST_CASE("parts: a guest without a description has none")
{
    Part_list const none {};
    CHECK(none.disks().count() + none.regions().count() + none.channels().count() == 0);
    CHECK_FALSE(none.share_something());
    CHECK(none.disks().find("image", "x") < 0);
}

TEST_CASE("parts: a disk has an image of the bundle, a file system's, of a sector or more")
{
    CHECK(problem({{disk("disk-1")}}) == "");
    CHECK(problem({{disk("")}}) == "a disk has no image: part-1");
    CHECK(problem({{disk("disk-9")}}) == "the boot bundle lacks an image that a guest names: disk-9");
    CHECK(problem({{disk("kernel-1")}}) == "an image is of another type than its use: kernel-1");
    Fit fit = fit_with({{disk("disk-1")}});
    SECTION("too small")
    {
        fit.images[2] = image_node("disk-1", "filesystem", std::string(511, 'x'));
        CHECK(problem_of(fit) == "a disk is smaller than a sector: disk-1");
    }
    SECTION("with another hash")
    {
        fit.images[2].spoil_hash = true;
        CHECK(problem_of(fit) == "an image does not have the hash it should have: disk-1");
    }
    SECTION("without a hash")
    {
        fit.images[2].hashes = {};
        CHECK(problem_of(fit) == "an image has no hash: disk-1");
    }
    SECTION("that does not say what it is: it could be somebody's kernel")
    {
        fit.images[2].texts.erase("type");
        CHECK(problem_of(fit) == "an image is on a disk and does not say that it may be: disk-1");
    }
}

TEST_CASE("parts: an image that is written is on one disk, and one that is read on any number")
{
    std::string const twice = "an image is on two disks, and one of them can be written: disk-1";
    CHECK(problem({{disk("disk-1"), disk("disk-1")}, {disk("disk-1")}}) == "");
    CHECK(problem({{disk("disk-1", true)}, {disk("disk-2", true)}}) == "");
    CHECK(problem({{disk("disk-1", true), disk("disk-1")}}) == twice);
    CHECK(problem({{disk("disk-1"), disk("disk-1", true)}}) == twice);
    CHECK(problem({{disk("disk-1", true)}, {disk("disk-1")}}) == twice);
    CHECK(problem({{disk("disk-1")}, {}, {disk("disk-1"), disk("disk-2"), disk("disk-1", true)}}) == twice);
    CHECK(problem({{disk("disk-1", true)}, {disk("disk-1", true)}}) == twice);
}

TEST_CASE("parts: a broken image is found on the second disk that has it, too")
{
    Fit fit = fit_with({{disk("disk-1")}, {disk("disk-1"), disk("disk-2")}});
    fit.images[3].spoil_hash = true;
    CHECK(problem_of(fit) == "an image does not have the hash it should have: disk-2");
}

TEST_CASE("parts: a region has a name, and pages that are the same for all")
{
    std::string const impossible = "a region that guests share has an impossible size: ring";
    for (u32 size : {0x1000u, 0x5000u, 0x1000000u})
        CHECK(problem({{region("ring", size)}}) == "");
    for (u32 size : {0u, 1u, 0xfffu, 0x1001u, 0x1001000u, 0x2000000u, 0xfffff000u})
        CHECK(problem({{region("ring", size)}}) == impossible);
    CHECK(problem({{{.kind = "region", .label = "ring"}}}) == impossible);
    CHECK(problem({{{.kind = "region", .label = "ring", .size = {0, 0x1000}}}}) ==
          "a number in the boot bundle is not one 32-bit cell: size");
    CHECK(problem({{region("", 0x1000)}}) == "a region or a channel has no label: part-1");
    CHECK(problem({{region("a ring", 0x1000)}}) == "a label cannot be printed: part-1");
    CHECK(problem({{region(std::string(max_label + 1, 'x'), 0x1000)}}) ==
          "a text in the boot bundle is too long: label");
    CHECK(problem({{region("ring", 0x1000)}, {region("ring", 0x1000, true)}}) == "");
    CHECK(problem({{region("ring", 0x1000)}, {region("other", 0x1000), region("ring", 0x2000)}}) ==
          "guests say different sizes of a region that they share: ring");
    CHECK(problem({{region("ring", 0x1000), region("ring", 0x1000)}}) == "a guest has a region twice: ring");
}

TEST_CASE("parts: a channel has two ends, of two guests")
{
    CHECK(problem({{channel("x")}, {channel("x")}}) == "");
    CHECK(problem({{channel("x"), channel("y")}, {channel("y")}, {channel("x")}}) == "");
    std::string const ends = "a channel does not have two ends: x";
    CHECK(problem({{channel("x")}}) == ends);
    CHECK(problem({{channel("x")}, {}}) == ends);
    CHECK(problem({{channel("x")}, {channel("x")}, {channel("x")}}) == ends);
    CHECK(problem({{channel("x")}, {channel("y")}}) == ends);
    CHECK(problem({{channel("x"), channel("x")}}) == "a guest has both ends of a channel: x");
    CHECK(problem({{channel("")}}) == "a region or a channel has no label: part-1");
    CHECK(problem({{channel("x]")}}) == "a label cannot be printed: part-1");
    CHECK(problem({{region("x", 0x1000), channel("x")}, {channel("x")}}) == ""); // names of their own
}

TEST_CASE("parts: a guest has as many as there is room for, and no more")
{
    auto const many = [](unsigned count, auto const &part) {
        std::vector<Part_node> parts;
        for (unsigned n = 0; n != count; ++n)
            parts.push_back(part("x" + std::to_string(n)));
        return parts;
    };
    auto const a_disk = [](std::string const &) { return disk("disk-1"); };
    auto const a_region = [](std::string const &name) { return region(name, 0x1000); };
    auto const too_many = [](unsigned n) {
        return "a guest has too many disks, regions or channels: part-" + std::to_string(n);
    };
    CHECK(problem({many(8, a_disk)}) == "");
    CHECK(problem({many(9, a_disk)}) == too_many(9));
    std::vector<Part_node> with_rng = many(7, a_disk);
    with_rng.push_back(rng());
    CHECK(problem({with_rng}) == "");
    with_rng.push_back(disk("disk-1"));
    CHECK(problem({with_rng}) == too_many(8));
    CHECK(problem({many(8, a_region)}) == "");
    CHECK(problem({many(9, a_region)}) == too_many(9));
    CHECK(problem({many(32, channel), many(32, channel)}) == "");
    CHECK(problem({many(33, channel), many(33, channel)}) == too_many(33));
}

TEST_CASE("parts: no damage to a bundle does harm, and what gets through can be")
{
    Fit const fit = fit_with({{disk("disk-1", true), region("ring", 0x3000), channel("x")},
                              {disk("disk-2"), region("ring", 0x3000, true), channel("x"), disk("disk-2")}});
    Blob const whole = fit.make();
    std::mt19937 random {1136};
    for (int round = 0; round < 10000; ++round) {
        Blob bad = whole;
        for (unsigned flips = 1 + random() % 4; flips; --flips)
            bad[random() % bad.size()] ^= static_cast<u8>(1u << random() % 8);
        auto const bundle = read(bad);
        REQUIRE((bundle || *bundle.problem().cause));
        for (unsigned n = 0; bundle && n < bundle->count; ++n) {
            Part_list const &parts = bundle->guests[n].parts;
            REQUIRE(parts.disks().count() <= 8);
            for (int const node : parts.disks())
                REQUIRE(parts.tree.string(node, "image"));
            for (int const node : parts.regions())
                REQUIRE(parts.tree.cells(node, "size", 0) % page_size == 0);
            for (int const node : parts.channels())
                REQUIRE(parts.tree.string(node, "label"));
        }
    }
}
