// SPDX-License-Identifier: Apache-2.0
// Writes a guest's device tree front to back with libfdt.
#include <boot/guest_tree.hpp>
#include <cstring>
#include <vambrace/abi.h>
extern "C" {
#include <libfdt.h>
}

namespace vambrace {

namespace {

constexpr u32 irq_phandle = 1;
constexpr u32 clock_phandle = 2;
constexpr u32 bus_clock_hz = 24'000'000;

/// Keeps the first error and does nothing after it, so that a tree can be written without looking after every
/// step.
class Writer {
  public:
    Writer(u8 *buffer, u32 size) : buffer_ {buffer}, error_ {fdt_create(buffer, static_cast<int>(size))}
    {
        error_ = error_ ? error_ : fdt_finish_reservemap(buffer_);
    }

    void begin(char const *name) { error_ = error_ ? error_ : fdt_begin_node(buffer_, name); }
    void end() { error_ = error_ ? error_ : fdt_end_node(buffer_); }
    void flag(char const *name) { bytes(name, "", 0); }
    void text(char const *name, char const *value) { bytes(name, value, std::strlen(value) + 1); }
    /// Several strings in one property: a literal with \0 between them.
    template <std::size_t n>
    void texts(char const *name, char const (&list)[n])
    {
        bytes(name, list, n);
    }
    void cell(char const *name, u32 value)
    {
        fdt32_t const big_endian = cpu_to_fdt32(value);
        bytes(name, &big_endian, sizeof big_endian);
    }
    void cells(char const *name, u32 first, u32 second)
    {
        fdt32_t const pair[2] = {cpu_to_fdt32(first), cpu_to_fdt32(second)};
        bytes(name, pair, sizeof pair);
    }
    bool finish()
    {
        error_ = error_ ? error_ : fdt_finish(buffer_);
        return error_ == 0;
    }

  private:
    void bytes(char const *name, void const *data, std::size_t size)
    {
        error_ = error_ ? error_ : fdt_property(buffer_, name, data, static_cast<int>(size));
    }

    u8 *buffer_;
    int error_;
};

void write_chosen(Writer &tree, Guest_machine const &machine)
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

void write_memory_and_cpu(Writer &tree, Guest_machine const &machine)
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

void write_hypervisor(Writer &tree)
{
    tree.begin("hypervisor");
    tree.text("compatible", "vambrace,vambrace-1");
    tree.end();
    tree.begin("psci");
    tree.texts("compatible", "arm,psci-1.0\0arm,psci-0.2");
    tree.text("method", "hvc");
    tree.end();
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

/// Of the UART and of every PrimeCell's bus interface.
void write_bus_clock(Writer &tree)
{
    tree.begin("apb-pclk");
    tree.text("compatible", "fixed-clock");
    tree.cell("#clock-cells", 0);
    tree.cell("clock-frequency", bus_clock_hz);
    tree.text("clock-output-names", "apb-pclk");
    tree.cell("phandle", clock_phandle);
    tree.end();
}

void write_uart(Writer &tree)
{
    tree.begin("serial@9000000");
    tree.texts("compatible", "arm,pl011\0arm,primecell");
    tree.cells("reg", VAMBRACE_PL011_IPA, page_size);
    tree.cell("interrupts", VAMBRACE_IRQ_PL011);
    tree.cells("clocks", clock_phandle, clock_phandle);
    tree.texts("clock-names", "uartclk\0apb_pclk");
    tree.end();
}

void write_clock(Writer &tree)
{
    tree.begin("rtc@9010000");
    tree.texts("compatible", "arm,pl031\0arm,primecell");
    tree.cells("reg", VAMBRACE_PL031_IPA, page_size);
    tree.cell("interrupts", VAMBRACE_IRQ_PL031);
    tree.cell("clocks", clock_phandle);
    tree.text("clock-names", "apb_pclk");
    tree.end();
}

} // namespace

static_assert(VAMBRACE_RAM_IPA == 0x40000000 && VAMBRACE_PL011_IPA == 0x09000000 &&
                  VAMBRACE_PL031_IPA == 0x09010000,
              "they are in node names");

Boot_result<u32> make_guest_tree(Guest_machine const &machine, u8 *buffer, u32 size)
{
    ASSERT(reinterpret_cast<std::uintptr_t>(buffer) % 8 == 0);
    Writer tree {buffer, size};
    tree.begin("");
    tree.text("model", "Vambrace guest");
    tree.text("compatible", "vambrace,guest");
    tree.cell("#address-cells", 1);
    tree.cell("#size-cells", 1);
    tree.cell("interrupt-parent", irq_phandle);
    write_chosen(tree, machine);
    write_memory_and_cpu(tree, machine);
    write_hypervisor(tree);
    write_bus_clock(tree);
    write_uart(tree);
    if (machine.clock)
        write_clock(tree);
    tree.end();
    if (!tree.finish()) {
        return Problem {"the guest's device tree does not fit", "bootargs", "shorten the guest's bootargs"};
    }
    return u32 {fdt_totalsize(buffer)};
}

} // namespace vambrace
