// SPDX-License-Identifier: Apache-2.0
// A core's memory side on the host: physical memory, the table walker, a TLB that keeps what nobody
// invalidates, and tables whose changes the walker sees only when the write buffer was drained. <walk.hpp>
// says what the words of a table mean.
#pragma once
#include <base/types.hpp>
#include <compare>
#include <fake/faults.hpp>
#include <fake/translation.hpp>
#include <fake/vfp.hpp>
#include <map>
#include <memory>
#include <optional>
#include <support/recorder.hpp>
#include <vector>
#include <walk.hpp>

namespace vambrace {

class Hardware {
  public:
    using Mode = walk::Mode;
    using Translation = walk::Translation;

    /// \param tables the walker's view of it changes with drain() only
    u32 *add_memory(u32 physical, u32 size, bool tables = false);
    void reset() { *this = Hardware {}; }

    /// The host's pointer to a physical word, or nullptr.
    u32 *memory(u32 physical);
    /// The physical address of something in added memory.
    u32 physical(void const *p) const;

    /// What an access meets.
    struct Outcome {
        u32 fault;    ///< 0, or what DFSR holds, for a fetch IFSR
        u32 physical; ///< of the byte accessed
        bool ok() const { return fault == 0; }
    };
    /// An access as the core makes it: TLB, else walk; then DACR and the entry's rights.
    Outcome access(u32 va, walk::Kind kind, Mode mode);
    Outcome access(u32 va, bool write, Mode mode)
    {
        return access(va, write ? walk::Kind::store : walk::Kind::load, mode);
    }

    /// What the walker says of a page.
    std::optional<Translation> walk(u32 va) { return walk(ttbr, va); }

    void drain();
    /// A word of a dirty cache line, at an address that nothing else looks up: under another colour, or
    /// another virtual address. It goes to memory when it is cleaned, or whenever the cache likes.
    void leave_dirty(u32 physical, u32 value) { dirty_.emplace_back(physical, value); }
    void write_back();
    /// CP15's TLB operations, also with ASIDs: everything; an address under one ASID, and a global entry of
    /// it; an address under all; all of an ASID. Without ASIDs everything is under 0.
    void invalidate_tlb() { tlb_.clear(), ++tlb_flushes; }
    void invalidate_tlb(u32 va, u32 of_asid);
    void invalidate_tlb_everywhere(u32 va);
    void invalidate_asid(u32 of_asid);
    /// Entries of the TLB that a walk would not find now, of all address spaces.
    std::vector<u32> stale();

    /// The core has ASIDs: guests' entries are under that of the table in use, the hypervisor's are global,
    /// and nothing goes when the table changes.
    inline static bool has_asids = walk::always_has_asids;
    u32 asid = 0;

    /// Ends endless loops: counts what the hypervisor asks for.
    void spend()
    {
        if (++spent > patience)
            throw No_progress {};
    }

    u32 ttbr = 0, dacr = 0, dfsr = 0, ifsr = 0, far = 0;
    u32 ifar = 0; ///< of cores that say where a fetch failed
    /// What the core notes of a data abort, in whatever mode: there is one FAR and one DFSR.
    void data_abort(u32 va, u32 fault) { far = va, dfsr = fault; }
    void prefetch_abort(u32 va, u32 fault) { ifar = va, ifsr = fault; }
    u32 pending_abort = 0,
        taken_abort = 0; ///< status of an asynchronous one: on the way; taken in the hypervisor
    bool alignment_check = false;
    Isa isa = walk::isa; ///< of guests
    Fake_vfp vfp {.identity = neon};
    bool vfp_access = true; ///< the CPACR that guests of an ARMv5 core do not have
    u32 thread_pointer = 0; ///< TPIDRURO, of cores that have it
    u32 tlb_flushes = 0, alias_reads = 0;
    u64 spent = 0, patience = 10'000'000;
    Record<walk::Maintenance> maintenance; ///< by caches(), while `record`
    bool record = false;
    void (*on_wait)() = nullptr;

  private:
    struct Region {
        u32 physical, size;
        bool tables;
        std::shared_ptr<u32[]> words;
        std::vector<u32> view; ///< what the walker sees
    };
    Region *find(u32 physical);
    std::optional<u32> table_word(u32 physical);

    static constexpr u32 global = 0xffffffff;
    struct Tlb_key {
        u32 page, asid; ///< va >> 12; an ASID or `global`
        auto operator<=>(Tlb_key const &) const = default;
    };
    struct Tlb_entry {
        Translation translation;
        u32 table; ///< the first-level table that it comes from
    };
    Tlb_key key_of(u32 va, Translation const &t) const;
    std::optional<Translation> cached(u32 va) const;
    std::optional<Translation> walk(u32 table, u32 va);

    std::vector<Region> regions_;
    std::map<Tlb_key, Tlb_entry> tlb_;
    std::vector<std::pair<u32, u32>> dirty_;
};

extern Hardware hardware;

} // namespace vambrace
