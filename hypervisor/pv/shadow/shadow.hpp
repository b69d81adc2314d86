// SPDX-License-Identifier: Apache-2.0
// Shadow tables: a software TLB over the guest's own tables, the only tables that the hardware walks.
#pragma once
#include <arch.hpp>
#include <base/arena.hpp>
#include <kernel/memory.hpp>

namespace vambrace {

/// Where the shadow tables of one domain live.
struct Shadow_pool {
    u32 *tables;  ///< 16 KB aligned
    u32 physical; ///< of tables
    u32 size;     ///< bytes; a multiple of 16 KB, at least Shadow::smallest_pool
    u32 asid;     ///< of its first table; the others count up from it
};

/// The guest kernel's own mapping of its RAM: page tables are read through it.
struct Linear_map {
    u32 va, ipa, size;
    /// The guest's address of ipa. \pre covers(ipa)
    constexpr u32 address_of(Ipa i) const
    {
        ASSERT(covers(i));
        return va + (i.value - ipa);
    }
    constexpr bool covers(Ipa i) const { return i.value - ipa < size; }
};

/// What became of a fault.
struct Fill {
    enum class Kind : u8 {
        filled,    ///< the shadow has changed: try again
        unchanged, ///< the shadow has said so already; status: what a store to a read-only page is told
        fault,     ///< the guest's tables forbid it: status
        no_memory, ///< the guest's tables permit it, but there is no RAM: ipa; status: not 0 if only to read
    };
    Kind kind;
    bool section; ///< no_memory: the level, for the external abort's status
    u32 status;
    Ipa ipa;
};

class Shadow {
  public:
    static constexpr u32 smallest_pool = 64 * kib;
    static constexpr u32 l1_size = 16 * kib;
    static constexpr u32 mmu_off = 1; ///< a table base that no TTBR can be: the identity map

    /// \param window the L1 words of the hypervisor's window; \param vectors the shared table of megabyte 0
    /// Error::inval: the pool is too small; Error::denied: the arena is used up.
    Error init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors, Arena &arena);

    /// As after init(): the guest starts again.
    void restart();

    /// Makes the table for base current, from the cache or new. The caller makes the hardware use it.
    void activate(u32 base);
    /// As activate() if base was current before and nothing stands in the way; false: nothing has happened.
    bool activate_recent(u32 base)
    {
        u32 const i = first_[bucket(base)];
        L1_info &info = l1_[i];
        if (info.base != base || kernel_only_count_)
            return false;
        info.stamp = ++stamp_;
        current_ = i;
        now_ = &info;
        return true;
    }
    arch::Table_base hardware_table() const { return {now_->physical, now_->asid}; }
    u32 base() const { return now_->base; }

    /// The guest's rights have changed: nothing that was filled holds any more.
    void set_rights(arch::Rights_context rights);
    /// The guest kernel sees map in every address space from now on, whatever its tables say.
    /// \pre whole megabytes of the guest's RAM, at addresses that are not reserved
    void set_linear_map(Linear_map map);

    /// Where the linear map shows it. Error::address: it does not.
    Result<Va> linear_view(Ipa ipa) const
    {
        return linear_.covers(ipa) ? Result<Va> {Va {linear_.address_of(ipa)}} : Result<Va> {Error::address};
    }
    arch::Mapping walk(Va va);
    /// The guest's frame at va by its own tables, whatever its rights. Error::address: there is none.
    Result<Frame> frame_behind(Va va);
    /// The status of guest user's fault if its kernel has to be told
    /// whatever the shadow holds. Error::again: fill() has to see to it.
    Result<u32> certain_fault(Va va, u32 status) const;
    /// \param kernel the guest kernel's rights, else guest user's
    Fill fill(Va va, bool kernel);
    /// After a fault that the guest has handled: what it has
    /// mapped at va, without another trap. False: nothing new.
    bool refill(Va va, bool kernel);

