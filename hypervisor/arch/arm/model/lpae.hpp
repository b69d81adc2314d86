// SPDX-License-Identifier: Apache-2.0
// The long-descriptor format as HYP mode uses it: entries of its own stage 1 and of a guest's stage 2,
// and the registers that say where and how the tables are walked. DDI 0406C B3.6.
#pragma once
#include <arch/arm/model/rights.hpp>

namespace vambrace::lpae {

/// 32 address bits in both stages: four entries in a table of the first level, 512 in those below it.
constexpr unsigned l1_entries = 4, table_entries = 512;
constexpr unsigned l1_index(u32 address) { return address >> 30; }
constexpr unsigned l2_index(u32 address) { return bits(address, 29, 21); }
constexpr unsigned l3_index(u32 address) { return bits(address, 20, 12); }

/// What a block maps, in bytes and in frames.
constexpr u32 block_2m = 2 * mib, block_1g = 1024 * mib;
constexpr u32 block_2m_frames = block_2m / page_size, block_1g_frames = block_1g / page_size;

enum class Level : u8 { first = 1, second, third };

/// What memory is: RAM in all caches, write-back with allocation; device registers; RAM in no cache.
enum class Memory_type : u8 { normal, device, non_cacheable };

enum class Execution : u8 { allowed, never };

/// What an entry says at its level. A reserved encoding is `invalid`: the walk ends with a fault.
enum class Entry_kind : u8 { invalid, block, table, page };

constexpr Entry_kind kind_of(u64 word, Level level)
{
    switch (word & 3) {
    case 1: return level == Level::third ? Entry_kind::invalid : Entry_kind::block;
    case 3: return level == Level::third ? Entry_kind::page : Entry_kind::table;
    default: return Entry_kind::invalid;
    }
}

/// The output address of an entry, or the next table's.
constexpr Frame frame_of(u64 word) { return {static_cast<u32>(word >> 12) & 0x0fffffff}; }

namespace detail {

constexpr u64 block = 1, table_or_page = 3;
constexpr u64 access_flag = 1 << 10; // never clear: there would be an access flag fault
constexpr u64 execute_never = 1ull << 54;

/// \param frame below 1 TB, and a multiple of `frames`
constexpr u64 output(Frame frame, u32 frames)
{
    ASSERT(frame.number >> 28 == 0 && (frame.number & (frames - 1)) == 0);
    return frame.pa().value;
}

/// SH. What no inner cache holds is outer shareable; the field may say nothing else of it.
constexpr u64 shareability(Memory_type memory)
{
    constexpr u64 outer = 2 << 8, inner = 3 << 8;
    return memory == Memory_type::normal ? inner : outer;
}

constexpr u64 execution(Execution execution) { return execution == Execution::never ? execute_never : 0; }

} // namespace detail

/// MAIR's fields as HMAIR0 has them; AttrIndx is the Memory_type.
namespace mair {
constexpr u32 normal_write_back = 0xff; ///< inner and outer: not transient, allocated by reads and writes
constexpr u32 device = 0x04;
constexpr u32 normal_non_cacheable = 0x44;
constexpr u32 attribute(Memory_type memory, u32 value) { return value << 8 * static_cast<u32>(memory); }
} // namespace mair

/// The fourth attribute is strongly-ordered, as are those of HMAIR1, which is 0.
constexpr u32 hmair0 = mair::attribute(Memory_type::normal, mair::normal_write_back) |
                       mair::attribute(Memory_type::device, mair::device) |
                       mair::attribute(Memory_type::non_cacheable, mair::normal_non_cacheable);

/// Entries of the table that HYP mode itself runs on. Everything is global; XN where nothing is executed,
/// read-only (AP[2]) where nothing is written. To PL2, AP[1], APTable and PXN mean nothing: AP[1] is one, the
/// others zero.
struct Own_entry {
    static constexpr u64 table(Frame frame) { return detail::output(frame, 1) | detail::table_or_page; }
    /// \param frame a multiple of block_1g_frames
    static constexpr u64 block_1g(Frame frame, Memory_type memory, Own_use use)
    {
        return detail::output(frame, block_1g_frames) | attributes(memory, use) | detail::block;
    }
    /// \param frame a multiple of block_2m_frames
    static constexpr u64 block_2m(Frame frame, Memory_type memory, Own_use use)
    {
        return detail::output(frame, block_2m_frames) | attributes(memory, use) | detail::block;
    }
    static constexpr u64 page(Frame frame, Memory_type memory, Own_use use)
    {
        return detail::output(frame, 1) | attributes(memory, use) | detail::table_or_page;
    }

