// SPDX-License-Identifier: Apache-2.0
// Registers of a virtio device: each does what "MMIO Device Register Layout" says of it, and no order of
// accesses makes a queue that cannot be.
#include <catch2/catch.hpp>
#include <device/virtio/transport_bench.hpp>

using namespace vambrace;
using namespace vambrace::virtio_registers;

namespace {

constexpr u64 version_1 = virtio::version_1;
constexpr u32 begun = acknowledge | driver;

} // namespace

TEST_CASE("virtio: the registers say what the device is")
{
    Transport_bench b;
    CHECK(b.read(magic) == 0x74726976); // "virt"
    CHECK(b.read(version) == 2);
    CHECK(b.read(device_id) == Transport_bench::type);
    CHECK(b.read(vendor_id) == 0x52424d56); // "VMBR"
    CHECK(b.read(config_generation) == 0);
    CHECK(b.read(status) == 0);
    CHECK(b.read(interrupt_status) == 0);
}

TEST_CASE("virtio: the features of the device are read in halves, and others there are none")
{
    Transport_bench b;
    b.write(device_features_sel, 0);
    CHECK(b.read(device_features) == static_cast<u32>(Transport_bench::offered));
    b.write(device_features_sel, 1);
    CHECK(b.read(device_features) == 1); // VERSION_1
    b.write(device_features_sel, GENERATE(2u, 31u, 32u, 0x80000000u, 0xffffffffu));
    CHECK(b.read(device_features) == 0);
}

TEST_CASE("virtio: FEATURES_OK stays if the features were offered and VERSION_1 is among them")
{
    Transport_bench b;
    auto const [features, good] = GENERATE(table<u64, bool>({
        {version_1, true},
        {version_1 | virtio::event_index | 0x21, true},
        {version_1 | 1, true},
        {0, false},
        {virtio::event_index, false},
        {version_1 | 2, false},
        {version_1 | virtio::indirect_descriptors, false}, // not by this one
        {version_1 << 1, false},
        {version_1 | version_1 << 1, false},
        {~0ull, false},
    }));
    b.negotiate(features);
    CHECK(b.read(status) == (begun | (good ? features_ok : 0)));
    CHECK(b.device.has(version_1) == ((features & version_1) != 0));
}

TEST_CASE("virtio: features that were agreed on do not change until a reset")
{
    Transport_bench b;
    b.negotiate(version_1 | 1);
    b.take_features(virtio::event_index);
    CHECK(b.device.has(1));
    CHECK(b.device.has(version_1));
    CHECK_FALSE(b.device.has(virtio::event_index));
    b.write(status, begun); // FEATURES_OK cannot be taken back either
    CHECK(b.read(status) == (begun | features_ok));
    b.negotiate(version_1 | virtio::event_index);
    CHECK_FALSE(b.device.has(1));
    CHECK(b.device.has(virtio::event_index));
}

TEST_CASE("virtio: a driver that was refused may try again with less")
{
    Transport_bench b;
    b.negotiate(version_1 | 2);
    REQUIRE(b.read(status) == begun);
    b.take_features(version_1 | 1);
    b.write(status, begun | features_ok);
    CHECK(b.read(status) == (begun | features_ok));
}

TEST_CASE("virtio: features of halves that do not exist are nobody's")
{
    Transport_bench b;
    b.write(driver_features_sel, GENERATE(2u, 32u, 0xffffffffu));
    b.write(driver_features, 0xffffffff);
    for (unsigned n = 0; n != 64; ++n)
        CHECK_FALSE(b.device.has(1ull << n));
}

TEST_CASE("virtio: a status of 0 resets the device from anywhere")
{
    Transport_bench b;
    b.start();
    b.backend.next = GENERATE(Serve::done, Serve::more, Serve::interrupt_and_more, Serve::fail);
    b.write(queue_notify, 0);
    b.write(queue_sel, 3);
    unsigned const resets = b.backend.resets, served = b.backend.served;
    bool const by_driver = GENERATE(true, false);
    if (by_driver)
        CHECK(b.write(status, 0));
    else
        b.device.reset();
    CHECK(b.device.settle());
    CHECK(b.backend.resets == resets + 1);
    CHECK(b.backend.served == served);
    CHECK(b.read(status) == 0);
    CHECK(b.read(interrupt_status) == 0);
    CHECK_FALSE(b.line());
    CHECK(b.read(queue_num_max) == Transport_bench::most); // QueueSel is 0 again
    CHECK(b.read(queue_ready) == 0);
    CHECK(b.device.queue().size == 0);
    CHECK((b.device.queue().descriptors | b.device.queue().driver | b.device.queue().device) == 0);
    CHECK_FALSE(b.device.has(version_1));
}

