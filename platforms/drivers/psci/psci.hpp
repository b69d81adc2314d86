// SPDX-License-Identifier: Apache-2.0
// The firmware's power state coordination interface (ARM DEN 0022), used to reset the board.
#pragma once
#include <drivers/core_mode.hpp>

namespace vambrace {

/// \tparam Port the instructions (psci_port.hpp), or a test's own
template <typename Port>
class Psci {
  public:
    /// Firmware is in the next mode above, as QEMU has it: SMC reaches it from HYP mode, HVC from SVC mode.
    constexpr explicit Psci(Core_mode mode, Port port = {}) : mode_ {mode}, port_ {port} {}

    /// Resets the board. Returns if the firmware cannot.
    void system_reset() const
    {
        constexpr u32 function = 0x84000009;
        mode_ == Core_mode::hyp ? port_.smc(function) : port_.hvc(function);
    }

  private:
    Core_mode mode_;
    [[no_unique_address]] Port port_;
};

} // namespace vambrace
