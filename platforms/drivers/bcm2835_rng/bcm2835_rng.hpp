// SPDX-License-Identifier: Apache-2.0
// The BCM2835's random number generator, which has a FIFO. Broadcom's manual does not describe it; the
// registers are as Linux's bcm2835-rng driver names them.
#pragma once
#include <base/mmio.hpp>
#include <base/result.hpp>

namespace vambrace {

class Bcm2835_rng {
  public:
    constexpr explicit Bcm2835_rng(std::uintptr_t base) : registers_ {base} {}

    /// Its first numbers are less random than others, and are left out.
    void start() const
    {
        registers_.write(Offset::status, numbers_left_out);
        registers_.write(Offset::control, enable);
    }

    /// 32 random bits. Error::again: none are there yet.
    Result<u32> word() const
    {
        if (registers_.read(Offset::status) >> words_shift == 0)
            return Error::again;
        return registers_.read(Offset::data);
    }

  private:
    enum class Offset : u32 { control = 0x00, status = 0x04, data = 0x08 };

    static constexpr u32 enable = 1 << 0;                              // control
    static constexpr u32 numbers_left_out = 0x40000, words_shift = 24; // status

    Mmio<Offset> registers_;
};

} // namespace vambrace
