// SPDX-License-Identifier: Apache-2.0
// What answers in a guest's machine where there is no RAM: devices, each in a page of its own.
#pragma once
#include <base/result.hpp>

namespace vambrace {

class Domain;

enum class Guest_device : u8 { none, uart, clock };

/// The device whose page ipa is in. None: nothing answers there.
Guest_device device_at(Domain const &d, Ipa ipa);

/// perform()'s bus for one instruction of the guest: a device's page at a virtual address. Registers are
/// accessed as words: a smaller access reads its part of one, and writes its part with zeros around it.
class Device_bus {
  public:
    /// \param device not none; \param va the guest's tables show the device there
    Device_bus(Domain &d, Guest_device device, Va va);

    /// Error::address: not in the page.
    Result<u32> read(u32 address, unsigned size);
    Error write(u32 address, unsigned size, u32 value);
    /// The device's interrupt becomes what the accesses have made of it.
    void finish();

  private:
    bool covers(u32 address) const { return align_down(address, page_size) == page_; }
    u32 read_register(u32 offset);
    void write_register(u32 offset, u32 value);

    Domain &domain_;
    Guest_device const device_;
    u32 const page_; ///< virtual
    u32 const room_; ///< of the UART, before the accesses
};

} // namespace vambrace
