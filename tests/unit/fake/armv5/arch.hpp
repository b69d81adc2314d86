// SPDX-License-Identifier: Apache-2.0
// What core calls `arch`, on the host: the ARMv5 variant's own formats, its registers and memory simulated.
#pragma once
#include <arch/armv5/cache.hpp>
#include <arch/armv5/cp15_arm926.hpp>
#include <arch/armv5/mmu.hpp>
#include <fake/core.hpp>

namespace vambrace::armv5 {

using namespace fake;

struct Recording_port {
    void operator()(Maintenance operation, u32 va) const
    {
        if (hardware.record)
            hardware.maintenance.push_back({operation, va});
        if (operation == Maintenance::drain_write_buffer)
            hardware.drain();
        if (operation == Maintenance::test_clean_invalidate)
            hardware.write_back();
    }
};

inline Caches<Recording_port> caches() { return {}; }

constexpr char const *cpu_compatible() { return "arm,arm926ej-s"; }

/// Of the page, whatever its subpages are.
inline void tlb_invalidate(Va va, u32 asid)
{
    hardware.drain();
    hardware.invalidate_tlb(va.value, asid);
}
inline void tlb_invalidate_everywhere(Va va) { hardware.invalidate_tlb_everywhere(va.value); }
inline void publish_entry(u32 const *, Va va)
{
    hardware.drain();
    tlb_invalidate_everywhere(va);
}

constexpr bool low_vectors = true;
/// A variable here: tests run with ASIDs and without.
inline bool const &has_asids = Hardware::has_asids;
constexpr bool maintenance_translates = false;
constexpr bool has_data_aliases = false;
constexpr u32 psr_kept = psr::flags | psr::t;
constexpr bool is_reserved(u32 va, u32 size = 1) { return layout::is_reserved(va, size, low_vectors); }

/// Cores with ASIDs have caches that are physically tagged: they keep what they hold.
inline void use_table(Table_base table)
{
    if (has_asids)
        hardware.drain(); // a DSB
    else
        caches().leave_address_space();
    hardware.ttbr = table.physical;
    hardware.asid = table.asid;
    if (!has_asids || table.asid == 0)
        tlb_invalidate_all();
}

inline Va instruction_fault_address(u32 pc) { return {pc}; }

inline u32 vectors_page()
{
    return Shadow_entry::private_page(vectors_frame, Shadow_entry::cached, Own_use::code);
}
inline u32 vectors_table(u32) { return Shadow_entry::table(own_tables, Dacr_domain::user); }

template <typename F>
Error set_thread_pointer(F frame_behind, u32 value)
{
    constexpr u32 where = 0xffff0ff0;
    Result<Frame> const target = frame_behind(Va {where});
    if (!target)
        return target.error();
    behind(*target, where & (page_size - 1)) = value;
    return Error::none;
}
inline void clean_invalidate_page(Frame, u32 linear, u32 va)
{
    caches().clean_invalidate(linear, page_size);
    if (align_down(va, page_size) != linear)
        caches().clean_invalidate(align_down(va, page_size), page_size);
}
inline Cp15_identity identity() { return {}; }
inline bool vfp_access(Cp15_state const &) { return hardware.vfp_access; }
struct Thread_registers {};
inline void save(Thread_registers &) {}
inline void restore(Thread_registers const &) {}

} // namespace vambrace::armv5

namespace vambrace {
namespace arch = armv5;
}
