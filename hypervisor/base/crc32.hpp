// SPDX-License-Identifier: Apache-2.0
// CRC-32 (ISO/IEC 8802-3 3.2.9, reflected: that of zlib and mkimage), for the images of the boot bundle.
#pragma once
#include <base/types.hpp>

namespace vambrace {

u32 crc32(u8 const *data, u32 size);

} // namespace vambrace
