// SPDX-License-Identifier: Apache-2.0
// A guest's second stage of translation: which of its physical addresses are there, and where.
#pragma once
#include <arch.hpp>
#include <base/arena.hpp>
#include <kernel/memory.hpp>

namespace vambrace {

/// What firmware finds at address 0: two banks of flash, one behind the other, that nothing writes to.
constexpr u32 flash_size = 2 * 64 * mib;

/// Firmware as the board's memory has it. size == 0: there is none.
struct Firmware {
    Frame first; ///< a multiple of 2 MB
    u32 size;    ///< bytes, at most flash_size; up to the next 2 MB nobody else has the memory

    constexpr u32 whole_size() const { return align_up(size, lpae::block_2m); }
};

/// RAM in blocks of 2 MB, and pages that devices give to the guest as they are. What is not here traps.
class Stage2 {
  public:
    /// Once. Maps the guest's RAM. Error::denied: the arena is used up.
    /// \param ram physical address of our own megabyte, where the arena is
    /// \pre memory begins at a multiple of 2 MB
    Error init(Memory memory, Arena &arena, u32 ram);
    /// Shows a page of a device. Error::denied: the arena is used up.
    Error map_device(Ipa ipa, Frame frame, Arena &arena, u32 ram);

    /// Shows memory that the guest shares, page by page. Error::denied: the arena is used up.
    Error map_window(Windows::Window const &window, Arena &arena, u32 ram);

    /// Shows firmware from address 0 on, and erased flash behind it: stores to either trap. Once.
    /// Error::denied: the arena is used up.
    Error map_flash(Firmware firmware, Arena &arena, u32 ram);

    /// What the guest executes at ipa, in RAM or in firmware. Error::address: neither.
    Result<Frame> code_at(Memory const &memory, Ipa ipa) const
    {
        if (ipa.value < firmware_.size)
            return Frame {firmware_.first.number + (ipa.value >> 12)};
        return memory.frame_of(ipa);
    }

    /// VTTBR. \param vmid no other guest's
    u64 base(u8 vmid) const { return lpae::vttbr(l1_physical_, vmid); }

  private:
    struct alignas(page_size) Table {
        u64 entries[lpae::table_entries];
    };
    struct alignas(32) First_level {
        u64 entries[lpae::l1_entries];
        Table *tables[lpae::l1_entries]; ///< what they point at, for us
    };

    Error map_rest(Memory memory, Arena &arena, u32 ram);
    Error map_pages(Windows::Window const &part, lpae::Execution execution, Arena &arena, u32 ram);
    Table *second_level(Ipa ipa, Arena &arena, u32 ram);

    First_level *l1_ {};
    u32 l1_physical_ {};
    Firmware firmware_ {};
    Table *device_table_ {}; ///< third level, of the devices' two megabytes
    u32 device_block_ {};    ///< which they are
};

} // namespace vambrace
