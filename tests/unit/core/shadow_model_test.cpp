// SPDX-License-Identifier: Apache-2.0
// Random guests against a model: the model walks the guest's tables by itself and remembers, for every page
// of every table, what they granted since the guest flushed it last. No shadow table may ever say more.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <core/guest_bench.hpp>
#include <core/shadow_inline.hpp>
#include <map>
#include <random>
#include <seed.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 ram = VAMBRACE_RAM_IPA;
constexpr std::array<u32, 4> bases {ram + 0x4000, ram + 0x8000, ram + 0xc000, ram + 0x10000};
/// Mixed with fixed parts, low and high, neighbours, and enough of them to fill the smallest pool.
constexpr std::array<u32, 20> megabytes {0x000, 0x001, 0x002, 0x400, 0x7ff, 0xbff, 0xd00,
                                         0xd01, 0xff8, 0xfff, 0x200, 0x201, 0x202, 0x203,
                                         0x204, 0x205, 0x206, 0x207, 0x208, 0x209};
constexpr u32 tables = ram + 0x20000, table_count = 20, shared_tables = 4; // the first ones are every base's

/// The pages that the guest uses of a megabyte: three groups of 16, for large pages.
bool is_used(u32 index) { return index < 32 || index >= 240; }

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
    Right right(u32 n, bool k) const { return k ? as_kernel(n) : user[n]; }
    /// The pages that one entry of a TLB holds, in powers of two.
    u32 span() const { return section ? 8 : large ? 4 : 0; }
};

class Model {
  public:
    Model(unsigned seed, u32 pool, bool linear) : b {pool, linear}, random_ {seed}
    {
        set_rights(0x55555555, false, false);
        for (u32 base : bases)
            for (u32 megabyte : megabytes)
                if (chance(70))
                    write_l1(base, megabyte, random_l1(base));
        for (u32 n = 0; n != 200; ++n)
            write_l2();
        b.shadow.drop_all();
        activate(bases[0]);
        forget_history();
    }

    void step()
    {
        hardware.spent = 0;
        switch (below(32)) {
        case 0: write_l1(any(bases), any(megabytes), random_l1(0)); break;
        case 1:
        case 2: write_l2(); break;
        case 3: activate(any(bases)); break;
        case 4:
        case 5: flush_base(); break;
        case 6: flush_all_tables(); break;
        case 7:
            if (chance(20))
                forget(any(bases));
            break;
        case 8:
            if (chance(10))
                change_rights();
            break;
        case 9:
            if (chance(10))
                drop_everything();
            break;
        case 10:
        case 11: flush_page(any_base(), any(megabytes) << 20 | any_index() << 12); break;
        case 12: refill(); break;
        case 13: be_told(); break;
        case 14:
        case 15: change_group(); break;
        default: access(); break;
        }
        check();
    }

    Shadow_bench b;

  private:
    u32 below(u32 n) { return static_cast<u32>(random_() % n); }
    bool chance(u32 percent) { return below(100) < percent; }
    template <typename A>
    u32 any(A const &a)
    {
        return a[below(static_cast<u32>(a.size()))];
    }
    u32 any_index()
    {
        u32 const n = below(48);
        return n < 32 ? n : 208 + n;
    }
    u32 any_page() { return ram + 0x100000 + below(0x500) * page_size; }
    u32 any_ipa()
    {
        static constexpr std::array<u32, 6> bad {0,          0x02300000, 0x08000000,
                                                 0x20000000, ram - mib,  ram + 8 * mib};
        return chance(8) ? any(bad) : any_page();
    }

    // --- the guest
    // ---------------------------------------------------------------------------------------------

