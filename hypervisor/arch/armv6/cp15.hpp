// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of ARM1136 (DDI 0211K), ARM1176 (DDI 0301H) and ARM11 MPCore (DDI 0360F).
#pragma once
#include <arch/arm/model/cp15_vmsa.hpp>

namespace vambrace::armv6 {

/// Bits 18, 16 and 6:3 of SCTLR read as one; B, L4, VE and EE stay 0 (DDI 0301H 3.2.7).
constexpr u32 sctlr_ones = 0x00050078;

struct Cp15_state : Vmsa_state {
    constexpr Cp15_state() : Vmsa_state {sctlr_ones} {}
};

/// One access from guest kernel mode to p14 or p15; `value` is what an MCR writes. Registers that the core
/// does not have and UNPREDICTABLE accesses are undefined. Lockdown, DMA, and what is implementation defined
/// (c15) read as zero and ignore writes.
Cp15_action access(Cp15_state &state, Coprocessor_op const &op, u32 value, Cp15_identity const &identity);
/// An MCRR: the operations on a range of the caches, which ARM11 MPCore lacks.
/// \param end, start of the range, as rt and rt2 hold them.
Cp15_action access(Cp15_state &state, Coprocessor_pair const &op, u32 end, u32 start,
                   Cp15_identity const &identity);

} // namespace vambrace::armv6
