// SPDX-License-Identifier: Apache-2.0
// What is taken from the board's device tree, and what is said if it is not there.
#include "bundle_builder.hpp"
#include <boot/host_tree.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::test;

namespace {

void plain_memory(Tree_builder &tree)
{
    tree.begin("memory").text("device_type", "memory").cells("reg", {0, 0x08000000}).end();
}

void plain_uart(Tree_builder &tree)
{
    tree.begin("amba").begin("uart@101f1000");
    tree.raw("compatible", bytes_of(std::string("arm,pl011\0arm,primecell\0", 24))).end().end();
}

void plain_chosen(Tree_builder &tree)
{
    tree.begin("chosen").cells("linux,initrd-start", {0x02000000}).cells("linux,initrd-end", {0x02400000});
    tree.text("bootargs", "loud").end();
}

struct Board {
    u32 address_cells = 1;
    u32 size_cells = 1;
    Edit memory = plain_memory;
    Edit uart = plain_uart;
    Edit chosen = plain_chosen;

    Blob make() const
    {
        Tree_builder tree;
        tree.cells("#address-cells", {address_cells}).cells("#size-cells", {size_cells});
        for (Edit const &edit : {memory, uart, chosen}) {
            if (edit) {
                edit(tree);
            }
        }
        return tree.finish();
    }
};

Boot_result<Host_tree> read_host(Blob const &blob)
{
    return read_host_tree(blob.data(), static_cast<u32>(blob.size()), "arm,pl011");
}

std::string problem_of_board(Board const &board) { return problem_of(read_host(board.make())); }

} // namespace

TEST_CASE("RAM, bundle and command line come from the device tree")
{
    Blob const blob = Board {}.make();
    auto const host = read_host(blob);
    REQUIRE(problem_of(host) == "");
    CHECK(host->ram_base == 0);
    CHECK(host->ram_size == 0x08000000);
    CHECK(host->bundle_base == 0x02000000);
    CHECK(host->bundle_size == 0x00400000);
    CHECK(std::string {host->bootargs} == "loud");
}

TEST_CASE("addresses of two cells are understood in memory and in chosen")
{
    Board board;
    board.address_cells = board.size_cells = 2;
    board.memory = [](Tree_builder &tree) {
        tree.begin("memory@60000000").text("device_type", "memory");
        tree.cells("reg", {0, 0x60000000, 0, 0x10000000}).end();
    };
    board.chosen = [](Tree_builder &tree) {
        tree.begin("chosen").cells("linux,initrd-start", {0, 0x62000000});
        tree.cells("linux,initrd-end", {0, 0x62100000}).end();
    };
    Blob const blob = board.make();
    auto const host = read_host(blob);
    REQUIRE(problem_of(host) == "");
    CHECK(host->ram_base == 0x60000000);
    CHECK(host->ram_size == 0x10000000);
    CHECK(host->bundle_size == 0x00100000);
    CHECK(std::string {host->bootargs} == "");
}

TEST_CASE("memory is the first bank that has a size, in whole pages below 4 GB")
{
    Board board;
    auto const bank = [&board](std::vector<u32> reg) {
        board.memory = [reg](Tree_builder &tree) {
            tree.begin("memory").text("device_type", "memory").cells("reg", reg).end();
        };
        Blob const blob = board.make();
        auto const host = read_host(blob);
        return host ? std::pair {host->ram_base, host->ram_size} : std::pair {u32 {0}, u32 {0}};
    };
    CHECK(bank({0x70000000, 0, 0, 0x08000000}) == std::pair {u32 {0}, u32 {0x08000000}});
    CHECK(bank({0x00000800, 0x08000000}) == std::pair {u32 {0x1000}, u32 {0x07fff000}});
    CHECK(bank({0x01000000, 0xffffffff}) == std::pair {u32 {0x01000000}, u32 {0xff000000}});
}

TEST_CASE("a device tree without memory says so")
{
    Board board;
    std::string const expected = "the device tree names no memory: /memory";
    SECTION("no node") { board.memory = {}; }
    SECTION("no reg")
    {
        board.memory = [](Tree_builder &tree) { tree.begin("memory").text("device_type", "memory").end(); };
    }
    SECTION("half an entry")
    {
        board.memory = [](Tree_builder &tree) { tree.begin("memory").cells("reg", {0}).end(); };
    }
    SECTION("no size")
    {
        board.memory = [](Tree_builder &tree) { tree.begin("memory").cells("reg", {0, 0}).end(); };
    }
    SECTION("less than a page")
    {
        board.memory = [](Tree_builder &tree) { tree.begin("memory").cells("reg", {0x100, 0xf00}).end(); };
    }
    SECTION("cells of an impossible number") { board.address_cells = 0x40000000; }
    CHECK(problem_of_board(board) == expected);
}

