// SPDX-License-Identifier: Apache-2.0
// What core calls `arch` on an ARMv5 core: its table format, its CP15, its caches, guest memory.
#pragma once
#include <arch/arm/context.hpp>
#include <arch/arm/decoder.hpp>
#include <arch/arm/layout.hpp>
#include <arch/armv5/cache.hpp>
#include <arch/armv5/cp15_arm926.hpp>
#include <arch/armv5/mmu.hpp>
#include <base/result.hpp>

extern "C" {
vambrace::u64 guest_store_words(vambrace::u32 va, vambrace::u32 const *from, vambrace::u32 count);
vambrace::u64 guest_load_words(vambrace::u32 va, vambrace::u32 *to, vambrace::u32 count);
void clear_memory(vambrace::u32 *to, vambrace::u32 bytes);
extern vambrace::u32 host_l1[];
extern vambrace::u32 host_l2[];
}

namespace vambrace::armv5 {

using vambrace::Context;
using vambrace::Fatal_trap;
using vambrace::Trap;

/// The core's own CP15 registers (DDI 0198 2.3).
template <unsigned crn, unsigned crm, unsigned opc2>
struct Cp15 {
    static u32 read()
    {
        u32 value;
        asm volatile("mrc p15, 0, %0, c%c1, c%c2, %c3" : "=r"(value) : "i"(crn), "i"(crm), "i"(opc2));
        return value;
    }
    static void write(u32 value)
    {
        asm volatile("mcr p15, 0, %0, c%c1, c%c2, %c3" ::"r"(value), "i"(crn), "i"(crm), "i"(opc2)
                     : "memory");
    }
};

using Sctlr = Cp15<1, 0, 0>;
using Ttbr = Cp15<2, 0, 0>;
using Dacr = Cp15<3, 0, 0>;
using Dfsr = Cp15<5, 0, 0>;
using Ifsr = Cp15<5, 0, 1>;
using Far = Cp15<6, 0, 0>;
using Wait_for_interrupt = Cp15<7, 0, 4>;

struct Cp15_port {
    [[gnu::always_inline]] void operator()(Maintenance operation, u32 va) const
    {
        switch (operation) {
        case Maintenance::invalidate_icache: return Cp15<7, 5, 0>::write(0);
        case Maintenance::invalidate_icache_line: return Cp15<7, 5, 1>::write(va);
        case Maintenance::invalidate_dcache_line: return Cp15<7, 6, 1>::write(va);
        case Maintenance::clean_dcache_line: return Cp15<7, 10, 1>::write(va);
        case Maintenance::clean_invalidate_line: return Cp15<7, 14, 1>::write(va);
        case Maintenance::drain_write_buffer: return Cp15<7, 10, 4>::write(0);
        case Maintenance::invalidate_tlb: return Cp15<8, 7, 0>::write(0);
        case Maintenance::invalidate_tlb_entry: return Cp15<8, 7, 1>::write(va);
        case Maintenance::test_clean_invalidate:
            asm volatile("1: mrc p15, 0, r15, c7, c14, 3\n bne 1b" ::: "cc", "memory");
        }
    }
};

inline Caches<Cp15_port> caches() { return {}; }

constexpr char const *cpu_compatible = "arm,arm926ej-s";

inline void tlb_invalidate_all() { Cp15_port {}(Maintenance::invalidate_tlb, 0); }
/// One page. If its subpages have different rights the TLB holds each of the four by itself, and each has to be
/// invalidated (section "Subpages" of the ARM922T's manual, DDI 0184; taken to hold for the ARM926's TLB too).
inline void tlb_invalidate(Va va)
{
    u32 const page = align_down(va.value, page_size);
    for (u32 n = 0; n != 4; ++n)
        Cp15_port {}(Maintenance::invalidate_tlb_entry, page + n * kib);
}

/// Shadow tables are mapped uncached and bufferable: the walker sees them when the write buffer is empty.
inline void sync_tables() { Cp15_port {}(Maintenance::drain_write_buffer, 0); }

/// Tables, and a guest's memory before it starts. \param bytes a multiple of 32
inline void clear_table(u32 *table, u32 bytes) { clear_memory(table, bytes); }

/// The hardware uses this first-level table from now on.
inline void use_table(u32 physical)
{
    caches().leave_address_space();
    Ttbr::write(physical);
    tlb_invalidate_all();
}

/// SCTLR while a guest runs: S = 0 and R = 1 as Shadow_entry wants it, A as the guest has it.
inline void set_alignment_check(bool on)
{
    u32 const old = Sctlr::read();
    u32 const now = on ? old | 2 : old & ~2u;
    if (now != old)
        Sctlr::write(now);
}

inline u32 data_fault_status() { return Dfsr::read() & 0xff; }
inline u32 prefetch_fault_status() { return Ifsr::read() & 0xff; }
inline Va fault_address() { return {Far::read()}; }
inline void wait_for_interrupt() { Wait_for_interrupt::write(0); }

/// The vector page's entry, for the table behind megabyte 0.
inline u32 vectors_page() { return host_l2[2 * 256]; }

/// A word that the shadow is known to map as the guest's RAM. \pre aligned
inline u32 load_trusted(u32 va) { return *reinterpret_cast<u32 const *>(va); }

/// An entry in a table of our own that the hardware uses has changed, at va.
inline void publish_entry(u32 const *entry, Va va)
{
    caches().clean(reinterpret_cast<u32>(entry), 4);
    tlb_invalidate(va);
}

/// Shows a frame of guest RAM in the alias page, uncached.
inline void map_alias(Frame frame)
{
    u32 const entry = Shadow_entry::private_page(frame.physical(), false);
    if (host_l2[256] == entry)
        return;
    host_l2[256] = entry;
    publish_entry(&host_l2[256], Va {layout::alias});
}

/// A word of guest RAM at an address of our own, for when the guest's address is not known. What the guest
/// wrote may still be in the cache under its address, so all of that goes to memory first.
inline u32 load_alias(Frame frame, u32 offset)
{
    map_alias(frame);
    caches().clean_invalidate_all();
    return *reinterpret_cast<u32 volatile *>(layout::alias + offset);
}

/// Stores a word of guest RAM that the guest sees, read-only, at va.
inline void store_behind(Frame frame, Va va, u32 value)
{
    map_alias(frame);
    caches().clean_invalidate(va.value, 4);
    *reinterpret_cast<u32 volatile *>(layout::alias + (va.value & (page_size - 1))) = value;
    Cp15_port {}(Maintenance::drain_write_buffer, 0);
}

/// What became of an access to guest memory with the guest kernel's rights.
struct Guest_access {
    u32 value; ///< or the address that faulted
    bool ok;
};

inline Guest_access access_result(u64 result) { return {static_cast<u32>(result), result >> 32 == 0}; }

/// \pre va is a multiple of 4, the words are not reserved, count > 0
inline Guest_access store_words(Va va, u32 const *from, u32 count)
{
    return access_result(guest_store_words(va.value, from, count));
}
inline Guest_access load_words(Va va, u32 *to, u32 count)
{
    return access_result(guest_load_words(va.value, to, count));
}

/// The running guest's shared page, at the guest's own address (the cache is virtually tagged).
inline vambrace_shared const &shared() { return *reinterpret_cast<vambrace_shared const *>(VAMBRACE_SHARED_VA); }
/// \pre it is not guarded: shared_of() sees to that
inline vambrace_shared &shared_to_write() { return *reinterpret_cast<vambrace_shared *>(VAMBRACE_SHARED_VA); }

template <u32 size>
struct alignas(size) Aligned {
    u32 words[size / 4];
};

/// Of something in our own megabyte, which begins at `ram`.
inline u32 physical(void const *p, u32 ram) { return reinterpret_cast<u32>(p) - layout::image + ram; }
inline Frame frame_of(void const *p, u32 ram) { return {physical(p, ram) >> 12}; }

/// The L1 word of megabyte 0 in every table: nothing but the exception vectors, in a domain that is always open.
inline u32 vectors_table(u32 ram)
{
    return Shadow_entry::table(physical(&host_l2[2 * 256], ram), Dacr_domain::user);
}

/// Completes the hypervisor's own table: vectors, devices, the alias page and the pools.
void map_host(u32 ram, u32 const *device_pages, u32 count);

} // namespace vambrace::armv5

namespace vambrace {
namespace arch = armv5;
}
