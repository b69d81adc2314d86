// SPDX-License-Identifier: Apache-2.0
// What core calls `arch` on an ARMv5 core: its table format, its CP15, its caches, guest memory.
#pragma once
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/cp15_access.hpp>
#include <arch/arm/core/guest_memory.hpp>
#include <arch/arm/core/own_memory.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/arm/model/vfp.hpp>
#include <arch/armv5/cache.hpp>
#include <arch/armv5/closing.hpp>
#include <arch/armv5/cp15_arm926.hpp>
#include <arch/armv5/mmu.hpp>
#include <base/result.hpp>
#include <vectors.hpp>

namespace vambrace::armv5 {

using namespace arm;
using vambrace::Context;
using vambrace::Fatal_trap;
using vambrace::Trap;

/// The core's own operations (DDI 0198 2.3.7, 2.3.8).
struct Cp15_port {
    [[gnu::always_inline]] void operator()(Maintenance operation, u32 va) const
    {
        switch (operation) {
        case Maintenance::invalidate_icache: return Cp15<0, 7, 5, 0>::write(0);
        case Maintenance::invalidate_icache_line: return Cp15<0, 7, 5, 1>::write(va);
        case Maintenance::invalidate_dcache_line: return Cp15<0, 7, 6, 1>::write(va);
        case Maintenance::clean_dcache_line: return Cp15<0, 7, 10, 1>::write(va);
        case Maintenance::clean_invalidate_line: return Cp15<0, 7, 14, 1>::write(va);
        case Maintenance::drain_write_buffer: return Cp15<0, 7, 10, 4>::write(0);
        case Maintenance::invalidate_tlb: return Cp15<0, 8, 7, 0>::write(0);
        case Maintenance::invalidate_tlb_entry: return Cp15<0, 8, 7, 1>::write(va);
        case Maintenance::test_clean_invalidate:
            asm volatile("1: mrc p15, 0, r15, c7, c14, 3\n bne 1b" ::: "cc", "memory");
        }
    }
};

inline Caches<Cp15_port> caches() { return {}; }

/// For the guest's device tree.
constexpr char const *cpu_compatible() { return "arm,arm926ej-s"; }

/// The TLB holds one address space, and is emptied when another begins.
constexpr bool has_asids = false;
/// The caches are virtually tagged: maintenance needs no translation.
constexpr bool maintenance_translates = false;
/// Each address is another one; but use_table() leaves nothing in the cache.
constexpr bool has_data_aliases = false;
/// What a frame's psr holds of the real one.
constexpr u32 psr_kept = psr::flags | psr::t;
/// Of guests.
constexpr Isa isa = Isa::v5;

constexpr bool is_reserved(u32 va, u32 size = 1) { return layout::is_reserved(va, size, low_vectors); }

inline void tlb_invalidate_all() { Cp15_port {}(Maintenance::invalidate_tlb, 0); }
/// One page. If its subpages have different rights the TLB holds each of the
/// four by itself, and each has to be invalidated (section "Subpages" of the
/// ARM922T's manual, DDI 0184; taken to hold for the ARM926's TLB too).
inline void tlb_invalidate(Va va, u32)
{
    u32 const page = align_down(va.value, page_size);
    Cp15_port {}(Maintenance::drain_write_buffer, 0); // what was written to tables before is seen
    for (u32 n = 0; n != 4; ++n)
        Cp15_port {}(Maintenance::invalidate_tlb_entry, page + n * kib);
}
inline void tlb_invalidate_everywhere(Va va) { tlb_invalidate(va, 0); }
inline void tlb_invalidate_asid(u32) { tlb_invalidate_all(); }

/// Shadow tables are mapped uncached and bufferable: the walker sees them when the write buffer is empty.
inline void sync_tables() { Cp15_port {}(Maintenance::drain_write_buffer, 0); }

/// The hardware uses this first-level table from now on.
inline void use_table(Table_base table)
{
    caches().leave_address_space();
    Ttbr::write(table.physical);
    tlb_invalidate_all();
}

/// Every abort belongs to an instruction.
constexpr u32 take_asynchronous_abort() { return 0; }
constexpr void await_aborts() {}

inline u32 data_fault_status() { return Dfsr::read() & 0xff; }
inline u32 prefetch_fault_status() { return Ifsr::read() & 0xff; }
inline Va instruction_fault_address(u32 pc) { return {pc}; }

/// An entry in a table of our own that the hardware uses has changed, at va.
inline void publish_entry(u32 const *entry, Va va)
{
    caches().clean(reinterpret_cast<u32>(entry), 4);
    tlb_invalidate_everywhere(va);
}

/// Shows a frame of guest RAM in the alias page, uncached.
inline void map_alias(Frame frame)
{
    point_alias_at<Shadow_entry>(frame, Shadow_entry::device, publish_entry);
}

/// A word of guest RAM at an address of our own, for when the guest's address is not known. What the guest
/// wrote may still be in the cache under its address, so all of that goes to memory first.
inline u32 load_alias(Frame frame, u32 offset)
{
    map_alias(frame);
    caches().clean_invalidate_all();
    return *reinterpret_cast<u32 volatile *>(layout::alias + offset);
}

/// The thread pointer is a word of the guest's page of kuser helpers, which the guest sees read-only.
/// \param frame_behind the guest's frame at an address
template <typename F>
Error set_thread_pointer(F frame_behind, u32 value)
{
    constexpr u32 where = 0xffff0ff0;
    Result<Frame> const target = frame_behind(Va {where});
    if (!target)
        return target.error();
    map_alias(*target);
    caches().clean_invalidate(where, 4);
    *reinterpret_cast<u32 volatile *>(layout::alias + (where & (page_size - 1))) = value;
    Cp15_port {}(Maintenance::drain_write_buffer, 0);
    return Error::none;
}

/// Cleans and invalidates a page of guest RAM: the lines of two addresses.
/// \param linear a guest's address that shows it
/// \param va in the address space that is in use
inline void clean_invalidate_page(Frame, u32 linear, u32 va)
{
    u32 const page = align_down(va, page_size);
    auto all = caches();
    all.clean_invalidate(linear, page_size);
    if (page != linear)
        all.clean_invalidate(page, page_size);
}

using Vfp = No_vfp;
using Vfp_state = No_vfp_state;
inline bool vfp_access(Cp15_state const &) { return false; }

/// The core has no thread registers.
struct Thread_registers {};
inline void save(Thread_registers &) {}
inline void restore(Thread_registers const &) {}

/// Every guest sees the same core, whatever revision this is.
inline Cp15_identity identity() { return {}; }

/// A write to what the core does not have is passed over (pv/entry). \pre traps are taken
struct Closing_port {
    void operator()(Closing where, u32 value) const
    {
        switch (where) {
        case Closing::joscr: return write_if_present<14, 1>(value);
        case Closing::jmcr: return write_if_present<14, 2>(value);
        case Closing::fpexc: return write_if_present<10, 8>(value);
        }
    }

  private:
    template <unsigned coprocessor, unsigned crn>
    static void write_if_present(u32 value)
    {
        asm volatile("1: mcr p%c1, 7, %0, c%c2, c0, 0\n"
                     "2:\n"
                     ".pushsection .fixups, \"a\"\n"
                     ".word 1b, 2b\n"
                     ".popsection" ::"r"(value),
                     "i"(coprocessor), "i"(crn));
    }
};

/// The L1 word of megabyte 0 in every table, while it is empty.
inline u32 vectors_table(u32 ram) { return vectors_word<Shadow_entry>(ram); }

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
    close_to_user(Closing_port {});
}

} // namespace vambrace::armv5

namespace vambrace {
namespace arch = armv5;
}
