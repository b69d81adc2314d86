// SPDX-License-Identifier: Apache-2.0
// What a guest in HYP mode's care finds in CP14 and CP15. Cores trap more than QEMU does: what only they trap
// is tested here and nowhere else.
#include "cores.hpp"
#include <arch/arm/model/hyp_registers.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;

namespace {

using Action = Hyp_register_action;

constexpr u32 kernel = psr::svc, user = psr::user;

Coprocessor_access word(unsigned coprocessor, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2,
                        bool read)
{
    return {static_cast<u8>(coprocessor),
            false,
            read,
            static_cast<u8>(opc1),
            static_cast<u8>(crn),
            static_cast<u8>(crm),
            static_cast<u8>(opc2),
            0,
            0};
}
Coprocessor_access pair(unsigned coprocessor, unsigned opc1, unsigned crm, bool read)
{
    return {
        static_cast<u8>(coprocessor), true, read, static_cast<u8>(opc1), 0, static_cast<u8>(crm), 0, 0, 1};
}

Action reads(Coprocessor_access access, u32 psr = kernel)
{
    access.read = true;
    return hyp_register_action(access, psr);
}
Action writes(Coprocessor_access access, u32 psr = kernel)
{
    access.read = false;
    return hyp_register_action(access, psr);
}
Coprocessor_access p15(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return word(15, opc1, crn, crm, opc2, true);
}
Coprocessor_access p14(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return word(14, opc1, crn, crm, opc2, true);
}

constexpr Action undefined = Action::undefined, zero = Action::zero_and_ignored, own = Action::pass_through,
                 constant = Action::constant, line = Action::address_maintenance;

/// Every access that an instruction can name, and those that none can.
template <typename Check>
void for_all_accesses(Check check)
{
    for (unsigned coprocessor = 0; coprocessor != 16; ++coprocessor)
        for (unsigned n = 0; n != 1 << 14; ++n) {
            Coprocessor_access const access =
                word(coprocessor, n >> 7 & 7, n >> 10, n >> 3 & 15, n & 7, true);
            check(access);
            if (n < 256)
                check(pair(coprocessor, n & 15, n >> 4, true));
        }
}

} // namespace

TEST_CASE("what QEMU traps, too, has an answer for both directions")
{
    auto const [name, access, read, write] =
        GENERATE(table<char const *, Coprocessor_access, Action, Action>({
            {"ACTLR", p15(0, 1, 0, 1), Action::actlr, Action::actlr},
            {"SCTLR", p15(0, 1, 0, 0), own, own},
            {"TLBIALL", p15(0, 8, 7, 0), undefined, own},
            {"TLBIMVAAIS", p15(0, 8, 3, 3), undefined, own},
            {"CTR", p15(0, 0, 0, 1), constant, undefined},
            {"CNTPCT", pair(15, 0, 14, true), Action::physical_count, undefined},
            {"CNTP_CVAL", pair(15, 2, 14, true), Action::timer_compare, Action::timer_compare},
            {"CNTP_TVAL", p15(0, 14, 2, 0), Action::timer_value, Action::timer_value},
            {"CNTP_CTL", p15(0, 14, 2, 1), Action::timer_control, Action::timer_control},
            {"PMCR", p15(0, 9, 12, 0), zero, zero},
            {"DBGDIDR", p14(0, 0, 0, 0), zero, zero},
            {"DBGDRAR", p14(0, 1, 0, 0), zero, zero},
            {"DBGDRAR, 64 bits", pair(14, 0, 1, true), zero, undefined},
            {"DBGDSAR, 64 bits", pair(14, 0, 2, true), zero, undefined},
            {"DBGOSLAR", p14(0, 1, 0, 4), zero, zero},
            {"DBGOSLSR", p14(0, 1, 1, 4), zero, zero},
            {"TEECR", p14(6, 0, 0, 0), zero, zero},
            {"TEEHBR", p14(6, 1, 0, 0), zero, zero},
            {"JIDR", p14(7, 0, 0, 0), zero, zero},
        }));
    CAPTURE(name);
    CHECK(reads(access) == read);
    CHECK(writes(access) == write);
}

