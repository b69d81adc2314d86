// SPDX-License-Identifier: Apache-2.0
// The entropy device hands on what the board's source has, in its order, each word once.
#include <catch2/catch.hpp>
#include <device/virtio/driver.hpp>
#include <device/virtio/entropy.hpp>
#include <fake/board.hpp>

using namespace vambrace;

namespace {

struct Entropy_bench {
    static constexpr unsigned irq = 11;
    static constexpr u32 data = Driver::free;
    static constexpr u64 all = virtio::version_1 | virtio::indirect_descriptors | virtio::event_index;

    explicit Entropy_bench(u32 words = 0)
    {
        fake_board = {};
        for (u32 n = 0; n != words; ++n)
            fake_board.random.push_back(word(n));
        driver.start(Driver::usual, 8);
    }
    ~Entropy_bench() { fake_board = {}; }

    static u32 word(u32 n) { return 0x9e3779b9 * (n + 1); }
    /// Of the source's words, from the n-th on.
    static std::vector<u8> stream(u32 n, u32 size)
    {
        std::vector<u8> bytes(size);
        for (u32 at = 0; at != size; ++at)
            bytes[at] = static_cast<u8>(word(n + at / 4) >> 8 * (at % 4));
        return bytes;
    }
    std::vector<u8> bytes(u32 size, u32 at = data)
    {
        u8 const *const first = guest.bytes(at, size);
        return {first, first + size};
    }
    void offer(u32 size, u32 at = data) { driver.offer(driver.chain({{at, size, true}})); }
    bool notify_once() { return driver.write(virtio_registers::queue_notify, 0); }

    Device_guest guest {};
    virtio::Entropy device {guest, irq};
    Driver driver {guest, device.transport};
};
using Bench = Entropy_bench;

} // namespace

TEST_CASE("entropy: it says what it is, and has no configuration")
{
    Bench b;
    using namespace virtio_registers;
    CHECK(b.driver.read(device_id) == 4);
    CHECK(b.driver.read(queue_num_max) == 8);
    b.driver.write(device_features_sel, 0);
    CHECK(b.driver.read(device_features) == static_cast<u32>(Bench::all));
    b.driver.write(device_features_sel, 1);
    CHECK(b.driver.read(device_features) == 1);
    for (u32 offset = 0; offset != 0x100; offset += 4)
        CHECK(b.driver.read(config + offset) == 0);
}

TEST_CASE("entropy: a buffer is filled with the source's words to its last byte, and no further")
{
    Bench b {100};
    u32 const size = GENERATE(1u, 2u, 3u, 4u, 5u, 31u, 64u, 255u, 256u);
    b.offer(size);
    CHECK(b.driver.notify() == 1);
    CHECK((b.bytes(size) == Bench::stream(0, size)));
    CHECK(b.guest.at<u8>(Bench::data + size) == 0);
    CHECK(b.driver.last_used() == Driver::Used {0, size});
    CHECK(b.guest.line(Bench::irq));
    CHECK(fake_board.random.size() == 100 - (size + 3) / 4);
}

TEST_CASE("entropy: a buffer in pieces is filled piece by piece, each from a word of its own")
{
    Bench b {10};
    b.driver.offer(b.driver.chain({{Bench::data, 3, true}, {Bench::data + 0x101, 6, true}}));
    CHECK(b.driver.notify() == 1);
    CHECK((b.bytes(3) == Bench::stream(0, 3)));
    CHECK((b.bytes(6, Bench::data + 0x101) == Bench::stream(1, 6)));
    CHECK(b.driver.last_used() == Driver::Used {0, 9});
}

TEST_CASE("entropy: no word is given twice, to whichever buffer and however the source delivers")
{
    Bench b {6};
    b.offer(8), b.offer(8, Bench::data + 0x100);
    CHECK(b.driver.notify() == 1);
    CHECK(b.driver.used_index() == 2);
    CHECK((b.bytes(8) == Bench::stream(0, 8)));
    CHECK((b.bytes(8, Bench::data + 0x100) == Bench::stream(2, 8)));
    b.offer(64, Bench::data + 0x200);
    CHECK(b.driver.notify() == 1);
    CHECK((b.bytes(8, Bench::data + 0x200) == Bench::stream(4, 8)));
    CHECK(b.driver.used_element(2) == Driver::Used {2, 8}); // what there was
    CHECK(b.guest.at<u8>(Bench::data + 0x208) == 0);
}

