// SPDX-License-Identifier: Apache-2.0
// Builds device trees and boot bundles for tests, right ones and broken ones.
#pragma once
#include <base/crc32.hpp>
#include <base/sha256.hpp>
#include <base/types.hpp>
#include <string>
#include <vector>
extern "C" {
#include <libfdt.h>
}

namespace vambrace::test {

/// Memory of exactly the size that is told to the code under test, so that the sanitizer sees one byte too
/// far.
using Blob = std::vector<u8>;

inline Blob exactly(Blob const &from, std::size_t size) { return Blob(from.begin(), from.begin() + size); }

inline Blob bytes_of(std::string const &text) { return Blob(text.begin(), text.end()); }

class Tree_builder {
  public:
    explicit Tree_builder(std::size_t room = 1 << 18) : blob_(room)
    {
        fdt_create(blob_.data(), static_cast<int>(blob_.size()));
        fdt_finish_reservemap(blob_.data());
        begin("");
    }

    Tree_builder &begin(std::string const &name)
    {
        fdt_begin_node(blob_.data(), name.c_str());
        return *this;
    }
    Tree_builder &end()
    {
        fdt_end_node(blob_.data());
        return *this;
    }
    Tree_builder &text(char const *name, std::string const &value)
    {
        fdt_property(blob_.data(), name, value.c_str(), static_cast<int>(value.size() + 1));
        return *this;
    }
    Tree_builder &raw(char const *name, Blob const &value)
    {
        u8 const nothing = 0;
        u8 const *const data = value.empty() ? &nothing : value.data();
        fdt_property(blob_.data(), name, data, static_cast<int>(value.size()));
        return *this;
    }
    Tree_builder &cells(char const *name, std::vector<u32> const &values)
    {
        Blob big_endian;
        for (u32 value : values) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                big_endian.push_back(static_cast<u8>(value >> shift));
            }
        }
        return raw(name, big_endian);
    }
    Blob finish()
    {
        end();
        fdt_finish(blob_.data());
        return exactly(blob_, fdt_totalsize(blob_.data()));
    }

  private:
    Blob blob_;
};

inline u32 big_endian(u32 value) { return fdt32_to_cpu(value); }

inline Blob sha256_of(Blob const &data)
{
    Sha256_digest const digest = sha256(data.data(), static_cast<u32>(data.size()));
    return Blob(digest.bytes, digest.bytes + sizeof digest.bytes);
}

} // namespace vambrace::test