TEST_CASE("what only a core traps has an answer for both directions")
{
    auto const [name, access, read, write] =
        GENERATE(table<char const *, Coprocessor_access, Action, Action>({
            {"L2CTLR", p15(1, 9, 0, 2), Action::l2ctlr, Action::l2ctlr},
            {"L2ECTLR", p15(1, 9, 0, 3), zero, zero},
            {"ID_PFR0", p15(0, 0, 1, 0), constant, undefined},
            {"ID_ISAR5", p15(0, 0, 2, 5), constant, undefined},
            {"REVIDR", p15(0, 0, 0, 6), constant, undefined},
            {"AIDR", p15(1, 0, 0, 7), constant, undefined},
            {"CLIDR", p15(1, 0, 0, 1), constant, undefined},
            {"CCSIDR", p15(1, 0, 0, 0), own, undefined},
            {"CSSELR", p15(2, 0, 0, 0), own, own},
            {"DCISW", p15(0, 7, 6, 2), undefined, Action::set_way},
            {"DCCSW", p15(0, 7, 10, 2), undefined, Action::set_way},
            {"DCCISW", p15(0, 7, 14, 2), undefined, Action::set_way},
            {"DCIMVAC", p15(0, 7, 6, 1), undefined, line},
            {"DCCMVAC", p15(0, 7, 10, 1), undefined, line},
            {"DCCIMVAC", p15(0, 7, 14, 1), undefined, line},
            {"DCCMVAU", p15(0, 7, 11, 1), undefined, line},
            {"ICIMVAU", p15(0, 7, 5, 1), undefined, line},
            {"ICIALLU", p15(0, 7, 5, 0), undefined, own},
            {"ICIALLUIS", p15(0, 7, 1, 0), undefined, own},
            {"CPACR", p15(0, 1, 0, 2), own, own},
            {"PMCCNTR", p15(0, 9, 13, 0), Action::cycle_counter, Action::cycle_counter},
            {"PMXEVTYPER", p15(0, 9, 13, 1), zero, zero},
            {"PMOVSSET", p15(0, 9, 14, 3), zero, zero},
            {"TTBR0", p15(0, 2, 0, 0), own, own},
            {"TTBR1, 64 bits", pair(15, 1, 2, true), own, own},
            {"TTBCR", p15(0, 2, 0, 2), own, own},
            {"AIFSR", p15(0, 5, 1, 1), own, own},
            {"IFAR", p15(0, 6, 0, 2), own, own},
            {"NMRR", p15(0, 10, 2, 1), own, own},
            {"CONTEXTIDR", p15(0, 13, 0, 1), own, own},
            {"DBGBVR15", p14(0, 0, 15, 4), zero, zero},
            {"DBGAUTHSTATUS", p14(0, 7, 14, 6), zero, zero},
            {"JMCR", p14(7, 2, 0, 0), zero, zero},
            {"RAMINDEX of the A15", p15(0, 15, 4, 0), zero, zero},
            {"CBAR", p15(4, 15, 0, 0), zero, zero},
            {"L2MERRSR", pair(15, 1, 15, true), zero, zero},
            {"MVFR0", word(10, 7, 7, 0, 0, true), own, undefined},
            {"FPSID", word(10, 7, 0, 0, 0, true), own, undefined},
        }));
    CAPTURE(name);
    CHECK(reads(access) == read);
    CHECK(writes(access) == write);
}

TEST_CASE("what nobody has thought of is undefined")
{
    auto const [name, access] = GENERATE(table<char const *, Coprocessor_access>({
        {"HCR", p15(4, 1, 1, 0)},
        {"SCR", p15(0, 1, 1, 0)},
        {"lockdown in c9", p15(0, 9, 0, 0)},
        {"TLB lockdown", p15(0, 10, 0, 0)},
        {"DMA in c11", p15(0, 11, 0, 0)},
        {"TIDCP's end", p15(7, 11, 15, 7)},
        {"PMSELR's neighbour", p15(0, 9, 14, 4)},
        {"CNTHP_CTL", p15(4, 14, 2, 1)},
        {"CNTV_CTL, which is never trapped", p15(0, 14, 3, 1)},
        {"VTTBR", pair(15, 6, 2, true)},
        {"CNTVOFF", pair(15, 4, 14, true)},
        {"PMCCNTR of 64 bits", pair(15, 0, 9, true)},
        {"a pair of no number", pair(14, 0, 0, true)},
        {"trace", p14(1, 0, 0, 0)},
        {"FPEXC", word(10, 7, 8, 0, 0, true)},
        {"CP10, not VMRS", word(10, 0, 7, 0, 0, true)},
        {"CP11", word(11, 7, 7, 0, 0, true)},
        {"CP13", pair(13, 0, 14, true)},
    }));
    CAPTURE(name);
    CHECK(reads(access) == undefined);
    CHECK(writes(access) == undefined);
}

TEST_CASE("user mode reaches what the architecture lets it reach, whatever a core traps")
{
    CHECK(reads(p15(0, 14, 2, 1), user) == Action::timer_control); // CNTKCTL has let it in
    CHECK(writes(p15(0, 14, 2, 0), user) == Action::timer_value);
    CHECK(reads(pair(15, 0, 14, true), user) == Action::physical_count);
    CHECK(reads(p15(0, 9, 14, 0), user) == zero); // PMUSERENR
    CHECK(writes(p15(0, 9, 14, 0), user) == undefined);
    CHECK(reads(p14(6, 1, 0, 0), user) == zero); // TEEHBR, as TEECR.XED = 0
    CHECK(reads(p14(6, 0, 0, 0), user) == undefined);
    CHECK(reads(p15(0, 9, 13, 0), user) == undefined); // PMUSERENR.EN = 0
    CHECK(writes(p15(0, 1, 0, 1), user) == undefined);
    CHECK(writes(p15(1, 9, 0, 2), user) == undefined);
    CHECK(reads(p15(0, 15, 0, 0), user) == undefined);
    CHECK(writes(p15(0, 7, 14, 2), user) == undefined);
    CHECK(reads(p15(0, 1, 0, 1), psr::sys) == Action::actlr); // System mode is the kernel's
}

