// SPDX-License-Identifier: Apache-2.0
// What the simulated core does alike in every format: the fake variants take it over by `using namespace`.
#pragma once
#include <arch/arm/core/context.hpp>
#include <arch/arm/core/layout.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/arm/model/rights.hpp>
#include <base/result.hpp>
#include <fake/hardware.hpp>
#include <utility>

extern "C" {
extern vambrace::u32 host_l1[];
}

namespace vambrace::fake {

using vambrace::Context;
using vambrace::Fatal_trap;
using vambrace::Trap;

/// Of guests.
inline Isa const &isa = hardware.isa;

inline void sync_tables() { hardware.drain(); }
inline void tlb_invalidate_all() { hardware.invalidate_tlb(); }
inline void tlb_invalidate_asid(u32 asid) { hardware.invalidate_asid(asid); }

inline void clear_table(u32 *table, u32 bytes)
{
    for (u32 n = 0; n != bytes / 4; ++n)
        table[n] = 0;
}

struct Table_base {
    u32 physical, asid;
};

inline void set_alignment_check(bool on) { hardware.alignment_check = on; }
inline u32 data_fault_status() { return hardware.dfsr; }
inline u32 prefetch_fault_status() { return hardware.ifsr; }
inline Va fault_address() { return {hardware.far}; }
enum class Own_place : u8 { elsewhere };
inline Own_place own_place(Va) { return Own_place::elsewhere; }

inline u32 take_asynchronous_abort() { return std::exchange(hardware.taken_abort, 0); }
inline void await_aborts()
{
    if (u32 const abort = std::exchange(hardware.pending_abort, 0))
        hardware.taken_abort = abort;
}

/// Page tables of the hypervisor's own, which boot makes on a board: the vectors' is the first 1 KB.
constexpr u32 own_tables = 0x00010000, own_tables_size = 16 * kib;
constexpr u32 vectors_frame = 0x00020000;

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

struct Vfp_port : Fake_vfp_port {
    Vfp_port() : Fake_vfp_port {&hardware.vfp} {}
};
using Vfp = Vfp_unit<Vfp_port>;
using Vfp_state = vambrace::Vfp_state;

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
inline void map_more_memory(u32, u32) {}

} // namespace vambrace::fake
