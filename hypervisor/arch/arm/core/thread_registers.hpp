// SPDX-License-Identifier: Apache-2.0
// TPIDRURW and TPIDRURO, which USR mode reads without a
// trap (DDI 0406C B3.12.7): they are the running guest's.
#pragma once
#include <arch/arm/core/cp15_access.hpp>
#include <base/result.hpp>

namespace vambrace::arm {

using Tpidrurw = Cp15<0, 13, 0, 2>;
using Tpidruro = Cp15<0, 13, 0, 3>;

/// While another guest runs. ARM1136 before r1p0 has none (DDI 0211K 3.2): the guests of such a core neither.
struct Thread_registers {
    u32 rw, ro;
};

inline void save(Thread_registers &r) { r = {Tpidrurw::read_if_present(), Tpidruro::read_if_present()}; }
inline void restore(Thread_registers const &r)
{
    Tpidrurw::write_if_present(r.rw);
    Tpidruro::write_if_present(r.ro);
}

/// SET_TLS. \param frame_behind what cores without the register need
template <typename F>
Error set_thread_pointer(F, u32 value)
{
    Tpidruro::write_if_present(value);
    return Error::none;
}

} // namespace vambrace::arm
