// SPDX-License-Identifier: Apache-2.0
// The registers of a virtio device: "MMIO Device Register Layout" of VIRTIO says what each is.
#include <device/virtio/transport.hpp>

namespace vambrace::virtio {

namespace {

enum Offset : u32 {
    magic = 0x00,
    version = 0x04,
    device_id = 0x08,
    vendor_id = 0x0c,
    device_features = 0x10,
    device_features_sel = 0x14,
    driver_features = 0x20,
    driver_features_sel = 0x24,
    queue_sel = 0x30,
    queue_num_max = 0x34,
    queue_num = 0x38,
    queue_ready = 0x44,
    queue_notify = 0x50,
    interrupt_status = 0x60,
    interrupt_ack = 0x64,
    status = 0x70,
    queue_desc_low = 0x80,
    queue_desc_high = 0x84,
    queue_driver_low = 0x90,
    queue_driver_high = 0x94,
    queue_device_low = 0xa0,
    queue_device_high = 0xa4,
    shm_len_low = 0xb0,
    shm_base_high = 0xbc,
    config_generation = 0xfc,
    config = 0x100,
};

constexpr u32 magic_value = 0x74726976, register_version = 2;
constexpr u32 vendor = 0x52424d56; // "VMBR"

/// Half of a number of 64 bits. \param half 0 or 1; of others there is nothing
u32 word_of(u64 value, u32 half) { return half > 1 ? 0 : static_cast<u32>(value >> 32 * half); }
void set_word(u64 &value, bool high, u32 word)
{
    unsigned const shift = high ? 32 : 0;
    value = (value & ~(u64 {0xffffffff} << shift)) | u64 {word} << shift;
}

bool is_power_of_two(u32 n) { return n && (n & (n - 1)) == 0; }

/// "Virtqueues": each part is aligned.
bool is_possible(Queue const &queue, u32 most)
{
    return is_power_of_two(queue.size) && queue.size <= most && queue.descriptors % 16 == 0 &&
           queue.driver % 2 == 0 && queue.device % 4 == 0;
}

} // namespace

u32 Transport::read(u32 offset)
{
    switch (offset) {
    case magic: return magic_value;
    case version: return register_version;
    case device_id: return type_.id;
    case vendor_id: return vendor;
    case device_features: return word_of(type_.features, device_features_sel_);
    case queue_num_max: return queue_sel_ == 0 ? type_.queue_size : 0;
    case queue_ready: return queue_sel_ == 0 && queue_.ready;
    case interrupt_status: return interrupts_;
    case status: return status_;
    default: break;
    }
    if (offset >= shm_len_low && offset <= shm_base_high)
        return ~0u; // there is no such region
    return offset >= config ? backend_.config(offset - config) : 0;
}

void Transport::write(u32 offset, u32 value)
{
    switch (offset) {
    case device_features_sel: device_features_sel_ = value; return;
    case driver_features: return set_driver_features(value);
    case driver_features_sel: driver_features_sel_ = value; return;
    case queue_sel: queue_sel_ = value; return;
    case queue_ready: return set_ready(value & 1);
    case queue_notify: notified_ = notified_ || (value == 0 && queue_.ready && is_live()); return;
    case interrupt_ack: interrupts_ &= ~value; return;
    case status: return set_status(value);
    default: return set_queue(offset, value);
    }
}

bool Transport::settle()
{
    if (notified_ && backend_.serve(*this))
        notified_ = false;
    if (interrupts_ || line_.is_high())
        line_.set(interrupts_ != 0);
    return !notified_;
}

void Transport::fail()
{
    status_ |= needs_reset;
    interrupts_ |= configuration_change;
    notified_ = false;
}

void Transport::reset()
{
    queue_ = {};
    driver_features_ = 0;
    device_features_sel_ = driver_features_sel_ = queue_sel_ = status_ = interrupts_ = 0;
    notified_ = false;
    backend_.reset();
}

/// The driver may set bits, and clear all of them: that resets the device. It may not say that features are
/// right that were not offered ("Device Initialization").
void Transport::set_status(u32 value)
{
    if (value == 0)
        return reset();
    u32 const kept = status_ & (features_ok | needs_reset);
    bool const agreed = !(driver_features_ & ~type_.features) && has(version_1);
    status_ = (value & ~(features_ok | needs_reset)) | kept | (agreed ? value & features_ok : 0);
}

void Transport::set_driver_features(u32 value)
{
    if (driver_features_sel_ <= 1 && !(status_ & features_ok))
        set_word(driver_features_, driver_features_sel_, value);
}

void Transport::set_ready(bool ready)
{
    if (queue_sel_ != 0 || ready == queue_.ready)
        return;
    backend_.reset();
    notified_ = false;
    queue_.ready = ready && status_ & features_ok && is_possible(queue_, type_.queue_size);
}

/// Where a queue is, as long as it is not in use.
void Transport::set_queue(u32 offset, u32 value)
{
    if (queue_sel_ != 0 || queue_.ready)
        return;
    switch (offset) {
    case queue_num: queue_.size = value; return;
    case queue_desc_low:
    case queue_desc_high: return set_word(queue_.descriptors, offset == queue_desc_high, value);
    case queue_driver_low:
    case queue_driver_high: return set_word(queue_.driver, offset == queue_driver_high, value);
    case queue_device_low:
    case queue_device_high: return set_word(queue_.device, offset == queue_device_high, value);
    default: return;
    }
}

} // namespace vambrace::virtio
