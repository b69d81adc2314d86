// SPDX-License-Identifier: Apache-2.0
// The registers of a virtio device (VIRTIO, "Virtio Over MMIO", version 2): what is the same for every type
// of device. What is in the queues is its backend's affair.
#pragma once
#include <device/bus.hpp>
#include <kernel/irq_line.hpp>

namespace vambrace::virtio {

/// Features that belong to no type of device (VIRTIO, "Reserved Feature Bits").
constexpr u64 indirect_descriptors = 1ull << 28, event_index = 1ull << 29, version_1 = 1ull << 32;

/// A queue as the driver has described it; all of it is hostile, and nothing of it was looked at.
struct Queue {
    u32 size {};        ///< a power of two, at most the type's, while it is ready
    u64 descriptors {}; ///< addresses of the guest's
    u64 driver {};      ///< the available ring
    u64 device {};      ///< the used ring
    bool ready {};
};

/// What a driver finds before it has said anything.
struct Type {
    u32 id;         ///< VIRTIO, "Device Types"
    u32 queue_size; ///< the most, a power of two; there is one queue
    u64 features;   ///< version_1 among them
};

class Transport;

/// Who serves the queue.
class Backend {
  public:
    /// The driver has put something into the queue. \return false: there is more to do, and it wants to be
    /// asked again
    virtual bool serve(Transport &transport) = 0;
    /// The queue is gone: whatever was begun is forgotten.
    virtual void reset() = 0;
    /// A word of the configuration space. \param offset a multiple of 4; any
    virtual u32 config(u32 offset) const = 0;

  protected:
    constexpr Backend() = default;
    ~Backend() = default;
};

class Transport final : public Device {
  public:
    Transport(Domain &domain, unsigned irq, Type type, Backend &backend)
        : type_ {type}, backend_ {backend}, line_ {domain, irq}
    {
    }

    Queue const &queue() const { return queue_; }
    /// Whether driver and device have agreed on it.
    bool has(u64 feature) const { return driver_features_ & feature; }
    /// The backend has used buffers, and the driver wants to know.
    void interrupt() { interrupts_ |= used_buffer; }
    /// What the driver has written cannot be: nothing more is done until it resets the device.
    void fail();

    u32 read(u32 offset) override;
    void write(u32 offset, u32 value) override;
    bool settle() override;
    void reset() override;

  private:
    void set_status(u32 value);
    void set_driver_features(u32 value);
    void set_ready(bool ready);
    void set_queue(u32 offset, u32 value);
    bool is_live() const { return (status_ & (driver_ok | needs_reset)) == driver_ok; }

    static constexpr u32 used_buffer = 1, configuration_change = 2;        // InterruptStatus
    static constexpr u32 driver_ok = 4, features_ok = 8, needs_reset = 64; // Status

    Type const type_;
    Backend &backend_;
    Irq_line line_;
    Queue queue_ {};
    u64 driver_features_ {};
    u32 device_features_sel_ {}, driver_features_sel_ {}, queue_sel_ {};
    u32 status_ {}, interrupts_ {};
    bool notified_ {}; ///< the backend has something to do
};

} // namespace vambrace::virtio
