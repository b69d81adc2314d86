// SPDX-License-Identifier: Apache-2.0
// A model of a guest's tables: what they say, and what they granted since the guest flushed it last.
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <support/guest_bench.hpp>
#include <vector>

namespace vambrace::shadow_model {

inline constexpr u32 ram = VAMBRACE_RAM_IPA;
inline constexpr std::array<u32, 4> bases {ram + 0x4000, ram + 0x8000, ram + 0xc000, ram + 0x10000};
/// Mixed with fixed parts, low and high, neighbours, and enough of them to fill the smallest pool.
inline constexpr std::array<u32, 20> megabytes {0x000, 0x001, 0x002, 0x400, 0x7ff, 0xbff, 0xd00,
                                                0xd01, 0xff8, 0xfff, 0x200, 0x201, 0x202, 0x203,
                                                0x204, 0x205, 0x206, 0x207, 0x208, 0x209};
/// The pages that the guest uses of a megabyte: three groups of 16, for large pages.
inline bool is_used(u32 index) { return index < 32 || index >= 240; }

enum Right : u8 { none, read, write };

/// What the guest's tables say of a page.
struct View {
    bool mapped = false; ///< to something, RAM or not
    bool section = false, large = false;
    u32 fault = 0; ///< status, without the rights
    u32 domain = 0;
    u32 ipa = 0;
    std::array<Right, 4> kernel {}, user {}; ///< of the subpages
    bool operator==(View const &) const = default;

    /// docs/abi.md section 2: where user has a right, the kernel has the user's.
    Right as_kernel(u32 n) const { return user[n] != none ? user[n] : kernel[n]; }
    Right right(u32 n, Guest_mode mode) const { return mode == Guest_mode::kernel ? as_kernel(n) : user[n]; }
    /// The pages that one entry of a TLB holds, in powers of two.
    u32 span() const { return section ? 8 : large ? 4 : 0; }
};

/// The guest, and what its tables have granted: it walks them by itself.
class History {
  public:
    History(u32 pool, bool linear) : b {pool, linear} {}

    Shadow_bench b;

  protected:
    bool allowed(View const &v, u32 va, u32 subpage, Guest_mode mode, bool stores) const
    {
        bool const owned = v.ipa - ram < Shadow_bench::ram_size;
        return v.mapped && owned && va >= page_size && v.right(subpage, mode) >= (stores ? write : read);
    }
    void set_right(View &v, u32 n, u32 ap) const
    {
        static constexpr Right kernel[4][4] = {{none, none, none, none},
                                               {write, write, write, write},
                                               {write, write, write, write},
                                               {write, write, write, write}};
        static constexpr Right user[4] = {none, none, read, write};
        u32 const field = dacr_ >> (2 * v.domain) & 3;
        if (field == 3) {
            v.kernel[n] = v.user[n] = write;
        } else if (field == 1) {
            v.kernel[n] = kernel[ap][0];
            v.user[n] = user[ap];
            if (ap == 0 && s_ != r_) {
                v.kernel[n] = read;
                v.user[n] = r_ ? read : none;
            }
        }
    }
    View view(u32 base, u32 megabyte, u32 index)
    {
        u32 const l1 = b.ram.word(base + megabyte * 4);
        View v;
        v.domain = l1 >> 5 & 15;
        if ((l1 & 3) == 2) {
            v.mapped = v.section = true;
            v.ipa = (l1 & 0xfff00000) | index << 12;
            for (u32 n = 0; n != 4; ++n)
                set_right(v, n, l1 >> 10 & 3);
            return v;
        }
        if ((l1 & 3) != 1) {
            v.section = true;
            v.fault = 0x5 | v.domain << 4;
            return v;
        }
        u32 const table = l1 & 0xfffffc00;
        if (table - ram >= Shadow_bench::ram_size) {
            v.fault = 0xe | v.domain << 4;
            return v;
        }
        u32 const l2 = b.ram.word(table + index * 4);
        if ((l2 & 3) == 0 || (l2 & 3) == 3) {
            v.fault = 0x7 | v.domain << 4;
            return v;
        }
        v.mapped = true;
        bool const large = v.large = (l2 & 3) == 1;
        v.ipa = large ? (l2 & 0xffff0000) | (index & 15) << 12 : l2 & 0xfffff000;
        for (u32 n = 0; n != 4; ++n)
            set_right(v, n, l2 >> (4 + 2 * (large ? index >> 2 & 3 : n)) & 3);
        return v;
    }
    void note(u32 base, u32 megabyte)
    {
        for (u32 index = 0; index != 256; ++index) {
            if (!is_used(index))
                continue;
            auto &old = history_[{base, megabyte << 8 | index}];
            View const now = view(base, megabyte, index);
            std::erase(old, now);
            old.push_back(now);
        }
    }
    void note_all()
    {
        for (u32 base : bases)
            for (u32 megabyte : megabytes)
                note(base, megabyte);
    }
    /// An entry of a TLB goes as a whole by any address in it: a large page, or a section.
    void flushed(u32 base, u32 va, u32 size)
    {
        u32 const first = va >> 12, last = (size - 1 > 0xffffffff - va ? 0xffffffff : va + (size - 1)) >> 12;
        for (auto &[key, old] : history_) {
            if (key.first != base)
                continue;
            u32 const page = key.second;
            auto const gone = [&](View const &v) {
                return page >> v.span() >= first >> v.span() && page >> v.span() <= last >> v.span();
            };
            old.erase(std::remove_if(old.begin(), old.end() - 1, gone), old.end() - 1);
        }
    }
    void flushed_everywhere(u32 va, u32 size)
    {
        for (u32 base : bases)
            flushed(base, va, size);
    }
    void forget_history()
    {
        history_.clear();
        note_all();
    }

    u32 dacr_ = 0;
    bool s_ = false, r_ = false;
    std::map<std::pair<u32, u32>, std::vector<View>> history_;
};

} // namespace vambrace::shadow_model
