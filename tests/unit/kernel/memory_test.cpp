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

namespace {

constexpr u32 first_ipa = VAMBRACE_REGION_IPA, second_ipa = first_ipa + VAMBRACE_REGION_SPACING;

/// Three pages that can be written, and one that cannot.
Windows two_windows()
{
    Windows windows;
    windows.open({Ipa {first_ipa}, 3 * page_size, Frame {0x02200}, true});
    windows.open({Ipa {second_ipa}, page_size, Frame {0x00700}, false});
    return windows;
}

} // namespace

TEST_CASE("an IPA of a window is a frame of it, with the window's right")
{
    Windows const windows = two_windows();
    auto const [ipa, frame, writable] =
        GENERATE(table<u32, u32, bool>({{first_ipa, 0x02200, true},
                                        {first_ipa + 0xfff, 0x02200, true},
                                        {first_ipa + 0x1000, 0x02201, true},
                                        {first_ipa + 0x2fff, 0x02202, true},
                                        {second_ipa, 0x00700, false},
                                        {second_ipa + 0xfff, 0x00700, false}}));
    REQUIRE(windows.place_of(Ipa {ipa}).ok());
    CHECK(windows.place_of(Ipa {ipa})->frame == Frame {frame});
    CHECK(windows.place_of(Ipa {ipa})->writable == writable);
}

TEST_CASE("an IPA beside the windows is none of theirs")
{
    Windows const windows = two_windows();
    u32 const ipa = GENERATE(0u, first_ipa - 1, first_ipa + 3 * page_size, second_ipa - 1,
                             second_ipa + page_size, ram + 0u, 0x02200000u, 0x00700000u, 0xffffffffu);
    CHECK(windows.place_of(Ipa {ipa}).error() == Error::address);
    CHECK(Windows {}.place_of(Ipa {ipa}).error() == Error::address);
}

TEST_CASE("a guest has as many windows as there are regions, in their order")
{
    Windows windows;
    CHECK_FALSE(windows.any());
    CHECK(windows.begin() == windows.end());
    for (u32 n = 0; n != Windows::most; ++n)
        windows.open({Ipa {first_ipa + n * VAMBRACE_REGION_SPACING}, VAMBRACE_REGION_SPACING,
                      Frame {n * (VAMBRACE_REGION_SPACING >> 12)}, n % 2 == 0});
    CHECK(windows.any());
    REQUIRE(windows.end() - windows.begin() == VAMBRACE_REGIONS);
    for (u32 n = 0; n != Windows::most; ++n) {
        u32 const last = first_ipa + n * VAMBRACE_REGION_SPACING + (VAMBRACE_REGION_SPACING - 1);
        CHECK(windows.begin()[n].ipa == Ipa {first_ipa + n * VAMBRACE_REGION_SPACING});
        CHECK(windows.place_of(Ipa {last})->frame == Frame {(n + 1) * (VAMBRACE_REGION_SPACING >> 12) - 1});
        CHECK(windows.place_of(Ipa {last})->writable == (n % 2 == 0));
    }
}

TEST_CASE("a window at the top of the addresses ends there")
{
    Windows windows;
    windows.open({Ipa {0xfffff000}, page_size, Frame {1}, true});
    CHECK(windows.place_of(Ipa {0xffffffff})->frame == Frame {1});
    CHECK_FALSE(windows.place_of(Ipa {0}));
    CHECK_FALSE(windows.place_of(Ipa {0xffffefff}));
}