TEST_CASE("memory above 4 GB is none")
{
    Board board;
    board.address_cells = board.size_cells = 2;
    board.memory = [](Tree_builder &tree) { tree.begin("memory").cells("reg", {1, 0, 0, 0x08000000}).end(); };
    CHECK(problem_of_board(board) == "the device tree names no memory: /memory");
}

TEST_CASE("a device tree without an enabled UART says so")
{
    Board board;
    std::string const expected = "the device tree has no console UART that is enabled: arm,pl011";
    board.uart = {};
    CHECK(problem_of_board(board) == expected);
    board.uart = [](Tree_builder &tree) {
        tree.begin("uart").text("compatible", "arm,pl011").text("status", "disabled").end();
    };
    CHECK(problem_of_board(board) == expected);
    board.uart = [](Tree_builder &tree) {
        tree.begin("uart@1").text("compatible", "arm,pl011").text("status", "disabled").end();
        tree.begin("uart@2").text("compatible", "arm,pl011").text("status", "okay").end();
    };
    CHECK(problem_of_board(board) == "");
}

TEST_CASE("no boot bundle is said to be missing, wherever its mention breaks off")
{
    auto const with = [](std::vector<u32> start, std::vector<u32> end) {
        Board board;
        board.chosen = [start, end](Tree_builder &tree) {
            tree.begin("chosen").cells("linux,initrd-start", start).cells("linux,initrd-end", end).end();
        };
        return problem_of_board(board);
    };
    std::string const missing = "no boot bundle: /chosen names no initrd";
    Board board;
    board.chosen = {};
    CHECK(problem_of_board(board) == missing);
    CHECK(with({}, {}) == missing);
    CHECK(with({0x100000}, {}) == missing);
    CHECK(with({0x100000}, {0x100000}) == missing);
    CHECK(with({0x200000}, {0x100000}) == missing);
    CHECK(with({1, 2, 3}, {4, 5, 6}) == missing);
}

TEST_CASE("a bundle outside of memory is refused")
{
    auto const with = [](std::vector<u32> start, std::vector<u32> end) {
        Board board;
        board.chosen = [start, end](Tree_builder &tree) {
            tree.begin("chosen").cells("linux,initrd-start", start).cells("linux,initrd-end", end).end();
        };
        return problem_of_board(board);
    };
    std::string const outside =
        "the boot bundle is outside the first memory bank: /chosen linux,initrd-start";
    CHECK(with({0x07fff000}, {0x08000001}) == outside);
    CHECK(with({0x07fff000}, {0x08000000}) == "");
    CHECK(with({0, 0x1000}, {1, 0x2000}) == outside);
}

TEST_CASE("bootargs that ask for the mode that there is, or for none, are met")
{
    for (char const *bootargs : {"", "quiet", "novambrace.mode=pv", "vambrace.modes=pv"}) {
        CHECK(problem_of(check_mode(bootargs, Guest_interface::paravirtual)) == "");
        CHECK(problem_of(check_mode(bootargs, Guest_interface::hardware)) == "");
    }
    for (char const *bootargs : {"vambrace.mode=pv", "quiet vambrace.mode=pv loud"}) {
        CHECK(problem_of(check_mode(bootargs, Guest_interface::paravirtual)) == "");
    }
    CHECK(problem_of(check_mode("quiet vambrace.mode=hyp", Guest_interface::hardware)) == "");
}

TEST_CASE("bootargs that ask for another mode, or for one that is none, are refused")
{
    CHECK(problem_of(check_mode("vambrace.mode=pv", Guest_interface::hardware)) ==
          "the hypervisor is in HYP mode, and its bootargs ask for another: vambrace.mode=pv");
    CHECK(problem_of(check_mode("a vambrace.mode=hyp", Guest_interface::paravirtual)) ==
          "the hypervisor is not in HYP mode, as its bootargs ask for: vambrace.mode=hyp");
    CHECK(problem_of(check_mode("vambrace.mode=pv vambrace.mode=hyp", Guest_interface::paravirtual)) ==
          "the hypervisor is not in HYP mode, as its bootargs ask for: vambrace.mode=hyp");
    for (char const *bootargs :
         {"vambrace.mode=", "vambrace.mode=p", "vambrace.mode=pvh", "vambrace.mode= pv"}) {
        CHECK(problem_of(check_mode(bootargs, Guest_interface::paravirtual))
                  .starts_with("the device tree's bootargs ask"));
        CHECK(problem_of(check_mode(bootargs, Guest_interface::hardware))
                  .starts_with("the device tree's bootargs ask"));
    }
}

TEST_CASE("what is no device tree, or a broken one, is refused")
{
    Blob const whole = Board {}.make();
    CHECK(problem_of(read_host(Blob(64))) == "no usable device tree: r2 names none");
    for (std::size_t size = 4; size < whole.size(); ++size) {
        REQUIRE(problem_of(read_host(exactly(whole, size))) ==
                "no usable device tree: it is cut off or broken");
    }
}
