// SPDX-License-Identifier: Apache-2.0
// CRC-32 a word at a time, with four tables that are made when they are needed first.
#include <base/crc32.hpp>

namespace vambrace {

namespace {

/// tables[k][b]: the remainder of byte b followed by k zero bytes.
struct Tables {
    u32 remainder[4][256];
};

Tables tables;

void make_tables()
{
    constexpr u32 polynomial = 0xedb88320;
    for (u32 b = 0; b < 256; ++b) {
        u32 r = b;
        for (unsigned i = 0; i < 8; ++i) {
            r = (r & 1) ? (r >> 1) ^ polynomial : r >> 1;
        }
        tables.remainder[0][b] = r;
    }
    for (unsigned k = 1; k < 4; ++k) {
        for (u32 b = 0; b < 256; ++b) {
            u32 const r = tables.remainder[k - 1][b];
            tables.remainder[k][b] = (r >> 8) ^ tables.remainder[0][r & 0xff];
        }
    }
}

u32 add_byte(u32 r, u8 byte) { return (r >> 8) ^ tables.remainder[0][(r ^ byte) & 0xff]; }

/// \param t remainder[0], the other three behind it
inline u32 add_word(u32 const *t, u32 r, u32 word)
{
    r ^= word;
    return t[768 + (r & 0xff)] ^ t[512 + (r >> 8 & 0xff)] ^ t[256 + (r >> 16 & 0xff)] ^ t[r >> 24];
}

} // namespace

u32 crc32(u8 const *data, u32 size)
{
    if (!tables.remainder[0][1]) {
        make_tables();
    }
    u32 r = ~u32 {0};
    for (; size && (reinterpret_cast<std::uintptr_t>(data) & 3); --size) {
        r = add_byte(r, *data++);
    }
    u32 const *const t = tables.remainder[0];
    for (; size >= 8; size -= 8, data += 8) {
        u32 words[2];
        __builtin_memcpy(words, __builtin_assume_aligned(data, 4), 8);
        r = add_word(t, add_word(t, r, words[0]), words[1]);
    }
    for (; size; --size) {
        r = add_byte(r, *data++);
    }
    return ~r;
}

} // namespace vambrace
