// SPDX-License-Identifier: Apache-2.0
// The table of trapped registers, in the order of CRn, opc1, CRm, opc2 as the manual lists them.
#include <arch/arm/model/cp15.hpp>
#include <arch/arm/model/hyp_registers.hpp>

namespace vambrace {
namespace {

using Action = Hyp_register_action;
using Direction = Register_direction;
using Reach = Register_reach;

/// A register as a number that sorts. Pairs and CP10 first: they need fewer bits.
constexpr u16 pair(unsigned coprocessor, unsigned opc1, unsigned crm)
{
    return static_cast<u16>((coprocessor & 1) << 8 | (crm & 0xf) << 4 | (opc1 & 0xf));
}
constexpr u16 cp10(unsigned number) { return static_cast<u16>(1 << 9 | (number & 0xf)); }
constexpr u16 word(unsigned coprocessor, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    u32 const number = (crn & 0xf) << 10 | (opc1 & 7) << 7 | (crm & 0xf) << 3 | (opc2 & 7);
    return static_cast<u16>((coprocessor & 1 ? 2u : 1u) << 14 | number);
}
constexpr u16 p14(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return word(14, opc1, crn, crm, opc2);
}
constexpr u16 p15(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return word(15, opc1, crn, crm, opc2);
}

/// All registers from the first to the last.
struct Row {
    u16 first, last;
    Hyp_register reg;
};

constexpr Row one(u16 name, Action action, Direction direction = Direction::both, Reach reach = Reach::kernel)
{
    return {name, name, {action, direction, reach}};
}
constexpr Row range(u16 first, u16 last, Action action, Direction direction = Direction::both)
{
    return {first, last, {action, direction, Reach::kernel}};
}

constexpr Action zero = Action::zero_and_ignored, own = Action::pass_through,
                 line = Action::address_maintenance;
constexpr Direction read = Direction::read, write = Direction::write, both = Direction::both;
constexpr Reach user = Reach::user;

constexpr Row table[] = {
    // MRRC, MCRR
    one(pair(14, 0, 1), zero, read), // DBGDRAR: HDCR.TDRA
    one(pair(14, 0, 2), zero, read), // DBGDSAR
    one(pair(15, 0, 2), own),        // TTBR0: HCR.TVM, which sees the writes to what decides over translation
    one(pair(15, 1, 2), own),        // TTBR1
    // CNTHCTL: the physical timer is the host's. CNTKCTL has let user mode in, or it does not come here.
    one(pair(15, 0, 14), Action::physical_count, read, user),
    one(pair(15, 2, 14), Action::timer_compare, both, user),
    range(pair(15, 0, 15), pair(15, 1, 15), zero), // CPUMERRSR, L2MERRSR: HSTR.T15, addresses of others

    // VMRS: HCR.TID0, TID3
    one(cp10(0), own, read), // FPSID
    one(cp10(6), own, read), // MVFR1
    one(cp10(7), own, read), // MVFR0

    // CP14. HDCR.TDA, TDRA, TDOSA: breakpoints and the channel to a debugger are no guest's. DBGDIDR = 0 is
    // no debug architecture; what is not allocated among them is UNPREDICTABLE. Code that polls for a
    // debugger, or unlocks the registers before it looks whether there are any, goes on with zero.
    range(p14(0, 0, 0, 0), p14(0, 0, 15, 7), zero), // DBGDIDR, DBGDSCR, DBGDTR, DBGVCR, DBGBVRn to DBGWCRn
    one(p14(6, 0, 0, 0), zero),                     // TEECR: HSTR.TTEE, where the core has no ThumbEE
    one(p14(7, 0, 0, 0), zero, both, user),         // JIDR: HCR.TID0, a trivial Jazelle
    range(p14(0, 1, 0, 0), p14(0, 1, 15, 7), zero), // DBGDRAR, DBGOSLAR, DBGOSLSR, DBGPRCR, DBGBXVRn
    one(p14(6, 1, 0, 0), zero, both, user),         // TEEHBR
    one(p14(7, 1, 0, 0), zero),                     // JOSCR: HSTR.TJDBX
    one(p14(0, 2, 0, 0), zero),                     // DBGDSAR
    one(p14(7, 2, 0, 0), zero, both, user),         // JMCR
    range(p14(0, 7, 0, 0), p14(0, 7, 15, 7), zero), // DBGCLAIM, DBGAUTHSTATUS, DBGDEVID

    // CP15 c0. HCR.TID1 to TID3: a guest does not see what it has not got
    range(p15(0, 0, 0, 1), p15(0, 0, 0, 3), Action::constant, read), // CTR, TCMTR, TLBTR
    one(p15(0, 0, 0, 6), Action::constant, read),                    // REVIDR
    range(p15(0, 0, 1, 0), p15(0, 0, 7, 7), Action::constant, read), // ID_PFR0 to ID_ISAR5, reserved ones
    one(p15(1, 0, 0, 0), own, read),                                 // CCSIDR, as CSSELR says
    one(p15(1, 0, 0, 1), Action::constant, read),                    // CLIDR
    one(p15(1, 0, 0, 7), Action::constant, read),                    // AIDR
    one(p15(2, 0, 0, 0), own),                                       // CSSELR

    one(p15(0, 1, 0, 0), own),           // SCTLR: HCR.TVM
    one(p15(0, 1, 0, 1), Action::actlr), // HCR.TAC
    one(p15(0, 1, 0, 2), own),           // CPACR: HCPTR.TCPAC

    // HCR.TVM
    range(p15(0, 2, 0, 0), p15(0, 2, 0, 2), own), // TTBR0, TTBR1, TTBCR
    one(p15(0, 3, 0, 0), own),                    // DACR
    range(p15(0, 5, 0, 0), p15(0, 5, 0, 1), own), // DFSR, IFSR
    range(p15(0, 5, 1, 0), p15(0, 5, 1, 1), own), // ADFSR, AIFSR
    one(p15(0, 6, 0, 0), own),                    // DFAR
    one(p15(0, 6, 0, 2), own),                    // IFAR

    // HCR.TPU, TPC, TSW
    one(p15(0, 7, 1, 0), own, write),              // ICIALLUIS
    one(p15(0, 7, 5, 0), own, write),              // ICIALLU
    one(p15(0, 7, 5, 1), line, write),             // ICIMVAU
    one(p15(0, 7, 6, 1), line, write),             // DCIMVAC
    one(p15(0, 7, 6, 2), Action::set_way, write),  // DCISW
    one(p15(0, 7, 10, 1), line, write),            // DCCMVAC
    one(p15(0, 7, 10, 2), Action::set_way, write), // DCCSW
    one(p15(0, 7, 11, 1), line, write),            // DCCMVAU
    one(p15(0, 7, 14, 1), line, write),            // DCCIMVAC
    one(p15(0, 7, 14, 2), Action::set_way, write), // DCCISW

    // HCR.TTLB. In HYP mode these are still of the guest's VMID.
    range(p15(0, 8, 3, 0), p15(0, 8, 3, 3), own, write), // TLBIALLIS, TLBIMVAIS, TLBIASIDIS, TLBIMVAAIS
    range(p15(0, 8, 5, 0), p15(0, 8, 5, 2), own, write), // ITLBIALL, ITLBIMVA, ITLBIASID
    range(p15(0, 8, 6, 0), p15(0, 8, 6, 2), own, write), // DTLBIALL, DTLBIMVA, DTLBIASID
    range(p15(0, 8, 7, 0), p15(0, 8, 7, 3), own, write), // TLBIALL, TLBIMVA, TLBIASID, TLBIMVAA

    // HDCR.TPM, TPMCR: counters that go on while another guest runs. PMCR.N = 0 is none of them; PMCCNTR is
    // always there, and who measures by it divides by what it counted. PMUSERENR = 0 is the real one's value.
    range(p15(0, 9, 12, 0), p15(0, 9, 12, 7), zero),      // PMCR to PMCEID1
    one(p15(0, 9, 13, 0), Action::cycle_counter),         // PMCCNTR
    range(p15(0, 9, 13, 1), p15(0, 9, 13, 2), zero),      // PMXEVTYPER, PMXEVCNTR
    one(p15(0, 9, 14, 0), zero, both, Reach::user_reads), // PMUSERENR
    range(p15(0, 9, 14, 1), p15(0, 9, 14, 3), zero),      // PMINTENSET, PMINTENCLR, PMOVSSET

    // HCR.TIDCP: the second level cache is everybody's. The rest of c9 to c11 that it traps does not exist.
    one(p15(1, 9, 0, 2), Action::l2ctlr),
    one(p15(1, 9, 0, 3), zero), // L2ECTLR

    range(p15(0, 10, 2, 0), p15(0, 10, 2, 1), own), // PRRR, NMRR: HCR.TVM
    range(p15(0, 10, 3, 0), p15(0, 10, 3, 1), own), // AMAIR0, AMAIR1
    one(p15(0, 13, 0, 1), own),                     // CONTEXTIDR

    one(p15(0, 14, 2, 0), Action::timer_value, both, user), // as CNTP_CVAL
    one(p15(0, 14, 2, 1), Action::timer_control, both, user),

    // HSTR.T15: RAMINDEX and its data registers, which read what the caches hold; L2ACTLR and other errata;
    // CBAR, whose peripherals are not where a guest has its own
    range(p15(0, 15, 0, 0), p15(7, 15, 15, 7), zero),
};

constexpr bool is_sorted()
{
    u32 next = 0;
    for (Row const &row : table) {
        if (row.first < next || row.last < row.first)
            return false;
        next = row.last + 1u;
    }
    return true;
}
static_assert(is_sorted(), "a register is in the wrong place, or there twice");

/// 0 is no register.
constexpr u16 name_of(Coprocessor_access const &access)
{
    bool const is_vmrs = !access.pair && access.opc1 == 7 && access.crm == 0 && access.opc2 == 0;
    if (access.coprocessor == 10)
        return is_vmrs ? cp10(access.crn) : 0;
    if (access.coprocessor != 14 && access.coprocessor != 15)
        return 0;
    return access.pair ? pair(access.coprocessor, access.opc1, access.crm)
                       : word(access.coprocessor, access.opc1, access.crn, access.crm, access.opc2);
}

/// c0, c1 and c0, c2: ID_PFR0 to ID_ISAR5.
u32 feature(unsigned crm, unsigned opc2, Cp15_identity const &id)
{
    if (crm == 2)
        return opc2 < 6 ? id.isar[opc2] : 0;
    switch (opc2) {
    case 0:
    case 1: return id.pfr[opc2];
    case 2: return id.dfr0;
    case 3: return id.afr0;
    default: return id.mmfr[opc2 & 3];
    }
}

constexpr u32 without(u32 word, u32 high, u32 low) { return word & ~(bits(~0u, high, low) << low); }

} // namespace

Hyp_register find_hyp_register(Coprocessor_access const &access)
{
    u16 const name = name_of(access);
    u32 low = 0, high = sizeof table / sizeof *table;
    while (low != high) {
        u32 const middle = (low + high) / 2;
        if (name > table[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    bool const found = low != sizeof table / sizeof *table && name >= table[low].first;
    return found ? table[low].reg : Hyp_register {};
}

Hyp_register_action hyp_register_action(Coprocessor_access const &access, u32 psr)
{
    Hyp_register const reg = find_hyp_register(access);
    bool const from_user = (psr & psr::mode_mask) == psr::user;
    bool const direction = reg.direction == (access.read ? Direction::read : Direction::write) ||
                           reg.direction == Direction::both;
    bool const reach =
        !from_user || reg.reach == Reach::user || (reg.reach == Reach::user_reads && access.read);
    return direction && reach ? reg.action : Action::undefined;
}

Cp15_identity shown_under_hyp(Cp15_identity const &real)
{
    Cp15_identity id = real;
    id.pfr[0] = without(id.pfr[0], 11, 8);    // Jazelle
    id.pfr[1] = without(id.pfr[1], 15, 12);   // Virtualization. Without Security there would be no VBAR
    id.dfr0 = 0;                              // debug, trace, performance monitors
    id.isar[1] = without(id.isar[1], 31, 28); // Jazelle
    id.tcmtr = 0;
    return id;
}

u32 identity_value(Coprocessor_access const &access, Cp15_identity const &id)
{
    if (access.coprocessor != 15 || access.pair)
        return 0;
    switch (cp15_name(access.opc1, access.crn, access.crm, access.opc2)) {
    case cp15_name(0, 0, 0, 1): return id.ctr;
    case cp15_name(0, 0, 0, 2): return id.tcmtr;
    case cp15_name(0, 0, 0, 3): return id.tlbtr;
    case cp15_name(0, 0, 1, 0)... cp15_name(0, 0, 1, 7):
    case cp15_name(0, 0, 2, 0)... cp15_name(0, 0, 2, 7): return feature(access.crm, access.opc2 & 7u, id);
    case cp15_name(1, 0, 0, 1): return id.clidr;
    case cp15_name(1, 0, 0, 7): return id.aidr;
    case cp15_name(0, 1, 0, 1): return id.actlr;
    default: return 0;
    }
}

} // namespace vambrace
