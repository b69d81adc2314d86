// SPDX-License-Identifier: Apache-2.0
// A disk copies in steps: however much is asked for, and in whatever pieces, one step has an end soon.
#include <algorithm>
#include <catch2/catch.hpp>
#include <device/virtio/disk_bench.hpp>

using namespace vambrace;
using Bench = Disk_bench;

namespace {

constexpr u32 much = 256 * kib, step = 64 * kib;

/// One execution of the store that notifies. Returns whether it is done.
bool notify_once(Bench &b) { return b.driver.write(virtio_registers::queue_notify, 0); }

unsigned count_of(std::vector<u8> const &bytes, u8 value)
{
    return static_cast<unsigned>(std::count(bytes.begin(), bytes.end(), value));
}

/// An image that has no byte of the kind that the guest's memory is full of.
struct Large_bench : Bench {
    Large_bench() : Bench {much}
    {
        for (u32 n = 0; n != much; ++n)
            image[n] = static_cast<u8>(1 + n % 251);
    }
};

} // namespace

TEST_CASE("disk: what is more than a step is gone on with by the same store, and becomes the same")
{
    Large_bench b;
    bool const to_guest = GENERATE(true, false);
    u32 const type = to_guest ? Bench::in : Bench::out;
    std::vector<u8> expected = b.image;
    if (!to_guest) {
        for (u32 n = 0; n != much; ++n)
            b.guest.at<u8>(Bench::data + n) = expected[n] = static_cast<u8>(n % 253);
    }
    b.driver.offer(b.driver.chain(b.parts(type, 0, much, to_guest)));
    unsigned steps = 1;
    while (!notify_once(b))
        REQUIRE(++steps < 20);
    CHECK(steps >= much / step);
    CHECK(steps <= much / step + 2);
    CHECK(b.guest.at<u8>(Bench::status) == Bench::ok);
    CHECK((b.image == expected));
    CHECK((b.bytes(much) == expected));
    CHECK(b.driver.used_index() == 1);
    CHECK(b.driver.last_used() == Driver::Used {0, to_guest ? much + 1 : 1});
    CHECK(b.line());
}

TEST_CASE("disk: between two steps the driver may look, and what it looks at goes on as well")
{
    Large_bench b;
    b.driver.offer(b.driver.chain(b.parts(Bench::in, 0, much, true)));
    REQUIRE_FALSE(notify_once(b));
    unsigned const before = count_of(b.bytes(much), 0);
    CHECK(before != 0);
    CHECK(b.driver.read(virtio_registers::interrupt_status) == 0);
    CHECK(count_of(b.bytes(much), 0) < before);
    CHECK(b.driver.read(virtio_registers::queue_ready) == 1);
    (void)b.driver.notify();
    CHECK((b.bytes(much) == b.of_image(0, much)));
}

TEST_CASE("disk: what is offered meanwhile is done as well")
{
    Large_bench b;
    b.driver.offer(b.driver.chain(b.parts(Bench::in, 0, much, true)));
    REQUIRE_FALSE(notify_once(b));
    u32 const second = Driver::free + 0x200;
    b.put_header(Bench::in, 7, second);
    b.driver.offer(
        b.driver.chain({{second, 16, false}, {second + 0x200, 512, true}, {second + 16, 1, true}}));
    b.put_header(Bench::out, 100); // of the first one: it was read
    b.driver.descriptor(1) = {0, 0, 0, 0};
    (void)b.driver.notify();
    CHECK(b.driver.used_index() == 2);
    CHECK((b.bytes(much) == b.of_image(0, much)));
    CHECK(std::memcmp(b.guest.bytes(second + 0x200, 512), b.image.data() + 7 * 512, 512) == 0);
}

