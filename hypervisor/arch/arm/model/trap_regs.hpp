// SPDX-License-Identifier: Apache-2.0
// The registers of a stopped guest, as pv/entry saves and restores them.
#pragma once
#include <arch/arm/model/psr.hpp>

namespace vambrace {

struct Trap_regs {
    u32 r[13];
    u32 sp;
    u32 lr;
    u32 pc;
    u32 psr; ///< the real one: always mode USR

    bool thumb() const { return psr & psr::t; }
    /// r0..r15 by number; r15 as stored (the caller adds the pipeline offset).
    u32 &operator[](unsigned n) { return (&r[0])[n]; }
    u32 operator[](unsigned n) const { return (&r[0])[n]; }
};

} // namespace vambrace