TEST_CASE("entropy: while the source has nothing the store is executed again, and then it is done")
{
    Bench b;
    b.offer(16);
    for (unsigned n = 0; n != 3; ++n) {
        CHECK_FALSE(b.notify_once());
        CHECK(b.driver.used_index() == 0);
        CHECK_FALSE(b.guest.line(Bench::irq));
    }
    fake_board.random = {Bench::word(0)};
    CHECK(b.notify_once());
    CHECK(b.driver.last_used() == Driver::Used {0, 4});
    CHECK((b.bytes(4) == Bench::stream(0, 4)));
    CHECK(b.guest.line(Bench::irq));
}

TEST_CASE("entropy: a step gives 64 words, and a buffer that got some is full enough")
{
    Bench b {200};
    b.offer(1000), b.offer(1000, Bench::data + 0x1000), b.offer(4, Bench::data + 0x2000);
    CHECK_FALSE(b.notify_once());
    CHECK(fake_board.random.size() == 200 - 64);
    CHECK(b.driver.last_used() == Driver::Used {0, 256});
    CHECK_FALSE(b.notify_once());
    CHECK(b.driver.last_used() == Driver::Used {1, 256});
    CHECK(b.notify_once());
    CHECK(b.driver.last_used() == Driver::Used {2, 4});
    CHECK((b.bytes(256, Bench::data + 0x1000) == Bench::stream(64, 256)));
    CHECK((b.bytes(4, Bench::data + 0x2000) == Bench::stream(128, 4)));
}

TEST_CASE("entropy: indirect buffers and the driver's wish not to be told are as everywhere")
{
    Bench b {10};
    b.driver.start(Bench::all, 8);
    b.driver.used_event() = 1; // it wants to know of the second
    b.driver.offer(b.driver.indirect({{Bench::data, 4, true}}));
    CHECK(b.driver.notify() == 1);
    CHECK_FALSE(b.guest.line(Bench::irq));
    b.driver.offer(b.driver.indirect({{Bench::data + 4, 4, true}}));
    CHECK(b.driver.notify() == 1);
    CHECK(b.guest.line(Bench::irq));
    CHECK((b.bytes(8) == Bench::stream(0, 8)));
}

TEST_CASE("entropy: what cannot be filled makes the device ask for a reset, after which it works")
{
    Bench b {10};
    u32 const ram = b.guest.memory.size(), end = VAMBRACE_RAM_IPA + ram;
    std::vector<Part> const bad =
        GENERATE_COPY(values<std::vector<Part>>({{{Bench::data, 4, false}},
                                                 {{Bench::data, 4, false}, {Bench::data + 16, 4, true}},
                                                 {{end, 4, true}},
                                                 {{end - 2, 4, true}},
                                                 {{Bench::data, 4, true}, {0, 4, true}},
                                                 {{Bench::data, 0, true}},
                                                 {{0x100000000 + Bench::data, 4, true}},
                                                 {{Bench::data, 0xffffffff, true}}}));
    b.driver.offer(b.driver.chain(bad));
    std::vector<u8> const before = b.guest.contents();
    CHECK(b.driver.notify() == 1);
    CHECK(b.driver.needs_reset());
    CHECK((b.guest.contents() == before));
    b.driver.start(Driver::usual, 8);
    b.offer(4);
    CHECK(b.driver.notify() == 1);
    CHECK(b.driver.last_used() == Driver::Used {0, 4});
}

TEST_CASE("entropy: a queue outside of RAM is no queue")
{
    Bench b {10};
    u32 const end = VAMBRACE_RAM_IPA + b.guest.memory.size();
    b.driver.start_at(Driver::usual, 8, Driver::descriptors, Driver::available, end);
    CHECK(b.driver.notify() == 1);
    CHECK(b.driver.needs_reset());
    CHECK(fake_board.random.size() == 10);
}

TEST_CASE("entropy: a reset in the middle forgets what was asked for")
{
    Bench b;
    b.offer(16);
    CHECK_FALSE(b.notify_once());
    b.device.transport.reset();
    fake_board.random = {Bench::word(0)};
    CHECK(b.device.transport.settle());
    CHECK(fake_board.random.size() == 1);
    b.driver.start(Driver::usual, 8);
    CHECK(b.notify_once());
    CHECK(b.driver.used_index() == 0);
}
