// SPDX-License-Identifier: Apache-2.0
// CRC-32 against its check value and against its definition.
#include <base/crc32.hpp>
#include <catch2/catch.hpp>
#include <vector>

using namespace vambrace;

namespace {

/// The definition: a bit at a time.
u32 slow_crc32(std::vector<u8> const &data)
{
    u32 r = ~u32 {0};
    for (u8 byte : data) {
        r ^= byte;
        for (int i = 0; i < 8; ++i) {
            r = (r & 1) ? (r >> 1) ^ 0xedb88320 : r >> 1;
        }
    }
    return ~r;
}

} // namespace

TEST_CASE("CRC-32 of the digits is the check value that everybody publishes")
{
    u8 const digits[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
    CHECK(crc32(digits, sizeof digits) == 0xcbf43926);
    CHECK(crc32(digits, 0) == 0);
}

TEST_CASE("CRC-32 is that of its definition for every length and alignment")
{
    for (u32 size = 0; size < 40; ++size) {
        for (u32 offset = 0; offset < 4; ++offset) {
            std::vector<u8> memory(offset + size);
            for (u32 i = 0; i < memory.size(); ++i) {
                memory[i] = static_cast<u8>(i * 37 + size);
            }
            std::vector<u8> const data(memory.begin() + offset, memory.end());
            REQUIRE(crc32(memory.data() + offset, size) == slow_crc32(data));
        }
    }
}

TEST_CASE("CRC-32 of data that is folded is that of its definition, wherever the folding ends")
{
    u32 const block = 4 * crc32_block, reach = 4 * crc32_reach;
    for (u32 size : {block + reach - 1, block + reach, block + reach + 7, 2 * block + reach - 1,
                     3 * block + reach + 2}) {
        for (u32 offset = 0; offset < 4; ++offset) {
            std::vector<u8> memory(offset + size);
            u32 random = 1 + offset;
            for (u8 &byte : memory) {
                random = random * 1664525 + 1013904223;
                byte = static_cast<u8>(random >> 24);
            }
            std::vector<u8> const data(memory.begin() + offset, memory.end());
            REQUIRE(crc32(memory.data() + offset, size) == slow_crc32(data));
        }
    }
}
