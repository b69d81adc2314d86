// SPDX-License-Identifier: Apache-2.0
// Raspberry Pi 1: a BCM2835 with its UART on the header.
#pragma once
#include <families/bcm2835/bcm2835.hpp>

namespace vambrace {

struct Raspi_1 {
    static constexpr char const *name = "Raspberry Pi 1";
};

using board = Bcm2835<Raspi_1>;

} // namespace vambrace
