// SPDX-License-Identifier: Apache-2.0
// What becomes of a guest's page in the shadow: the rights that each mode gets, and small pages in one look.
#pragma once
#include <pv/shadow/second_level.hpp>
#include <pv/shadow/walker.hpp>

namespace vambrace {

/// Who reaches a page: the guest kernel alone, or guest user as well.
enum class Seen_by : u8 { kernel, everyone };

/// What the four AP fields of a page mean under the guest's rights.
struct Page_class {
    u32 key;                        ///< the AP fields and the domain
    u32 kernel_rights, user_rights; ///< the bits of the hardware's entry, per mode
    bool visible;                   ///< guest user reaches some of it
    bool kernel_part;               ///< the guest kernel alone reaches some of it
    bool dead;                      ///< nobody reaches any of it
};

/// Guest words that become entries in the same way.
struct Page_run {
    u32 attributes; ///< their low bits
    u32 base;       ///< what RAM's first page has in such a word
    u32 first;      ///< RAM's first page in such an entry
    u32 size;       ///< of RAM
};

/// Remembers what it found out: most pages of a guest are of two or three kinds.
class Page_translator {
  public:
    /// The guest's rights have changed.
    void forget();

    [[gnu::always_inline]] Page_class const &class_of(Walker const &guest, u32 ap, u32 domain)
    {
        Page_class &c = classes_[(ap & 3) | (domain & 3) << 2];
        if (c.key != (ap | domain << 8))
            c = make_class(guest, ap, domain);
        return c;
    }
    /// The low bits of the shadow's entry for the guest's word of a small page that all modes see alike, or
    /// 0: it is none, or not of the wanted kind.
    [[gnu::always_inline]] u32 small_page_bits(Walker const &guest, u32 word, u32 domain, Seen_by whom)
    {
        u32 const key = (word & 0xfff) | domain << 12;
        bool const by_all = whom == Seen_by::everyone;
        Small_page &p = small_pages_[arch::small_page_kind(word) | (by_all ? 0 : arch::small_page_kinds)];
        if (p.key == key)
            return p.low;
        u32 &other = other_pages_[by_all];
        if (other == key)
            return 0;
        u32 const low = small_page_low(guest, word, domain, whom);
        if (low) // what is of another kind does not drive out what is of this one
            p = {key, low};
        else
            other = key;
        return low;
    }
    /// The whole entry, or 0.
    [[gnu::always_inline]] u32 small_page_entry(Walker const &guest, u32 word, u32 domain, Seen_by whom)
    {
        u32 const low = small_page_bits(guest, word, domain, whom);
        u32 const offset = (word & 0xfffff000) - VAMBRACE_RAM_IPA;
        return offset < guest.memory.size() && low ? guest.memory.first().physical() + offset + low : 0;
    }
    /// \param low of small_page_bits(), not 0
    static Page_run run_of(Walker const &guest, u32 low, u32 attributes)
    {
        return {attributes, VAMBRACE_RAM_IPA + attributes, guest.memory.first().physical() + low,
                guest.memory.size()};
    }

  private:
    /// What becomes of the low 12 bits of a small page's entry.
    struct Small_page {
        u32 key = ~0u; ///< those bits and the domain
        u32 low = 0;   ///< the shadow entry's
    };

    static Page_class make_class(Walker const &guest, u32 ap, u32 domain);
    u32 small_page_low(Walker const &guest, u32 word, u32 domain, Seen_by whom);

    Page_class classes_[16] {};
    Small_page small_pages_[arch::small_page_kinds * 2] {};
    u32 other_pages_[2] {~0u, ~0u}; ///< the key of the last that was none; by everyone
};

/// The form that most of a guest's second-level tables with user pages have, learned from the last one that
/// was filled from: all have the same low bits in their first-level word, and lie in the linear map.
class Learned_tables {
  public:
    void forget() { *this = {}; }
    /// A word of the guest's second-level table became a user page's entry: others will look like it.
    /// \pre the linear map shows the table
    void learn(Linear_map const &linear, u32 l1_word, u32 word, u32 entry);

    /// Does this first-level word name such a table?
    bool know(u32 l1_word) const { return Second_level::kilobytes(l1_word - first_) < count_; }
    /// Where the linear map shows it. \pre know()
    u32 address_of(Linear_map const &linear, u32 l1_word) const
    {
        ASSERT(know(l1_word));
        return linear.va + (l1_word - first_);
    }
    /// What the guest's word in such a table becomes. Error::address: it is none of the small pages that
    /// guest user sees.
    [[gnu::always_inline]] Result<u32> entry_of(Memory const &memory, u32 word) const
    {
        u32 const attributes = word & 0xfff, offset = word - attributes - VAMBRACE_RAM_IPA;
        Page const &p = pages_[arch::small_page_kind(word)];
        if (p.attributes != attributes || offset >= memory.size())
            return Error::address;
        return p.first + offset;
    }
    /// The status of a translation fault of a page in one.
    u32 translation_fault() const { return translation_fault_; }

  private:
    struct Page {
        u32 attributes = ~0u; ///< the low bits of the guest's word
        u32 first = 0;        ///< the entry of RAM's first page
    };

    u32 first_ {}; ///< the first-level word of one at the linear map's beginning
    u32 count_ {}; ///< how many fit into the linear map; 0: nothing is known
    u32 translation_fault_ {};
    Page pages_[arch::small_page_kinds] {};
};

} // namespace vambrace
