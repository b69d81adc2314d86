// SPDX-License-Identifier: Apache-2.0
// The simulated core's waiting: the test says what happens meanwhile.
#pragma once
#include <fake/hardware.hpp>

namespace vambrace::core {

inline void wait_for_interrupt()
{
    if (!hardware.on_wait)
        throw Sleeps_forever {};
    hardware.spend();
    hardware.on_wait();
}

} // namespace vambrace::core
