// SPDX-License-Identifier: Apache-2.0
// A virtio disk does what its driver asks for, in whatever pieces, and answers what it cannot do.
#include <catch2/catch.hpp>
#include <device/virtio/disk_bench.hpp>

using namespace vambrace;
using Bench = Disk_bench;

TEST_CASE("disk: it says what it is, and how large")
{
    u32 const size = GENERATE(512u, 513u, 1023u, 1024u, 64u * 512u);
    bool const writable = GENERATE(false, true);
    Bench b {size, writable};
    using namespace virtio_registers;
    CHECK(b.driver.read(device_id) == 2);
    CHECK(b.driver.read(queue_num_max) == 128);
    CHECK(b.driver.read(config + 0) == size / 512);
    CHECK(b.driver.read(config + 4) == 0);
    CHECK(b.driver.read(config + 8) == 0);    // size_max
    CHECK(b.driver.read(config + 12) == 126); // seg_max: beside header and status
    for (u32 offset = 16; offset != 0x100; offset += 4)
        CHECK(b.driver.read(config + offset) == 0);
    b.driver.write(device_features_sel, 0);
    constexpr u32 seg_max = 1 << 2, ro = 1 << 5, flush = 1 << 9, indirect = 1 << 28, event_index = 1 << 29;
    u32 const features = seg_max | flush | indirect | event_index | (writable ? 0 : ro);
    CHECK(b.driver.read(device_features) == features);
    b.driver.write(device_features_sel, 1);
    CHECK(b.driver.read(device_features) == 1);
}

TEST_CASE("disk: sectors are read as they are in the image")
{
    Bench b;
    u32 const sector = GENERATE(0u, 1u, 63u), size = (sector == 63 ? 1 : GENERATE(1u, 8u)) * 512;
    std::vector<u8> const image = b.image;
    CHECK(b.reads(sector, size) == Bench::ok);
    CHECK((b.bytes(size) == b.of_image(sector, size)));
    CHECK(b.guest.at<u8>(Bench::data + size) == 0);
    CHECK(b.driver.last_used() == Driver::Used {0, size + 1});
    CHECK((b.image == image));
    CHECK(b.line());
}

TEST_CASE("disk: sectors are written into the image, and no others")
{
    Bench b;
    u32 const sector = GENERATE(0u, 1u, 63u), size = (sector == 63 ? 1 : GENERATE(1u, 8u)) * 512;
    std::vector<u8> expected = b.image;
    for (u32 n = 0; n != size; ++n)
        expected[sector * 512 + n] = b.guest.at<u8>(Bench::data + n) = static_cast<u8>(n * 11 + 5);
    CHECK(b.writes(sector, size) == Bench::ok);
    CHECK((b.image == expected));
    CHECK(b.driver.last_used() == Driver::Used {0, 1});
    CHECK(b.reads(sector, size) == Bench::ok);
    CHECK((b.image == expected));
}

TEST_CASE("disk: sectors that are not there, and sizes that are no sectors, are I/O errors")
{
    Bench b;
    std::vector<u8> const image = b.image;
    auto const [sector, size] = GENERATE(table<u64, u32>({
        {64, 512},
        {63, 1024},
        {65, 512},
        {0, 65 * 512},
        {0, 1},
        {0, 511},
        {0, 513},
        {63, 513},
        {65, 0},
        {0xffffffff, 512},
        {0x100000000, 512}, // 0, but for what is above 32 bits
        {0xffffffff00000000, 512},
        {~0ull, 512},
        {~0ull, 1024},
        {0x7fffff, 512},
        {0x800000, 512}, // its first byte is at 4 GB
    }));
    b.guest.at<u32>(Bench::data) = 0x12345678;
    CHECK(b.reads(sector, size) == Bench::io_error);
    CHECK(b.guest.at<u32>(Bench::data) == 0x12345678);
    CHECK(b.driver.last_used() == Driver::Used {0, 1});
    CHECK(b.writes(sector, size) == Bench::io_error);
    CHECK((b.image == image));
    CHECK_FALSE(b.driver.needs_reset());
    CHECK(b.reads(0, 512) == Bench::ok); // it goes on
}

TEST_CASE("disk: nothing can be read from and written to anywhere, right behind the end too")
{
    Bench b;
    std::vector<u8> const image = b.image;
    u64 const sector = GENERATE(0u, 63u, 64u);
    CHECK(b.reads(sector, 0) == Bench::ok);
    CHECK(b.writes(sector, 0) == Bench::ok);
    CHECK((b.image == image));
}

TEST_CASE("disk: what is behind the last whole sector cannot be reached")
{
    Bench b {3 * 512 + 511};
    CHECK(b.reads(2, 512) == Bench::ok);
    CHECK(b.reads(3, 512) == Bench::io_error);
    CHECK(b.reads(2, 1024) == Bench::io_error);
}

