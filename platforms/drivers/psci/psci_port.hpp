// SPDX-License-Identifier: Apache-2.0
// Calls to firmware without arguments (SMC Calling Convention, ARM DEN 0028), whose results nobody wants.
#pragma once
#include <base/types.hpp>

namespace vambrace {

struct Psci_port {
    void smc(u32 function) const
    {
        asm volatile(".arch_extension sec\n mov r0, %0\n smc #0" ::"r"(function)
                     : "r0", "r1", "r2", "r3", "ip", "memory");
    }
    void hvc(u32 function) const
    {
        asm volatile(".arch_extension virt\n mov r0, %0\n hvc #0" ::"r"(function)
                     : "r0", "r1", "r2", "r3", "ip", "memory");
    }
};

} // namespace vambrace
