// SPDX-License-Identifier: Apache-2.0
// A guest's device tree names its disks, and what it shares, as Linux's bindings and docs/abi.md have them.
#include "part_builder.hpp"
#include <boot/guest_tree.hpp>
#include <catch2/catch.hpp>
#include <vambrace/abi.h>

using namespace vambrace;
using namespace vambrace::test;

namespace {

/// The tree of a bundle's first guest.
struct Made {
    explicit Made(std::vector<std::vector<Part_node>> const &guests, Guest_interface interface)
        : blob {fit_with(guests).make()}, buffer(guest_tree_size)
    {
        auto const bundle = read(blob);
        REQUIRE(problem_of(bundle) == "");
        Guest_machine machine {64 * mib, "console=ttyAMA0", Ipa {0}, 0, "arm,arm926ej-s", true, interface};
        machine.parts = bundle->guests[0].parts;
        auto const made = make_guest_tree(machine, buffer.data(), guest_tree_size);
        REQUIRE(problem_of(made) == "");
        buffer.resize(*made);
        REQUIRE(Device_tree::valid(buffer.data(), *made));
        tree = Device_tree {buffer.data()};
    }
    std::vector<u32> cells(char const *path, char const *name) const
    {
        Property const value = tree.property(tree.node(path), name);
        std::vector<u32> found;
        for (u32 n = 0; n + 4 <= value.size; n += 4)
            found.push_back(static_cast<u32>(read_cells(value.data + n, 1)));
        return found;
    }
    std::string raw(char const *path, char const *name) const
    {
        Property const value = tree.property(tree.node(path), name);
        return {reinterpret_cast<char const *>(value.data), value.size};
    }

    Blob blob, buffer;
    Device_tree tree {};
};

using Cells = std::vector<u32>;

/// Of a device's line, by the guest's kind of controller: a number, or a shared line that is high.
Cells line(Guest_interface interface, u32 pv, u32 shared)
{
    return interface == Guest_interface::paravirtual ? Cells {pv} : Cells {0, shared, 4};
}

} // namespace

TEST_CASE("the tree has a virtio device for each disk and for randomness, each with its page and its line")
{
    auto const interface = GENERATE(Guest_interface::paravirtual, Guest_interface::hardware);
    Made const made {{{disk("disk-1"), rng(), disk("disk-2")}}, interface};
    for (u32 n = 0; n != 3; ++n) {
        std::string const path = "/virtio_mmio@a00" + std::to_string(n) + "000";
        CHECK(made.tree.is(made.tree.node(path.c_str()), "compatible", "virtio,mmio"));
        CHECK(made.cells(path.c_str(), "reg") == Cells {0x0a000000 + n * 0x1000, 0x1000});
        CHECK(made.cells(path.c_str(), "interrupts") == line(interface, 8 + n, 16 + n));
        CHECK(made.tree.property(made.tree.node(path.c_str()), "dma-coherent").data);
    }
    CHECK(made.tree.node("/virtio_mmio@a003000") < 0);
    CHECK(made.tree.node("/shared@a100000") < 0);
}

TEST_CASE("the tree names ports, regions and channels in the order of the description")
{
    auto const interface = GENERATE(Guest_interface::paravirtual, Guest_interface::hardware);
    Made const made {{{channel("up"), region("ring", 0x3000, true), disk("disk-1"), region("table", 0x1000),
                       channel("down")},
                      {channel("down"), channel("up")}},
                     interface};
    constexpr char const *path = "/shared@a100000";
    CHECK(made.tree.is(made.tree.node(path), "compatible", "vambrace,shared-1"));
    CHECK(made.cells(path, "reg") == Cells {0x0a100000, 0x1000, 0x20000000, 0x3000, 0x21000000, 0x1000});
    CHECK(made.raw(path, "reg-names") == std::string("ports\0ring\0table\0", 17));
    CHECK(made.cells(path, "interrupts") == line(interface, 2, 8));
    CHECK(made.raw(path, "channels") == std::string("up\0down\0", 8));
    CHECK(made.tree.node("/virtio_mmio@a000000") >= 0);
}

TEST_CASE("a tree of channels alone has the ports' registers, and one of regions alone no channels")
{
    auto const interface = GENERATE(Guest_interface::paravirtual, Guest_interface::hardware);
    constexpr char const *path = "/shared@a100000";
    Made const channels {{{channel("x")}, {channel("x")}}, interface};
    CHECK(channels.cells(path, "reg") == Cells {0x0a100000, 0x1000});
    CHECK(channels.raw(path, "reg-names") == std::string("ports\0", 6));
    CHECK(channels.raw(path, "channels") == std::string("x\0", 2));
    Made const regions {{{region("x", 0x1000)}}, interface};
    CHECK(regions.cells(path, "reg") == Cells {0x0a100000, 0x1000, 0x20000000, 0x1000});
    CHECK(regions.tree.property(regions.tree.node(path), "channels").data == nullptr);
}

TEST_CASE("a guest with the most of everything and the longest names has a tree that fits")
{
    std::vector<Part_node> parts(VAMBRACE_VIRTIO_DEVICES, disk("disk-1")), other;
    auto const longest = [](std::string name) { return name + std::string(max_label - name.size(), 'x'); };
    for (unsigned n = 0; n != VAMBRACE_REGIONS; ++n)
        parts.push_back(region(longest("r" + std::to_string(n)), VAMBRACE_REGION_SPACING));
    for (unsigned n = 0; n != VAMBRACE_PORTS; ++n) {
        parts.push_back(channel(longest("c" + std::to_string(n) + "-")));
        other.push_back(parts.back());
    }
    Blob const blob = fit_with({parts, other}).make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    std::string const bootargs(max_bootargs, 'x');
    for (auto const interface : {Guest_interface::paravirtual, Guest_interface::hardware}) {
        Guest_machine machine {64 * mib, bootargs.c_str(), Ipa {0x41800000}, 0x12345, "arm,arm926ej-s",
                               true,     interface};
        machine.parts = bundle->guests[0].parts;
        Blob buffer(guest_tree_size);
        auto const made = make_guest_tree(machine, buffer.data(), guest_tree_size);
        CHECK(problem_of(made) == "");
    }
}

TEST_CASE("a buffer too small for a tree with parts is a problem at every size")
{
    Blob const blob =
        fit_with({{disk("disk-1"), region("ring", 0x1000), channel("x")}, {channel("x")}}).make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    Guest_machine machine {64 * mib, "quiet", Ipa {0}, 0, "arm,arm926ej-s", true};
    machine.parts = bundle->guests[0].parts;
    Blob whole(guest_tree_size);
    u32 const size = *make_guest_tree(machine, whole.data(), guest_tree_size);
    for (u32 less = 0; less < size; less += 8) {
        Blob buffer(less);
        REQUIRE_FALSE(make_guest_tree(machine, buffer.data(), less));
    }
}