    u32 table_of(u32 base, u32 n) const // n < 4 shared, n >= 4: the base's own four
    {
        u32 const owner = static_cast<u32>(std::find(bases.begin(), bases.end(), base) - bases.begin());
        return tables + (n < shared_tables ? n : shared_tables + owner * 4 + n - 4) * 1024;
    }
    u32 random_l1(u32 base)
    {
        u32 const domain = chance(80) ? below(2) : below(4); // 2 may be a manager, 3 closed
        u32 const kind = below(100);
        if (kind < 15)
            return below(2) ? 0 : 0x13; // nothing, or a fine table
        if (kind < 35)
            return G::section(any_ipa() & 0xfff00000, below(4), domain);
        if (kind < 40)
            return G::table((any_ipa() & 0xfffffc00) + 0x20000000, domain);
        return G::table(table_of(base ? base : bases[0], below(8)), domain);
    }
    void write_l1(u32 base, u32 megabyte, u32 word)
    {
        // A base's own tables only: another's would need a flush of both.
        if ((word & 3) == 1 && word - tables < table_count * 1024)
            word = G::table(table_of(base, (word - tables) / 1024 & 7), word >> 5 & 15);
        b.ram.word(base + megabyte * 4) = word;
        note(base, megabyte);
    }
    void write_l2()
    {
        u32 const n = below(table_count), table = tables + n * 1024, index = any_index();
        u32 const kind = below(10);
        u32 count = 1, first = index;
        if (kind == 0) {
            first = index & ~15u, count = 16;
            b.ram.set_large(table, index << 12,
                            chance(90) ? G::large_page(any_ipa() & 0xffff0000, below(256)) : 0);
        } else {
            u32 const aps = chance(60) ? below(4) * 0x55 : below(256);
            u32 const word = kind == 1 ? 0 : kind == 2 ? 0x40000fff : G::small_page(any_ipa(), aps);
            b.ram.set_l2(table, index << 12, word);
        }
        note_all();
        if (n < shared_tables) // a table of every base: flushed in all of them wherever it may be seen
            for (u32 megabyte : megabytes) {
                b.shadow.drop(megabyte << 20 | first << 12, count * page_size);
                flushed_everywhere(megabyte << 20 | first << 12, count * page_size);
            }
    }
    void set_rights(u32 dacr, bool s, bool r)
    {
        dacr_ = dacr, s_ = s, r_ = r;
        b.shadow.set_rights({dacr, s, r});
        cached_.clear();
        cached_[b.shadow.hardware_table().physical] = b.shadow.base();
        b.use();
        forget_history();
    }
    void change_rights()
    {
        u32 const two = below(4), three = below(4);
        set_rights(0x5 | two << 4 | three << 6, chance(30), chance(30));
    }

    // --- what it asks of the hypervisor
    // ------------------------------------------------------------------------