TEST_CASE("disk: a reset in the middle of a request forgets it")
{
    Large_bench b;
    b.driver.offer(b.driver.chain(b.parts(Bench::in, 0, much, true)));
    REQUIRE_FALSE(notify_once(b));
    switch (GENERATE(range(0, 3))) {
    case 0: CHECK(b.driver.write(virtio_registers::status, 0)); break;
    case 1: CHECK(b.driver.write(virtio_registers::queue_ready, 0)); break;
    default: b.disk.transport.reset(); // with the guest's board
    }
    std::vector<u8> const ram = b.guest.contents();
    CHECK(notify_once(b));
    CHECK(b.disk.transport.settle());
    CHECK((b.guest.contents() == ram));
    b.driver.start();
    CHECK(notify_once(b)); // nothing was offered since
    CHECK(b.driver.used_index() == 0);
    CHECK(b.reads(3, 1024) == Bench::ok);
    CHECK(b.driver.used_index() == 1);
    CHECK((b.bytes(1024) == b.of_image(3, 1024)));
}

TEST_CASE("disk: a step copies at most 64 KB, and a quarter of it where not all of it is words")
{
    Large_bench b;
    bool const words = GENERATE(true, false);
    auto parts = b.parts(Bench::in, 0, much, true);
    parts[1].address += words ? 0 : 1;
    b.driver.offer(b.driver.chain(parts));
    unsigned steps = 0;
    for (unsigned left = much; left;) {
        bool const done = notify_once(b);
        unsigned const now = count_of(b.bytes(much + 1), 0) - 1;
        CHECK(left - now <= (words ? step : step / 4));
        REQUIRE(left != now);
        left = now;
        ++steps;
        CHECK((!done || left == 0));
    }
    CHECK(steps >= (words ? 4u : 16u));
    CHECK(steps <= (words ? 6u : 20u));
}

TEST_CASE("disk: a part costs as much as 128 bytes, however small it is")
{
    Large_bench b;
    // As many requests as the ring has, each of so many parts of a word: half a sector, and no more.
    constexpr u32 parts_each = 126, requests = 128;
    b.driver.start(Bench::all);
    std::vector<Part> parts {{Bench::header, 16, false}};
    b.put_header(Bench::in, 0);
    for (u32 n = 0; n != parts_each; ++n)
        parts.push_back({Bench::data + 4 * n, n == 0 ? 12u : 4u, true}); // 512 bytes
    parts.push_back({Bench::status, 1, true});
    u16 const head = b.driver.indirect(parts);
    for (u32 n = 0; n != requests; ++n)
        b.driver.offer(head);
    u32 before = 0;
    while (!notify_once(b)) {
        u32 const now = b.driver.used_index();
        CHECK((now - before) * parts_each <= step / 128 + parts_each);
        before = now;
    }
    CHECK(b.driver.used_index() == requests);
    CHECK(b.guest.at<u8>(Bench::status) == Bench::ok);
}

TEST_CASE("disk: a request costs as much as 4 KB, however little it copies")
{
    Bench b;
    b.driver.start(Bench::all);
    auto const [type, size] = GENERATE(table<u32, u32>({{Bench::get_name, 1},
                                                        {Bench::get_name, 20},
                                                        {Bench::in, 512},
                                                        {Bench::in, 0},
                                                        {Bench::in, 5},
                                                        {Bench::flush, 0},
                                                        {77, 0}}));
    // Its table has as many descriptors as a chain can, most of them of nothing.
    std::vector<Part> parts = b.parts(type, 0, size, true);
    while (parts.size() < virtio::Chain::most)
        parts.insert(parts.end() - 1, {Bench::data, 0, true});
    u16 const head = b.driver.indirect(parts);
    for (u32 n = 0; n != 128; ++n)
        b.driver.offer(head);
    unsigned steps = 0;
    for (bool done = false; !done; ++steps) {
        u32 const before = b.driver.used_index();
        done = notify_once(b);
        CHECK(b.driver.used_index() - before <= 16);
    }
    CHECK(b.driver.used_index() == 128);
    CHECK(steps >= 8);
}
