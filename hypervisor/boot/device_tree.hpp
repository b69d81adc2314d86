// SPDX-License-Identifier: Apache-2.0
// Reading a flattened device tree that cannot be trusted: checked as a whole once, then asked.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// The value of a property, in place. data == nullptr: there is no such property.
struct Property {
    u8 const *data;
    u32 size;
};

/// Nodes are libfdt's offsets; a negative one is "no such node" and has neither properties nor children.
class Device_tree {
  public:
    static constexpr int root = 0;

    constexpr Device_tree() = default;

    /// Is there a device tree of version 17 at blob, whole and well formed, in at most `size` bytes?
    /// \pre blob is 8-byte aligned
    static bool valid(void const *blob, u32 size);
    /// Does it begin like one? If so and it is not valid, it is cut off or broken.
    static bool begins(void const *blob, u32 size);

    /// \pre valid(blob, ...)
    constexpr explicit Device_tree(void const *blob) : blob_ {blob} {}

    int node(char const *path) const;
    int child(int parent, char const *name) const;
    int first_child(int parent) const;
    int next_sibling(int node) const;
    int compatible(char const *with, int after = -1) const;
    int with_property(char const *name, char const *value, int after = -1) const;

    char const *name(int node) const;
    Property property(int node, char const *name) const;
    /// Its (first) string; nullptr if there is none or its end is missing.
    char const *string(int node, char const *name) const;
    bool is(int node, char const *name, char const *value) const;
    /// #address-cells or #size-cells.
    u32 cells(int node, char const *name, u32 if_absent) const;
    bool enabled(int node) const;

  private:
    void const *blob_ = nullptr;
};

/// A big-endian number of one or two cells at p.
u64 read_cells(u8 const *p, u32 cells);

} // namespace vambrace