    /// The usual refill at a fraction of the price: a small page that guest user
    /// sees, in a megabyte that has such pages, and the guest has not mapped the
    /// next one too. False: nothing has happened, refill() has to see to it.
    bool refill_quickly(Va va);

    /// Takes over what has changed in [va, va + size) of base's table. Returns the bytes left to do.
    u32 resync(u32 base, u32 va, u32 size);
    /// The same for one page. \pre va is aligned
    void resync_page(u32 base, Va va);
    /// Forgets a page of base's table. \pre va is aligned
    void drop_page(u32 base, Va va);
    /// Forgets [va, va + size) in every table.
    void drop(u32 va, u32 size);
    void drop_all();
    void forget(u32 base);

    /// The guest kernel sees a page that is no RAM and that it may load from
    /// and store to. As a TLB would, the shadow keeps this until a flush
    /// names it, or something of the same megabytes, for the table in use.
    void remember_device(Va va)
    {
        if (user_l2_index(now_->table[va.value >> 20]) < l2_count_)
            return; // the quick flushes do not ask
        device_page_ = align_down(va.value, page_size);
        device_base_ = now_->base;
    }
    bool remembers_device(Va va) const
    {
        return align_down(va.value, page_size) == device_page_ && now_->base == device_base_;
    }

    /// Pages that guest user must not see, in megabytes that it may: removed before it runs.
    bool has_kernel_only() const { return kernel_only_count_ != 0; }
    void remove_kernel_only();

    u32 l1_evictions() const { return l1_evictions_; }
    u32 l2_evictions() const { return l2_evictions_; }
    u32 resynced() const { return resynced_; }

  private:
    static constexpr u32 l2_size = kib, l1_words = l1_size / 4, l2_words = l2_size / 4;
    static constexpr u32 no_base = 2;
    static constexpr u16 no_table = 0xffff, owner_shared = 0xfffe, owner_nobody = 0xfffd;
    static constexpr u32 resync_limit = 64, around = 16;
    static constexpr u32 large_page = 16, supersection = 16; ///< in pages; in megabytes

    /// What the four AP fields of a page mean under the guest's rights.
    struct Page_class {
        u32 key;                        ///< the AP fields and the domain
        u32 kernel_rights, user_rights; ///< the bits of the hardware's entry, per mode
        bool visible;                   ///< guest user reaches some of it
        bool kernel_part;               ///< the guest kernel alone reaches some of it
        bool dead;                      ///< nobody reaches any of it
    };

    struct L1_info {
        u32 base;
        u32 guest;    ///< where the guest sees its table; 0: the linear map does not show it
        u32 *table;   ///< ours
        u32 physical; ///< of table
        u32 asid;
        u8 next;                ///< in its bucket; l1_count_: it is the last
        bool is_clean;          ///< free, and holds nothing but what every table holds
        u32 stamp;              ///< for LRU
        u32 populated[16];      ///< bit n: megabytes 8n .. 8n + 7 may hold entries
        bool has_supersections; ///< some of them may be parts of a guest's supersection
    };
    struct alignas(64) L2_info { // found without a multiplication
        u16 megabyte;
        u16 owner;                  ///< index of the L1, or one of owner_*
        u16 next;                   ///< free list
        u16 links;                  ///< first-level tables that point at it
        u32 guest_table;            ///< L1_entry::table_and_domain(); 0: a section
        u32 present[l2_words / 32]; ///< bit n: entry n may be there
        /// Bit n: the n-th 16 entries hold parts of a large page; part_of_more; 0: each entry is a page's
        u32 wide;
    };
    /// The entries are parts of a section, or the megabyte may be one of a supersection's.
    static constexpr u32 part_of_more = 1u << 16;

