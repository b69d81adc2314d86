// SPDX-License-Identifier: Apache-2.0
// A driver in a guest's RAM: it writes a queue as "Split Virtqueues" says, or worse.
#pragma once
#include <cstring>
#include <device/virtio/registers.hpp>
#include <device/virtio/transport.hpp>
#include <support/device_guest.hpp>

namespace vambrace {

/// "The Virtqueue Descriptor Table", with "Indirect Descriptors".
struct Descriptor {
    u64 address;
    u32 size;
    u16 flags, next;

    static constexpr u16 goes_on = 1, written = 2, indirect = 4;
};

/// Some bytes of a buffer.
struct Part {
    u64 address;
    u32 size;
    bool written; ///< by the device
};

class Driver {
  public:
    /// Where the driver has its things, one behind the other with room between them.
    static constexpr u32 ram = VAMBRACE_RAM_IPA, descriptors = ram + 0x1000, available = ram + 0x2000,
                         used = ram + 0x3000, tables = ram + 0x8000, free = ram + 0x100000;
    static constexpr u64 usual = virtio::version_1;

    struct Used {
        u32 head, written;
        bool operator==(Used const &) const = default;
    };

    Driver(Device_guest &guest, virtio::Transport &device) : guest_ {guest}, device_ {device} {}

    /// "Device Initialization"; all of the queue is the driver's again.
    void start(u64 features = usual, u32 size = 128)
    {
        start_at(features, size, descriptors, available, used);
        std::memset(guest_.bytes(descriptors, used - descriptors), 0, used - descriptors);
        std::memset(guest_.bytes(used, 6 + 8 * size), 0, 6 + 8 * size);
    }
    void start_at(u64 features, u32 size, u64 table, u64 ring, u64 used_ring)
    {
        using namespace virtio_registers;
        size_ = size, next_ = 0, next_table_ = tables;
        write(status, 0);
        write(status, acknowledge | driver);
        write(driver_features_sel, 1), write(driver_features, static_cast<u32>(features >> 32));
        write(driver_features_sel, 0), write(driver_features, static_cast<u32>(features));
        write(status, acknowledge | driver | features_ok);
        write(queue_num, size);
        write(desc_low, static_cast<u32>(table)), write(desc_high, static_cast<u32>(table >> 32));
        write(driver_low, static_cast<u32>(ring)), write(driver_high, static_cast<u32>(ring >> 32));
        write(device_low, static_cast<u32>(used_ring)), write(device_high, static_cast<u32>(used_ring >> 32));
        write(queue_ready, 1);
        write(status, acknowledge | driver | features_ok | driver_ok);
    }
    bool write(u32 offset, u32 value)
    {
        device_.write(offset, value);
        return device_.settle();
    }
    u32 read(u32 offset)
    {
        u32 const value = device_.read(offset);
        (void)device_.settle();
        return value;
    }

    Descriptor &descriptor(u32 n, u32 table = descriptors)
    {
        return guest_.at<Descriptor>(table + n * sizeof(Descriptor));
    }
    /// Parts of a buffer, in a table from its n-th descriptor on.
    void put(std::vector<Part> const &parts, u32 table, u32 n)
    {
        for (Part const &part : parts) {
            bool const last = &part == &parts.back();
            u16 const flags = (part.written ? Descriptor::written : 0) | (last ? 0 : Descriptor::goes_on);
            descriptor(n, table) = {part.address, part.size, flags, static_cast<u16>(n + 1)};
            ++n;
        }
    }
    /// Writes a buffer's descriptors. Returns the first one's number.
    u16 chain(std::vector<Part> const &parts)
    {
        u32 const count = static_cast<u32>(parts.size());
        u32 const head = next_ + count <= size_ ? next_ : 0;
        put(parts, descriptors, head);
        next_ = head + count;
        return static_cast<u16>(head);
    }
    u16 indirect(std::vector<Part> const &parts)
    {
        u32 const table = next_table_ + sizeof(Descriptor) * static_cast<u32>(parts.size()) < free
                              ? next_table_
                              : u32 {tables};
        put(parts, table, 0);
        u32 const bytes = static_cast<u32>(sizeof(Descriptor) * parts.size());
        next_table_ = table + bytes;
        u16 const head = chain({{table, bytes, false}});
        descriptor(head).flags = Descriptor::indirect;
        return head;
    }
    u16 &available_index() { return guest_.at<u16>(available + 2); }
    u16 &available_flags() { return guest_.at<u16>(available); }
    /// Behind the ring: what the driver waits for, with EVENT_IDX.
    u16 &used_event() { return guest_.at<u16>(available + 4 + 2 * size_); }
    u16 used_index() { return guest_.at<u16>(used + 2); }
    u16 available_event() { return guest_.at<u16>(used + 4 + 8 * size_); }
    Used used_element(u32 n) { return guest_.at<Used>(used + 4 + 8 * (n % size_)); }

    Used last_used() { return used_element(used_index() - 1u); }
    bool needs_reset() { return read(virtio_registers::status) & virtio_registers::needs_reset; }

    void offer(u16 head)
    {
        guest_.at<u16>(available + 4 + 2 * (available_index() % size_)) = head;
        ++available_index();
    }
    /// Executes the store until it is done. Returns how often.
    unsigned notify()
    {
        for (unsigned n = 1; n != 10000; ++n)
            if (write(virtio_registers::queue_notify, 0))
                return n;
        throw No_progress {};
    }

  private:
    Device_guest &guest_;
    virtio::Transport &device_;
    u32 size_ {}, next_ {}, next_table_ {tables};
};

} // namespace vambrace
