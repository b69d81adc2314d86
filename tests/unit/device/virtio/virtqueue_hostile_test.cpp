// SPDX-License-Identifier: Apache-2.0
// What a guest may write into a queue that is no chain of RAM, or no queue.
#include <algorithm>
#include <catch2/catch.hpp>
#include <device/virtio/virtqueue_bench.hpp>

using namespace vambrace;
using namespace vambrace::virtqueue;

TEST_CASE("virtqueue: a ring or a table that is not the guest's RAM cannot be reached")
{
    Queue_bench b;
    u32 const size = GENERATE(1u, 128u), end = b.guest.ram_end();
    u32 const part = GENERATE(0u, 1u, 2u);
    u32 const bytes[] {16 * size, 6 + 2 * size, 6 + 8 * size};
    u64 addresses[] {Driver::descriptors, Driver::available, Driver::used};
    auto const reachable = [&](u64 address) {
        addresses[part] = address;
        b.driver.start_at(all, size, addresses[0], addresses[1], addresses[2]);
        REQUIRE(b.device.queue().ready);
        return b.with([](Virtqueue &queue) { return queue.is_reachable(); });
    };
    CHECK(reachable(ram));
    u32 const last = align_down(end - bytes[part], 16);
    CHECK(reachable(last));
    u64 const bad = GENERATE_COPY(u64 {last + 16}, u64 {end}, u64 {ram - 16}, u64 {0}, u64 {0xfffffff0},
                                  1ull << 32 | ram, ~0xfull, u64 {0x02300000});
    CHECK_FALSE(reachable(bad));
}

TEST_CASE("virtqueue: what is no chain is refused")
{
    Queue_bench b;
    u16 const head = b.driver.chain(three(free_ram)); // 0, 1, 2
    SECTION("its head is outside of the table")
    {
        CHECK(b.take(GENERATE(as<u16> {}, 128, 129, 0x8000, 0xffff)) == Error::inval);
    }
    SECTION("its next is outside of the table")
    {
        b.driver.descriptor(1).next = GENERATE(as<u16> {}, 128, 0x8000, 0xffff);
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("it goes round")
    {
        Descriptor &last = b.driver.descriptor(2);
        last.flags |= Descriptor::goes_on;
        last.next = GENERATE(as<u16> {}, 1, 2);
        last.size = GENERATE(0u, 1u);
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("it goes round without a byte")
    {
        b.driver.descriptor(0) = {free_ram, 0, Descriptor::goes_on, 0};
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("what is read comes after what is written")
    {
        b.driver.descriptor(0).flags |= Descriptor::written;
        b.driver.descriptor(2).flags = 0;
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("there is a table within")
    {
        b.driver.descriptor(GENERATE(1u, 2u)).flags |= Descriptor::indirect;
        CHECK(b.take(head) == Error::inval);
    }
}

TEST_CASE("virtqueue: more buffers than the ring has elements are none")
{
    u32 const size = GENERATE(1u, 16u, 128u);
    Queue_bench b {all, size};
    b.driver.chain({{free_ram, 1, true}});
    b.progress = {0xfff8, 0xfff8, 0xfff8};
    u32 const ahead = GENERATE_COPY(size + 1, size + 2, 0x8000u, 0xffffu);
    b.driver.available_index() = static_cast<u16>(0xfff8 + ahead);
    CHECK(b.take() == Error::inval);
    b.progress = {0xfff8, 0xfff8, 0xfff8};
    b.driver.available_index() = static_cast<u16>(0xfff8 + size);
    CHECK(b.take() == Error::none);
}

TEST_CASE("virtqueue: a table of a buffer's own is one, and of whole descriptors")
{
    Queue_bench b;
    u16 const head = b.driver.indirect(three(free_ram));
    Descriptor &outer = b.driver.descriptor(head);
    REQUIRE(b.take(head) == Error::none);
    SECTION("with another part behind it")
    {
        outer.flags |= Descriptor::goes_on;
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("of a size that is none")
    {
        outer.size = GENERATE(0u, 1u, 15u, 17u, 0x2fu, 0xffffffffu);
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("with a next outside of it")
    {
        outer.size = GENERATE(16u, 32u);
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("with a table in it")
    {
        b.driver.descriptor(GENERATE(0u, 1u, 2u), Driver::tables).flags |= Descriptor::indirect;
        CHECK(b.take(head) == Error::inval);
    }
    SECTION("outside of RAM")
    {
        u32 const end = b.guest.ram_end();
        outer.address =
            GENERATE_COPY(u64 {0}, u64 {ram - 16}, u64 {end - 32}, 1ull << 32 | ram, ~0ull, ~0ull - 47);
        CHECK(b.take(head) == Error::address);
    }
    SECTION("larger than RAM")
    {
        outer.size = 0xfffffff0;
        CHECK(b.take(head) == Error::address);
    }
    SECTION("anywhere in RAM, on any byte")
    {
        outer.address = free_ram + 0x5001;
        std::memcpy(b.guest.bytes(free_ram + 0x5001, 48), b.guest.bytes(Driver::tables, 48), 48);
        CHECK(b.take(head) == Error::none);
        CHECK(b.has(2, free_ram + 0x2001, 1));
    }
}

TEST_CASE("virtqueue: without the feature there are no tables of buffers' own")
{
    Queue_bench b {virtio::version_1 | event_index};
    CHECK(b.take(b.driver.indirect(three(free_ram))) == Error::inval);
}

TEST_CASE("virtqueue: a chain has as many parts as a table has descriptors at most")
{
    Queue_bench b;
    u32 const count = GENERATE(127u, 128u, 129u, 1000u);
    u32 const size = GENERATE(0u, 1u);
    std::vector<Part> parts;
    for (u32 n = 0; n != count; ++n)
        parts.push_back({free_ram + 2 * n, size, true});
    CHECK((b.take(b.driver.indirect(parts)) == Error::none) == (count <= Chain::most));
    CHECK(b.chain.count == (size ? std::min(count, Chain::most) : 0));
}

TEST_CASE("virtqueue: a sum of sizes that wraps is refused")
{
    Queue_bench b {all, 128, 64 * mib};
    bool const written = GENERATE(false, true);
    u32 const count = GENERATE(63u, 64u, 65u, 128u);
    std::vector<Part> parts;
    for (u32 n = 0; n != count; ++n)
        parts.push_back({ram, 64 * mib, written});
    CHECK((b.take(b.driver.indirect(parts)) == Error::none) == (count < 64));
}
