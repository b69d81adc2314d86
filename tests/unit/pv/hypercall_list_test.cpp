// SPDX-License-Identifier: Apache-2.0
// What hypercalls.def says of each call holds: its errors, its results, its class and its counter.
#include <catch2/catch.hpp>
#include <pv/hostile_argument.hpp>
#include <random>
#include <support/trap_bench.hpp>

using namespace vambrace;

namespace {

/// As hypercalls.def writes errors and results: a bit for each error, and for each register.
namespace listed {
constexpr u32 error(int value) { return 1u << -value; }
enum : u32 {
    NONE = 0,
    INVALID_PARAMETERS = error(VAMBRACE_INVALID_PARAMETERS),
    DENIED = error(VAMBRACE_DENIED),
    INVALID_ADDRESS = error(VAMBRACE_INVALID_ADDRESS),
    AGAIN = error(VAMBRACE_AGAIN),
    R0 = 1,
    R1_R2 = 6,
    R2_R3 = 12,
    R1_R12 = 0x1ffe,
};
} // namespace listed

enum class Class { SLOW, FAST, FAST_IRQ, FAST_WAKE, DIRECT };

u64 by_upcall(Call_upcall &upcall, arch::Context &c)
{
    return upcall(&c, c.regs.r[1], c.regs.r[2], c.regs.r[3]);
}
u64 by_upcall(Direct_upcall &upcall, arch::Context &c) { return upcall(&c, c.regs.r[1]); }

struct Listed {
    char const *name;
    u32 id, results, errors;
    Class how;
    Counter counter;
    u64 (*upcall)(arch::Context &);
};

using namespace listed;
constexpr Listed calls[] = {
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    {#NAME, VAMBRACE_FUNCTION(NAME), results, errors, Class::class, Counter::counter, [](arch::Context &c) { \
         return by_upcall(on_##function, c);                                                                 \
     }},
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
};

Listed const &each_call() { return calls[GENERATE(range(0u, static_cast<unsigned>(std::size(calls))))]; }

/// Calls with arguments that are near something, most of them wrong.
class Caller {
  public:
    /// \pre the call does not wait: something is pending
    void make(Listed const &call)
    {
        b.regs().pc = pc;
        b.regs().r[0] = call.id;
        for (u32 n = 1; n != 4; ++n)
            b.regs().r[n] = argument();
        if (call.id == VAMBRACE_FUNCTION(RETURN))
            b.regs().sp = argument();
        Trap_regs const before = b.regs();
        hardware.dacr = arch::dacr_kernel;
        handle_svc(b.r());
        if (b.regs().pc != pc) { // RETURN went on elsewhere
            CHECK(call.id == VAMBRACE_FUNCTION(RETURN));
            b.d().vcpu.context.set_mode(Guest_mode::kernel);
        } else {
            check(call, before);
        }
    }

    Trap_bench b;

  private:
    static constexpr u32 pc = Trap_guest::code + 0x400;
    u32 argument() { return hostile_argument(random_); }
    void check(Listed const &call, Trap_regs const &before)
    {
        Trap_regs const &after = b.regs();
        int const r0 = static_cast<int>(after.r[0]);
        bool const good = r0 >= 0 && (r0 == 0 || call.results & R0);
        bool const bad = r0 < 0 && r0 > -32 && call.errors & error(r0);
        if (!good && !bad)
            FAIL(r0 << " is not in the list");
        for (u32 n = 1; n != 16; ++n)
            if (!(call.results >> n & 1) && after[n] != before[n])
                FAIL("r" << n << " changed from " << before[n] << " to " << after[n]);
    }

    std::mt19937 random_ {1};
};

} // namespace

TEST_CASE("a call returns no error and changes no register that hypercalls.def does not list")
{
    Listed const &call = each_call();
    CAPTURE(call.name);
    Caller caller;
    for (unsigned n = 0; n != 1000; ++n) {
        caller.b.shared().irq_pending = 4; // IDLE does not wait
        caller.make(call);
        REQUIRE(caller.b.d().runs());
    }
}

TEST_CASE("a call is counted where hypercalls.def says, and is one hypercall")
{
    Listed const &call = each_call();
    CAPTURE(call.name);
    Caller caller;
    Pv_guest &d = caller.b.d();
    caller.b.shared().irq_pending = 4;
    Counters const before = d.counters, all_before = Pv_guest::kind.counters(d);
    caller.make(call);
    CHECK(d.counters[call.counter] == before[call.counter] + 1);
    CHECK(Pv_guest::kind.counters(d)[Counter::hypercall] == all_before[Counter::hypercall] + 1);
}

TEST_CASE("an upcall does a call that is not slow, and leaves a slow one as it is")
{
    Listed const &call = each_call();
    CAPTURE(call.name);
    Trap_bench b;
    for (u32 n = 1; n != 4; ++n)
        b.regs().r[n] = n;
    Trap_regs const before = b.regs();
    u32 const counted = b.d().counters[call.counter];
    u64 const result = call.upcall(b.d().vcpu.context);
    bool const slow = call.how == Class::SLOW;
    CHECK(b.d().counters[call.counter] == counted + !slow);
    for (u32 n = 0; n != 16; ++n)
        if (slow || !(call.results >> n & 1))
            CHECK(b.regs()[n] == before[n]);
    if (slow) {
        CHECK(result >> 32 == static_cast<u32>(After_call::as_any_trap));
        CHECK(static_cast<u32>(result) == call.id);
    } else {
        CHECK(result >> 32 == static_cast<u32>(After_call::back));
    }
}

TEST_CASE("an upcall that raises an interrupt says so if the guest has enabled it")
{
    Trap_bench b;
    bool const enabled = GENERATE(false, true);
    (void)b.d().vcpu.irqs.enable(VAMBRACE_IRQ_TIMER, enabled);
    After_call const then = enabled ? After_call::see_interrupt : After_call::back;
    CHECK(on_timer_set(&b.d().vcpu.context, 0, 0, 0) == u64 {static_cast<u32>(then)} << 32);
}
