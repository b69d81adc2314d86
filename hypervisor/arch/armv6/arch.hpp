// SPDX-License-Identifier: Apache-2.0
// What core calls `arch` on ARM1136, ARM1176 and ARM11 MPCore: table format, CP15, caches, TLB with ASIDs.
#pragma once
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/guest_memory.hpp>
#include <arch/arm/core/vmsa_core.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/armv6/cache.hpp>
#include <arch/armv6/cp15.hpp>
#include <arch/armv6/errata.hpp>
#include <arch/armv6/mmu.hpp>
#include <base/result.hpp>
#include <vectors.hpp>

namespace vambrace::armv6 {

using vambrace::Context;
using vambrace::Fatal_trap;
using vambrace::Trap;

/// The cores' own operations (DDI 0301 3.2.22).
struct Cp15_port {
    [[gnu::always_inline]] void operator()(Maintenance operation, u32 va) const
    {
        switch (operation) {
        case Maintenance::invalidate_icache: return Cp15<0, 7, 5, 0>::write(0);
        case Maintenance::invalidate_icache_line: return Cp15<0, 7, 5, 1>::write_address(va);
        case Maintenance::invalidate_predictor: return invalidate_branch_predictor();
        case Maintenance::invalidate_dcache_line: return Cp15<0, 7, 6, 1>::write_address(va);
        case Maintenance::clean_dcache_line: return Cp15<0, 7, 10, 1>::write_address(va);
        case Maintenance::clean_invalidate_line: return Cp15<0, 7, 14, 1>::write_address(va);
        case Maintenance::clean_invalidate_dcache: return Cp15<0, 7, 14, 0>::write(0);
        case Maintenance::dsb: return vmsa::dsb();
        case Maintenance::prefetch_flush: return vmsa::isb();
        }
    }
    /// ARM11 MPCore has none (DDI 0360F 3.4).
    bool has_ranges() const { return core_identity.part() != part::arm11_mpcore; }
    [[gnu::always_inline]] void operator()(Range_maintenance operation, u32 first, u32 last) const
    {
        switch (operation) {
        case Range_maintenance::invalidate_icache: return maintain_range<5>(first, last);
        case Range_maintenance::invalidate_dcache: return maintain_range<6>(first, last);
        case Range_maintenance::clean_dcache: return maintain_range<12>(first, last);
        case Range_maintenance::clean_invalidate_dcache: return maintain_range<14>(first, last);
        }
    }
};

inline Caches<Cp15_port> caches() { return {}; }

struct Errata_port {
    void operator()(Errata_step step, u32 set) const
    {
        switch (step) {
        case Errata_step::set_actlr: return Actlr::write_if_present(Actlr::read() | set);
        case Errata_step::set_sctlr: return Sctlr::Word::write(Sctlr::Word::read() | set);
        case Errata_step::dsb: return vmsa::dsb();
        }
    }
};

/// What a frame's psr holds of the real one.
constexpr u32 psr_kept = psr::flags | psr::ge | psr::e | psr::t;
/// Of guests.
constexpr Isa isa = Isa::v6;

constexpr bool is_reserved(u32 va, u32 size = 1) { return layout::is_reserved(va, size, low_vectors); }

/// What was written at one address may not be found at another that shows the same frame, where the data
/// cache is larger than 16 KB and bits 13 and 12 differ (DDI 0211 6.11.3).
constexpr bool has_data_aliases = true;

/// These cores have no instruction that could lie on two pages.
inline Va instruction_fault_address(u32 pc) { return {pc}; }

inline void use_table(Table_base table) { vmsa::use_table<Walks::end_at_isb>(table); }

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

/// A word of guest RAM at an address of our own, for when the guest's address
/// is not known. What the guest wrote may be in the cache, at another
/// address's place where there are aliases: all of it goes to memory first.
inline u32 load_alias(Frame frame, u32 offset)
{
    map_alias(frame);
    caches().clean_invalidate_all();
    return *reinterpret_cast<u32 volatile *>(layout::alias + offset);
}

/// Cleans and invalidates a page of guest RAM: the lines of two addresses.
/// \param linear a guest's address that shows it
/// \param va of any address space: it is shown at one of our own that has the same lines
inline void clean_invalidate_page(Frame frame, u32 linear, u32 va)
{
    auto all = caches();
    all.clean_invalidate(linear, page_size);
    if (((linear ^ va) & colour_mask) == 0)
        return;
    u32 const own = layout::coloured_alias + (va & colour_mask);
    point_at<Shadow_entry>(own, frame, Shadow_entry::cached, publish_entry);
    all.clean_invalidate(own, page_size);
}

/// The L1 word of megabyte 0 in every table, while it is empty.
inline u32 vectors_table(u32 ram) { return vectors_word<Shadow_entry>(ram); }

/// What a loader may have left open to USR mode: engines, ARM1176's performance monitors (DDI 0301H 3.2), the
/// debug communications channel (DSCR bit 12, DDI 0211K chapter 13). \pre traps are taken
inline void close_to_user(Cp15_identity const &real)
{
    close_engines(real);
    if (real.part() == part::arm1176)
        Cp15<0, 15, 9, 0>::write_if_present(0);
    u32 dscr = 0;
    asm volatile("1: mrc p14, 0, %0, c0, c1, 0\n"
                 "   orr %0, %0, #0x1000\n"
                 "2: mcr p14, 0, %0, c0, c1, 0\n"
                 "3:\n"
                 ".pushsection .fixups, \"a\"\n"
                 ".word 1b, 3b, 2b, 3b\n"
                 ".popsection"
                 : "+r"(dscr));
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
    host_l1[layout::vectors >> 20] = vectors_table(ram);
    Dacr::write(dacr_kernel);
    publish_table();
    avoid_errata(Errata_port {}, Midr::read());
    Cp15_identity const real = read_common_identity();
    core_identity = masked(real);
    close_to_user(real);
}

} // namespace vambrace::armv6

namespace vambrace {
namespace arch = armv6;
}
