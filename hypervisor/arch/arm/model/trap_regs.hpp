// SPDX-License-Identifier: Apache-2.0
// The registers of a stopped guest, as pv/entry saves and restores them.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// CPSR/SPSR, DDI 0100I A2.5.
namespace psr {
constexpr u32 mode_mask = 0x1f, user = 0x10, svc = 0x13;
constexpr u32 t = 1 << 5, f = 1 << 6, i = 1 << 7, a = 1 << 8, j = 1 << 24;
constexpr u32 flags = 0xf8000000; // N Z C V Q
constexpr u32 it = 0x0600fc00, ge = 0x000f0000, e = 1 << 9;
} // namespace psr

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
