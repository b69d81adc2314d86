// SPDX-License-Identifier: Apache-2.0
// A model of a guest's tables: what they say, and what they granted since the guest flushed it last.
#pragma once
#include <algorithm>
#include <array>
#include <guest_reading.hpp>
#include <map>
#include <support/guest_bench.hpp>
#include <vector>

namespace vambrace::shadow_model {

inline constexpr u32 ram = VAMBRACE_RAM_IPA;
/// Three times as many as the smallest pool has first-level tables.
inline constexpr std::array<u32, 6> bases {ram + 0x4000,  ram + 0x8000,  ram + 0xc000,
                                           ram + 0x10000, ram + 0x14000, ram + 0x18000};
/// Mixed with fixed parts, low and high, neighbours, and enough of them to fill the smallest pool.
inline constexpr std::array<u32, 20> megabytes {0x000, 0x001, 0x002, 0x400, 0x7ff, 0xbff, 0xd00,
                                                0xd01, 0xff8, 0xfff, 0x200, 0x201, 0x202, 0x203,
                                                0x204, 0x205, 0x206, 0x207, 0x208, 0x209};
/// The pages that the guest uses of a megabyte: three groups of 16, for large pages.
inline bool is_used(u32 index) { return index < 32 || index >= 240; }

/// What the guest shares: one region that it may write, right before its RAM, and one that it may not.
struct Region {
    u32 ipa, physical, size;
    bool writable;
};
inline constexpr std::array<Region, 2> regions {
    {{VAMBRACE_REGION_IPA, Shadow_bench::ram_physical - mib, mib, true},
     {VAMBRACE_REGION_IPA + VAMBRACE_REGION_SPACING, 0x00700000, 0x22000, false}}};
/// nullptr: it is of none.
inline Region const *region_of(u32 ipa)
{
    auto const found =
        std::find_if(regions.begin(), regions.end(), [&](Region const &r) { return ipa - r.ipa < r.size; });
    return found == regions.end() ? nullptr : found;
}
/// Loads are allowed where stores may not be.
inline bool is_read_only(u32 ipa) { return region_of(ipa) && !region_of(ipa)->writable; }
inline bool is_memory(u32 ipa) { return ipa - ram < Shadow_bench::ram_size || region_of(ipa); }
/// The IPA of a physical page, if it is the guest's; else 0.
inline u32 ipa_of(u32 physical)
{
    if (physical - Shadow_bench::ram_physical < Shadow_bench::ram_size)
        return physical - Shadow_bench::ram_physical + ram;
    for (Region const &r : regions)
        if (physical - r.physical < r.size)
            return physical - r.physical + r.ipa;
    return 0;
}

using reading::none, reading::read, reading::write, reading::Right, reading::Shape;

/// What the guest's tables say of a page.
struct View {
    bool mapped = false;  ///< to something, RAM or not
    bool section = false; ///< the form of its status
    Shape shape {};
    u32 fault = 0; ///< status, without the rights
    u32 domain = 0;
    u32 ipa = 0;
    bool xn = false;
    std::array<Right, 4> kernel {}, user {}; ///< of the subpages
    bool operator==(View const &) const = default;

    /// docs/abi.md section 2: where user has a right, the kernel has the user's.
    Right as_kernel(u32 n) const { return user[n] != none ? user[n] : kernel[n]; }
    Right right(u32 n, Guest_mode mode) const { return mode == Guest_mode::kernel ? as_kernel(n) : user[n]; }
    /// The pages that one entry of a TLB holds, in powers of two.
    u32 span() const
    {
        return shape == Shape::supersection ? 12 : section ? 8 : shape == Shape::large ? 4 : 0;
    }
};

/// The guest, and what its tables have granted: it walks them by itself.
class History {
  public:
    History(u32 pool, bool linear) : b {pool, linear}
    {
        for (Region const &r : regions) {
            hardware.add_memory(r.physical, r.size);
            windows_.open({Ipa {r.ipa}, r.size, Frame::of(r.physical), r.writable});
        }
        b.shadow.show(windows_);
    }

    Shadow_bench b;

  protected:
    bool allowed(View const &v, u32 va, u32 subpage, Guest_mode mode, walk::Kind kind) const
    {
        bool const forbidden = kind == walk::Kind::store && is_read_only(v.ipa);
        return v.mapped && is_memory(v.ipa) && !forbidden && !in_vectors_page(va) &&
               !(v.xn && kind == walk::Kind::fetch) &&
               v.right(subpage, mode) >= (kind == walk::Kind::store ? write : read);
    }
    View view(u32 base, u32 megabyte, u32 index)
    {
        u32 const l1 = b.ram.word(base + megabyte * 4);
        View v;
        reading::Entry e = reading::first_level(l1, index, megabyte, registers_);
        v.domain = e.shape == Shape::supersection ? 0 : l1 >> 5 & 15;
        v.section = e.shape != Shape::table;
        if (e.shape == Shape::nothing)
            v.fault = 0x5 | v.domain << 4;
        if (e.shape == Shape::table && e.ipa - ram >= Shadow_bench::ram_size)
            v.fault = 0xe | v.domain << 4;
        if (v.fault)
            return v;
        if (e.shape == Shape::table)
            e = reading::second_level(b.ram.word(e.ipa + index * 4), index, registers_);
        if (e.shape == Shape::nothing)
            v.fault = 0x7 | v.domain << 4;
        if (e.fault)
            v.fault = e.fault | v.domain << 4;
        if (v.fault)
            return v;
        v.mapped = true;
        v.shape = e.shape;
        v.ipa = e.ipa;
        set_rights_of(v, e);
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

    u32 domain_field(u32 domain) const { return registers_.dacr >> (2 * domain) & 3; }

    arch::Rights_context registers_ {};
    std::map<std::pair<u32, u32>, std::vector<View>> history_;

  private:
    Windows windows_ {};

    /// Nobody asks a manager's entries (DDI 0406C B3.7.3). Where the shadow's format has no subpages a page
    /// has what all of its subpages have.
    void set_rights_of(View &v, reading::Entry const &e) const
    {
        u32 const field = domain_field(v.domain);
        v.xn = e.xn && field == 1;
        for (u32 n = 0; n != 4; ++n) {
            v.kernel[n] = field == 3 ? write : field == 1 ? reading::kernel_right(e.ap[n], registers_) : none;
            v.user[n] = field == 3 ? write : field == 1 ? reading::user_right(e.ap[n], registers_) : none;
        }
        if (arch::subpages == 1) {
            v.kernel.fill(*std::min_element(v.kernel.begin(), v.kernel.end()));
            v.user.fill(*std::min_element(v.user.begin(), v.user.end()));
        }
    }
};

} // namespace vambrace::shadow_model
