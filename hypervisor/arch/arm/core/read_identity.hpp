// SPDX-License-Identifier: Apache-2.0
// Reads the identification registers of the ARMv6 or ARMv7 core that this runs on.
#pragma once
#include <arch/arm/core/cp15_access.hpp>
#include <arch/arm/model/cp15_identity.hpp>

namespace vambrace::arm {

/// What guests see of the core: masked(), since boot.
inline Cp15_identity core_identity {};

/// c0 as ARMv6 has it already, and what else both architectures have.
inline Cp15_identity read_common_identity()
{
    Cp15_identity i {};
    i.midr = Cp15<0, 0, 0, 0>::read();
    i.ctr = Cp15<0, 0, 0, 1>::read();
    i.tcmtr = Cp15<0, 0, 0, 2>::read();
    i.tlbtr = Cp15<0, 0, 0, 3>::read();
    i.pfr[0] = Cp15<0, 0, 1, 0>::read();
    i.pfr[1] = Cp15<0, 0, 1, 1>::read();
    i.dfr0 = Cp15<0, 0, 1, 2>::read();
    i.afr0 = Cp15<0, 0, 1, 3>::read();
    i.mmfr[0] = Cp15<0, 0, 1, 4>::read();
    i.mmfr[1] = Cp15<0, 0, 1, 5>::read();
    i.mmfr[2] = Cp15<0, 0, 1, 6>::read();
    i.mmfr[3] = Cp15<0, 0, 1, 7>::read();
    i.isar[0] = Cp15<0, 0, 2, 0>::read();
    i.isar[1] = Cp15<0, 0, 2, 1>::read();
    i.isar[2] = Cp15<0, 0, 2, 2>::read();
    i.isar[3] = Cp15<0, 0, 2, 3>::read();
    i.isar[4] = Cp15<0, 0, 2, 4>::read();
    i.isar[5] = Cp15<0, 0, 2, 5>::read();
    i.actlr = Cp15<0, 1, 0, 1>::read();
    Cpacr::Value const before = Cpacr::read();
    Cpacr::write(Cpacr::Value {~0u});
    i.cpacr = Cpacr::read().word();
    Cpacr::write(before);
    return i;
}

} // namespace vambrace::arm
