// SPDX-License-Identifier: Apache-2.0
// What answers in a guest's machine where there is no RAM: devices, each in a page of its own.
#pragma once
#include <base/result.hpp>

namespace vambrace {

/// A device has registers of a word, by their offset in its page.
class Device {
  public:
    virtual u32 read(u32 offset) = 0;
    virtual void write(u32 offset, u32 value) = 0;
    /// The accesses of one instruction are done: its interrupt line and all else become what they have made.
    /// \return false: that takes longer, and the guest executes the instruction again, so that it is
    /// interrupted meanwhile and uses up its own time. The same accesses again change nothing.
    [[nodiscard]] virtual bool settle() = 0;
    /// As after a reset of the guest's board.
    virtual void reset() = 0;

  protected:
    constexpr Device() = default;
    ~Device() = default;
};

/// The devices of one guest, by the page of its physical addresses.
class Bus {
  public:
    /// UART, clock, ports, and virtio devices
    static constexpr unsigned most = 3 + VAMBRACE_VIRTIO_DEVICES;

    /// \pre there is room, and nothing is at this page
    void add(Ipa page, Device &device)
    {
        ASSERT(count_ < most && is_aligned(page.value, page_size) && !at(page));
        slots_[count_++] = {page, &device};
    }
    /// Each of them: Device::reset().
    void reset() const
    {
        for (unsigned n = 0; n != count_; ++n)
            slots_[n].device->reset();
    }
    /// nullptr: nothing answers there.
    Device *at(Ipa ipa) const
    {
        Ipa const page {align_down(ipa.value, page_size)};
        for (unsigned n = 0; n != count_; ++n)
            if (slots_[n].page == page)
                return slots_[n].device;
        return nullptr;
    }

  private:
    struct Slot {
        Ipa page;
        Device *device;
    };

    Slot slots_[most] {};
    unsigned count_ {};
};

/// perform()'s bus for one instruction of the guest: a device's page at a virtual address. Registers are
/// accessed as words: a smaller access reads its part of one, and writes its part with zeros around it.
class Device_page {
  public:
    /// \param va the guest's tables show the device there
    Device_page(Device &device, Va va) : device_ {device}, page_ {align_down(va.value, page_size)} {}

    /// Error::address: not in the page.
    Result<u32> read(u32 address, unsigned size);
    Error write(u32 address, unsigned size, u32 value);

  private:
    bool covers(u32 address) const { return align_down(address, page_size) == page_; }

    Device &device_;
    u32 const page_; ///< virtual
};

} // namespace vambrace