    u32 any_base() { return chance(60) ? b.shadow.base() : any(bases); }
    /// As SWITCH_TABLE does: on the short way if that is open.
    void activate(u32 base)
    {
        if (chance(50) && b.shadow.activate_recent(base)) {
            REQUIRE(b.shadow.base() == base);
            b.use();
        } else {
            b.activate(base);
        }
        user_state_ = true;
        std::erase_if(cached_, [&](auto const &c) { return c.second == base; });
        cached_[b.shadow.hardware_table().physical] = base;
    }
    void forget(u32 base)
    {
        b.shadow.forget(base);
        if (base != b.shadow.base())
            std::erase_if(cached_, [&](auto const &c) { return c.second == base; });
        flushed(base, 0, 0xffffffff);
    }
    void drop_everything()
    {
        b.shadow.drop_all();
        cached_.clear();
        cached_[b.shadow.hardware_table().physical] = b.shadow.base();
        forget_history();
    }
    std::pair<u32, u32> any_range()
    {
        u32 const va = any(megabytes) << 20;
        switch (below(4)) {
        case 0: return {va, mib};
        case 1: return {va | any_index() << 12, page_size * (1 + below(20))};
        case 2: return {va, (1 + below(3)) * mib + below(mib)};
        default: return {va | any_index() << 12 | below(page_size), 1};
        }
    }
    void flush_base()
    {
        u32 const base = any(bases);
        auto [va, size] = any_range();
        if (chance(10))
            va = 0, size = 0xffffffff;
        flushed(base, va, size);
        u32 const end = va + size > va ? va + size : 0;
        for (u32 left = size; left; size = left) {
            left = b.shadow.resync(base, va, size);
            va = left ? end - left : va;
            REQUIRE((left == 0 || left < size));
        }
    }
    void flush_all_tables()
    {
        auto const [va, size] = any_range();
        b.shadow.drop(va, size);
        flushed_everywhere(va, size);
    }
    /// TLB_FLUSH of a page, in one of the ways that it takes.
    void flush_page(u32 base, u32 va)
    {
        flushed(base, va, page_size);
        switch (below(3)) {
        case 0: b.shadow.resync_page(base, Va {va}); break;
        case 1: b.shadow.drop_page(base, Va {va}); break;
        default: REQUIRE(b.shadow.resync(base, va, page_size) == 0); break;
        }
    }
    /// RETURN to guest user behind a fault that its kernel was told of.
    void refill()
    {
        u32 const index = any_index(), megabyte = any(megabytes),
                  va = megabyte << 20 | index << 12 | below(page_size);
        b.shadow.remove_kernel_only();
        user_state_ = true;
        if (!b.shadow.refill_quickly(Va {va})) {
            (void)b.shadow.refill(Va {va}, false);
            user_state_ = !b.shadow.has_kernel_only();
            return;
        }
        View const now = view(b.shadow.base(), megabyte, index);
        INFO("refilled " << std::hex << va << " base " << b.shadow.base());
        for (u32 n = 0; n != 4; ++n) {
            u32 const subpage = (va & ~(page_size - 1)) | n << 10;
            REQUIRE((b.reached(subpage, false, false) != 0) == allowed(now, va, n, false, false));
        }
    }
    /// A fault of guest user for which nothing is looked up but what its kernel is told.
    void be_told()
    {
        u32 const index = any_index(), megabyte = any(megabytes), subpage = below(4);
        u32 const va = megabyte << 20 | index << 12 | subpage << 10;
        bool const stores = chance(40);
        b.resume(false);
        user_state_ = true;
        auto const met = hardware.access(va, stores, Hardware::Mode::usr);
        b.trap();
        Result<u32> const told = met.ok() || va < page_size ? Result<u32> {Error::again}
                                                            : b.shadow.certain_fault(Va {va}, met.fault);
        if (!told)
            return;
        u32 const base = b.shadow.base();
        auto const &old = history_[{base, va >> 12}];
        INFO("va " << std::hex << va << " base " << base << " met " << met.fault << " told " << *told);
        REQUIRE(std::any_of(old.begin(), old.end(), [&](View const &v) {
            if (v.fault)
                return *told == v.fault;
            u32 const page = v.section ? 0 : 2;
            return *told == (0xd | page | v.domain << 4) && !allowed(v, va, subpage, false, stores);
        }));
    }
    /// Sixteen pages, or a megabyte of them, that one entry of a TLB may hold, are used, become others and
    /// are flushed by one address.
    void change_group()
    {
        u32 const base = b.shadow.base(), megabyte = chance(40) ? 0 : any(megabytes),
                  first = any_index() & ~15u;
        auto const touch = [&] {
            for (u32 n = below(6); n; --n)
                (void)b.access(megabyte << 20 | (first | below(16)) << 12, false, chance(50));
            user_state_ = user_state_ && !b.shadow.has_kernel_only();
        };
        auto const change = [&] {
            u32 const domain = below(2), table = table_of(base, 4 + below(4));
            write_l1(base, megabyte,
                     chance(40) ? G::section(any_page() & 0xfff00000, 3, domain) : G::table(table, domain));
            b.ram.set_large(table, first << 12,
                            G::large_page(any_page() & 0xffff0000, below(2) ? 0xff : below(256)));
            note_all();
        };
        change();
        touch();
        change();
        if (chance(30))
            touch();
        flush_page(base, megabyte << 20 | (first | below(16)) << 12);
    }
    void access()
    {
        u32 const megabyte = any(megabytes), index = any_index();
        u32 const va = megabyte << 20 | index << 12 | below(4) << 10;
        bool const kernel = chance(60), stores = chance(40);
        u32 const base = b.shadow.base(), subpage = va >> 10 & 3;
        View const now = view(base, megabyte, index);
        bool const permitted = allowed(now, va, subpage, kernel, stores);
        if (!kernel)
            user_state_ = true;
        bool const done = b.access(va, stores, kernel);
        if (kernel)
            user_state_ = user_state_ && !b.shadow.has_kernel_only();
        INFO("va " << std::hex << va << " base " << base << (kernel ? " kernel" : " user")
                   << (stores ? " store" : " load"));
        if (permitted)
            REQUIRE(done);
        if (done) {
            auto const &old = history_[{base, va >> 12}];
            REQUIRE(std::any_of(old.begin(), old.end(),
                                [&](View const &v) { return allowed(v, va, subpage, kernel, stores); }));
        } else {
            REQUIRE_FALSE(permitted);
            Fill const again = b.shadow.fill(Va {va}, kernel);
            check_refusal(again, now, va, subpage, kernel);
        }
        (void)b.shadow.fill(Va {va}, kernel); // takes over what has changed without a flush
        REQUIRE(b.shadow.fill(Va {va}, kernel).kind != Fill::Kind::filled);
        user_state_ = !b.shadow.has_kernel_only();
    }
    bool allowed(View const &v, u32 va, u32 subpage, bool kernel, bool stores) const
    {
        bool const owned = v.ipa - ram < Shadow_bench::ram_size;
        return v.mapped && owned && va >= page_size && v.right(subpage, kernel) >= (stores ? write : read);
    }
    void check_refusal(Fill const &f, View const &v, u32 va, u32 subpage, bool kernel) const
    {
        INFO("domain " << v.domain << " ipa " << std::hex << v.ipa << " fault " << v.fault << " fill "
                       << f.status);
        u32 const page = v.section ? 0 : 2;
        if (v.fault) {
            REQUIRE(f.kind == Fill::Kind::fault);
            REQUIRE(f.status == v.fault);
        } else if (v.right(subpage, kernel) == none) {
            REQUIRE((f.kind == Fill::Kind::fault || f.kind == Fill::Kind::unchanged));
            u32 const field = dacr_ >> (2 * v.domain) & 3;
            REQUIRE(f.status == ((field & 1 ? 0xdu : 0x9u) | page | v.domain << 4));
        } else if (va < page_size) {
            REQUIRE(f.kind == Fill::Kind::fault);
        } else if (v.ipa - ram >= Shadow_bench::ram_size) {
            REQUIRE(f.kind == Fill::Kind::no_memory);
            REQUIRE(f.ipa == Ipa {v.ipa | (va & 0xfff)});
        } else {
            REQUIRE(f.kind == Fill::Kind::unchanged); // a store where only loads are
            REQUIRE(f.status == (0xd | page | v.domain << 4));
        }
    }