    u32 *l1(u32 i) const { return l1_[i].table; }
    u32 *l2(u32 i) const { return l2_tables_ + i * l2_words; }
    u32 l2_physical(u32 i) const { return l2_physical_ + i * l2_size; }
    u32 asid(u32 i) const { return l1_[i].asid; }
    u32 l2_index(u32 l1_word) const;
    /// The second-level table of a megabyte that guest user sees,
    /// by its first-level word: at least l2_count_ if it is none.
    u32 user_l2_index(u32 l1_word) const { return kilobytes(l1_word - user_l2_); }
    /// The quotient, if it is a whole one; else far too much.
    static constexpr u32 kilobytes(u32 bytes) { return bytes >> 10 | bytes << 22; }
    /// Megabytes that do not follow the guest's tables.
    bool is_fixed(u32 megabyte) const
    {
        return megabyte - layout_window < 8 || megabyte - (linear_.va >> 20) < linear_.size >> 20;
    }
    /// Megabyte 0 where the exception vectors are in its first page: never empty.
    static constexpr bool has_vectors(u32 megabyte) { return arch::low_vectors && megabyte == 0; }
    static constexpr bool is_vectors_page(u32 va) { return has_vectors(va >> 20) && (va >> 12) == 0; }
    u32 empty_word(u32 megabyte) const { return has_vectors(megabyte) ? vectors_ : 0; }
    void changed_entry(u32 i, u32 table, Va va);
    void changed_entries(u32 i, u32 table);
    bool may_be_cached(u32 i) const { return arch::has_asids || i == current_; }
    void map_linear(u32 *table) const;

    static constexpr u32 bucket(u32 base) { return base >> 14 & 63; }
    u32 find(u32 base);
    void empty_buckets();
    void name_l1(u32 i, u32 base);
    void unname_l1(u32 i);
    u32 new_l1(u32 base);
    void reset_l1(u32 i);
    void empty_l1(u32 i);
    void release_l1(u32 i);
    void set_l1(u32 i, u32 megabyte, u32 word);
    void clear_l1(u32 i, u32 megabyte);

    u32 take_l2();
    void free_l2(u32 i);
    void unlink_l2(u32 i);
    void leave_l2(u32 table);
    u32 table_for(u32 megabyte, arch::Dacr_domain domain, u32 guest_table);
    u32 shared_table(u32 megabyte, u32 guest_table) const;
    bool set_l2(u32 table, u32 index, u32 word);

    Result<u32> read_table(Ipa ipa);
    Result<u32> first_level(u32 base, u32 va);
    arch::Mapping walk_entry(u32 l1_word, u32 va);
    /// What becomes of the low 12 bits of a small page's entry.
    struct Small_page {
        u32 key = ~0u; ///< those bits and the domain
        u32 low = 0;   ///< the shadow entry's
    };
    /// How most of a guest's second-level tables that hold user pages look, learned from the last one that
    /// was filled from: all have the same low bits in their first-level word, and lie in the linear map.
    struct Usual {
        u32 first; ///< the first-level word of one at the linear map's beginning
        u32 count; ///< how many fit into the linear map; 0: nothing is known
        u32 told;  ///< a translation fault of a page in one
        Small_page
            pages[arch::small_page_kinds]; ///< low: with the frame of RAM's first page; keys without a domain
    };
    /// Guest words that become entries in the same way.
    struct Run {
        u32 attributes; ///< their low bits
        u32 base;       ///< what RAM's first page has in such a word
        u32 first;      ///< RAM's first page in such an entry
        u32 size;       ///< of RAM
    };

