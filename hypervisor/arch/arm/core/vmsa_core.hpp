// SPDX-License-Identifier: Apache-2.0
// What ARMv6 and ARMv7 cores do alike: barriers, a TLB with ASIDs, fault registers. The barriers are ARMv6's,
// which ARMv7 has kept (DDI 0406C B4.2.5).
#pragma once
#include <arch/arm/core/cp15_access.hpp>
#include <arch/arm/core/own_memory.hpp>
#include <arch/arm/core/read_identity.hpp>
#include <arch/arm/core/table_switch.hpp>
#include <arch/arm/core/thread_registers.hpp>
#include <arch/arm/core/vfp_port.hpp>
#include <arch/arm/model/cp15_vmsa.hpp>
#include <arch/arm/model/vmsa.hpp>

/// pv/entry's: DFSR of the last asynchronous abort that came while the hypervisor ran; 0: none.
extern "C" vambrace::u32 volatile asynchronous_abort;

namespace vambrace::vmsa {

using namespace arm;

inline void dsb() { Cp15<0, 7, 10, 4>::write(0); }
/// A prefetch flush.
inline void isb() { Cp15<0, 7, 5, 4>::write(0); }
inline void invalidate_branch_predictor() { Cp15<0, 7, 5, 6>::write(0); }

constexpr bool has_asids = true;
/// Cache maintenance by address goes through the MMU: the shadow has to have the page.
constexpr bool maintenance_translates = true;

using Vfp = Vfp_unit<Vfp_port>;
using Vfp_state = vambrace::Vfp_state;
inline bool vfp_access(Vmsa_state const &state) { return state.vfp_access(); }

/// TLB operations, with the barriers that let nothing see the old entries (DDI 0406C B3.10.1).
template <unsigned opc2>
inline void tlb_operation(u32 value)
{
    dsb();
    Cp15<0, 8, 7, opc2>::write(value);
    invalidate_branch_predictor();
    dsb();
    isb();
}
inline void tlb_invalidate_all() { tlb_operation<0>(0); }
/// The page's entry under this ASID, and a global one.
inline void tlb_invalidate(Va va, u32 asid) { tlb_operation<1>(align_down(va.value, page_size) | asid); }
inline void tlb_invalidate_asid(u32 asid) { tlb_operation<2>(asid); }
/// Only cores with the Multiprocessing Extensions have an operation for all ASIDs of an address.
inline void tlb_invalidate_everywhere(Va) { tlb_invalidate_all(); }

/// Shadow tables are mapped as normal memory that none of the core's caches holds, and an outer cache serves
/// the walker as well: walks see them after a barrier.
inline void sync_tables() { dsb(); }

struct Table_port {
    [[gnu::always_inline]] void operator()(Table_step step, u32 value) const
    {
        switch (step) {
        case Table_step::dsb: return dsb();
        case Table_step::isb: return isb();
        case Table_step::contextidr: return Cp15<0, 13, 0, 1>::write(value);
        case Table_step::ttbr: return Ttbr::write(value);
        case Table_step::invalidate_predictor: return invalidate_branch_predictor();
        case Table_step::invalidate_tlb: return tlb_invalidate_all();
        }
    }
};

/// The hardware uses this first-level table from now on.
template <Walks walks>
inline void use_table(Table_base table)
{
    switch_table<walks>(Table_port {}, table_register(table.physical), table.asid);
}

inline u32 data_fault_status() { return Dfsr::read() & (fsr::write | fsr::fs4 | 0xff); }
inline u32 prefetch_fault_status() { return Ifsr::read() & (fsr::fs4 | 0xf); }

/// An asynchronous abort that came while the hypervisor ran, as a status: once; 0: none.
inline u32 take_asynchronous_abort()
{
    u32 const status = asynchronous_abort;
    if (status)
        asynchronous_abort = 0;
    return status;
}
/// Those of all accesses that were made have come when this returns. Interrupts and aborts mask them on their
/// way in, SVC and undefined instructions do not (DDI 0301H 2.12.11, DDI 0344I 2.15.7).
inline void await_aborts()
{
    u32 psr;
    dsb();
    asm volatile("mrs %0, cpsr\n cpsie a" : "=r"(psr)::"memory");
    isb();
    asm volatile("msr cpsr_x, %0" ::"r"(psr) : "memory");
}

inline Cp15_identity const &identity() { return core_identity; }

/// For the guest's device tree.
inline char const *cpu_compatible() { return core_name(core_identity); }

/// What a loader may have left open to USR mode on any of these cores: Jazelle's configuration and state (DDI
/// 0406C A2.10, JOSCR.CD and JMCR.JE), where the core says that it has them; and the DMA or preload engine
/// (c11, c1, 0: DDI 0211K 3.2, DDI 0344K 3.2, DDI 0388I 4.2).
inline void close_engines(Cp15_identity const &real)
{
    if (bits(real.isar[1], 31, 28)) {
        asm volatile("mcr p14, 7, %0, c1, c0, 0" ::"r"(1));
        asm volatile("mcr p14, 7, %0, c2, c0, 0" ::"r"(0));
    }
    Cp15<0, 11, 1, 0>::write_if_present(0);
}

} // namespace vambrace::vmsa
