// SPDX-License-Identifier: Apache-2.0
// Errata of the Cortex-A cores that bits of their registers keep away.
#pragma once
#include <arch/arm/core/errata.hpp>
#include <arch/arm/model/cp15_identity.hpp>

namespace vambrace::armv7 {

/// L2ACTLR: the second level's Auxiliary Control Register, of the Cortex-A8 (c9, c0, 2 with opc1 = 1) and of
/// the A15 (c15, c0, 0 with opc1 = 1). The Cortex-A9's diagnostic register (c15, c0, 1) is in no manual.
enum class Configuration : u8 { actlr, a8_l2actlr, a15_l2actlr, diagnostic };

namespace actlr {
constexpr u32 no_loop_buffer = 1 << 1; ///< Cortex-A15
constexpr u32 l1neon = 1 << 5, ibe = 1 << 6, dbsm = 1 << 7, pldnop = 1 << 9;
} // namespace actlr

constexpr u32 before_r2p1 = revision(2, 0);

constexpr Erratum<Configuration> errata[] = {
    // A stale prediction of an interworking branch: the branch
    // predictor's invalidation does something only with IBE.
    {430973, part::cortex_a8, 0, before_r2p1, Configuration::actlr, actlr::ibe},
    {454179, part::cortex_a8, 0, before_r2p1, Configuration::actlr, actlr::ibe | actlr::dbsm},
    {621766, part::cortex_a8, 0, before_r2p1, Configuration::actlr, actlr::l1neon},
    // A deadlock when a hazard is seen on the wrong line.
    {458693, part::cortex_a8, revision(2, 0), revision(2, 0), Configuration::actlr,
     actlr::l1neon | actlr::pldnop},
    // Stores to the second level are lost: no write-allocation there.
    {460075, part::cortex_a8, revision(2, 0), revision(2, 0), Configuration::a8_l2actlr, 1 << 22},
    // No forwarding of data to a PLD in the second level.
    {725233, part::cortex_a8, 0, before_r2p1, Configuration::a8_l2actlr, 1 << 27},
    // The store buffer misses a hazard.
    {743622, part::cortex_a9, revision(2, 0), last_of(2), Configuration::diagnostic, 1 << 6},
    // Instructions out of the loop buffer may be wrong.
    {773022, part::cortex_a15, 0, revision(0, 4), Configuration::actlr, actlr::no_loop_buffer},
    // A hazard in the second level that nothing ends: its detection times out.
    {798870, part::cortex_a15, revision(2, 0), last_of(2), Configuration::a15_l2actlr, 1 << 7},
};

enum class Errata_step : u8 {
    clear_array_debug, ///< c15, c1, 0
    set_actlr,         ///< these bits become 1
    set_a8_l2actlr,    ///< the same, with the data caches off
    set_a15_l2actlr,
    set_diagnostic,
};

/// \pre the data caches are clean, and no table of the hardware's has been written since
template <typename Port>
void avoid_errata(Port port, u32 midr)
{
    if (u32 const set = errata_bits(errata, midr, Configuration::a8_l2actlr))
        port(Errata_step::set_a8_l2actlr, set);
    if (u32 const set = errata_bits(errata, midr, Configuration::a15_l2actlr))
        port(Errata_step::set_a15_l2actlr, set);
    if (u32 const set = errata_bits(errata, midr, Configuration::actlr)) {
        if (set & actlr::ibe) // 687067 asks for it before IBE
            port(Errata_step::clear_array_debug, 0);
        port(Errata_step::set_actlr, set);
    }
    if (u32 const set = errata_bits(errata, midr, Configuration::diagnostic))
        port(Errata_step::set_diagnostic, set);
}

} // namespace vambrace::armv7
