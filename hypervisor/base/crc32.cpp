// SPDX-License-Identifier: Apache-2.0
// CRC-32: long data is folded word by word without a table, the rest and its end go byte by byte.
#include <base/crc32.hpp>
#include <cstring>

namespace vambrace {

namespace {

/*
 * The polynomial P divides T(x) = x^300 + x^155 + x^117 + x^89 + 1, so it divides
 * T(x)^32 too, which over GF(2) is T(x^32): the same distances in words. So a word may
 * be replaced by itself 145, 183, 211 and 300 words later, and the remainder stays
 * what it is. Done from the first word on, this leaves only the end of the data.
 */
struct Folding {
    u32 before[crc32_reach]; ///< the words in front of block, folded
    u32 block[crc32_block];
};

Folding folding;
u32 remainders[256]; ///< of each byte

void make_remainders()
{
    constexpr u32 polynomial = 0xedb88320;
    for (u32 b = 0; b < 256; ++b) {
        u32 r = b;
        for (unsigned i = 0; i < 8; ++i) {
            r = (r & 1) ? (r >> 1) ^ polynomial : r >> 1;
        }
        remainders[b] = r;
    }
}

u32 add_byte(u32 r, u32 byte) { return (r >> 8) ^ remainders[(r ^ byte) & 0xff]; }

/// The words that come behind the last block with what it has carried into them.
u32 unfold(u8 const *data)
{
    u32 r = 0;
    for (u32 n = 0; n != crc32_reach; ++n) {
        u32 word;
        std::memcpy(&word, data + 4 * n, sizeof word);
        for (u32 carry : crc32_carries) {
            word ^= n < carry ? folding.before[crc32_reach + n - carry] : 0;
        }
        for (unsigned byte = 0; byte != 4; ++byte) {
            r = add_byte(r, word >> 8 * byte & 0xff);
        }
    }
    return r;
}

} // namespace

u32 crc32(u8 const *data, u32 size)
{
    constexpr u32 block = sizeof folding.block, reach = sizeof folding.before;
    if (!remainders[1]) {
        make_remainders();
    }
    u32 r = ~u32 {0};
    for (; size && (reinterpret_cast<std::uintptr_t>(data) & 3); --size) {
        r = add_byte(r, *data++);
    }
    if (size >= block + reach) {
        std::memset(folding.before, 0, reach);
        folding.before[0] = r; // carried into the first word
        for (; size >= block + reach; size -= block, data += block) {
            crc32_fold(folding.block, reinterpret_cast<u32 const *>(data));
            std::memcpy(folding.before, folding.block + crc32_block - crc32_reach, reach);
        }
        r = unfold(data);
        size -= reach;
        data += reach;
    }
    for (; size; --size) {
        r = add_byte(r, *data++);
    }
    return ~r;
}

} // namespace vambrace