TEST_CASE("disk: a disk that may only be read is not written to")
{
    Bench b {64 * 512, false};
    std::vector<u8> const image = b.image;
    b.guest.at<u32>(Bench::data) = 0x12345678;
    CHECK(b.writes(0, GENERATE(0u, 512u)) == Bench::io_error);
    CHECK((b.image == image));
    CHECK(b.reads(0, 512) == Bench::ok);
    CHECK((b.bytes(512) == b.of_image(0, 512)));
}

TEST_CASE("disk: a flush has nothing to do")
{
    Bench b {64 * 512, GENERATE(false, true)};
    std::vector<u8> const image = b.image;
    CHECK(b.request(b.parts(Bench::flush, GENERATE(0ull, ~0ull), 0, false)) == Bench::ok);
    CHECK((b.image == image));
    CHECK(b.driver.last_used() == Driver::Used {0, 1});
}

TEST_CASE("disk: its name has twenty bytes, or as many as the driver takes")
{
    Bench b;
    u32 const size = GENERATE(1u, 15u, 16u, 20u, 21u, 512u), length = size < 20 ? size : 20;
    std::string name = "vambrace-disk-3";
    name.resize(20);
    std::memset(b.guest.bytes(Bench::data, size), Bench::untouched, size);
    CHECK(b.request(b.parts(Bench::get_name, ~0ull, size, true)) == Bench::ok);
    std::vector<u8> const bytes = b.bytes(size);
    CHECK(std::string {bytes.begin(), bytes.begin() + length} == name.substr(0, length));
    for (u32 n = length; n != size; ++n)
        CHECK(bytes[n] == Bench::untouched);
    CHECK(b.driver.last_used() == Driver::Used {0, length + 1});
}

TEST_CASE("disk: a request of another type is not supported")
{
    Bench b;
    std::vector<u8> const image = b.image;
    u32 const type = GENERATE(2u, 3u, 5u, 7u, 9u, 11u, 13u, 0x100u, 0x80000000u, 0xffffffffu);
    bool const written = GENERATE(false, true);
    CHECK(b.request(b.parts(type, 0, 512, written)) == Bench::unsupported);
    CHECK((b.image == image));
    CHECK(b.guest.at<u32>(Bench::data) == 0);
    CHECK(b.driver.last_used() == Driver::Used {0, 1});
}

TEST_CASE("disk: a read has nowhere to put what the driver gives it to read, and that is no harm")
{
    Bench b;
    std::vector<u8> const image = b.image;
    CHECK(b.request(b.parts(Bench::in, 0, 512, false)) ==
          Bench::ok); // of no bytes: all but the status is read
    CHECK(b.guest.at<u32>(Bench::data) == 0);
    CHECK(b.request(b.parts(Bench::out, 0, 512, true)) == Bench::ok);
    CHECK((b.image == image));
}

TEST_CASE("disk: the interrupt comes when the driver wants it")
{
    Bench b;
    SECTION("NO_INTERRUPT")
    {
        b.driver.available_flags() = 1;
        CHECK(b.reads(0, 512) == Bench::ok);
        CHECK_FALSE(b.line());
        b.driver.available_flags() = 0;
        CHECK(b.reads(0, 512) == Bench::ok);
        CHECK(b.line());
    }
    SECTION("EVENT_IDX")
    {
        b.driver.start(Bench::all);
        b.driver.used_event() = 1;
        CHECK(b.reads(0, 512) == Bench::ok);
        CHECK_FALSE(b.line());
        CHECK(b.driver.available_event() == 1);
        CHECK(b.reads(0, 512) == Bench::ok);
        CHECK(b.line());
        CHECK(b.driver.available_event() == 2);
    }
}

TEST_CASE("disk: several requests are done in their order")
{
    Bench b;
    for (u32 n = 0; n != 10; ++n) {
        u32 const own = Bench::header + n * 32;
        b.put_header(n & 1 ? Bench::in : Bench::out, 5, own);
        u32 const at = Bench::data + n * 0x1000;
        std::memset(b.guest.bytes(at, 512), static_cast<int>(n & 1 ? 0xff : n), 512);
        b.driver.offer(b.driver.chain({{own, 16, false}, {at, 512, (n & 1) != 0}, {own + 16, 1, true}}));
    }
    (void)b.driver.notify();
    REQUIRE(b.driver.used_index() == 10);
    for (u32 n = 0; n != 10; ++n) {
        CHECK(b.driver.used_element(n) == Driver::Used {n * 3, n & 1 ? 513u : 1u});
        CHECK(b.guest.at<u8>(Bench::data + n * 0x1000 + 511) == (n & ~1u)); // what was written before
    }
}
