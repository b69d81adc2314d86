// SPDX-License-Identifier: Apache-2.0
// What core calls `arch` on a Cortex-A: table format, CP15, caches, TLB with ASIDs, thread registers.
#pragma once
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/cp15_access.hpp>
#include <arch/arm/core/guest_memory.hpp>
#include <arch/arm/core/vmsa_core.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/armv7/cache.hpp>
#include <arch/armv7/cp15.hpp>
#include <arch/armv7/errata.hpp>
#include <arch/armv7/mmu.hpp>
#include <base/result.hpp>
#include <vectors.hpp>

namespace vambrace::armv7 {

using vambrace::Context;
using vambrace::Fatal_trap;
using vambrace::Trap;

/// The cores' own operations (DDI 0406C table B3-49).
struct Cp15_port {
    [[gnu::always_inline]] void operator()(Maintenance operation, u32 value) const
    {
        switch (operation) {
        case Maintenance::iciallu: return Cp15<0, 7, 5, 0>::write(0);
        case Maintenance::icimvau: return Cp15<0, 7, 5, 1>::write_address(value);
        case Maintenance::bpiall: return invalidate_branch_predictor();
        case Maintenance::dcimvac: return Cp15<0, 7, 6, 1>::write_address(value);
        case Maintenance::dccmvac: return Cp15<0, 7, 10, 1>::write_address(value);
        case Maintenance::dccmvau: return Cp15<0, 7, 11, 1>::write_address(value);
        case Maintenance::dccimvac: return Cp15<0, 7, 14, 1>::write_address(value);
        case Maintenance::dccisw: return Cp15<0, 7, 14, 2>::write(value);
        case Maintenance::dsb: return vmsa::dsb();
        case Maintenance::isb: return vmsa::isb();
        }
    }

    /// The data or unified cache of a level; sets = 0: there is none.
    Cache_level data_cache(u32 level) const
    {
        u32 const clidr = Cp15<1, 0, 0, 1>::read();
        if (bits(clidr, 3 * level + 2, 3 * level) < 2)
            return {};
        Cp15<2, 0, 0, 0>::write(level << 1); // CSSELR
        vmsa::isb();
        return cache_level(level, Cp15<1, 0, 0, 0>::read());
    }
};

inline Caches<Cp15_port> caches() { return {}; }

/// Each of these registers takes writes in Secure state only; otherwise they are ignored or undefined.
struct Errata_port {
    void operator()(Errata_step step, u32 value) const
    {
        using Array_debug = Cp15<0, 15, 1, 0>;
        using Diagnostic = Cp15<0, 15, 0, 1>;
        switch (step) {
        case Errata_step::clear_array_debug: return Array_debug::write_if_present(value);
        case Errata_step::set_actlr: return Actlr::write_if_present(Actlr::read() | value);
        case Errata_step::set_a8_l2actlr: return set_l2actlr<9, 2>(value);
        case Errata_step::set_a15_l2actlr: return set_l2actlr<15, 0>(value);
        case Errata_step::set_diagnostic:
            return Diagnostic::write_if_present(Diagnostic::read_if_present() | value);
        }
    }

