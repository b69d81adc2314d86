// SPDX-License-Identifier: Apache-2.0
// Hypercalls called at random: a guest's arguments reach nothing but the guest.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <pv/hostile_argument.hpp>
#include <random>
#include <support/trap_bench.hpp>

using namespace vambrace;

namespace {

constexpr u32 ram = Trap_guest::ram_ipa, ram_size = Trap_guest::ram_size;

/// A guest that calls, and one that must not be reached.
class Caller {
  public:
    explicit Caller(u32 seed) : random_ {seed}
    {
        REQUIRE(second_.ram.word(ram) == 0);
        for (u32 n = 0; n != ram_size / 4; ++n)
            theirs_[n] = n * 2654435761u;
        their_page_ = second_.shared();
        own_.assign(tables_, tables_ + arch::own_tables_size / 4);
        for (u32 n = 0; n != 16 * 256; n += 4)
            b.g().ram.word(ram + 0x8000 + n) =
                random_(); // a table of nonsense, among which sections of everything
    }

    /// One call, and a store of the guest somewhere.
    void step()
    {
        u32 function = VAMBRACE_FUNCTION_BASE + below(VAMBRACE_NR_CALLS + 1);
        if (function == VAMBRACE_FUNCTION(IDLE) || function == VAMBRACE_FUNCTION(YIELD))
            return; // the other would run
        b.regs().r[0] = function;
        for (u32 k = 1; k != 5; ++k)
            b.regs().r[k] = argument();
        b.regs().sp = below(3) ? Trap_guest::stack : argument();
        hardware.spent = 0;
        hardware.dacr = arch::dacr_kernel;
        handle_svc(b.r());
        if (!b.d().runs())
            return;
        check_the_way_back();
        store();
    }

    void check_the_others() const
    {
        for (u32 n = 0; n != ram_size / 4; ++n)
            if (theirs_[n] != n * 2654435761u)
                FAIL("the other guest's memory changed");
        vambrace_shared const now = second_.shared();
        CHECK(std::memcmp(&now, &their_page_, sizeof now) == 0);
        CHECK(std::equal(own_.begin(), own_.end(), tables_));
    }

    Trap_bench b {2};

  private:
    u32 below(u32 n) { return static_cast<u32>(random_() % n); }
    u32 argument() { return hostile_argument(random_); }
    void check_the_way_back()
    {
        REQUIRE(b.resume() == &b.d().vcpu.context);
        REQUIRE((b.regs().psr & 0x1f) == 0x10);
        REQUIRE((b.regs().psr & 0xc0) == 0);
        REQUIRE(hardware.spent < 200'000);
        REQUIRE(hardware.stale().empty());
    }
    void store()
    {
        b.d().vcpu.context.set_mode(Guest_mode::kernel); // in the kernel again
        u32 const va = argument();
        auto const outcome = hardware.access(va, true, Hardware::Mode::usr);
        if (outcome.ok())
            REQUIRE((outcome.physical - 0x02300000 < ram_size ||
                     outcome.physical - Fixed_memory::shared_page < page_size));
        b.data_abort();
        if (b.d().runs())
            b.resume();
        b.d().vcpu.context.set_mode(Guest_mode::kernel);
    }

    std::mt19937 random_;
    Trap_guest &second_ = *b.guests[1];
    u32 *const theirs_ = &second_.ram.word(ram);
    vambrace_shared their_page_ {};
    u32 *const tables_ = hardware.memory(arch::own_tables);
    std::vector<u32> own_;
};

} // namespace

TEST_CASE("random calls with random arguments stay inside of the guest")
{
    Caller caller {GENERATE(1u, 2u, 3u, 4u)};
    hardware.on_wait = [] { throw Sleeps_forever {}; };
    for (unsigned n = 0; n != 2000 && caller.b.d().runs(); ++n)
        caller.step();
    caller.check_the_others();
}
