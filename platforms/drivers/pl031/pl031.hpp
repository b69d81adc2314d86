// SPDX-License-Identifier: Apache-2.0
// The PL031 real-time clock (ARM DDI 0224): read only, as the loader or the battery left it.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Pl031 {
  public:
    constexpr explicit Pl031(std::uintptr_t base) : registers_ {base} {}

    /// It counts from now on, if it did not before; its alarm is off. What it shows stays.
    void start() const
    {
        registers_.write(Offset::imsc, 0);
        registers_.write(Offset::icr, alarm);
        registers_.write(Offset::cr, enable);
    }

    /// Since 1970, if the loader has set it so.
    u32 seconds() const { return registers_.read(Offset::dr); }

  private:
    enum class Offset : u32 {
        dr = 0x00,
        cr = 0x0c,
        imsc = 0x10,
        icr = 0x1c,
    };

    static constexpr u32 alarm = 1 << 0;  // IMSC, ICR
    static constexpr u32 enable = 1 << 0; // CR

    Mmio<Offset> registers_;
};

} // namespace vambrace
