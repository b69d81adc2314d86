// SPDX-License-Identifier: Apache-2.0
// A device tree that was checked answers safely; one that is broken anywhere does not pass the check.
#include "tree_builder.hpp"
#include <boot/device_tree.hpp>
#include <catch2/catch.hpp>
#include <random>

using namespace vambrace;
using namespace vambrace::test;

namespace {

Blob sample()
{
    Tree_builder tree;
    tree.text("model", "sample").cells("#address-cells", {1});
    tree.begin("a").text("compatible", "x,y").cells("n", {1, 2}).begin("b").text("s", "deep").end().end();
    tree.begin("c").raw("unended", {'x', 'y'}).text("status", "disabled").end();
    return tree.finish();
}

bool valid(Blob const &blob) { return Device_tree::valid(blob.data(), static_cast<u32>(blob.size())); }

void put_word(Blob &blob, std::size_t at, u32 value)
{
    for (int i = 0; i < 4; ++i) {
        blob[at + i] = static_cast<u8>(value >> (24 - 8 * i));
    }
}

/// Asks everything there is to ask.
void visit(Device_tree tree, int node)
{
    for (char const *name : {"s", "n", "compatible", "status", "unended", "reg"}) {
        if (char const *const text = tree.string(node, name)) {
            CHECK(std::string {text}.size() < tree.property(node, name).size);
        }
    }
    tree.enabled(node);
    for (int child = tree.first_child(node); child >= 0; child = tree.next_sibling(child)) {
        CHECK(std::string {tree.name(child)}.size() < 100000);
        visit(tree, child);
    }
}

} // namespace

TEST_CASE("a whole tree passes the check and answers")
{
    Blob const blob = sample();
    REQUIRE(valid(blob));
    Device_tree const tree {blob.data()};
    CHECK(tree.is(tree.node("/a/b"), "s", "deep"));
    CHECK(tree.compatible("x,y") == tree.child(Device_tree::root, "a"));
    CHECK(tree.with_property("s", "deep") == tree.node("/a/b"));
    CHECK(read_cells(tree.property(tree.node("/a"), "n").data, 2) == 0x0000000100000002);
    CHECK(tree.cells(Device_tree::root, "#address-cells", 7) == 1);
    CHECK(tree.cells(Device_tree::root, "#size-cells", 7) == 7);
    CHECK(tree.enabled(tree.node("/a")));
    CHECK_FALSE(tree.enabled(tree.node("/c")));
}

TEST_CASE("a string without an end is no string")
{
    Blob const blob = sample();
    Device_tree const tree {blob.data()};
    CHECK(tree.string(tree.node("/c"), "unended") == nullptr);
    CHECK(tree.property(tree.node("/c"), "unended").size == 2);
}

TEST_CASE("a node that does not exist has nothing")
{
    Blob const blob = sample();
    Device_tree const tree {blob.data()};
    int const none = tree.node("/nowhere");
    REQUIRE(none < 0);
    CHECK(tree.property(none, "s").data == nullptr);
    CHECK(tree.string(none, "s") == nullptr);
    CHECK(tree.child(none, "s") < 0);
    CHECK(tree.first_child(none) < 0);
}

TEST_CASE("a tree that is cut off anywhere fails the check")
{
    Blob const blob = sample();
    for (std::size_t size = 0; size < blob.size(); ++size) {
        REQUIRE_FALSE(valid(exactly(blob, size)));
    }
}

TEST_CASE("a tree that claims to be shorter than it is never gets read past its claim")
{
    Blob const blob = sample();
    for (std::size_t size = 0; size < blob.size(); ++size) {
        Blob cut = exactly(blob, std::max<std::size_t>(size, 8));
        put_word(cut, 4, static_cast<u32>(size));
        REQUIRE_FALSE(valid(cut));
    }
}

TEST_CASE("blocks that are not aligned fail the check")
{
    Blob blob = sample();
    put_word(blob, 8, fdt_off_dt_struct(blob.data()) + 2);
    CHECK_FALSE(valid(blob));
    blob = sample();
    put_word(blob, 16, fdt_off_mem_rsvmap(blob.data()) + 4);
    CHECK_FALSE(valid(blob));
}

TEST_CASE("nodes deeper than any real tree's fail the check")
{
    auto const nested = [](int levels) {
        Tree_builder tree;
        for (int i = 0; i < levels; ++i) {
            tree.begin("n");
        }
        for (int i = 0; i < levels; ++i) {
            tree.end();
        }
        return tree.finish();
    };
    CHECK(valid(nested(31)));
    CHECK_FALSE(valid(nested(32)));
}

TEST_CASE("a second root, an unclosed node and a property outside of nodes fail the check")
{
    Blob const blob = sample();
    u32 const structure = fdt_off_dt_struct(blob.data());
    u32 const end = structure + fdt_size_dt_struct(blob.data()) - 4;
    SECTION("an END_NODE too many")
    {
        Blob bad = blob;
        put_word(bad, structure, FDT_END_NODE);
        CHECK_FALSE(valid(bad));
    }
    SECTION("the root's END_NODE is missing")
    {
        Blob bad = blob;
        put_word(bad, end - 4, FDT_NOP);
        CHECK_FALSE(valid(bad));
    }
    SECTION("no END")
    {
        Blob bad = blob;
        put_word(bad, end, FDT_NOP);
        CHECK_FALSE(valid(bad));
    }
    SECTION("an unknown tag")
    {
        Blob bad = blob;
        put_word(bad, end, 0x77);
        CHECK_FALSE(valid(bad));
    }
}

TEST_CASE("whatever random damage passes the check can be read without harm")
{
    Blob const blob = sample();
    std::mt19937 random {2024};
    unsigned passed = 0;
    for (int round = 0; round < 20000; ++round) {
        Blob bad = blob;
        for (unsigned flips = 1 + random() % 6; flips; --flips) {
            bad[random() % bad.size()] ^= static_cast<u8>(1u << random() % 8);
        }
        if (valid(bad)) {
            ++passed;
            visit(Device_tree {bad.data()}, Device_tree::root);
        }
    }
    CHECK(passed > 100);
}
