// SPDX-License-Identifier: Apache-2.0
// A guest that writes its page tables at random.
#pragma once
#include <pv/shadow/shadow_checks.hpp>
#include <random>

namespace vambrace::shadow_model {

inline constexpr u32 tables = ram + 0x20000, table_count = 28,
                     shared_tables = 4; // the first ones are every base's

class Random_guest : public Checks {
  public:
    Random_guest(unsigned seed, u32 pool, bool linear) : Checks {pool, linear}, random_ {seed} {}

  protected:
    u32 below(u32 n) { return static_cast<u32>(random_() % n); }
    bool chance(u32 percent) { return below(100) < percent; }
    /// \param percent how often it is the kernel
    Guest_mode any_mode(u32 percent) { return chance(percent) ? Guest_mode::kernel : Guest_mode::user; }
    template <typename A>
    auto any(A const &a)
    {
        return a[below(static_cast<u32>(a.size()))];
    }
    u32 any_index()
    {
        u32 const n = below(48);
        return n < 32 ? n : 208 + n;
    }
    u32 any_page() { return ram + 0x100000 + below(0x500) * page_size; }
    /// RAM, or nothing.
    u32 any_other_ipa()
    {
        static constexpr std::array<u32, 6> bad {0,         0x02300000,   0x08000000, VAMBRACE_PL011_IPA,
                                                 ram - mib, ram + 8 * mib};
        return chance(8) ? any(bad) : any_page();
    }

    u32 any_ipa() { return chance(15) ? any(regions).ipa + below(0x24) * page_size : any_other_ipa(); }

    u32 table_of(u32 base, u32 n) const // n < 4 shared, n >= 4: the base's own four
    {
        u32 const owner = static_cast<u32>(std::find(bases.begin(), bases.end(), base) - bases.begin());
        return tables + (n < shared_tables ? n : shared_tables + owner * 4 + n - 4) * 1024;
    }
    u32 random_l1(u32 base)
    {
        u32 const domain = chance(80) ? below(2) : below(4); // 2 may be a manager, 3 closed
        u32 const kind = below(100);
        if (kind < 8)
            return 0;
        if (kind < 35)
            return reading::any_first(any_ipa(), domain, below(256), below(100));
        if (kind < 40)
            return Guest_ram::table((any_other_ipa() & 0xfffffc00) + 0x20000000, domain);
        if (kind < 42)
            return Guest_ram::table(any(regions).ipa, domain);
        return Guest_ram::table(table_of(base ? base : bases[0], below(8)), domain);
    }
    void write_l1(u32 base, u32 megabyte, u32 word)
    {
        // A base's own tables only: another's would need a flush of both.
        if ((word & 3) == 1 && word - tables < table_count * 1024)
            word = Guest_ram::table(table_of(base, (word - tables) / 1024 & 7), word >> 5 & 15);
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
            b.ram.set_large(table, index << 12, chance(90) ? reading::any_large(any_ipa(), below(256)) : 0);
        } else {
            b.ram.set_l2(table, index << 12,
                         kind == 1 ? 0 : reading::any_small(any_ipa(), below(256), below(100)));
        }
        note_all();
        if (n < shared_tables) // a table of every base: flushed in all of them wherever it may be seen
            for (u32 megabyte : megabytes) {
                b.shadow.drop(Va {megabyte << 20 | first << 12}, count * page_size);
                flushed_everywhere(megabyte << 20 | first << 12, count * page_size);
            }
    }
    void set_registers(arch::Rights_context const &registers)
    {
        registers_ = registers;
        b.shadow.set_rights(registers);
        b.use();
        forget_history();
    }
    void change_rights()
    {
        u32 const two = below(4), three = below(4);
        u32 const dacr = 0x5 | two << 4 | three << 6;
        set_registers(reading::registers(dacr, chance(30), chance(30), below(8)));
    }

  private:
    std::mt19937 random_;
};

} // namespace vambrace::shadow_model
