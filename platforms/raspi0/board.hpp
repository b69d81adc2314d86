// SPDX-License-Identifier: Apache-2.0
// Raspberry Pi Zero: a BCM2835 with its UART on the header.
#pragma once
#include <families/bcm2835/bcm2835.hpp>

namespace vambrace {

struct Raspi_zero {
    static constexpr char const *name = "Raspberry Pi Zero";
};

using board = Bcm2835<Raspi_zero>;

} // namespace vambrace
