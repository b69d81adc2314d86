// SPDX-License-Identifier: Apache-2.0
// The guest's device tree is the machine of docs/abi.md section 1.
#include "bundle_builder.hpp"
#include <boot/device_tree.hpp>
#include <boot/guest_tree.hpp>
#include <catch2/catch.hpp>
#include <vambrace/abi.h>

using namespace vambrace;
using namespace vambrace::test;

namespace {

Guest_machine const machine {64 * mib, "console=ttyAMA0", Ipa {0x41800000}, 0x12345, "arm,arm926ej-s", true};

Blob make(Guest_machine const &of, u32 size = guest_tree_size)
{
    Blob buffer(size);
    auto const made = make_guest_tree(of, buffer.data(), size);
    REQUIRE(problem_of(made) == "");
    return exactly(buffer, *made);
}

u32 cell(Device_tree tree, char const *path, char const *name, u32 index = 0)
{
    Property const value = tree.property(tree.node(path), name);
    REQUIRE(value.size >= 4 * (index + 1));
    return static_cast<u32>(read_cells(value.data + 4 * index, 1));
}

std::string raw(Device_tree tree, char const *path, char const *name)
{
    Property const value = tree.property(tree.node(path), name);
    return {reinterpret_cast<char const *>(value.data), value.size};
}

} // namespace

TEST_CASE("the guest's tree is well formed and names memory, command line and ramdisk")
{
    Blob const blob = make(machine);
    REQUIRE(Device_tree::valid(blob.data(), static_cast<u32>(blob.size())));
    Device_tree const tree {blob.data()};
    CHECK(tree.is(0, "compatible", "vambrace,guest"));
    CHECK(tree.is(0, "model", "Vambrace guest"));
    CHECK(cell(tree, "/memory@40000000", "reg", 0) == VAMBRACE_RAM_IPA);
    CHECK(cell(tree, "/memory@40000000", "reg", 1) == 64 * mib);
    CHECK(tree.is(tree.node("/memory@40000000"), "device_type", "memory"));
    CHECK(tree.is(tree.node("/chosen"), "bootargs", "console=ttyAMA0"));
    CHECK(cell(tree, "/chosen", "linux,initrd-start") == 0x41800000);
    CHECK(cell(tree, "/chosen", "linux,initrd-end") == 0x41812345);
    CHECK(tree.is(tree.node("/cpus/cpu@0"), "compatible", "arm,arm926ej-s"));
}

TEST_CASE("a tree with room is as large as its buffer, and libfdt can add to it where it stands")
{
    Guest_machine roomy = machine;
    roomy.room = true;
    Blob blob = make(roomy);
    REQUIRE(blob.size() == guest_tree_size);
    REQUIRE(Device_tree::valid(blob.data(), static_cast<u32>(blob.size())));
    std::string const longer(512, 'x');
    CHECK(fdt_setprop_string(blob.data(), fdt_path_offset(blob.data(), "/chosen"), "bootargs",
                             longer.c_str()) == 0);
    Device_tree const tree {blob.data()};
    CHECK(tree.is(tree.node("/chosen"), "bootargs", longer.c_str()));
    CHECK(make(machine).size() < guest_tree_size);
}

TEST_CASE("without a ramdisk the guest's tree names none")
{
    Guest_machine bare = machine;
    bare.ramdisk_size = 0;
    Blob const blob = make(bare);
    Device_tree const tree {blob.data()};
    CHECK(tree.property(tree.node("/chosen"), "linux,initrd-start").data == nullptr);
}

TEST_CASE("interrupts and clocks lead to nodes that exist")
{
    Blob const blob = make(machine);
    Device_tree const tree {blob.data()};
    CHECK(cell(tree, "/", "interrupt-parent") == cell(tree, "/interrupt-controller", "phandle"));
    CHECK(cell(tree, "/interrupt-controller", "#interrupt-cells") == 1);
    CHECK(cell(tree, "/timer", "interrupts") == VAMBRACE_IRQ_TIMER);
    CHECK(cell(tree, "/serial@9000000", "interrupts") == VAMBRACE_IRQ_PL011);
    CHECK(cell(tree, "/serial@9000000", "clocks", 0) == cell(tree, "/apb-pclk", "phandle"));
    CHECK(cell(tree, "/serial@9000000", "clocks", 1) == cell(tree, "/apb-pclk", "phandle"));
    CHECK(cell(tree, "/rtc@9010000", "reg", 0) == VAMBRACE_PL031_IPA);
    CHECK(cell(tree, "/rtc@9010000", "interrupts") == VAMBRACE_IRQ_PL031);
    CHECK(cell(tree, "/rtc@9010000", "clocks") == cell(tree, "/apb-pclk", "phandle"));
    CHECK(cell(tree, "/apb-pclk", "clock-frequency") == 24000000);
    CHECK(cell(tree, "/apb-pclk", "phandle") != cell(tree, "/interrupt-controller", "phandle"));
}

