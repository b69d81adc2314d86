// SPDX-License-Identifier: Apache-2.0
// CPSR and SPSR: modes, masks, conditions and the state of an IT block (DDI 0100I A2.5, DDI 0406C A2.5.2).
#pragma once
#include <base/types.hpp>

namespace vambrace {

namespace psr {
constexpr u32 mode_mask = 0x1f, user = 0x10, fiq = 0x11, irq = 0x12, svc = 0x13, mon = 0x16, abt = 0x17,
              hyp = 0x1a, und = 0x1b, sys = 0x1f;
constexpr u32 t = 1 << 5, f = 1 << 6, i = 1 << 7, a = 1 << 8, e = 1 << 9, j = 1 << 24;
constexpr u32 flags = 0xf8000000; // N Z C V Q
constexpr u32 it = 0x0600fc00, ge = 0x000f0000;
} // namespace psr

/// ITSTATE: IT[7:2] is psr[15:10], IT[1:0] is psr[26:25]. Outside an IT block it is 0; within, IT[7:4] is the
/// condition.
constexpr u32 it_state(u32 psr) { return bits(psr, 15, 10) << 2 | bits(psr, 26, 25); }
constexpr u32 with_it_state(u32 psr, u32 it)
{
    return (psr & ~psr::it) | bits(it, 7, 2) << 10 | bits(it, 1, 0) << 25;
}

/// Moves ITSTATE on to the next instruction, as ITAdvance() does. Any psr: outside a block nothing changes.
constexpr u32 advance_it(u32 psr)
{
    u32 const it = it_state(psr);
    return it ? with_it_state(psr, it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0) : psr;
}

constexpr unsigned condition_always = 0xe;

/// The condition of the Thumb instruction that is next.
constexpr unsigned it_condition(u32 psr)
{
    u32 const it = it_state(psr);
    return it & 0xf ? it >> 4 : condition_always;
}

namespace detail {
/// Bit n: passes if NZCV = n (DDI 0100I A3.2.1).
inline constexpr u16 condition_passes[] = {
    0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555,
    0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0xffff,
};
} // namespace detail

/// Do the flags of `psr` fulfil the condition? \param condition 0 to 15; 14 and 15 always hold
constexpr bool condition_holds(unsigned condition, u32 psr)
{
    return bit(detail::condition_passes[condition & 0xf], psr >> 28);
}

} // namespace vambrace
