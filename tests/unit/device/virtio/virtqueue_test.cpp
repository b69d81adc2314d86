// SPDX-License-Identifier: Apache-2.0
// The device's side of a queue in a guest's RAM: what it takes from it, and what it writes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <device/virtio/virtqueue_bench.hpp>

using namespace vambrace;
using namespace vambrace::virtqueue;

TEST_CASE("virtqueue: a chain is its parts, in their order")
{
    Queue_bench b;
    bool const by_table = GENERATE(false, true);
    b.driver.chain({{ram, 1, false}}); // so that it does not begin with descriptor 0
    u16 const head = by_table ? b.driver.indirect(three(free_ram)) : b.driver.chain(three(free_ram));
    CHECK(b.take(head) == Error::none);
    CHECK(b.chain.head == head);
    REQUIRE(b.chain.count == 3);
    CHECK(b.chain.readable == 1);
    CHECK(b.chain.read_size == 16);
    CHECK(b.chain.write_size == 513);
    CHECK(b.has(0, free_ram, 16));
    CHECK(b.has(1, free_ram + 0x1000, 512));
    CHECK(b.has(2, free_ram + 0x2001, 1));
}

TEST_CASE("virtqueue: parts without a byte are no parts")
{
    Queue_bench b;
    u64 const nowhere = GENERATE(0ull, 0x40000000ull, ~0ull);
    u16 const head = b.driver.chain({{nowhere, 0, false},
                                     {free_ram, 4, false},
                                     {nowhere, 0, false},
                                     {free_ram + 8, 4, true},
                                     {nowhere, 0, true}});
    CHECK(b.take(head) == Error::none);
    REQUIRE(b.chain.count == 2);
    CHECK(b.chain.readable == 1);
    CHECK(b.has(0, free_ram, 4));
    CHECK(b.has(1, free_ram + 8, 4));
}

TEST_CASE("virtqueue: all of the guest's RAM can be in a part, and nothing beside it")
{
    Queue_bench b;
    u32 const end = b.guest.ram_end(), size = b.guest.memory.size();
    CHECK(b.take(b.driver.chain({{ram, size, true}})) == Error::none);
    CHECK(b.take(b.driver.chain({{end - 1, 1, true}})) == Error::none);
    auto const [address, bytes] = GENERATE_COPY(table<u64, u32>({
        {ram, size + 1},
        {ram - 1, 2},
        {ram - 1, 1},
        {end, 1},
        {end - 1, 2},
        {0, 1},
        {0x02300000, 4}, // where its RAM is for us
        {ram, 0xffffffff},
        {end - 4, 0xffffffff},
        {0xfffffff0, 0x20},
        {0xfffffff0, ram + 0x20},         // round the top, into its RAM
        {1ull << 32 | ram, 4},            // the same, but for what is above 4 GB
        {0xffffffff00000000ull | ram, 4}, // likewise
        {~0ull, 1},
        {~0ull, 2},
        {~0ull - 3, ram + 8},
    }));
    CHECK(b.take_one(address, bytes) == Error::address);
}

TEST_CASE("virtqueue: the ring goes round, and so do its indices")
{
    u32 const size = GENERATE(1u, 2u, 64u, 128u);
    Queue_bench b {all, size};
    u16 const first = GENERATE(as<u16> {}, 0, 1, 0xff00, 0xffff);
    b.progress = {first, first, first};
    b.driver.available_index() = first;
    for (u32 n = 0; n != 3 * size + 300; ++n) {
        b.driver.descriptor(n % size) = {free_ram + n, n + 1, Descriptor::written, 0};
        REQUIRE(b.take(static_cast<u16>(n % size)) == Error::none);
        REQUIRE(b.has(0, free_ram + n, n + 1));
        u16 const at = static_cast<u16>(first + n);
        b.with([&](Virtqueue &queue) {
            queue.give_back(b.chain, n);
            return queue.waiting() == 0;
        });
        REQUIRE(b.driver.used_element(at) == Driver::Used {n % size, n});
        REQUIRE(b.driver.used_index() == static_cast<u16>(at + 1));
    }
}

TEST_CASE("virtqueue: what waits is what was offered and not taken")
{
    Queue_bench b;
    auto const waiting = [&] { return b.with([](Virtqueue &queue) { return queue.waiting(); }); };
    CHECK(waiting() == 0);
    for (u32 n = 0; n != 3; ++n)
        b.driver.offer(b.driver.chain(three(free_ram)));
    CHECK(waiting() == 3);
    CHECK(b.take() == Error::none);
    CHECK(waiting() == 2);
}

TEST_CASE("virtqueue: giving back changes an element and the index, and nothing else")
{
    Queue_bench b;
    REQUIRE(b.take(b.driver.chain(three(free_ram))) == Error::none);
    b.progress.used = 5;
    std::vector<u8> before = b.guest.contents();
    b.with([&](Virtqueue &queue) { queue.give_back(b.chain, 0x12345678); });
    u32 const element = Driver::used - ram + 4 + 5 * 8, index = Driver::used - ram + 2;
    std::vector<u8> const after = b.guest.contents();
    CHECK(b.driver.used_element(5) == Driver::Used {0, 0x12345678});
    CHECK(b.driver.used_index() == 6);
    std::copy_n(after.begin() + element, 8, before.begin() + element);
    std::copy_n(after.begin() + index, 2, before.begin() + index);
    CHECK((before == after));
}

TEST_CASE("virtqueue: the driver is interrupted unless it says that it does not want to be")
{
    Queue_bench b {virtio::version_1 | indirect};
    bool const wanted = GENERATE(false, true);
    b.driver.available_flags() = static_cast<u16>(wanted ? 0xfffe : 1);
    b.driver.used_event() = 0x7fff; // nothing that is looked at
    auto const announce = [&] { return b.with([](Virtqueue &queue) { return queue.announce(); }); };
    CHECK_FALSE(announce());
    REQUIRE(b.take(b.driver.chain(three(free_ram))) == Error::none);
    b.with([&](Virtqueue &queue) { queue.give_back(b.chain, 1); });
    CHECK(announce() == wanted);
    CHECK_FALSE(announce()); // it was told
    CHECK(b.driver.available_event() == 0);
}

TEST_CASE("virtqueue: with EVENT_IDX the driver is interrupted for the buffer that it waits for")
{
    Queue_bench b;
    // "Used Buffer Notification Suppression": of the buffers from `before` on to `now`, is it one?
    auto const [event, before, now, wanted] = GENERATE(table<u16, u16, u16, bool>({
        {0, 0, 1, true},
        {0, 1, 2, false},
        {1, 1, 2, true},
        {1, 0, 1, false},
        {5, 0, 5, false},
        {5, 0, 6, true},
        {5, 5, 6, true},
        {5, 6, 9, false},
        {0xffff, 0xfffe, 0xffff, false},
        {0xffff, 0xfffe, 0, true},
        {0xffff, 0xffff, 0, true},
        {0, 0xffff, 2, true},
        {2, 0xffff, 2, false},
        {0, 0, 0, false},
        {7, 7, 7, false},
        {6, 7, 7, false},
        {0x8000, 0, 1, false},
    }));
    b.driver.available_flags() = GENERATE(as<u16> {}, 0, 1); // not looked at
    b.driver.used_event() = event;
    b.progress = {0x4321, now, before};
    CHECK(b.with([](Virtqueue &queue) { return queue.announce(); }) == wanted);
    CHECK(b.progress.announced == now);
    CHECK(b.driver.available_event() == 0x4321); // and the device is notified of the next one
}
