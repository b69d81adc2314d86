// SPDX-License-Identifier: Apache-2.0
// What a bundle's descriptions share becomes memory at one place, windows in the guests' order, and ports.
#include "part_builder.hpp"
#include <boot/guest_parts.hpp>
#include <catch2/catch.hpp>
#include <device/standard_devices.hpp>
#include <device/virtio/disk.hpp>
#include <fake/board.hpp>
#include <memory>
#include <support/device_guest.hpp>

using namespace vambrace;
using namespace vambrace::test;

namespace {

constexpr u32 place = 0x00240000;

/// A bundle that was read, with guests that have nothing yet but their devices.
struct Parts_bench {
    explicit Parts_bench(std::vector<std::vector<Part_node>> const &parts) : blob {fit_with(parts).make()}
    {
        auto const result = read(blob);
        REQUIRE(problem_of(result) == "");
        bundle = *result;
        for (unsigned n = 0; n != bundle.count; ++n) {
            guests.push_back(std::make_unique<Device_guest>());
            devices.push_back(std::make_unique<Standard_devices>(*guests[n]));
            guests[n]->devices = devices[n].get();
            domains[n] = guests[n].get();
        }
    }
    Part_list const &parts(unsigned n) const { return bundle.guests[n].parts; }
    Windows::Window window(unsigned guest, unsigned n) const
    {
        return Region_map {bundle, place}.windows_of(parts(guest)).begin()[n];
    }

    Blob blob;
    Bundle bundle {};
    std::vector<std::unique_ptr<Device_guest>> guests {};
    std::vector<std::unique_ptr<Standard_devices>> devices {};
    Domain *domains[max_guests] {};
};

bool is_window(Windows::Window const &w, u32 ipa, u32 size, u32 physical, bool writable)
{
    return w.ipa == Ipa {ipa} && w.size == size && w.first == Frame::of(physical) && w.writable == writable;
}

} // namespace

TEST_CASE("regions lie one behind the other, as the bundle names them first, each once")
{
    Parts_bench const b {{{region("a", 0x3000, true), region("b", 0x1000)},
                          {region("c", 0x2000, true), region("b", 0x1000, true)},
                          {region("d", 0x1000), region("a", 0x3000), region("c", 0x2000)},
                          {}}};
    Region_map const map {b.bundle, place};
    CHECK(map.first() == place);
    CHECK(map.size() == 0x7000);
    constexpr u32 first = VAMBRACE_REGION_IPA, spacing = VAMBRACE_REGION_SPACING;
    CHECK(is_window(b.window(0, 0), first, 0x3000, place, true));
    CHECK(is_window(b.window(0, 1), first + spacing, 0x1000, place + 0x3000, false));
    CHECK(is_window(b.window(1, 0), first, 0x2000, place + 0x4000, true));
    CHECK(is_window(b.window(1, 1), first + spacing, 0x1000, place + 0x3000, true));
    CHECK(is_window(b.window(2, 0), first, 0x1000, place + 0x6000, false));
    CHECK(is_window(b.window(2, 1), first + spacing, 0x3000, place, false));
    CHECK(is_window(b.window(2, 2), first + 2 * spacing, 0x2000, place + 0x4000, false));
    CHECK_FALSE(map.windows_of(b.parts(3)).any());
}

TEST_CASE("without regions there is no memory for them")
{
    Parts_bench const b {{{disk("disk-1"), channel("x")}, {channel("x")}}};
    CHECK(Region_map {b.bundle, place}.size() == 0);
    CHECK_FALSE(Region_map {b.bundle, place}.windows_of(b.parts(0)).any());
}

TEST_CASE("each disk is a device in a page of its own, with its image and its right to write")
{
    Parts_bench b {{{disk("disk-2"), region("x", 0x1000), disk("disk-1", true)}}};
    std::vector<u8> room(64 * kib);
    Arena arena {room.data(), room.data() + room.size()};
    REQUIRE(add_devices(*b.guests[0], b.parts(0), arena));
    Bus &bus = b.devices[0]->bus;
    for (unsigned n = 0; n != 2; ++n) {
        Device *const device = bus.at(Ipa {VAMBRACE_VIRTIO_IPA + n * page_size});
        REQUIRE(device);
        CHECK(device->read(0x008) == 2);
        CHECK(device->read(0x100) == 2 - n); // sectors: of disk-2, and of disk-1
        CHECK((device->read(0x010) >> 5 & 1) == 1 - n);
    }
    CHECK(bus.at(Ipa {VAMBRACE_VIRTIO_IPA + 2 * page_size}) == nullptr);
    CHECK(bus.at(Ipa {VAMBRACE_PORTS_IPA}) == &b.devices[0]->ports);
}

