// SPDX-License-Identifier: Apache-2.0
// What a loader may have left open to USR mode on an
// ARM926: no guest may have it, and nothing opens it again.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv5 {

/// Registers of coprocessors by name. The port writes them; a test's port records it.
enum class Closing : u8 {
    joscr, ///< Jazelle OS Control Register: p14, 7, c1, c0, 0
    jmcr,  ///< Jazelle Main Configuration Register: p14, 7, c2, c0, 0
    fpexc, ///< of a VFP9-S, where there is one: p10, 7, c8, c0, 0
};

/// JOSCR.CD = 1 makes every access to Jazelle's registers undefined in USR mode, which could set JMCR.JE
/// otherwise; CV = 0 lets no configuration be valid, and without JE BXJ is BX (DDI 0406C A2.10; DDI 0388I
/// 5.3.2). FPEXC.EN = 0 makes all of VFP undefined in USR mode; registers that guests shared would show one's
/// values to another (DDI 0100I C2.7).
template <typename Port>
void close_to_user(Port port)
{
    constexpr u32 cd = 1;
    port(Closing::joscr, cd);
    port(Closing::jmcr, 0);
    port(Closing::fpexc, 0);
}

} // namespace vambrace::armv5
