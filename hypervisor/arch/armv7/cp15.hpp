// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of Cortex-A8 (DDI 0344K) and Cortex-A9 (DDI 0388I).
#pragma once
#include <arch/arm/model/cp15_vmsa.hpp>

namespace vambrace::armv7 {

/// XP, U, bits 18, 16 and 6:3 of SCTLR read as one; VE, EE and TE stay 0 (DDI 0406C B4.1.130).
constexpr u32 sctlr_ones = 0x00c50078;

struct Cp15_state : Vmsa_state {
    constexpr Cp15_state() : Vmsa_state {sctlr_ones} {}
};

/// One access from guest kernel mode to p14 or p15; `value` is what an MCR writes.
/// Registers that the core does not have, or that masked() hides (Security Extensions,
/// performance monitors, preload engine), and UNPREDICTABLE accesses are undefined.
/// Lockdown, and what is implementation defined, reads as zero and ignores writes.
Cp15_action access(Cp15_state &state, Coprocessor_op const &op, u32 value, Cp15_identity const &identity);
/// There is no register of 64 bits.
Cp15_action access(Cp15_state &state, Coprocessor_pair const &op, u32 low, u32 high,
                   Cp15_identity const &identity);

} // namespace vambrace::armv7