  private:
    /// Only while the Cortex-A8's second level is off, which SCTLR.C = 0 does
    /// (DDI 0344K 8.3), and the A15's is idle. No data is accessed meanwhile, so
    /// what is dirty in the caches does not matter; tables are read from memory.
    template <unsigned crn, unsigned opc2>
    static void set_l2actlr(u32 set)
    {
        u32 sctlr, scratch;
        asm volatile("mrc p15, 0, %0, c1, c0, 0\n"
                     "bic %1, %0, #4\n"
                     "dsb\n"
                     "mcr p15, 0, %1, c1, c0, 0\n"
                     "isb\n"
                     "1: mrc p15, 1, %1, c%c3, c0, %c4\n"
                     "orr %1, %1, %2\n"
                     "2: mcr p15, 1, %1, c%c3, c0, %c4\n"
                     "3: isb\n"
                     "mcr p15, 0, %0, c1, c0, 0\n"
                     "isb\n"
                     ".pushsection .fixups, \"a\"\n"
                     ".word 1b, 3b, 2b, 3b\n"
                     ".popsection"
                     : "=&r"(sctlr), "=&r"(scratch)
                     : "r"(set), "i"(crn), "i"(opc2)
                     : "memory");
    }
};

constexpr u32 guest_line = guest_cache_line;
/// ARMv7 has data caches behave as if they had physical tags ("Address mapping restrictions" of its manual).
constexpr bool has_data_aliases = false;
/// What a frame's psr holds of the real one.
constexpr u32 psr_kept = psr::flags | psr::it | psr::ge | psr::e | psr::t;
/// Of guests.
constexpr Isa isa = Isa::v7;

constexpr bool is_reserved(u32 va, u32 size = 1) { return layout::is_reserved(va, size, low_vectors); }

/// IFAR: a Thumb instruction may begin on the page before the one that is missing.
inline Va instruction_fault_address(u32) { return {Cp15<0, 6, 0, 2>::read()}; }

/// One DSB more than a Cortex-A8 would need.
inline void use_table(Table_base table) { vmsa::use_table<Walks::may_cross_asid>(table); }

/// An entry in a table of our own that the hardware uses has changed, at va. The entry is a global one.
inline void publish_entry(u32 const *entry, Va va)
{
    caches().clean(reinterpret_cast<u32>(entry), 4);
    tlb_invalidate(va, 0);
}

/// Shows a frame of guest RAM in the alias page, uncached.
inline void map_alias(Frame frame)
{
    point_alias_at<Shadow_entry>(frame, Shadow_entry::uncached, publish_entry);
}

/// A word of guest RAM at an address of our own. What the guest wrote may still be in the cache, which finds
/// a line by its physical address.
inline u32 load_alias(Frame frame, u32 offset)
{
    map_alias(frame);
    caches().clean_invalidate(layout::alias + offset, 4);
    return *reinterpret_cast<u32 volatile *>(layout::alias + offset);
}

/// Cleans and invalidates a page of guest RAM, whatever
/// address wrote it: the caches behave as physically tagged.
/// \param linear a guest's address that shows it
inline void clean_invalidate_page(Frame, u32 linear, u32) { caches().clean_invalidate(linear, page_size); }

/// The L1 word of megabyte 0 in every table, while it is empty.
inline u32 vectors_table(u32 ram) { return vectors_word<Shadow_entry>(ram); }

inline Cp15_identity read_identity()
{
    Cp15_identity i = read_common_identity();
    i.mpidr = Cp15<0, 0, 0, 5>::read();
    i.clidr = Cp15<1, 0, 0, 1>::read();
    i.aidr = Cp15<1, 0, 0, 7>::read();
    using Csselr = Cp15<2, 0, 0, 0>;
    using Ccsidr = Cp15<1, 0, 0, 0>;
    Csselr::write(0);
    isb();
    i.ccsidr_data = Ccsidr::read();
    Csselr::write(1);
    isb();
    i.ccsidr_instruction = Ccsidr::read();
    return i;
}

/// What a loader may have left open to USR mode: engines, ThumbEE's handler base, the generic timer, the
/// performance monitors, the debug communications channel (DDI 0406C B4.1.143 TEECR.XED, chapter B8 CNTKCTL,
/// B4.1.124 PMUSERENR, C11.11.20 DBGDSCR.UDCCdis).
inline void close_to_user(Cp15_identity const &real)
{
    close_engines(real);
    if (bits(real.pfr[0], 15, 12))
        asm volatile("mcr p14, 6, %0, c0, c0, 0" ::"r"(1));
    if (bits(real.pfr[1], 19, 16))
        Cp15<0, 14, 1, 0>::write(0);
    Cp15<0, 9, 14, 0>::write(0);
    u32 dscr;
    asm volatile("mrc p14, 0, %0, c0, c2, 2" : "=r"(dscr));
    asm volatile("mcr p14, 0, %0, c0, c2, 2" ::"r"(dscr | 1 << 12));
}

/// The hypervisor's own table has changed: not what the running code needs.
inline void publish_table()
{
    caches().clean_invalidate_all();
    tlb_invalidate_all();
}

/// The hypervisor has this memory, too, at layout::more_memory.
inline void map_more_memory(u32 physical, u32 size)
{
    arm::map_more_memory<Shadow_entry>(physical, size, publish_table);
}

inline void map_host(u32 ram, u32 const *device_pages, u32 count)
{
    fill_host_table<Shadow_entry>(ram, device_pages, count, publish_table);
    Dacr::write(dacr_kernel);
    publish_table();
    avoid_errata(Errata_port {}, Midr::read());
    Cp15_identity const real = read_identity();
    core_identity = masked(real);
    close_to_user(real);
}

} // namespace vambrace::armv7

namespace vambrace {
namespace arch = armv7;
}