    Page_class const &class_of(u32 ap, u32 domain);
    Page_class make_class(u32 ap, u32 domain) const;
    u32 page_entry(arch::Mapping const &m, Page_class const &c, bool kernel) const;
    u32 store_status(arch::Mapping const &m, u32 va, bool kernel) const;
    bool section_fits(arch::Mapping const &m, u32 va) const;
    void make_current(u32 i);
    enum class Around : u8 { always, if_mapped };
    bool is_usual(u32 l1_word) const { return kilobytes(l1_word - usual_.first) < usual_.count; }
    /// Where the linear map shows it. \pre is_usual()
    u32 usual_table(u32 l1_word) const
    {
        ASSERT(is_usual(l1_word));
        return linear_.va + (l1_word - usual_.first);
    }
    void learn_usual(u32 l1_word, u32 word, u32 entry);
    Result<u32> usual_entry(u32 word) const;
    void changed_page(Va va);
    bool quick_fill(u32 va, Around around, Fill &fill);
    Fill full_fill(Va va, bool kernel, Around around);
    Fill install(u32 va, arch::Mapping const &m, bool kernel, Around around);
    Fill install_section(u32 va, arch::Mapping const &m);
    Fill install_page(u32 va, arch::Mapping const &m, bool kernel, Around around);
    void fill_around(u32 va, u32 table, arch::L1_entry e, bool visible, Around around);
    void fill_neighbours(u32 va, u32 table, arch::L1_entry e);
    u32 fill_group(u32 *entries, u32 guest, u32 domain, bool visible);
    /// Entries side by side, and the guest's address of the words behind them.
    struct Group {
        u32 *entries;
        u32 guest;
        u32 next, filled; ///< how far it is done, and which have become something
    };
    static void fill_run(Group &g, Run run);
    u32 small_page_entry(u32 word, u32 domain, bool visible);
    u32 small_page_bits(u32 word, u32 domain, bool visible);
    Run run_of(u32 low, u32 attributes) const;
    u32 small_page_low(u32 word, u32 domain, bool visible);
    void note_kernel_only(u32 va);
    static constexpr u32 no_page = 1;
    void forget_device() { device_page_ = no_page; }
    /// A flush names [first, last]. The guest may have mapped the page by a supersection.
    void forget_device_in(u32 first, u32 last)
    {
        if (device_page_ >> 24 >= first >> 24 && device_page_ >> 24 <= last >> 24)
            forget_device();
    }
    void resync_one(u32 i, u32 va);
    /// Of a second-level table; inclusive.
    struct Entries {
        u32 first, last;
    };
    void resync_megabyte(u32 i, u32 megabyte, Entries entries);
    /// 32 entries, and the guest's address of the words behind them.
    struct Resync {
        u32 *entries;
        u32 guest;
        u32 present; ///< still to be looked at
        u32 gone;
    };
    void resync_run(Resync &r, u32 attributes, u32 to_entry, u32 size);
    u32 resync_group(u32 *entries, u32 guest, u32 present, u32 domain, bool user_megabyte);
    template <typename F>
    void for_populated(u32 i, u32 first, u32 last, F f);
    void note_supersection();
    void drop_supersections(u32 i, u32 first, u32 last);
    Entries whole(u32 table, Entries entries) const;
    void drop_in_table(u32 table, u32 from, u32 to);
    void drop_entry(u32 table, u32 index) { set_l2(table, index, 0); }

    static constexpr u32 layout_window = VAMBRACE_WINDOW_BASE >> 20;

    Memory memory_ {};
    u32 const *window_ {};
    u32 vectors_ {};
    arch::Rights_context rights_ {};
    Linear_map linear_ {};
    Page_class classes_[16] {};
    Small_page small_pages_[arch::small_page_kinds * 2] {};
    u32 other_pages_[2] {~0u, ~0u}; ///< the key of the last that was none; by visible
    Usual usual_ {};
    L1_info *l1_ {};
    L2_info *l2_ {};
    u32 l1_count_ {}, l2_count_ {};
    u32 *l2_tables_ {};  ///< the first
    u32 l2_physical_ {}; ///< of the first
    u32 user_l2_ {};     ///< the first-level word of the first for a megabyte that guest user sees
    u32 current_ {};
    L1_info *now_ {}; ///< of current_
    u32 stamp_ {};
    u8 first_[64] {}; ///< the table of each bucket that was found last; l1_count_: none
    u16 free_l2_ {no_table};
    u32 hand_ {}; ///< the next second-level table to be evicted
    u32 device_page_ {no_page}, device_base_ {};
    u32 kernel_only_[8] {};
    u32 kernel_only_count_ {};
    u32 resynced_ {}; ///< entries that a flush has changed
    u32 l1_evictions_ {}, l2_evictions_ {};
};

} // namespace vambrace
