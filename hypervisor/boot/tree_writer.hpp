// SPDX-License-Identifier: Apache-2.0
// Writes a flattened device tree front to back with libfdt.
#pragma once
#include <base/types.hpp>
#include <cstring>
extern "C" {
#include <libfdt.h>
}

namespace vambrace {

/// Keeps the first error and does nothing after it, so that a tree can be written without looking after every
/// step.
class Tree_writer {
  public:
    /// A name that comes twice stands twice among the strings: to look for it costs more than it saves.
    Tree_writer(u8 *buffer, u32 size)
        : buffer_ {buffer}, error_ {fdt_create_with_flags(buffer, static_cast<int>(size),
                                                          FDT_CREATE_FLAG_NO_NAME_DEDUP)}
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
    template <typename... Cells>
    void cells(char const *name, Cells... values)
    {
        fdt32_t const big_endian[] {cpu_to_fdt32(values)...};
        bytes(name, big_endian, sizeof big_endian);
    }
    /// A property whose value is written by the caller; nullptr: there was an error.
    u8 *room(char const *name, u32 size)
    {
        void *at = nullptr;
        error_ = error_ ? error_ : fdt_property_placeholder(buffer_, name, static_cast<int>(size), &at);
        return error_ ? nullptr : static_cast<u8 *>(at);
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

} // namespace vambrace
