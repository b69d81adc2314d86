// SPDX-License-Identifier: Apache-2.0
// The core's own VFP, for Vfp_unit.
#pragma once
#include <arch/arm/core/cp15_access.hpp>
#include <arch/arm/model/vfp.hpp>

extern "C" {
vambrace::u32 vfp_read_fpsid();
vambrace::u32 vfp_read_mvfr0();
vambrace::u32 vfp_read_mvfr1();
void vfp_save(vambrace::u32 *d, bool all);
void vfp_load(vambrace::u32 const *d, bool all);
}

namespace vambrace::arm {

struct Vfp_port {
    /// CPACR opens coprocessors 10 and 11, with all registers and
    /// instructions (DDI 0406C B4.1.40); FPEXC closes them again.
    Vfp_identity probe() const
    {
        auto const open = [](Cpacr::Value value) { return value.with_all(Cpacr::cp10, Cpacr::cp11); };
        Cpacr::write(open(Cpacr::read().without(Cpacr::asedis).without(Cpacr::d32dis)));
        Cp15<0, 7, 5, 4>::write(0); // ISB
        if (Cpacr::read() != open(Cpacr::read()))
            return {};
        Vfp_identity const identity {true, vfp_read_fpsid(), vfp_read_mvfr0(), vfp_read_mvfr1()};
        if (identity.fpsid == 0)
            return {};
        write(Vfp_register::fpexc, 0);
        return identity;
    }

    [[gnu::always_inline]] u32 read(Vfp_register r) const
    {
        switch (r) {
        case Vfp_register::fpscr: return get<1>();
        case Vfp_register::fpinst: return get<9>();
        case Vfp_register::fpinst2: return get<10>();
        default: return get<8>();
        }
    }
    [[gnu::always_inline]] void write(Vfp_register r, u32 value) const
    {
        switch (r) {
        case Vfp_register::fpscr: return set<1>(value);
        case Vfp_register::fpinst: return set<9>(value);
        case Vfp_register::fpinst2: return set<10>(value);
        default: return set<8>(value);
        }
    }
    void save(u32 *d, bool all) const { vfp_save(d, all); }
    void load(u32 const *d, bool all) const { vfp_load(d, all); }

  private:
    template <unsigned number>
    static u32 get()
    {
        u32 value;
        asm volatile("mrc p10, 7, %0, c%c1, c0, 0" : "=r"(value) : "i"(number) : "memory");
        return value;
    }
    template <unsigned number>
    static void set(u32 value)
    {
        asm volatile("mcr p10, 7, %0, c%c1, c0, 0" ::"r"(value), "i"(number) : "memory");
    }
};

} // namespace vambrace::arm
