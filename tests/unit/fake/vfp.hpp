// SPDX-License-Identifier: Apache-2.0
// A VFP as hardware: what its registers answer, when an instruction is undefined, what bounces.
#pragma once
#include <arch/arm/model/vfp.hpp>

namespace vambrace {

/// DDI 0274H (VFP11), DDI 0409 (Cortex-A9 NEON)
constexpr Vfp_identity vfp11 {true, 0x410120b5, 0x11111111, 0};
constexpr Vfp_identity neon {true, 0x41033090, 0x10110222, 0x01111111};

struct Fake_vfp {
    Vfp_identity identity {};
    u32 fpexc = 0, fpscr = 0, fpinst = 0, fpinst2 = 0;
    u32 d[64] {};
    unsigned loads = 0;
    char const *mistake = nullptr; ///< the hypervisor's

    bool executes() const { return fpexc & fpexc::en && !(fpexc & fpexc::ex); }
    void need(bool ok, char const *what)
    {
        if (!ok)
            mistake = what;
    }
};

struct Fake_vfp_port {
    Fake_vfp *vfp;

    Vfp_identity probe()
    {
        vfp->fpexc = 0;
        return vfp->identity;
    }
    u32 &place(Vfp_register r)
    {
        if (r == Vfp_register::fpexc)
            return vfp->fpexc;
        vfp->need(vfp->executes(), "a system register of a VFP that is closed");
        if (r == Vfp_register::fpscr)
            return vfp->fpscr;
        vfp->need(vfp->identity.has_fpinst(), "FPINST of a core that has none");
        return r == Vfp_register::fpinst ? vfp->fpinst : vfp->fpinst2;
    }
    u32 read(Vfp_register r) { return place(r); }
    void write(Vfp_register r, u32 value) { place(r) = value; }
    unsigned words(bool all)
    {
        vfp->need(vfp->executes(), "registers of a VFP that is closed");
        vfp->need(all == vfp->identity.has_32_registers(), "a wrong number of registers");
        return all ? 64 : 32;
    }
    void save(u32 *d, bool all)
    {
        for (unsigned n = 0; n != words(all); ++n)
            d[n] = vfp->d[n];
    }
    void load(u32 const *d, bool all)
    {
        for (unsigned n = 0; n != words(all); ++n)
            vfp->d[n] = d[n];
        ++vfp->loads;
    }
};

} // namespace vambrace
