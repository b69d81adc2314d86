// SPDX-License-Identifier: Apache-2.0
// What arch/arm/core/crc32_fold.S does, for a host.
#include <base/crc32.hpp>

extern "C" void crc32_fold(vambrace::u32 *to, vambrace::u32 const *from)
{
    for (vambrace::u32 n = 0; n != vambrace::crc32_block; ++n, ++to) {
        *to = *from++;
        for (vambrace::u32 carry : vambrace::crc32_carries) {
            *to ^= *(to - carry);
        }
    }
}