TEST_CASE("where the board has no clock the guest's tree names none, and keeps the UART's bus clock")
{
    Guest_machine timeless = machine;
    timeless.clock = false;
    Blob const blob = make(timeless);
    Device_tree const tree {blob.data()};
    CHECK(tree.node("/rtc@9010000") < 0);
    CHECK(tree.node("/apb-pclk") >= 0);
}

TEST_CASE("lists of strings have every string and its end")
{
    Blob const blob = make(machine);
    Device_tree const tree {blob.data()};
    CHECK(raw(tree, "/psci", "compatible") == std::string("arm,psci-1.0\0arm,psci-0.2\0", 26));
    CHECK(raw(tree, "/serial@9000000", "compatible") == std::string("arm,pl011\0arm,primecell\0", 24));
    CHECK(raw(tree, "/serial@9000000", "clock-names") == std::string("uartclk\0apb_pclk\0", 17));
    CHECK(raw(tree, "/rtc@9010000", "compatible") == std::string("arm,pl031\0arm,primecell\0", 24));
    CHECK(raw(tree, "/rtc@9010000", "clock-names") == std::string("apb_pclk\0", 9));
    CHECK(raw(tree, "/psci", "method") == std::string("hvc\0", 4));
    CHECK(raw(tree, "/hypervisor", "compatible") == std::string("vambrace,vambrace-1\0", 20));
    CHECK(raw(tree, "/aliases", "serial0") == std::string("/serial@9000000\0", 16));
}

TEST_CASE("the longest command line fits in the buffer that callers use")
{
    std::string const longest(max_bootargs, 'x');
    Guest_machine wordy = machine;
    wordy.bootargs = longest.c_str();
    CHECK(make(wordy).size() <= guest_tree_size);
}

TEST_CASE("a buffer too small for the tree is a problem at every size")
{
    std::size_t const whole = make(machine).size();
    for (u32 size = 0; size < whole; size += 8) {
        Blob buffer(size);
        REQUIRE_FALSE(make_guest_tree(machine, buffer.data(), size));
    }
}

namespace {

Guest_machine with_hardware()
{
    Guest_machine all = machine;
    all.interface = Guest_interface::hardware;
    return all;
}

} // namespace

TEST_CASE("a guest with hardware interfaces finds a GICv2 and the generic timer, and nothing paravirtual")
{
    Blob const blob = make(with_hardware());
    Device_tree const tree {blob.data()};
    CHECK(tree.is(tree.node("/intc@8000000"), "compatible", "arm,cortex-a15-gic"));
    CHECK(cell(tree, "/intc@8000000", "#interrupt-cells") == 3);
    CHECK(cell(tree, "/intc@8000000", "reg", 0) == VAMBRACE_GICD_IPA);
    CHECK(cell(tree, "/intc@8000000", "reg", 2) == VAMBRACE_GICC_IPA);
    CHECK(cell(tree, "/", "interrupt-parent") == cell(tree, "/intc@8000000", "phandle"));
    CHECK(tree.is(tree.node("/timer"), "compatible", "arm,armv7-timer"));
    CHECK(tree.is(tree.node("/psci"), "method", "hvc"));
    CHECK(tree.node("/interrupt-controller") < 0);
}

TEST_CASE("with hardware interfaces the virtual timer is PPI 11, the devices' lines are SPI 1 and 2")
{
    Blob const blob = make(with_hardware());
    Device_tree const tree {blob.data()};
    constexpr u32 own = 1, shared = 0, high = 4;
    CHECK(cell(tree, "/timer", "interrupts", 6) == own); // the third of four
    CHECK(cell(tree, "/timer", "interrupts", 7) == 11);
    CHECK((cell(tree, "/timer", "interrupts", 8) & 0xf) == high);
    for (auto const &[node, line] : {std::pair {"/serial@9000000", 1u}, std::pair {"/rtc@9010000", 2u}}) {
        CHECK(cell(tree, node, "interrupts", 0) == shared);
        CHECK(cell(tree, node, "interrupts", 1) == line);
        CHECK(cell(tree, node, "interrupts", 2) == high);
    }
}