    // --- the model
    // ---------------------------------------------------------------------------------------------

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

    // --- what must hold after every step
    // -----------------------------------------------------------------------

    void check()
    {
        if (user_state_)
            b.shadow.remove_kernel_only();
        REQUIRE(hardware.stale().empty());
        for (auto const &[physical, base] : cached_)
            check_table(physical, base);
    }
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
        if (l1 == 0 && megabyte != 0)
            return;
        u32 const domain = l1 >> 5 & 15;
        REQUIRE((domain == 1 || domain == 2));
        if (megabyte == 0)
            REQUIRE(((l1 & 3) == 1 && domain == 2));
        u32 const *const l2 = (l1 & 3) == 1 ? hardware.memory(l1 & 0xfffffc00) : nullptr;
        if (megabyte == 0)
            REQUIRE(l2[0] == arch::vectors_page());
        for (u32 index = megabyte == 0 ? 1 : 0; index != 256; ++index) {
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
        if (physical - Shadow_bench::ram_physical >= Shadow_bench::ram_size)
            FAIL("a frame that is not the guest's: " << std::hex << physical);
        u32 const ipa = physical - Shadow_bench::ram_physical + ram;
        std::array<Right, 4> hardware_right;
        for (u32 n = 0; n != 4; ++n) {
            u32 const ap = l2 ? l2 >> (4 + 2 * n) & 3 : l1 >> 10 & 3;
            if (ap == 2)
                FAIL("AP=10: the hypervisor's stores would not fault");
            hardware_right[n] = ap == 3 ? write : ap == 0 ? read : none;
        }
        auto const &old = history_[{base, megabyte << 8 | index}];
        bool const granted = std::any_of(old.begin(), old.end(), [&](View const &v) {
            bool ok = v.mapped && v.ipa == ipa;
            for (u32 n = 0; n != 4; ++n)
                ok = ok && hardware_right[n] <= v.as_kernel(n) &&
                     (!user || !user_state_ || hardware_right[n] <= v.user[n]);
            return ok;
        });
        if (!granted)
            FAIL("more than the guest's tables grant: base "
                 << std::hex << base << " page " << (megabyte << 8 | index) << " l1 " << l1 << " l2 " << l2);
    }

    std::mt19937 random_;
    u32 dacr_ = 0;
    bool s_ = false, r_ = false;
    bool user_state_ = true;    ///< guest user may run: kernel-only pages are to be gone
    std::map<u32, u32> cached_; ///< first-level tables that hold something: physical address, base
    std::map<std::pair<u32, u32>, std::vector<View>> history_;
};

/// With every kind of pool and core.
void run_models(unsigned seed, unsigned steps)
{
    for (u32 pool : {64 * kib, 80 * kib, 256 * kib})
        for (unsigned kind = 0; kind != 4; ++kind) {
            bool const linear = kind & 1, asids = kind & 2;
            INFO("VAMBRACE_SEED=" << seed << " pool " << pool << (linear ? " linear map" : "")
                                  << (asids ? " ASIDs" : ""));
            With_asids const with {asids};
            Model model {seed * 7919 + pool, pool, linear};
            for (unsigned n = 0; n != steps; ++n) {
                INFO("step " << n);
                model.step();
            }
        }
}

} // namespace

TEST_CASE("no shadow table ever says more than the guest's tables did since the last flush")
{
    for (unsigned n = 0; n != 2; ++n)
        run_models(run_seed() + n, 150);
}

/// Seconds are VAMBRACE_SECONDS, 60 if it is not set: `VAMBRACE_SECONDS=3600 build/unit/unit "[soak]"`.
TEST_CASE("no shadow table ever says more, for as long as one likes", "[.][soak]")
{
    using namespace std::chrono;
    auto const end = steady_clock::now() + seconds {number_from_environment("VAMBRACE_SECONDS", 60)};
    unsigned seed = run_seed();
    for (; steady_clock::now() < end; ++seed)
        run_models(seed, 1000);
    WARN("seeds " << run_seed() << " to " << seed - 1);
}
