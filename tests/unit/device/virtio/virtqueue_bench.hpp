// SPDX-License-Identifier: Apache-2.0
// A queue in a guest's RAM and nobody who serves it, for tests of the device's side.
#pragma once
#include <catch2/catch.hpp>
#include <device/virtio/driver.hpp>
#include <device/virtio/transport_bench.hpp>
#include <device/virtio/virtqueue.hpp>

namespace vambrace::virtqueue {

using virtio::Chain, virtio::Progress, virtio::Virtqueue;

inline constexpr u32 ram = Driver::ram, free_ram = Driver::free;
inline constexpr u64 indirect = virtio::indirect_descriptors, event_index = virtio::event_index;
inline constexpr u64 all = virtio::version_1 | indirect | event_index;

struct Queue_bench {
    explicit Queue_bench(u64 features = all, u32 size = 128, u32 ram_size = Device_guest::usual_size)
        : guest {ram_size}
    {
        driver.start(features, size);
        REQUIRE(device.queue().ready);
    }

    Device_guest guest;
    Scripted_backend backend {};
    virtio::Transport device {guest, 8, {2, 128, all}, backend};
    Driver driver {guest, device};
    Progress progress {};
    Chain chain {};

    template <typename F>
    auto with(F what)
    {
        Memory_view const memory {guest};
        Virtqueue queue {memory, device, progress};
        return what(queue);
    }
    Error take()
    {
        return with([&](Virtqueue &queue) { return queue.take(chain); });
    }
    Error take(u16 head)
    {
        driver.offer(head);
        return take();
    }
    /// One part of a buffer, where it should not be.
    Error take_one(u64 address, u32 size)
    {
        bool const written = GENERATE(false, true);
        return take(driver.chain({{address, size, written}}));
    }
    bool has(unsigned n, u32 ipa, u32 size) const
    {
        return chain.segments[n].offset == ipa - ram && chain.segments[n].size == size;
    }
};

/// A buffer of three parts.
inline std::vector<Part> three(u32 at)
{
    return {{at, 16, false}, {at + 0x1000, 512, true}, {at + 0x2001, 1, true}};
}

} // namespace vambrace::virtqueue