TEST_CASE("virtio: there is one queue")
{
    Transport_bench b;
    b.negotiate();
    CHECK(b.read(queue_num_max) == Transport_bench::most);
    u32 const other = GENERATE(1u, 2u, 0x10000u, 0xffffffffu);
    b.write(queue_sel, other);
    CHECK(b.read(queue_num_max) == 0);
    b.set_queue();
    b.write(queue_ready, 1);
    CHECK(b.read(queue_ready) == 0);
    b.write(queue_sel, 0);
    CHECK(b.read(queue_ready) == 0);
    CHECK(b.device.queue().size == 0);
    CHECK(b.device.queue().descriptors == 0);
    b.set_queue();
    b.write(queue_ready, 1);
    CHECK(b.read(queue_ready) == 1);
    b.write(queue_sel, other);
    CHECK(b.read(queue_ready) == 0); // of that one
    b.write(queue_ready, 0);         // likewise
    CHECK(b.device.queue().ready);
}

TEST_CASE("virtio: where the queue is has 64 bits, and is taken while it is not ready")
{
    Transport_bench b;
    b.negotiate();
    b.set_queue(64, 0x1122334455667780, 0x99aabbccddeeff02, 0x123456789abcdef4);
    virtio::Queue const &queue = b.device.queue();
    CHECK(queue.descriptors == 0x1122334455667780);
    CHECK(queue.driver == 0x99aabbccddeeff02);
    CHECK(queue.device == 0x123456789abcdef4);
    CHECK(queue.size == 64);
    b.write(queue_ready, 1);
    REQUIRE(queue.ready);
    b.set_queue(8, 0, 0, 0);
    CHECK(queue.descriptors == 0x1122334455667780);
    CHECK(queue.driver == 0x99aabbccddeeff02);
    CHECK(queue.device == 0x123456789abcdef4);
    CHECK(queue.size == 64);
    b.write(queue_ready, 0);
    CHECK_FALSE(queue.ready);
    b.set_queue(8, 0x10, 0x20, 0x30);
    CHECK(queue.descriptors == 0x10);
    CHECK(queue.size == 8);
}

TEST_CASE("virtio: a queue that cannot be never becomes ready")
{
    Transport_bench b;
    auto const [size, descriptors, available, used, good] = GENERATE(table<u32, u64, u64, u64, bool>({
        {64, 0x1000, 0x2000, 0x3000, true},
        {1, 0x1010, 0x2002, 0x3004, true},
        {0, 0x1000, 0x2000, 0x3000, false},
        {3, 0x1000, 0x2000, 0x3000, false},
        {63, 0x1000, 0x2000, 0x3000, false},
        {128, 0x1000, 0x2000, 0x3000, false},
        {0x80000000, 0x1000, 0x2000, 0x3000, false},
        {0xffffffff, 0x1000, 0x2000, 0x3000, false},
        {64, 0x1008, 0x2000, 0x3000, false},
        {64, 0x1001, 0x2000, 0x3000, false},
        {64, 0x1000, 0x2001, 0x3000, false},
        {64, 0x1000, 0x2000, 0x3002, false},
        {64, 0x1000, 0x2000, 0x3001, false},
    }));
    b.negotiate();
    b.set_queue(size, descriptors, available, used);
    b.write(queue_ready, 1);
    CHECK(b.read(queue_ready) == good);
    b.write(status, begun | features_ok | driver_ok);
    b.write(queue_notify, 0);
    CHECK(b.backend.served == good);
}

TEST_CASE("virtio: a queue becomes ready after the features were agreed on")
{
    Transport_bench b;
    b.set_queue();
    b.write(queue_ready, 1);
    CHECK(b.read(queue_ready) == 0);
    b.negotiate();
    b.set_queue();
    b.write(queue_ready, 1);
    CHECK(b.read(queue_ready) == 1);
}

TEST_CASE("virtio: what was begun is forgotten with the queue")
{
    Transport_bench b;
    b.start();
    b.backend.next = Serve::more;
    CHECK_FALSE(b.write(queue_notify, 0));
    unsigned const resets = b.backend.resets;
    CHECK(b.write(queue_ready, 0));
    CHECK(b.backend.resets == resets + 1);
    CHECK(b.backend.served == 1);
    b.write(queue_notify, 0);
    CHECK(b.backend.served == 1);
    CHECK(b.write(queue_ready, 1));
    b.write(queue_notify, 0);
    CHECK(b.backend.served == 2);
}

