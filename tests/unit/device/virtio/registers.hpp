// SPDX-License-Identifier: Apache-2.0
// VIRTIO's numbers, as a driver has them from "MMIO Device Register Layout" and "Device Status Field".
#pragma once
#include <base/types.hpp>

namespace vambrace::virtio_registers {

inline constexpr u32 magic = 0x00, version = 0x04, device_id = 0x08, vendor_id = 0x0c;
inline constexpr u32 device_features = 0x10, device_features_sel = 0x14;
inline constexpr u32 driver_features = 0x20, driver_features_sel = 0x24;
inline constexpr u32 queue_sel = 0x30, queue_num_max = 0x34, queue_num = 0x38, queue_ready = 0x44;
inline constexpr u32 queue_notify = 0x50, interrupt_status = 0x60, interrupt_ack = 0x64, status = 0x70;
inline constexpr u32 desc_low = 0x80, desc_high = 0x84, driver_low = 0x90, driver_high = 0x94;
inline constexpr u32 device_low = 0xa0, device_high = 0xa4;
inline constexpr u32 shm_sel = 0xac, shm_len_low = 0xb0, shm_base_high = 0xbc, config_generation = 0xfc;
inline constexpr u32 config = 0x100;

inline constexpr u32 acknowledge = 1, driver = 2, driver_ok = 4, features_ok = 8;
inline constexpr u32 needs_reset = 64, failed = 128;
inline constexpr u32 used_buffer = 1, configuration_change = 2;

} // namespace vambrace::virtio_registers