TEST_CASE("randomness is the device behind the disks, where the board has a source")
{
    fake_board = {};
    fake_board.has_rng = GENERATE(true, false);
    fake_board.random = {1, 2, 3};
    Parts_bench b {{{rng(), disk("disk-2")}, {disk("disk-2")}}};
    std::vector<u8> room(64 * kib);
    Arena arena {room.data(), room.data() + room.size()};
    for (unsigned n = 0; n != 2; ++n) {
        bool const has = fake_board.has_rng && n == 0;
        CHECK(count_virtio_devices(b.parts(n)) == (has ? 2u : 1u));
        REQUIRE(add_devices(*b.guests[n], b.parts(n), arena));
        Bus &bus = b.devices[n]->bus;
        CHECK(bus.at(Ipa {VAMBRACE_VIRTIO_IPA})->read(0x008) == 2);
        Device *const device = bus.at(Ipa {VAMBRACE_VIRTIO_IPA + page_size});
        CHECK((device != nullptr) == has);
        if (device)
            CHECK(device->read(0x008) == 4);
        CHECK(bus.at(Ipa {VAMBRACE_VIRTIO_IPA + 2 * page_size}) == nullptr);
    }
    fake_board = {};
}

TEST_CASE("a guest that shares nothing has no ports")
{
    Parts_bench b {{{disk("disk-1")}}};
    std::vector<u8> room(64 * kib);
    Arena arena {room.data(), room.data() + room.size()};
    REQUIRE(add_devices(*b.guests[0], b.parts(0), arena));
    CHECK(b.devices[0]->bus.at(Ipa {VAMBRACE_PORTS_IPA}) == nullptr);
}

TEST_CASE("all disks, ports, the UART and the clock find room on a bus")
{
    Parts_bench b {{std::vector<Part_node>(VAMBRACE_VIRTIO_DEVICES, disk("disk-1"))}};
    std::vector<u8> room(256 * kib);
    Arena arena {room.data(), room.data() + room.size()};
    b.devices[0]->bus.add(Ipa {VAMBRACE_PL011_IPA}, b.devices[0]->uart);
    b.devices[0]->bus.add(Ipa {VAMBRACE_PL031_IPA}, b.devices[0]->clock);
    REQUIRE(add_devices(*b.guests[0], b.parts(0), arena));
    b.devices[0]->bus.add(Ipa {VAMBRACE_PORTS_IPA}, b.devices[0]->ports);
    CHECK(b.devices[0]->bus.at(Ipa {VAMBRACE_VIRTIO_IPA + 7 * page_size + 0x44}) != nullptr);
}

TEST_CASE("when there is no memory for a guest's disks it is said")
{
    Parts_bench b {{{disk("disk-1"), disk("disk-2")}}};
    std::vector<u8> room(sizeof(virtio::Disk) + 64);
    Arena arena {room.data(), room.data() + room.size()};
    auto const made = add_devices(*b.guests[0], b.parts(0), arena);
    CHECK(problem_of(made) == "no memory for a guest's disks: guest");
}

TEST_CASE("channels lead from the port by their order in one description to the one in the other")
{
    Parts_bench b {{{channel("a-b"), channel("a-c")},
                    {channel("b-c"), region("x", 0x1000), channel("a-b")},
                    {channel("a-c"), channel("b-c")}}};
    connect_channels(b.bundle, b.domains);
    auto const ports = [&](unsigned n) -> Guest_ports & { return b.devices[n]->ports; };
    CHECK(ports(0).read(VAMBRACE_PORTS_BOUND) == 3);
    CHECK(ports(1).read(VAMBRACE_PORTS_BOUND) == 3);
    CHECK(ports(2).read(VAMBRACE_PORTS_BOUND) == 3);
    CHECK(ports(0).send(0) == Error::none);
    CHECK(ports(1).take() == 2);
    CHECK(ports(0).send(1) == Error::none);
    CHECK(ports(2).take() == 1);
    CHECK(ports(1).send(0) == Error::none);
    CHECK(ports(2).take() == 2);
    CHECK(ports(2).send(0) == Error::none);
    CHECK(ports(0).take() == 2);
    CHECK((ports(0).pending() | ports(1).pending() | ports(2).pending()) == 0);
}