TEST_CASE("virtio: the queue is served when it is notified, ready, and the driver is")
{
    Transport_bench b;
    SECTION("all of it")
    {
        b.start();
        CHECK(b.write(queue_notify, 0));
        CHECK(b.backend.served == 1);
        CHECK(b.device.settle());
        CHECK(b.backend.served == 1); // once
    }
    SECTION("another queue")
    {
        b.start();
        b.write(queue_notify, GENERATE(1u, 0x10000u, 0xffffffffu));
        CHECK(b.backend.served == 0);
    }
    SECTION("a queue that is not ready")
    {
        b.negotiate();
        b.set_queue();
        b.write(status, begun | features_ok | driver_ok);
        b.write(queue_notify, 0);
        CHECK(b.backend.served == 0);
    }
    SECTION("before DRIVER_OK")
    {
        b.negotiate();
        b.set_queue();
        b.write(queue_ready, 1);
        b.write(queue_notify, 0);
        CHECK(b.backend.served == 0);
    }
    SECTION("what was not ready then is not served later")
    {
        b.negotiate();
        b.set_queue();
        b.write(queue_ready, 1);
        b.write(queue_notify, 0);
        b.write(status, begun | features_ok | driver_ok);
        CHECK(b.backend.served == 0);
    }
}

TEST_CASE("virtio: a queue that takes longer is served again with each access until it is done")
{
    Transport_bench b;
    b.start();
    b.backend.next = Serve::interrupt_and_more;
    CHECK_FALSE(b.write(queue_notify, 0));
    CHECK(b.line()); // the driver can see to what is there already
    CHECK_FALSE(b.write(queue_notify, 0));
    CHECK(b.read(interrupt_status) == used_buffer);
    CHECK_FALSE(b.device.settle());
    CHECK(b.backend.served == 3);
    b.backend.next = Serve::done;
    CHECK(b.write(queue_notify, 0));
    CHECK(b.write(interrupt_ack, used_buffer));
    CHECK(b.backend.served == 4);
    CHECK_FALSE(b.line());
}

TEST_CASE("virtio: the line is high while InterruptStatus is not 0")
{
    Transport_bench b;
    b.start();
    CHECK_FALSE(b.line());
    b.backend.next = Serve::interrupt;
    b.write(queue_notify, 0);
    CHECK(b.read(interrupt_status) == used_buffer);
    CHECK(b.line());
    b.write(interrupt_ack, configuration_change | 0xfffffffc);
    CHECK(b.read(interrupt_status) == used_buffer);
    CHECK(b.line());
    b.write(interrupt_ack, used_buffer);
    CHECK(b.read(interrupt_status) == 0);
    CHECK_FALSE(b.line());
}

TEST_CASE("virtio: a device that fails asks for a reset, and does nothing more before")
{
    Transport_bench b;
    b.start();
    b.backend.next = Serve::fail;
    CHECK(b.write(queue_notify, 0));
    CHECK(b.read(status) == (begun | features_ok | driver_ok | needs_reset));
    CHECK(b.read(interrupt_status) == configuration_change);
    CHECK(b.line());
    b.write(interrupt_ack, configuration_change);
    CHECK_FALSE(b.line());
    b.write(status, begun | features_ok | driver_ok); // the driver cannot say that it is not so
    CHECK(b.read(status) == (begun | features_ok | driver_ok | needs_reset));
    b.write(queue_notify, 0);
    b.write(queue_ready, 0);
    b.write(queue_ready, 1);
    b.write(queue_notify, 0);
    CHECK(b.backend.served == 1);
    b.backend.next = Serve::done;
    b.start();
    CHECK(b.read(status) == (begun | features_ok | driver_ok));
    b.write(queue_notify, 0);
    CHECK(b.backend.served == 2);
}

TEST_CASE("virtio: the driver cannot ask for a reset by the device's bit")
{
    Transport_bench b;
    b.start();
    b.write(status, begun | features_ok | driver_ok | needs_reset | failed);
    CHECK(b.read(status) == (begun | features_ok | driver_ok | failed));
}

TEST_CASE("virtio: the configuration is the backend's, and there are no shared memory regions")
{
    Transport_bench b;
    for (u32 offset = config; offset != page_size; offset += 4)
        REQUIRE(b.read(offset) == (0xc0000000 | (offset - config)));
    for (u32 offset = shm_len_low; offset <= shm_base_high; offset += 4)
        CHECK(b.read(offset) == 0xffffffff); // none, whatever is selected
    for (u32 offset : {0x18u, driver_features, 0x28u, 0x3cu, queue_num, queue_notify, interrupt_ack, desc_low,
                       device_high, shm_sel, 0xc0u, 0xf8u})
        CHECK(b.read(offset) == 0);
}
