// SPDX-License-Identifier: Apache-2.0
// The status and system control registers (SYS_*) of ARM's boards: Versatile (ARM DUI 0225D 4.2), RealView
// (ARM DUI 0303E, 0417D, 0440B: chapter 4) and the Versatile Express motherboard (ARM DUI 0447J 4.3).
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Arm_sysreg {
  public:
    constexpr explicit Arm_sysreg(std::uintptr_t base) : registers_ {base} {}

    static constexpr u32 counter_hz = 24'000'000;
    static constexpr u32 counter_offset = 0x5c;

    /// Counts up at counter_hz, 32 bits, wraps after 179 s.
    u32 ticks() const { return registers_.read(Offset::counter_24mhz); }

    /// Versatile and RealView: SYS_RESETCTL. Its values differ from board to board.
    void write_reset_control(u32 value) const
    {
        constexpr u32 unlock = 0xa05f;
        registers_.write(Offset::lock, unlock);
        registers_.write(Offset::reset_control, value);
    }

    /// Versatile Express: asks the motherboard's configuration controller to reset the board.
    void reboot() const
    {
        constexpr u32 start = u32 {1} << 31, write = 1 << 30, function_reboot = 9 << 20; // DUI 0447J 4.5
        registers_.write(Offset::cfg_data, 0);
        registers_.write(Offset::cfg_status, 0);
        registers_.write(Offset::cfg_control, start | write | function_reboot);
    }

  private:
    enum class Offset : u32 {
        lock = 0x20,
        reset_control = 0x40,
        counter_24mhz = counter_offset,
        cfg_data = 0xa0,
        cfg_control = 0xa4,
        cfg_status = 0xa8,
    };

    Mmio<Offset> registers_;
};

} // namespace vambrace
