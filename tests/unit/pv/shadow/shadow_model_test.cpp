// SPDX-License-Identifier: Apache-2.0
// Random guests against a model: the model walks the guest's tables by itself and remembers, for every page
// of every table, what they granted since the guest flushed it last. No shadow table may ever say more.
#include <catch2/catch.hpp>
#include <chrono>
#include <pv/shadow/shadow.hpp>
#include <pv/shadow/shadow_guest.hpp>
#include <seed.hpp>

using namespace vambrace;
using namespace vambrace::shadow_model;
using G = Guest_ram;

namespace {

class Model : public Random_guest {
  public:
    /// \param restless switches to an address space without a table before each step
    Model(unsigned seed, u32 pool, bool linear, bool restless)
        : Random_guest {seed, pool, linear}, restless_ {restless}
    {
        set_registers(reading::registers(0x55555555, false, false, 0));
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
        if (restless_)
            activate(any_without_table());
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

  private:
    bool restless_;

    u32 any_base() { return chance(60) ? b.shadow.base() : any(bases); }
    u32 any_without_table()
    {
        std::vector<u32> found;
        std::copy_if(bases.begin(), bases.end(), std::back_inserter(found),
                     [&](u32 base) { return !b.shadow.table_of(base).ok(); });
        return found.empty() ? any(bases) : any(found);
    }
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
    }
    void forget(u32 base)
    {
        b.shadow.forget(base);
        flushed(base, 0, 0xffffffff);
    }
    void drop_everything()
    {
        b.shadow.drop_all();
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
            left = b.shadow.resync(base, Va {va}, size);
            va = left ? end - left : va;
            REQUIRE((left == 0 || left < size));
        }
    }
    void flush_all_tables()
    {
        auto const [va, size] = any_range();
        b.shadow.drop(Va {va}, size);
        flushed_everywhere(va, size);
    }
    /// TLB_FLUSH of a page, in one of the ways that it takes.
    void flush_page(u32 base, u32 va)
    {
        flushed(base, va, page_size);
        switch (below(3)) {
        case 0: b.shadow.resync_page(base, Va {va}); break;
        case 1: b.shadow.drop_page(base, Va {va}); break;
        default: REQUIRE(b.shadow.resync(base, Va {va}, page_size) == 0); break;
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
            (void)b.shadow.refill(Va {va}, Guest_mode::user);
            user_state_ = !b.shadow.has_kernel_only();
            return;
        }
        View const now = view(b.shadow.base(), megabyte, index);
        INFO("refilled " << std::hex << va << " base " << b.shadow.base());
        for (u32 n = 0; n != 4; ++n) {
            u32 const subpage = (va & ~(page_size - 1)) | n << 10;
            REQUIRE((b.reached(subpage, false, Guest_mode::user) != 0) ==
                    allowed(now, va, n, Guest_mode::user, walk::Kind::load));
        }
    }
    /// A fault of guest user for which nothing is looked up but what its kernel is told.
    void be_told()
    {
        u32 const index = any_index(), megabyte = any(megabytes), subpage = below(4);
        u32 const va = megabyte << 20 | index << 12 | subpage << 10;
        walk::Kind const kind = chance(40) ? walk::Kind::store : walk::Kind::load;
        b.resume(Guest_mode::user);
        user_state_ = true;
        auto const met = hardware.access(va, kind, Hardware::Mode::usr);
        b.trap();
        Result<u32> const told = met.ok() || in_vectors_page(va) ? Result<u32> {Error::again}
                                                                 : b.shadow.certain_fault(Va {va}, met.fault);
        if (!told)
            return;
        u32 const base = b.shadow.base();
        auto const &old = history_[{base, va >> 12}];
        INFO("va " << std::hex << va << " base " << base << " met " << met.fault << " told " << *told);
        View const now = view(base, megabyte, index);
        bool const by_window = now.mapped && kind == walk::Kind::store && is_read_only(now.ipa) &&
                               now.right(subpage, Guest_mode::user) == reading::write;
        REQUIRE_FALSE((by_window && (*told & 0xd) == 0xd)); // that is no permission fault
        REQUIRE(std::any_of(old.begin(), old.end(), [&](View const &v) {
            if (v.fault)
                return *told == v.fault;
            u32 const page = v.section ? 0 : 2;
            return *told == (0xd | page | v.domain << 4) && !allowed(v, va, subpage, Guest_mode::user, kind);
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
                (void)b.access(megabyte << 20 | (first | below(16)) << 12, false, any_mode(50));
            user_state_ = user_state_ && !b.shadow.has_kernel_only();
        };
        auto const change = [&] {
            u32 const domain = below(2), table = table_of(base, 4 + below(4));
            write_l1(base, megabyte,
                     chance(40) ? G::section(any_page() & 0xfff00000, 3, domain) : G::table(table, domain));
            b.ram.set_large(table, first << 12,
                            below(2) ? G::large_page(any_page() & 0xffff0000, 3)
                                     : reading::any_large(any_page(), below(256)));
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
        Guest_mode const mode = any_mode(60);
        bool const kernel = mode == Guest_mode::kernel;
        walk::Kind const kind = chance(40)   ? walk::Kind::store
                                : chance(70) ? walk::Kind::load
                                             : walk::Kind::fetch;
        u32 const base = b.shadow.base(), subpage = va >> 10 & 3;
        View const now = view(base, megabyte, index);
        bool const permitted = allowed(now, va, subpage, mode, kind);
        if (!kernel)
            user_state_ = true;
        bool const done = b.access(va, kind, mode);
        if (kernel)
            user_state_ = user_state_ && !b.shadow.has_kernel_only();
        INFO("va " << std::hex << va << " base " << base << (kernel ? " kernel" : " user") << " kind "
                   << static_cast<u32>(kind));
        if (permitted)
            REQUIRE(done);
        if (done) {
            auto const &old = history_[{base, va >> 12}];
            REQUIRE(std::any_of(old.begin(), old.end(),
                                [&](View const &v) { return allowed(v, va, subpage, mode, kind); }));
        } else {
            REQUIRE_FALSE(permitted);
            Fill const again = b.shadow.fill(Va {va}, mode);
            check_refusal(again, now, va, subpage, mode);
        }
        (void)b.shadow.fill(Va {va}, mode); // takes over what has changed without a flush
        REQUIRE(b.shadow.fill(Va {va}, mode).kind != Fill::Kind::filled);
        user_state_ = !b.shadow.has_kernel_only();
    }
};

/// Steps; returns how many first-level tables gave way.
u32 run_model(unsigned seed, unsigned steps, u32 pool, bool linear, bool restless)
{
    Model model {seed * 7919 + pool, pool, linear, restless};
    u32 const before = model.b.shadow.l1_evictions();
    for (unsigned n = 0; n != steps; ++n) {
        INFO("step " << n);
        model.step();
    }
    return model.b.shadow.l1_evictions() - before;
}

/// With every kind of pool and core.
void run_models(unsigned seed, unsigned steps)
{
    for (u32 pool : {64 * kib, 80 * kib, 256 * kib})
        for (unsigned kind = walk::always_has_asids ? 2 : 0; kind != 4; ++kind) {
            bool const linear = kind & 1, asids = kind & 2, restless = pool == 64 * kib;
            INFO("VAMBRACE_SEED=" << seed << " pool " << pool << (linear ? " linear map" : "")
                                  << (asids ? " ASIDs" : ""));
            With_asids const with {asids};
            u32 const parked = run_model(seed, steps, pool, linear, restless);
            if (restless)
                REQUIRE(parked >= steps / 2);
        }
}

} // namespace

TEST_CASE("no shadow table ever says more than the guest's tables did since the last flush", "[long]")
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
