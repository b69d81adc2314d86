// SPDX-License-Identifier: Apache-2.0
// Finds RAM, console and boot bundle in the board's device tree.
#include <boot/device_tree.hpp>
#include <boot/host_tree.hpp>
#include <cstring>

namespace vambrace {

namespace {

struct Range {
    u64 base;
    u64 size;
};

constexpr Problem no_memory {"the device tree names no memory", "/memory",
                             "use the board's device tree, with a memory node that has a \"reg\""};
constexpr Problem no_bundle {
    "no boot bundle", "/chosen names no initrd",
    "load a bundle made by mkimage as the initrd: QEMU -initrd, or U-Boot bootm with it "
    "as the second argument"};

/// The first entry of a memory node's "reg" that has a size.
Range first_bank(Device_tree tree, int node)
{
    u32 const address_cells = tree.cells(Device_tree::root, "#address-cells", 2);
    u32 const size_cells = tree.cells(Device_tree::root, "#size-cells", 1);
    if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2) {
        return {};
    }
    Property const reg = tree.property(node, "reg");
    u32 const entry = 4 * (address_cells + size_cells);
    for (u32 at = 0; at + entry <= reg.size; at += entry) {
        u8 const *const p = reg.data + at;
        Range const bank {read_cells(p, address_cells), read_cells(p + 4 * address_cells, size_cells)};
        if (bank.size) {
            return bank;
        }
    }
    return {};
}

Range find_memory(Device_tree tree)
{
    int node = tree.with_property("device_type", "memory");
    for (; node >= 0; node = tree.with_property("device_type", "memory", node)) {
        if (Range const bank = first_bank(tree, node); bank.size && tree.enabled(node)) {
            return bank;
        }
    }
    return first_bank(tree, tree.node("/memory"));
}

/// What fits in 32 bits and whole pages.
Range usable(Range bank)
{
    constexpr u64 limit = u64 {1} << 32;
    if (bank.base >= limit) {
        return {};
    }
    u64 const end = bank.size < limit - bank.base ? bank.base + bank.size : limit;
    u64 const first = (bank.base + page_size - 1) & ~u64 {page_size - 1};
    u64 const last = end & ~u64 {page_size - 1};
    // All 4 GB are not a u32: the last page is given up.
    return first >= last ? Range {} : Range {first, last - first == limit ? limit - page_size : last - first};
}

bool has_uart(Device_tree tree, char const *compatible)
{
    int node = tree.compatible(compatible);
    while (node >= 0 && !tree.enabled(node)) {
        node = tree.compatible(compatible, node);
    }
    return node >= 0;
}

/// Is the first word of text this one?
bool is_word(char const *text, char const *word)
{
    std::size_t const length = std::strlen(word);
    return std::strncmp(text, word, length) == 0 && (text[length] == 0 || text[length] == ' ');
}

/// An address out of /chosen, of one cell or two; ~0 if there is none.
u64 chosen_address(Device_tree tree, char const *name)
{
    Property const value = tree.property(tree.node("/chosen"), name);
    return value.size == 4 || value.size == 8 ? read_cells(value.data, value.size / 4) : ~u64 {0};
}

} // namespace

Boot_result<Host_tree> read_host_tree(void const *dtb, u32 size, char const *uart_compatible)
{
    if (!Device_tree::valid(dtb, size)) {
        char const *const why = Device_tree::begins(dtb, size) ? "it is cut off or broken" : "r2 names none";
        return Problem {"no usable device tree", why,
                        "pass the board's device tree (r2 of the Linux boot protocol; QEMU -dtb)"};
    }
    Device_tree const tree {dtb};
    Range const ram = usable(find_memory(tree));
    if (!ram.size) {
        return no_memory;
    }
    if (!has_uart(tree, uart_compatible)) {
        return Problem {"the device tree has no console UART that is enabled", uart_compatible,
                        "use the device tree of this board; the image is built for one board (platform=)"};
    }
    u64 const start = chosen_address(tree, "linux,initrd-start");
    u64 const end = chosen_address(tree, "linux,initrd-end");
    if (start == ~u64 {0} || end == ~u64 {0} || start >= end) {
        return no_bundle;
    }
    if (start < ram.base || end > ram.base + ram.size) {
        return Problem {"the boot bundle is outside the first memory bank", "/chosen linux,initrd-start",
                        "load it into memory that the device tree names"};
    }
    char const *const bootargs = tree.string(tree.node("/chosen"), "bootargs");
    return Host_tree {static_cast<u32>(ram.base), static_cast<u32>(ram.size), static_cast<u32>(start),
                      static_cast<u32>(end - start), bootargs ? bootargs : ""};
}

Boot_result<bool> check_mode(char const *bootargs, Guest_interface interface)
{
    constexpr char key[] = "vambrace.mode=";
    constexpr std::size_t length = sizeof key - 1;
    for (char const *word = bootargs; *word; ++word) {
        if ((word != bootargs && word[-1] != ' ') || std::strncmp(word, key, length) != 0) {
            continue;
        }
        char const *const value = word + length;
        bool const pv = is_word(value, "pv"), hyp = is_word(value, "hyp");
        if (!pv && !hyp) {
            return Problem {"the device tree's bootargs ask for an unknown mode", word,
                            "write vambrace.mode=pv or vambrace.mode=hyp"};
        }
        if (hyp && interface == Guest_interface::paravirtual) {
            return Problem {
                "the hypervisor is not in HYP mode, as its bootargs ask for", word,
                "let the loader start it in HYP mode, or in Secure SVC mode on a core that has it"};
        }
        if (pv && interface == Guest_interface::hardware) {
            return Problem {"the hypervisor is in HYP mode, and its bootargs ask for another", word,
                            "let the loader start it in Non-secure SVC mode (QEMU: ./run --no-hyp)"};
        }
    }
    return true;
}

} // namespace vambrace