  private:
    static constexpr u64 attributes(Memory_type memory, Own_use use)
    {
        constexpr u64 ap1 = 1 << 6, read_only = 1 << 7;
        return detail::access_flag | detail::shareability(memory) | u64 {static_cast<u8>(memory)} << 2 | ap1 |
               (use == Own_use::data ? 0 : read_only) |
               detail::execution(use == Own_use::code ? Execution::allowed : Execution::never);
    }
};

/// Entries of a guest's stage 2: from IPA to frame. What the guest's own stage 1 says of memory and rights is
/// combined with them, and the stricter one holds.
struct Stage2_entry {
    static constexpr u64 table(Frame frame) { return detail::output(frame, 1) | detail::table_or_page; }
    /// \param frame a multiple of block_2m_frames
    static constexpr u64 block_2m(Frame frame, Memory_type memory, Access access, Execution execution)
    {
        return detail::output(frame, block_2m_frames) | attributes(memory, access, execution) | detail::block;
    }
    static constexpr u64 page(Frame frame, Memory_type memory, Access access, Execution execution)
    {
        return detail::output(frame, 1) | attributes(memory, access, execution) | detail::table_or_page;
    }

    /// What a block or page gives the guest.
    static constexpr Access access(u64 word)
    {
        switch (word >> hap_shift & 3) {
        case 1: return Access::read;
        case 3: return Access::write;
        default: return Access::none; // 2 is write-only, which is never made
        }
    }

  private:
    static constexpr unsigned hap_shift = 6;

    static constexpr u64 hap(Access access)
    {
        return (access == Access::write ? 3u : access == Access::read ? 1u : 0u) << hap_shift;
    }
    static constexpr u64 mem_attr(Memory_type memory)
    {
        constexpr u64 device = 1 << 2, non_cacheable = 5 << 2, write_back = 15 << 2; // outer and inner alike
        return memory == Memory_type::normal   ? write_back
               : memory == Memory_type::device ? device
                                               : non_cacheable;
    }
    static constexpr u64 attributes(Memory_type memory, Access access, Execution execution)
    {
        return detail::access_flag | detail::shareability(memory) | hap(access) | mem_attr(memory) |
               detail::execution(execution);
    }
};

/// How a table is read: as normal memory, inner shareable, write-back with allocation. HTCR, VTCR and a
/// guest's TTBCR share these fields.
namespace walk {
constexpr u32 t0sz(u32 n) { return n; } ///< addresses have 32 - n bits
constexpr u32 irgn0_write_back_allocate = 1 << 8, orgn0_write_back_allocate = 1 << 10;
constexpr u32 sh0_inner_shareable = 3 << 12;
constexpr u32 cached = irgn0_write_back_allocate | orgn0_write_back_allocate | sh0_inner_shareable;
} // namespace walk

/// HTCR.
namespace htcr {
constexpr u32 ones = 1u << 31 | 1 << 23; ///< UNK/SBOP
constexpr u32 value = ones | walk::cached | walk::t0sz(0);
} // namespace htcr

/// VTCR: stage 2 begins at the first level. S is T0SZ's bit 3 again.
namespace vtcr {
constexpr u32 ones = 1u << 31; ///< UNK/SBOP
constexpr u32 sl0_first_level = 1 << 6, s = 1 << 4;
constexpr u32 value = ones | walk::cached | sl0_first_level | walk::t0sz(0);
} // namespace vtcr

/// TTBCR: the guest's tables are in this format.
namespace ttbcr {
constexpr u32 eae = 1u << 31;
} // namespace ttbcr

namespace detail {
/// A table of the first level has l1_entries.
constexpr u64 l1_table(u64 physical)
{
    ASSERT(physical >> 40 == 0 && (physical & (l1_entries * sizeof(u64) - 1)) == 0);
    return physical;
}
} // namespace detail

/// HTTBR. \param table the first level's physical address, a multiple of 32 below 1 TB
constexpr u64 httbr(u64 table) { return detail::l1_table(table); }
/// VTTBR. \param table the same, of a guest's stage 2
constexpr u64 vttbr(u64 table, u8 vmid) { return detail::l1_table(table) | u64 {vmid} << 48; }

} // namespace vambrace::lpae
