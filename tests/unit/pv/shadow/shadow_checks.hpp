// SPDX-License-Identifier: Apache-2.0
// What must hold of shadow tables at any time: no entry that the model's history does not grant.
#pragma once
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_history.hpp>

namespace vambrace::shadow_model {

class Checks : public History {
  public:
    using History::History;

  protected:
    /// After every step.
    void check()
    {
        if (user_state_)
            b.shadow.remove_kernel_only();
        REQUIRE(hardware.stale().empty());
        for (u32 const base : bases)
            if (Result<u32> const physical = b.shadow.table_of(base))
                check_table(*physical, base);
    }
    void check_refusal(Fill const &f, View const &v, u32 va, u32 subpage, Guest_mode mode) const
    {
        INFO("domain " << v.domain << " ipa " << std::hex << v.ipa << " fault " << v.fault << " fill "
                       << f.status);
        u32 const page = v.section ? 0 : 2;
        if (v.fault) {
            REQUIRE(f.kind == Fill::Kind::fault);
            REQUIRE(f.status == v.fault);
        } else if (v.right(subpage, mode) == none) {
            REQUIRE((f.kind == Fill::Kind::fault || f.kind == Fill::Kind::unchanged));
            u32 const field = domain_field(v.domain);
            REQUIRE(f.status == ((field & 1 ? 0xdu : 0x9u) | page | v.domain << 4));
        } else if (in_vectors_page(va)) {
            REQUIRE(f.kind == Fill::Kind::fault);
        } else if (!is_memory(v.ipa)) {
            REQUIRE(f.kind == Fill::Kind::no_memory);
            REQUIRE(f.ipa == Ipa {v.ipa | (va & 0xfff)});
        } else {
            REQUIRE(f.kind ==
                    Fill::Kind::unchanged); // a store where only loads are, or a fetch where nobody may
            bool const by_window = is_read_only(v.ipa) && v.right(subpage, mode) == write;
            u32 const external = v.section ? 0x8 : Guest_format::external_page;
            REQUIRE(f.status == (by_window ? external : 0xd | page | v.domain << 4));
        }
    }

    bool user_state_ = true; ///< guest user may run: kernel-only pages are to be gone

  private:
    bool is_linear(u32 megabyte) const { return linear_word(megabyte) != 0; }
    u32 linear_word(u32 megabyte) const
    {
        u32 const n = megabyte - (Shadow_bench::linear_va >> 20);
        return n < Shadow_bench::ram_size / mib ? Shadow_bench::ram_physical + n * mib : 0;
    }
    void check_table(u32 physical, u32 base)
    {
        u32 const *const l1 = hardware.memory(physical);
        for (u32 megabyte = 0; megabyte != 4096; ++megabyte) {
            u32 const word = l1[megabyte];
            if (megabyte - 0xff0 < 8) {
                if (word != b.fixed.window[megabyte - 0xff0])
                    FAIL("the window changed");
            } else if (std::find(megabytes.begin(), megabytes.end(), megabyte) != megabytes.end()) {
                check_megabyte(word, base, megabyte);
            } else if (word && !is_linear(megabyte)) {
                FAIL("a megabyte that the guest never mapped: " << megabyte);
            } else if (word && (word & 0xfff00000) != linear_word(megabyte)) {
                FAIL("the linear map shows something else");
            }
        }
    }
    void check_megabyte(u32 l1, u32 base, u32 megabyte)
    {
        bool const vectors = in_vectors_page(megabyte << 20);
        if (l1 == 0 && !vectors)
            return;
        u32 const domain = l1 >> 5 & 15;
        REQUIRE((domain == 1 || domain == 2));
        if (vectors)
            REQUIRE(((l1 & 3) == 1 && domain == 2));
        u32 const *const l2 = (l1 & 3) == 1 ? hardware.memory(l1 & 0xfffffc00) : nullptr;
        if (vectors)
            REQUIRE(l2[0] == arch::vectors_page());
        for (u32 index = vectors ? 1 : 0; index != 256; ++index) {
            if (l2 && l2[index] == 0)
                continue;
            if (!is_used(index)) {
                if (l2)
                    FAIL("a page that the guest never mapped");
                continue;
            }
            check_page(l1, l2 ? l2[index] : 0, domain == 2, base, megabyte, index);
        }
    }
    void check_page(u32 l1, u32 l2, bool user, u32 base, u32 megabyte, u32 index)
    {
        u32 const physical = l2 ? l2 & 0xfffff000 : (l1 & 0xfff00000) | index << 12;
        u32 const ipa = ipa_of(physical);
        if (ipa == 0 || (l2 == 0 && region_of(ipa)))
            FAIL("a frame that is not the guest's, or a window by sections: " << std::hex << physical);
        std::array<Right, 4> hardware_right;
        for (u32 n = 0; n != 4; ++n)
            if (!reading::gives(l1, l2, n, hardware_right[n]))
                FAIL("an entry that no guest's page has: l1 " << std::hex << l1 << " l2 " << l2);
        auto const &old = history_[{base, megabyte << 8 | index}];
        bool const granted = std::any_of(old.begin(), old.end(), [&](View const &v) {
            bool ok = v.mapped && v.ipa == ipa && !(v.xn && reading::executes(l1, l2));
            for (u32 n = 0; n != 4; ++n)
                ok = ok && hardware_right[n] <= (is_read_only(ipa) ? read : write) &&
                     hardware_right[n] <= v.as_kernel(n) &&
                     (!user || !user_state_ || hardware_right[n] <= v.user[n]);
            return ok;
        });
        if (!granted)
            FAIL("more than the guest's tables grant: base "
                 << std::hex << base << " page " << (megabyte << 8 | index) << " l1 " << l1 << " l2 " << l2);
    }
};

} // namespace vambrace::shadow_model
