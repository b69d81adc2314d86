// SPDX-License-Identifier: Apache-2.0
// What a guest's device tree says.
#include <boot/guest_parts.hpp>
#include <boot/guest_tree.hpp>
#include <boot/tree_writer.hpp>
#include <vambrace/abi.h>

namespace vambrace {

namespace {

constexpr u32 irq_phandle = 1;
constexpr u32 clock_phandle = 2;
constexpr u32 bus_clock_hz = 24'000'000;

void write_chosen(Tree_writer &tree, Guest_machine const &machine)
{
    tree.begin("chosen");
    tree.text("bootargs", machine.bootargs);
    tree.text("stdout-path", "serial0:115200n8");
    if (machine.ramdisk_size) {
        tree.cell("linux,initrd-start", machine.ramdisk.value);
        tree.cell("linux,initrd-end", machine.ramdisk.value + machine.ramdisk_size);
    }
    tree.end();
    tree.begin("aliases");
    tree.text("serial0", "/serial@9000000");
    tree.end();
}

void write_memory_and_cpu(Tree_writer &tree, Guest_machine const &machine)
{
    tree.begin("memory@40000000");
    tree.text("device_type", "memory");
    tree.cells("reg", VAMBRACE_RAM_IPA, machine.memory);
    tree.end();
    tree.begin("cpus");
    tree.cell("#address-cells", 1);
    tree.cell("#size-cells", 0);
    tree.begin("cpu@0");
    tree.text("device_type", "cpu");
    tree.text("compatible", machine.cpu);
    tree.cell("reg", 0);
    tree.end();
    tree.end();
}

void write_hypervisor(Tree_writer &tree)
{
    tree.begin("hypervisor");
    tree.text("compatible", "vambrace,vambrace-1");
    tree.end();
    tree.begin("psci");
    tree.texts("compatible", "arm,psci-1.0\0arm,psci-0.2");
    tree.text("method", "hvc");
    tree.end();
}

/// Interrupts and timer by hypercalls.
void write_paravirtual(Tree_writer &tree)
{
    tree.begin("interrupt-controller");
    tree.text("compatible", "vambrace,pv-irq");
    tree.flag("interrupt-controller");
    tree.cell("#interrupt-cells", 1);
    tree.cell("phandle", irq_phandle);
    tree.end();
    tree.begin("timer");
    tree.text("compatible", "vambrace,pv-timer");
    tree.cell("interrupts", VAMBRACE_IRQ_TIMER);
    tree.end();
}

/// A GICv2 and the generic timer. Interrupts have three cells: shared (0) or the processor's own (1), the
/// number among those, and how they are signalled, with the processors of an own one.
void write_hardware(Tree_writer &tree)
{
    constexpr u32 own = 1, level_high = 4, first_processor = 0x100;
    constexpr u32 how = level_high | first_processor;
    tree.begin("intc@8000000");
    tree.texts("compatible", "arm,cortex-a15-gic");
    tree.flag("interrupt-controller");
    tree.cell("#interrupt-cells", 3);
    tree.cell("#address-cells", 0);
    tree.cells("reg", VAMBRACE_GICD_IPA, VAMBRACE_GIC_SIZE, VAMBRACE_GICC_IPA, VAMBRACE_GIC_SIZE);
    tree.cell("phandle", irq_phandle);
    tree.end();
    tree.begin("timer");
    tree.text("compatible", "arm,armv7-timer");
    tree.flag("always-on");
    // the Secure physical one, which is not there; the physical, the virtual, and HYP mode's one
    tree.cells("interrupts", own, u32 {13}, how, own, u32 {14}, how, own, u32 {11}, how, own, u32 {10}, how);
    tree.end();
}

/// A device's line, as its controller names it.
void write_interrupt(Tree_writer &tree, Guest_interface interface, unsigned pv_line, unsigned shared_line)
{
    if (interface == Guest_interface::paravirtual)
        tree.cell("interrupts", pv_line);
    else
        tree.cells("interrupts", u32 {0}, u32 {shared_line}, u32 {4});
}

/// Of the UART and of every PrimeCell's bus interface.
void write_bus_clock(Tree_writer &tree)
{
    tree.begin("apb-pclk");
    tree.text("compatible", "fixed-clock");
    tree.cell("#clock-cells", 0);
    tree.cell("clock-frequency", bus_clock_hz);
    tree.text("clock-output-names", "apb-pclk");
    tree.cell("phandle", clock_phandle);
    tree.end();
}

void write_uart(Tree_writer &tree, Guest_interface interface)
{
    tree.begin("serial@9000000");
    tree.texts("compatible", "arm,pl011\0arm,primecell");
    tree.cells("reg", VAMBRACE_PL011_IPA, page_size);
    write_interrupt(tree, interface, VAMBRACE_IRQ_PL011, VAMBRACE_SPI_PL011);
    tree.cells("clocks", clock_phandle, clock_phandle);
    tree.texts("clock-names", "uartclk\0apb_pclk");
    tree.end();
}

void write_clock(Tree_writer &tree, Guest_interface interface)
{
    tree.begin("rtc@9010000");
    tree.texts("compatible", "arm,pl031\0arm,primecell");
    tree.cells("reg", VAMBRACE_PL031_IPA, page_size);
    write_interrupt(tree, interface, VAMBRACE_IRQ_PL031, VAMBRACE_SPI_PL031);
    tree.cell("clocks", clock_phandle);
    tree.text("clock-names", "apb_pclk");
    tree.end();
}

/// Devices that reach the guest's memory reach it through the caches.
void write_virtio(Tree_writer &tree, Guest_interface interface, unsigned count)
{
    for (unsigned n = 0; n != count; ++n) {
        char name[] = "virtio_mmio@a000000";
        name[15] = static_cast<char>('0' + n);
        tree.begin(name);
        tree.text("compatible", "virtio,mmio");
        tree.cells("reg", VAMBRACE_VIRTIO_IPA + n * page_size, page_size);
        write_interrupt(tree, interface, VAMBRACE_IRQ_VIRTIO + n, VAMBRACE_SPI_VIRTIO + n);
        tree.flag("dma-coherent");
        tree.end();
    }
}

/// A property of cells, in pairs: the ports' registers and each region.
void write_shared_memory(Tree_writer &tree, Part_list const &parts)
{
    u8 *at = tree.room("reg", (1 + parts.regions().count()) * 8);
    auto const put = [&at](u32 cell) {
        fdt32_t const big_endian = cpu_to_fdt32(cell);
        std::memcpy(at, &big_endian, sizeof big_endian);
        at += sizeof big_endian;
    };
    if (!at)
        return;
    put(VAMBRACE_PORTS_IPA);
    put(page_size);
    u32 region = VAMBRACE_REGION_IPA;
    for (int const node : parts.regions()) {
        put(region);
        put(parts.tree.cells(node, "size", 0));
        region += VAMBRACE_REGION_SPACING;
    }
}

/// A property of strings. \param first beside the parts' labels, or ""
void write_labels(Tree_writer &tree, char const *name, char const *first, Part_list const &parts,
                  Parts const &which)
{
    u32 size = *first ? std::strlen(first) + 1 : 0;
    for (int const node : which)
        size += std::strlen(parts.tree.string(node, "label")) + 1;
    u8 *at = size ? tree.room(name, size) : nullptr;
    auto const put = [&at](char const *text) {
        u32 const length = std::strlen(text) + 1;
        std::memcpy(at, text, length);
        at += length;
    };
    if (!at)
        return;
    if (*first)
        put(first);
    for (int const node : which)
        put(parts.tree.string(node, "label"));
}

/// Ports by their order, and regions.
void write_shared(Tree_writer &tree, Guest_interface interface, Part_list const &parts)
{
    tree.begin("shared@a100000");
    tree.text("compatible", "vambrace,shared-1");
    write_shared_memory(tree, parts);
    write_labels(tree, "reg-names", "ports", parts, parts.regions());
    write_interrupt(tree, interface, VAMBRACE_IRQ_PORTS, VAMBRACE_SPI_PORTS);
    write_labels(tree, "channels", "", parts, parts.channels());
    tree.end();
}

} // namespace

static_assert(VAMBRACE_RAM_IPA == 0x40000000 && VAMBRACE_PL011_IPA == 0x09000000 &&
                  VAMBRACE_PL031_IPA == 0x09010000 && VAMBRACE_VIRTIO_IPA == 0x0a000000 &&
                  VAMBRACE_PORTS_IPA == 0x0a100000,
              "they are in node names");

Boot_result<u32> make_guest_tree(Guest_machine const &machine, u8 *buffer, u32 size)
{
    ASSERT(reinterpret_cast<std::uintptr_t>(buffer) % 8 == 0);
    Tree_writer tree {buffer, size};
    tree.begin("");
    tree.text("model", "Vambrace guest");
    tree.text("compatible", "vambrace,guest");
    tree.cell("#address-cells", 1);
    tree.cell("#size-cells", 1);
    tree.cell("interrupt-parent", irq_phandle);
    write_chosen(tree, machine);
    write_memory_and_cpu(tree, machine);
    write_hypervisor(tree);
    if (machine.interface == Guest_interface::paravirtual)
        write_paravirtual(tree);
    else
        write_hardware(tree);
    write_bus_clock(tree);
    write_uart(tree, machine.interface);
    if (machine.clock)
        write_clock(tree, machine.interface);
    write_virtio(tree, machine.interface, count_virtio_devices(machine.parts));
    if (machine.parts.share_something())
        write_shared(tree, machine.interface, machine.parts);
    tree.end();
    if (!tree.finish()) {
        return Problem {"the guest's device tree does not fit", "bootargs", "shorten the guest's bootargs"};
    }
    if (machine.room)
        fdt_set_totalsize(buffer, size);
    return u32 {fdt_totalsize(buffer)};
}

} // namespace vambrace
