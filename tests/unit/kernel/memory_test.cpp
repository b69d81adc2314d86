// SPDX-License-Identifier: Apache-2.0
// Where an IPA becomes a frame: a guest's own, or an error.
#include <catch2/catch.hpp>
#include <kernel/memory.hpp>

using namespace vambrace;

namespace {

constexpr u32 ram = VAMBRACE_RAM_IPA;
constexpr u32 size = 4 * mib;
constexpr Memory memory {Frame {0x02300}, size};

} // namespace

TEST_CASE("an IPA of the guest's RAM is a frame of its own")
{
    auto const [ipa, frame] = GENERATE(table<u32, u32>(
        {{ram, 0x02300}, {ram + 0xfff, 0x02300}, {ram + 0x1000, 0x02301}, {ram + size - 1, 0x026ff}}));
    CHECK(memory.frame_of(Ipa {ipa}).ok());
    CHECK(*memory.frame_of(Ipa {ipa}) == Frame {frame});
}

TEST_CASE("an IPA that is not the guest's RAM is nobody's frame")
{
    u32 const ipa =
        GENERATE(0u, VAMBRACE_PL011_IPA + 0u, ram - 1, ram + size, 0x02300000u, 0x7fffffffu, 0xffffffffu);
    CHECK(memory.frame_of(Ipa {ipa}).error() == Error::address);
    CHECK_FALSE(memory.owns(Ipa {ipa}, 1));
}

TEST_CASE("a guest owns a range if all of it is its RAM")
{
    auto const [ipa, bytes, owned] = GENERATE(table<u32, u32, bool>({
        {ram, size, true},
        {ram, size + 1, false},
        {ram - 1, 2, false},
        {ram + 1, size, false},
        {ram + size - 1, 1, true},
        {ram + size - 1, 2, false},
        {ram, 0xffffffff, false},
        {ram + size - 4096, 0xffffffff - 4096, false},
        {0xffffffff, 2, false}, // round the top of the address space
        {ram, 0, true},
        {ram + size, 0, true}, // nothing, right behind it
        {ram + size + 1, 0, false},
    }));
    CHECK(memory.owns(Ipa {ipa}, bytes) == owned);
}

TEST_CASE("a guest without memory owns nothing")
{
    constexpr Memory empty {};
    u32 const ipa = GENERATE(0u, ram + 0u, 0xffffffffu);
    CHECK_FALSE(empty.frame_of(Ipa {ipa}));
    CHECK_FALSE(empty.owns(Ipa {ipa}, 1));
}