TEST_CASE("every access there can be has one answer, and no more in user mode than in the kernel")
{
    unsigned defined = 0;
    for_all_accesses([&](Coprocessor_access const &access) {
        Hyp_register const reg = find_hyp_register(access);
        bool fits = reg.action <= Action::timer_compare;
        for (Action const from_user : {reads(access, user), writes(access, user)})
            fits = fits && (from_user == undefined || from_user == reg.action);
        for (Action const from_kernel : {reads(access), writes(access)})
            fits = fits && (from_kernel == undefined || from_kernel == reg.action);
        if (access.coprocessor != 10 && access.coprocessor != 14 && access.coprocessor != 15)
            fits = fits && reg.action == undefined;
        bool const reachable = reads(access) != undefined || writes(access) != undefined;
        fits = fits && reachable == (reg.action != undefined);
        if (reg.action == Action::constant) // for no value that nobody knows
            fits = fits && reads(access) == constant && writes(access) == undefined;
        identity_value(access, cortex_a15);
        if (!fits)
            FAIL_CHECK(unsigned {access.coprocessor} << " " << unsigned {access.opc1} << " "
                                                     << unsigned {access.crn} << " " << unsigned {access.crm}
                                                     << " " << unsigned {access.opc2});
        defined += reg.action != undefined;
    });
    // All of c15, three times 128 of CP14's debug registers, and the 56 of c0, c1 to c7
    CHECK(defined > 8 * 128 + 3 * 128 + 56);
    CHECK(defined < 8 * 128 + 3 * 128 + 56 + 120);
}

TEST_CASE("fields that no instruction has lead nowhere out of the table")
{
    for (unsigned n = 0; n != 256; ++n) {
        u8 const any = static_cast<u8>(n);
        for (u8 const coprocessor : {u8 {14}, u8 {15}, u8 {10}, any})
            for (bool const wide : {false, true}) {
                Coprocessor_access const access {coprocessor, wide, true, any, any, any, any, any, any};
                CHECK(find_hyp_register(access).action <= Action::timer_compare);
                identity_value(access, cortex_a15);
            }
    }
}

TEST_CASE("a guest in HYP mode's care sees its core, without what it has not got")
{
    Cp15_identity const real = GENERATE(cortex_a7, cortex_a15);
    Cp15_identity const id = shown_under_hyp(real);
    CHECK(identity_value(p15(0, 0, 1, 0), id) == 0x1031);  // no Jazelle
    CHECK(identity_value(p15(0, 0, 1, 1), id) == 0x10011); // Generic Timer and Security, no Virtualization
    CHECK(identity_value(p15(0, 0, 1, 2), id) == 0);       // no debug, no performance monitors
    for (unsigned n = 4; n != 8; ++n)
        CHECK(identity_value(p15(0, 0, 1, n), id) == real.mmfr[n - 4]); // long descriptors, PXN, broadcasts
    CHECK(identity_value(p15(0, 0, 2, 0), id) == real.isar[0]);
    CHECK(identity_value(p15(0, 0, 2, 1), id) == (real.isar[1] & 0x0fffffff));
    CHECK(identity_value(p15(0, 0, 2, 3), id) == real.isar[3]);
    CHECK(identity_value(p15(0, 0, 2, 4), id) == real.isar[4]);
    CHECK(identity_value(p15(0, 0, 2, 5), id) == 0);
    CHECK(identity_value(p15(0, 0, 2, 7), id) == 0);
    CHECK(identity_value(p15(0, 0, 3, 0), id) == 0);
    CHECK(identity_value(p15(0, 0, 0, 1), id) == real.ctr);
    CHECK(identity_value(p15(1, 0, 0, 1), id) == real.clidr);
    CHECK(identity_value(p15(0, 0, 0, 2), id) == 0); // TCM
    CHECK(identity_value(p15(0, 1, 0, 1), id) == 0x40);
    CHECK(id.midr == real.midr);
}

TEST_CASE("L2CTLR counts the guest's cores")
{
    auto const [real, vcpus, seen] = GENERATE(table<u32, unsigned, u32>({
        {0x03000002, 1, 0x00000002},
        {0x03000002, 2, 0x01000002},
        {0x00000002, 4, 0x03000002},
        {0x81000000, 3, 0x82000000},
        {0x01000000, 8, 0x03000000}, // two clusters of four
    }));
    CHECK(guest_l2ctlr(real, vcpus) == seen);
}
