// SPDX-License-Identifier: Apache-2.0
// Drivers that put into a disk's queue what cannot be: the device asks for a reset, and nothing else happens.
#include <catch2/catch.hpp>
#include <device/virtio/disk_bench.hpp>

using namespace vambrace;
using Bench = Disk_bench;

namespace {

/// A request that would be right, at descriptors 0 to 2.
u16 good_request(Bench &b, u32 type = Bench::out)
{
    return b.driver.chain(b.parts(type, 0, 512, type == Bench::in));
}

/// The device has done nothing but ask for a reset, and after that it works.
void check_refused(Bench &b, std::vector<u8> const &ram, std::vector<u8> const &image)
{
    CHECK(b.driver.needs_reset());
    CHECK(b.driver.read(virtio_registers::interrupt_status) == virtio_registers::configuration_change);
    CHECK(b.line());
    CHECK((b.guest.contents() == ram));
    CHECK((b.image == image));
    CHECK(b.driver.notify() == 1);
    CHECK((b.guest.contents() == ram));
    b.driver.start();
    CHECK_FALSE(b.line());
    CHECK(b.reads(1, 512) == Bench::ok);
    CHECK((b.bytes(512) == b.of_image(1, 512)));
}

/// It is offered with this head.
void offer_and_check(Bench &b, u16 head)
{
    b.driver.offer(head);
    std::vector<u8> const ram = b.guest.contents(), image = b.image;
    CHECK(b.driver.notify() == 1);
    check_refused(b, ram, image);
}

} // namespace

TEST_CASE("disk: what is no chain makes the device ask for a reset")
{
    Bench b;
    b.driver.start(GENERATE(Driver::usual, Bench::all));
    u16 head = good_request(b, GENERATE(Bench::in, Bench::out));
    u32 const last = 2;
    switch (GENERATE(range(0, 8))) {
    case 0: head = 128; break;
    case 1: head = 0xffff; break;
    case 2: b.driver.descriptor(1).next = 128; break;
    case 3: b.driver.descriptor(last).flags |= Descriptor::goes_on, b.driver.descriptor(last).next = 1; break;
    case 4: b.driver.descriptor(0) = {Bench::header, 0, Descriptor::goes_on, 0}; break;
    case 5: b.driver.descriptor(1).flags |= Descriptor::indirect; break;
    case 6: b.driver.descriptor(0).flags |= Descriptor::written, b.driver.descriptor(last).flags = 0; break;
    default: b.driver.descriptor(0).flags |= Descriptor::indirect; // with another part behind it
    }
    offer_and_check(b, head);
}

TEST_CASE("disk: parts that are not all RAM make the device ask for a reset")
{
    Bench b;
    u32 const end = b.guest.ram_end();
    u32 const part = GENERATE(0u, 1u, 2u);
    auto const [address, size] = GENERATE_COPY(table<u64, u32>({
        {0, 16},
        {Driver::ram - 16, 32},
        {end - 15, 16},
        {end, 1},
        {0xfffffff8, 16},
        {0xfffffff0, 0x40000020},
        {1ull << 32 | Bench::data, 16},
        {~0ull - 7, 16},
        {Bench::data, 0xffffffff},
        {0x02300000, 16},
    }));
    u16 const head = good_request(b, GENERATE(Bench::in, Bench::out));
    b.driver.descriptor(part).address = address;
    b.driver.descriptor(part).size = size;
    offer_and_check(b, head);
}

TEST_CASE("disk: a request without a whole header or a status is none")
{
    Bench b;
    b.put_header(Bench::out, 0);
    std::vector<Part> const parts = GENERATE(values<std::vector<Part>>({
        {{Bench::header, 16, false}},
        {{Bench::header, 16, false}, {Bench::data, 512, false}},
        {{Bench::header, 15, false}, {Bench::status, 1, true}},
        {{Bench::status, 1, true}},
        {{Bench::header, 8, false}, {Bench::header + 8, 7, false}, {Bench::status, 1, true}},
        {{Bench::header, 0, false}, {Bench::status, 0, true}},
        {{Bench::header, 16, false}, {Bench::status, 0, true}},
    }));
    offer_and_check(b, b.driver.chain(parts));
}

TEST_CASE("disk: more requests than the ring has elements are none")
{
    Bench b;
    good_request(b);
    b.driver.available_index() = GENERATE(as<u16> {}, 129, 0x8000, 0xffff);
    std::vector<u8> const ram = b.guest.contents(), image = b.image;
    CHECK(b.driver.notify() == 1);
    check_refused(b, ram, image);
}

TEST_CASE("disk: a ring outside of RAM makes the device ask for a reset")
{
    Bench b;
    b.driver.offer(good_request(b));
    u64 const bad = GENERATE(u64 {0}, u64 {0x40000000 - 0x10}, u64 {0xfffffff0},
                             1ull << 32 | Driver::available, ~0xfull, u64 {0x40000000 + 2 * mib - 16});
    u64 places[] {Driver::descriptors, Driver::available, Driver::used};
    places[GENERATE(0u, 1u, 2u)] = bad;
    b.driver.start_at(Driver::usual, 128, places[0], places[1], places[2]);
    std::vector<u8> const ram = b.guest.contents(), image = b.image;
    CHECK(b.driver.notify() == 1);
    check_refused(b, ram, image);
}

TEST_CASE("disk: what was right before something impossible is done, and told of")
{
    Bench b;
    b.driver.offer(good_request(b, Bench::in));
    b.driver.offer(200);
    CHECK(b.driver.notify() == 1);
    CHECK(b.driver.needs_reset());
    CHECK(b.driver.used_index() == 1);
    CHECK(b.guest.at<u8>(Bench::status) == Bench::ok);
    CHECK((b.bytes(512) == b.of_image(0, 512)));
    CHECK(b.line());
}

TEST_CASE("disk: data may lie on the queue itself, which harms the guest alone")
{
    Bench b;
    u32 const where = GENERATE(Driver::descriptors, Driver::available, Driver::used);
    std::vector<u8> const image = b.image;
    auto parts = b.parts(Bench::in, 0, 0x1000, true);
    parts[1].address = where;
    b.driver.offer(b.driver.chain(parts));
    (void)b.driver.notify();
    CHECK((b.image == image));
    b.driver.start();
    CHECK(b.reads(1, 512) == Bench::ok);
}
