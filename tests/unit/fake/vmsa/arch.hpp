// SPDX-License-Identifier: Apache-2.0
// What core calls `arch`, on the host: the ARMv7 variant's own formats, registers and memory simulated. The
// core is a Cortex-A9, its vectors are in the window.
#pragma once
#include <arch/arm/core/table_switch.hpp>
#include <arch/arm/model/cores.hpp>
#include <arch/armv7/cache.hpp>
#include <arch/armv7/cp15.hpp>
#include <arch/armv7/mmu.hpp>
#include <fake/core.hpp>

namespace vambrace::armv7 {

using namespace fake;
namespace guest_sctlr = vambrace::guest_sctlr;

/// By address they go through the MMU: where nothing is mapped, write_address() goes on behind the operation.
struct Recording_port {
    void operator()(Maintenance operation, u32 value) const
    {
        bool const by_address = operation == Maintenance::icimvau || operation == Maintenance::dcimvac ||
                                operation == Maintenance::dccmvac || operation == Maintenance::dccmvau ||
                                operation == Maintenance::dccimvac;
        if (by_address && !hardware.access(value, false, Hardware::Mode::privileged).ok())
            return;
        if (hardware.record)
            hardware.maintenance.push_back({operation, value});
        if (operation == Maintenance::dsb)
            hardware.drain();
        if (operation == Maintenance::dccisw)
            hardware.write_back();
    }
    /// The first level of a Cortex-A9 (DDI 0388I 4.3.12, 32 KB), and no other.
    Cache_level data_cache(u32 level) const
    {
        return level == 0 ? cache_level(0, cortex_a9.ccsidr_data) : Cache_level {};
    }
};

inline Caches<Recording_port> caches() { return {}; }

constexpr char const *cpu_compatible() { return "arm,cortex-a9"; }

inline void tlb_invalidate(Va va, u32 asid)
{
    hardware.drain();
    hardware.invalidate_tlb(va.value, asid);
}
inline void tlb_invalidate_everywhere(Va)
{
    hardware.drain();
    tlb_invalidate_all();
}
/// The entry is a global one.
inline void publish_entry(u32 const *, Va va) { tlb_invalidate(va, 0); }

constexpr u32 guest_line = guest_cache_line;
constexpr bool low_vectors = false;
constexpr bool has_asids = true;
constexpr bool maintenance_translates = true;
constexpr bool has_data_aliases = false;
constexpr u32 psr_kept = psr::flags | psr::it | psr::ge | psr::e | psr::t;
constexpr bool is_reserved(u32 va, u32 size = 1) { return layout::is_reserved(va, size, low_vectors); }

struct Table_port {
    void operator()(Table_step step, u32 value) const
    {
        switch (step) {
        case Table_step::dsb: return hardware.drain();
        case Table_step::contextidr: hardware.asid = value & 0xff; return;
        case Table_step::ttbr: hardware.ttbr = value & 0xffffc000; return;
        case Table_step::invalidate_tlb: return tlb_invalidate_all();
        case Table_step::isb:
        case Table_step::invalidate_predictor: return;
        }
    }
};
inline void use_table(Table_base table)
{
    switch_table<Walks::may_cross_asid>(Table_port {}, table_register(table.physical), table.asid);
}

/// IFAR.
inline Va instruction_fault_address(u32) { return {hardware.ifar}; }

inline u32 vectors_page()
{
    return Shadow_entry::private_page(vectors_frame, Shadow_entry::cached, Own_use::code);
}
inline u32 vectors_table(u32) { return 0; }

template <typename F>
Error set_thread_pointer(F, u32 value)
{
    hardware.thread_pointer = value;
    return Error::none;
}
struct Thread_registers {
    u32 ro;
};
inline void save(Thread_registers &r) { r.ro = hardware.thread_pointer; }
inline void restore(Thread_registers const &r) { hardware.thread_pointer = r.ro; }

inline void clean_invalidate_page(Frame, u32 linear, u32) { caches().clean_invalidate(linear, page_size); }
inline Cp15_identity identity() { return masked(cortex_a9); }
inline bool vfp_access(Cp15_state const &state) { return state.vfp_access(); }

} // namespace vambrace::armv7

namespace vambrace {
namespace arch = armv7;
}
