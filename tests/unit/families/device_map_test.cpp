// SPDX-License-Identifier: Apache-2.0
// The pages that are mapped for a board's devices, and the addresses that the devices get.
#include <algorithm>
#include <catch2/catch.hpp>
#include <families/device_map.hpp>
#include <families/gic/gic_at.hpp>
#include <vector>

using namespace vambrace;

namespace {

struct Tile_devices {
    Board_device uart {0x10009000};
    Gic_at gic = Mpcore_private_memory {0x1e000000}.gic(); // nested: two devices
    Board_device timers = Mpcore_private_memory {0x1e000000}.timers();
    Board_device missing = no_device;
    Board_device clock {0x10017020};
};
constexpr Tile_devices device {};
using Map = Device_map<Tile_devices>;

} // namespace

TEST_CASE("device map: each page is mapped once, in the order in which devices name it")
{
    std::vector<u32> const pages {Map::pages.begin(), Map::pages.end()};
    CHECK(pages == std::vector<u32> {0x10009000, 0x1e001000, 0x1e000000, 0x10017000});
}

TEST_CASE("device map: a device is seen in its page's place, with its offset")
{
    CHECK(Map::va(device.uart) == device_window);
    CHECK(Map::va(device.gic.distributor) == device_window + 0x1000);
    CHECK(Map::va(device.gic.cpu_interface) == device_window + 0x2100);
    CHECK(Map::va(device.timers) == device_window + 0x2000);
    CHECK(Map::va(device.clock) == device_window + 0x3020);
}

TEST_CASE("device map: one that a board does not have takes no page")
{
    CHECK_FALSE(device.missing.exists());
    CHECK(std::count(Map::pages.begin(), Map::pages.end(), 0u) == 0);
}
