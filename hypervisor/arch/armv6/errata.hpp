// SPDX-License-Identifier: Apache-2.0
// Errata of ARM1136 that bits of its registers keep away. ARM1176 and ARM11 MPCore need none.
#pragma once
#include <arch/arm/core/errata.hpp>
#include <arch/arm/model/cp15_identity.hpp>

namespace vambrace::armv6 {

enum class Configuration : u8 { actlr, sctlr };

/// 364296: with hit under miss the data cache may be corrupted; 380532: an LDM to the pc may be, too. ACTLR
/// bit 31, which no manual has, makes SCTLR.FI switch off hit under miss and nothing else.
constexpr Erratum<Configuration> errata[] = {
    {364296, part::arm1136, revision(0, 2), last_of(0), Configuration::actlr, 1u << 31},
    {364296, part::arm1136, revision(0, 2), last_of(0), Configuration::sctlr, 1u << 21},
};

enum class Errata_step : u8 {
    set_actlr, ///< these bits become 1
    set_sctlr,
    dsb,
};

/// \pre interrupts are masked. FI changes between two DSBs (DDI 0301H 2.12.8).
template <typename Port>
void avoid_errata(Port port, u32 midr)
{
    if (u32 const set = errata_bits(errata, midr, Configuration::actlr))
        port(Errata_step::set_actlr, set);
    if (u32 const set = errata_bits(errata, midr, Configuration::sctlr)) {
        port(Errata_step::dsb, 0);
        port(Errata_step::set_sctlr, set);
        port(Errata_step::dsb, 0);
    }
}

} // namespace vambrace::armv6
