// SPDX-License-Identifier: Apache-2.0
// CRC-32 (ISO/IEC 8802-3 3.2.9, reflected: that of zlib and mkimage), for the images of the boot bundle.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// \param data any alignment
u32 crc32(u8 const *data, u32 size);

/// The words that crc32() folds at a time, and how far ahead each of them is carried.
constexpr u32 crc32_block = 1024;
constexpr u32 crc32_reach = 300, crc32_carries[] = {145, 183, 211, crc32_reach};

} // namespace vambrace

/// to[n] = from[n] ^ to[n - 145] ^ to[n - 183] ^ to[n - 211] ^ to[n - 300] for n from 0 to crc32_block - 1.
/// The architecture's: nothing else at boot takes as long.
extern "C" void crc32_fold(vambrace::u32 *to, vambrace::u32 const *from);
