// SPDX-License-Identifier: Apache-2.0
// What core calls `arch`, on the host: the ARMv5 variant's own formats, its registers and memory simulated.
#pragma once
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/layout.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/armv5/cache.hpp>
#include <arch/armv5/cp15_arm926.hpp>
#include <arch/armv5/mmu.hpp>
#include <base/result.hpp>
#include <fake/hardware.hpp>
#include <utility>

extern "C" {
extern vambrace::u32 host_l1[];
}

namespace vambrace::armv5 {

using vambrace::Context;
using vambrace::Fatal_trap;
using vambrace::Trap;

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

inline void tlb_invalidate_all() { hardware.invalidate_tlb(); }
/// Of the page, whatever its subpages are.
inline void tlb_invalidate(Va va, u32 asid)
{
    hardware.drain();
    hardware.invalidate_tlb(va.value, asid);
}
inline void tlb_invalidate_everywhere(Va va) { hardware.invalidate_tlb_everywhere(va.value); }
inline void tlb_invalidate_asid(u32 asid) { hardware.invalidate_asid(asid); }
inline void sync_tables() { hardware.drain(); }
inline void publish_entry(u32 const *, Va va)
{
    hardware.drain();
    tlb_invalidate_everywhere(va);
}

inline void clear_table(u32 *table, u32 bytes)
{
    for (u32 n = 0; n != bytes / 4; ++n)
        table[n] = 0;
}

constexpr bool low_vectors = true;
/// A variable here: tests run with ASIDs and without.
inline bool const &has_asids = Hardware::has_asids;
constexpr bool maintenance_translates = false;
constexpr u32 psr_kept = psr::flags | psr::t;
/// Of guests.
inline Isa const &isa = hardware.isa;
constexpr bool is_reserved(u32 va, u32 size = 1) { return layout::is_reserved(va, size, low_vectors); }

struct Table_base {
    u32 physical, asid;
};
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

inline void set_alignment_check(bool on) { hardware.alignment_check = on; }
inline u32 data_fault_status() { return hardware.dfsr; }
inline u32 prefetch_fault_status() { return hardware.ifsr; }
inline Va fault_address() { return {hardware.far}; }
enum class Own_place : u8 { elsewhere };
inline Own_place own_place(Va) { return Own_place::elsewhere; }
inline Va instruction_fault_address(u32 pc) { return {pc}; }

inline u32 take_asynchronous_abort() { return std::exchange(hardware.taken_abort, 0); }
inline void await_aborts()
{
    if (u32 const abort = std::exchange(hardware.pending_abort, 0))
        hardware.taken_abort = abort;
}

/// Page tables of the hypervisor's own, which boot makes on a board: the vectors' is the first 1 KB.
constexpr u32 own_tables = 0x00010000, own_tables_size = 16 * kib;
constexpr u32 vectors_frame = 0x00020000;
inline u32 vectors_page()
{
    return Shadow_entry::private_page(vectors_frame, Shadow_entry::cached, Own_use::code);
}
inline u32 vectors_table(u32) { return Shadow_entry::table(own_tables, Dacr_domain::user); }

inline u32 load_trusted(u32 va)
{
    auto const outcome = hardware.access(va, false, Hardware::Mode::privileged);
    u32 const *const word = outcome.ok() ? hardware.memory(outcome.physical) : nullptr;
    if (!word)
        throw Hypervisor_fault {"load_trusted", va};
    return *word;
}

inline u32 &behind(Frame frame, u32 offset)
{
    hardware.spend();
    ++hardware.alias_reads;
    u32 *const word = hardware.memory(frame.physical() + offset);
    if (!word)
        throw Hypervisor_fault {"the alias page", frame.physical()};
    return *word;
}
inline u32 load_alias(Frame frame, u32 offset) { return behind(frame, offset); }
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
struct Vfp_port : Fake_vfp_port {
    Vfp_port() : Fake_vfp_port {&hardware.vfp} {}
};
using Vfp = Vfp_unit<Vfp_port>;
using Vfp_state = vambrace::Vfp_state;
inline bool vfp_access(Cp15_state const &) { return hardware.vfp_access; }
struct Thread_registers {};
inline void save(Thread_registers &) {}
inline void restore(Thread_registers const &) {}

struct Guest_access {
    u32 value;
    bool ok;
};

/// LDRT and STRT: as a guest in USR mode, with the DACR that the hypervisor runs with.
inline u32 *guest_word(u32 va, bool write)
{
    auto const outcome = hardware.access(va, write, Hardware::Mode::usr);
    if (!outcome.ok()) {
        hardware.data_abort(va, outcome.fault);
        return nullptr;
    }
    u32 *const word = hardware.memory(outcome.physical);
    if (!word)
        throw Hypervisor_fault {"a guest's page that is not memory", va};
    return word;
}
inline Guest_access store_words(Va va, u32 const *from, u32 count)
{
    for (; count; --count, va.value += 4) {
        u32 *const word = guest_word(va.value, true);
        if (!word)
            return {va.value, false};
        *word = *from++;
    }
    return {va.value, true};
}
inline bool store_frame(Va va, u32 const *words)
{
    return store_words(va, words, VAMBRACE_FRAME_SIZE / 4).ok;
}
inline Guest_access load_words(Va va, u32 *to, u32 count)
{
    for (; count; --count, va.value += 4) {
        u32 const *const word = guest_word(va.value, false);
        if (!word)
            return {va.value, false};
        *to++ = *word;
    }
    return {va.value, true};
}

inline Result<u32> load_word(Va va)
{
    u32 word;
    return load_words(va, &word, 1).ok ? Result<u32> {word} : Error::address;
}
inline bool load_frame(Va va, u32 *words) { return load_words(va, words, VAMBRACE_FRAME_SIZE / 4).ok; }

/// Through the guest's own address: the wrong guest's tables show the wrong page, or none.
inline vambrace_shared *shared_page(bool write)
{
    auto const outcome = hardware.access(VAMBRACE_SHARED_VA, write, Hardware::Mode::privileged);
    u32 *const page = outcome.ok() ? hardware.memory(outcome.physical) : nullptr;
    if (!page)
        throw Hypervisor_fault {"the shared page", VAMBRACE_SHARED_VA};
    return reinterpret_cast<vambrace_shared *>(page);
}
inline vambrace_shared const &shared() { return *shared_page(false); }
inline vambrace_shared &shared_to_write() { return *shared_page(true); }

template <u32 size>
struct alignas(size) Aligned {
    u32 words[size / 4];
};

inline u8 *ram_at(u32 physical, u32) { return reinterpret_cast<u8 *>(hardware.memory(physical)); }
inline u32 physical(void const *p, u32) { return hardware.physical(p); }
inline Frame frame_of(void const *p, u32 ram) { return {physical(p, ram) >> 12}; }
inline void map_host(u32, u32 const *, u32) {}
inline void trim_ram_map(u32) {}
inline void publish_table() {}

} // namespace vambrace::armv5

namespace vambrace {
namespace arch = armv5;
}
