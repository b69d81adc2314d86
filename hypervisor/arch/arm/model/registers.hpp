// SPDX-License-Identifier: Apache-2.0
// Fields of the core's registers, named as the manual names them (DDI 0406C B4.1), and what the hypervisor
// puts into them.
#pragma once
#include <arch/arm/model/register_value.hpp>

namespace vambrace::arm {

/// What the names of a register's fields are made of.
template <typename Register>
struct Fields_of {
    template <unsigned high, unsigned low = high>
    using Field = Register_field<Register, high, low>;
    using Value = Register_value<Register>;
};

struct Sctlr_fields : Fields_of<Sctlr_fields> {
    static constexpr Field<1> a {}; ///< alignment check
};

struct Cpacr_fields : Fields_of<Cpacr_fields> {
    static constexpr Field<21, 20> cp10 {};
    static constexpr Field<23, 22> cp11 {};
    static constexpr Field<30> d32dis {};
    static constexpr Field<31> asedis {};
};

/// Of the virtual and the physical timer alike (B8.1.5): CNTV_CTL, CNTP_CTL.
struct Timer_control_fields : Fields_of<Timer_control_fields> {
    static constexpr Field<0> enable {};
    static constexpr Field<1> imask {};
    static constexpr Field<2> istatus {};

    /// Of what software has written: may the timer interrupt?
    static constexpr bool listens(Value control) { return control.get(enable) && !control.get(imask); }
    /// What software can write of it.
    static constexpr Value writable(Value control)
    {
        return Value {}.with(enable, control.get(enable)).with(imask, control.get(imask));
    }
};

struct Hsctlr_fields : Fields_of<Hsctlr_fields> {
    static constexpr Field<19> wxn {}; ///< what can be written is not executed
};

struct Hcr_fields : Fields_of<Hcr_fields> {
    static constexpr Field<0> vm {};
    static constexpr Field<1> swio {}; ///< an invalidation by set and way cleans, too
    static constexpr Field<2> ptw {};
    static constexpr Field<3> fmo {};
    static constexpr Field<4> imo {};
    static constexpr Field<5> amo {};
    static constexpr Field<9> fb {};
    static constexpr Field<11, 10> bsu {};
    static constexpr Field<13> twi {};
    static constexpr Field<14> twe {};
    static constexpr Field<16> tid1 {};
    static constexpr Field<18> tid3 {};
    static constexpr Field<19> tsc {};
    static constexpr Field<20> tidcp {};
    static constexpr Field<21> tac {};

    static constexpr u32 inner_shareable = 1; ///< BSU
    /// While a guest runs. A guest may invalidate by set and way by itself: SWIO.
    static constexpr Value guest = Value {}
                                       .with_all(vm, swio, ptw, fmo, imo, amo, fb)
                                       .with(bsu, inner_shareable)
                                       .with_all(twi, twe, tid1, tid3, tsc, tidcp, tac);
};

struct Hcptr_fields : Fields_of<Hcptr_fields> {
    static constexpr Field<9, 0> tcp0_to_tcp9 {}; ///< these coprocessors are not there: one
    static constexpr Field<10> tcp10 {};
    static constexpr Field<11> tcp11 {};
    static constexpr Field<13, 12> tcp12_tcp13 {};

    /// VFP and NEON are the running guest's, or not.
    static constexpr Value vfp_open = Value {}.with_all(tcp0_to_tcp9, tcp12_tcp13);
    static constexpr Value vfp_closed = vfp_open.with_all(tcp10, tcp11);
};

struct Hstr_fields : Fields_of<Hstr_fields> {
    static constexpr Field<15> t15 {};   ///< CP15's c15
    static constexpr Field<16> ttee {};  ///< ThumbEE
    static constexpr Field<17> tjdbx {}; ///< Jazelle

    /// ThumbEE is the guest's if the core has it: a kernel saves TEEHBR at each of its switches.
    static constexpr Value guest(bool has_thumbee)
    {
        return Value {}.with_all(t15, tjdbx).with(ttee, !has_thumbee);
    }
};

struct Hdcr_fields : Fields_of<Hdcr_fields> {
    static constexpr Field<4, 0> hpmn {}; ///< how many event counters are PL1's
    static constexpr Field<5> tpmcr {};
    static constexpr Field<6> tpm {};
    static constexpr Field<9> tda {};
    static constexpr Field<10> tdosa {};
    static constexpr Field<11> tdra {};

    /// Debug and the performance monitors trap; HPMN stays as it is (B4.1.50). \param reset what it was
    static constexpr Value guest(Value reset)
    {
        return Value {}.with(hpmn, reset.get(hpmn)).with_all(tpmcr, tpm, tda, tdosa, tdra);
    }
};

struct Cnthctl_fields : Fields_of<Cnthctl_fields> {
    static constexpr Field<0> pl1pcten {};
    static constexpr Field<1> pl1pcen {};

    /// CNTPCT and CNTP trap.
    static constexpr Value guest {};
};

} // namespace vambrace::arm
