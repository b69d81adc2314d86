// SPDX-License-Identifier: Apache-2.0
// The 16 KB blocks of a domain's shadow pool: each is a first-level table or sixteen of the second level.
#pragma once
#include <base/arena.hpp>
#include <base/result.hpp>

namespace vambrace {

class Blocks {
  public:
    static constexpr u32 size = 16 * kib, words = size / 4, none = 0xffff;
    /// What a free one holds: nothing but what every first-level table holds, or anything.
    enum class Content : u8 { clean, unknown };
    struct Taken {
        u32 block; ///< none: there is none
        Content content;
    };

    /// \param memory of all, 16 KB aligned \param physical its address \param count at most 256
    /// Error::denied: the arena is used up.
    Error init(u32 *memory, u32 physical, u32 count, Arena &arena);

    /// Bytes of the arena. Likewise in the others.
    static constexpr u32 bookkeeping_size(u32 count)
    {
        return align_up(count * u32 {sizeof(u16)}, alignment);
    }
    static constexpr u32 alignment = 64; ///< of what is taken of the arena, at most

    u32 count() const { return count_; }
    u32 free_count() const { return free_count_; }
    u32 *words_of(u32 block) const { return memory_ + block * words; }
    u32 physical(u32 block) const { return physical_ + block * size; }

    /// For a first-level table, and so a clean one if there is one.
    Taken take_for_first_level();
    /// For second-level tables, and so a clean one only if there is no other. none: there is none.
    u32 take_for_second_level();
    void give_back(u32 block, Content content);
    /// All are free, and hold anything, but the one that is kept. As dear as one of them.
    void give_back_all_but(u32 kept);

  private:
    u32 take_fresh();
    u32 take_from(u16 &list);

    u32 *memory_ {};
    u32 physical_ {};
    u32 count_ {}, free_count_ {};
    u32 fresh_ {}; ///< none from here on has been taken, but kept_
    u32 kept_ {none};
    u16 *next_ {};    ///< of each that is in a list
    u16 lists_[2] {}; ///< of the free ones below fresh_ and kept_, by their content
};

} // namespace vambrace
