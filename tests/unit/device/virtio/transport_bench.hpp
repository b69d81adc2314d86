// SPDX-License-Identifier: Apache-2.0
// A virtio device whose backend does what a test says, for tests of its registers.
#pragma once
#include <device/virtio/registers.hpp>
#include <device/virtio/transport.hpp>
#include <support/device_guest.hpp>
#include <vector>

namespace vambrace {

/// What a Scripted_backend does when it is asked to serve.
enum class Serve : u8 { done, more, interrupt, interrupt_and_more, fail };

struct Scripted_backend : virtio::Backend {
    Serve next = Serve::done;
    unsigned served = 0, resets = 0;

    bool serve(virtio::Transport &transport) override
    {
        ++served;
        if (next == Serve::interrupt || next == Serve::interrupt_and_more)
            transport.interrupt();
        if (next == Serve::fail)
            transport.fail();
        return next != Serve::more && next != Serve::interrupt_and_more;
    }
    void reset() override { ++resets; }
    u32 config(u32 offset) const override { return 0xc0000000 | offset; }
};

struct Transport_bench {
    static constexpr unsigned irq = 8;
    static constexpr u32 type = 0x1234, most = 64;
    static constexpr u64 offered = virtio::version_1 | virtio::event_index | 0x21;

    Device_guest guest {};
    Scripted_backend backend {};
    virtio::Transport device {guest, irq, {type, most, offered}, backend};

    u32 read(u32 offset) { return device.read(offset); }
    /// As one instruction. Returns what settle() did.
    bool write(u32 offset, u32 value)
    {
        device.write(offset, value);
        return device.settle();
    }
    void take_features(u64 features)
    {
        for (u32 half : {0u, 1u}) {
            write(virtio_registers::driver_features_sel, half);
            write(virtio_registers::driver_features, static_cast<u32>(features >> 32 * half));
        }
    }
    /// As far as FEATURES_OK.
    void negotiate(u64 features = virtio::version_1)
    {
        using namespace virtio_registers;
        write(status, 0);
        write(status, acknowledge);
        write(status, acknowledge | driver);
        take_features(features);
        write(status, acknowledge | driver | features_ok);
    }
    void set_queue(u32 size = 16, u64 descriptors = 0x1000, u64 available = 0x2000, u64 used = 0x3000)
    {
        using namespace virtio_registers;
        write(queue_num, size);
        write(desc_low, static_cast<u32>(descriptors));
        write(desc_high, static_cast<u32>(descriptors >> 32));
        write(driver_low, static_cast<u32>(available));
        write(driver_high, static_cast<u32>(available >> 32));
        write(device_low, static_cast<u32>(used));
        write(device_high, static_cast<u32>(used >> 32));
    }
    /// All of "Device Initialization".
    void start()
    {
        using namespace virtio_registers;
        negotiate();
        set_queue();
        write(queue_ready, 1);
        write(status, acknowledge | driver | features_ok | driver_ok);
    }
    bool line() const { return guest.line(irq); }
};

} // namespace vambrace
