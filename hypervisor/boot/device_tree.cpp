// SPDX-License-Identifier: Apache-2.0
// The check that makes libfdt's answers safe to use, and the few questions asked of it.
#include <boot/device_tree.hpp>
#include <cstring>
extern "C" {
#include <libfdt.h>
}

namespace vambrace {

namespace {

constexpr int max_depth = 32;

/// One step of the walk: does the tag at `at` fit behind what came before? `depth` follows the nesting.
bool fits(void const *blob, u32 tag, int at, int &depth)
{
    switch (tag) {
    case FDT_BEGIN_NODE: return (at == 0) == (depth == 0) && ++depth <= max_depth;
    case FDT_END_NODE: return --depth >= 0;
    case FDT_PROP: {
        char const *name = nullptr;
        int size = 0;
        return depth > 0 && fdt_getprop_by_offset(blob, at, &name, &size) && name;
    }
    default: return true;
    }
}

/// Every tag in bounds, every property named, every node closed, one root.
bool well_formed(void const *blob)
{
    int depth = 0;
    int next = 0;
    for (;;) {
        int const at = next;
        u32 const tag = fdt_next_tag(blob, at, &next);
        if (next < 0) {
            return false;
        }
        if (tag == FDT_END) {
            return depth == 0 && at > 0;
        }
        if ((at == 0 && tag != FDT_BEGIN_NODE) || !fits(blob, tag, at, depth)) {
            return false;
        }
    }
}

} // namespace

bool Device_tree::begins(void const *blob, u32 size)
{
    ASSERT(reinterpret_cast<std::uintptr_t>(blob) % 8 == 0);
    return size >= 4 && fdt_magic(blob) == FDT_MAGIC;
}

bool Device_tree::valid(void const *blob, u32 size)
{
    // fdt_check_header reads all of a version 17 header; libfdt loads words from the blocks directly.
    if (size < FDT_V17_SIZE || !begins(blob, size) || fdt_version(blob) < 17 || fdt_check_header(blob) != 0) {
        return false;
    }
    bool const aligned = fdt_off_dt_struct(blob) % 4 == 0 && fdt_off_mem_rsvmap(blob) % 8 == 0;
    return aligned && fdt_totalsize(blob) <= size && fdt_num_mem_rsv(blob) >= 0 && well_formed(blob);
}

int Device_tree::node(char const *path) const { return fdt_path_offset(blob_, path); }

int Device_tree::child(int parent, char const *name) const
{
    return parent < 0 ? parent : fdt_subnode_offset(blob_, parent, name);
}

int Device_tree::first_child(int parent) const
{
    return parent < 0 ? parent : fdt_first_subnode(blob_, parent);
}

int Device_tree::next_sibling(int node) const { return fdt_next_subnode(blob_, node); }

int Device_tree::compatible(char const *with, int after) const
{
    return fdt_node_offset_by_compatible(blob_, after, with);
}

int Device_tree::with_property(char const *name, char const *value, int after) const
{
    return fdt_node_offset_by_prop_value(blob_, after, name, value, static_cast<int>(std::strlen(value) + 1));
}

char const *Device_tree::name(int node) const
{
    char const *const name = fdt_get_name(blob_, node, nullptr);
    return name ? name : "";
}

Property Device_tree::property(int node, char const *name) const
{
    int size = 0;
    void const *const data = node < 0 ? nullptr : fdt_getprop(blob_, node, name, &size);
    return data ? Property {static_cast<u8 const *>(data), static_cast<u32>(size)} : Property {nullptr, 0};
}

char const *Device_tree::string(int node, char const *name) const
{
    Property const value = property(node, name);
    bool const ended = value.size && value.data[value.size - 1] == 0;
    return ended ? reinterpret_cast<char const *>(value.data) : nullptr;
}

bool Device_tree::is(int node, char const *name, char const *value) const
{
    char const *const text = string(node, name);
    return text && std::strcmp(text, value) == 0;
}

u32 Device_tree::cells(int node, char const *name, u32 if_absent) const
{
    Property const value = property(node, name);
    return value.size == 4 ? static_cast<u32>(read_cells(value.data, 1)) : if_absent;
}

bool Device_tree::enabled(int node) const
{
    return !property(node, "status").data || is(node, "status", "okay") || is(node, "status", "ok");
}

u64 read_cells(u8 const *p, u32 cells)
{
    u64 value = 0;
    for (u32 i = 0; i < 4 * cells; ++i) {
        value = value << 8 | p[i];
    }
    return value;
}

} // namespace vambrace
