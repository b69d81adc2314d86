// SPDX-License-Identifier: Apache-2.0
// Queries, PSCI, SET_VECTORS, interrupts, time, waiting and counters: called well and badly.
#include <catch2/catch.hpp>
#include <pv/hypercall_answers.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using namespace vambrace::answer;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page;
auto const entry = Trap_guest::entry;

} // namespace

TEST_CASE("an unknown call is not supported and changes nothing")
{
    Trap_bench b;
    u32 const id = GENERATE(0u, VAMBRACE_FUNCTION_BASE + VAMBRACE_NR_CALLS, 0x85ffffffu, 0x8600ff02u,
                            0x84000001u, 0x84000003u, 0xc4000000u, 0xffffffffu);
    Trap_regs const before = b.regs();
    CHECK(b.call(id, before.r[1], before.r[2], before.r[3]) == not_supported);
    for (u32 n = 1; n != 16; ++n)
        CHECK(b.regs()[n] == before[n]);
}

TEST_CASE("the standard queries say who answers")
{
    Trap_bench b;
    CHECK(b.call(VAMBRACE_CALL_COUNT) == VAMBRACE_NR_CALLS);
    CHECK(b.call(VAMBRACE_CALL_UID) == VAMBRACE_UID_0);
    CHECK(b.regs().r[1] == VAMBRACE_UID_1);
    CHECK(b.regs().r[2] == VAMBRACE_UID_2);
    CHECK(b.regs().r[3] == VAMBRACE_UID_3);
    CHECK(b.call(VAMBRACE_REVISION) == VAMBRACE_ABI_VERSION);
    CHECK(b.regs().r[1] == VAMBRACE_ABI_MINOR);
    CHECK(b.call(0x84000000) == 0x10000);
}

TEST_CASE("PSCI_FEATURES knows what there is")
{
    Trap_bench b;
    auto const [id, result] = GENERATE(table<u32, u32>({{0x84000000, 0},
                                                        {0x84000008, 0},
                                                        {0x84000009, 0},
                                                        {0x8400000a, 0},
                                                        {0x84000001, not_supported},
                                                        {0x84000003, not_supported},
                                                        {0xffffffff, not_supported}}));
    CHECK(b.call(0x8400000a, id) == result);
}

TEST_CASE("SYSTEM_OFF ends the guest; with the last one the board is reset")
{
    SECTION("one of two")
    {
        Trap_bench b {2};
        b.regs().r[0] = 0x84000008;
        handle_svc(b.r());
        CHECK(b.d().state == Domain::State::powered_off);
        CHECK(b.resume() == &b.guests[1]->domain.vcpu.context);
    }
    SECTION("the last")
    {
        Trap_bench b;
        b.regs().r[0] = 0x84000008;
        CHECK_THROWS_AS(b.svc(), Board_was_reset);
    }
}

TEST_CASE("SET_VECTORS takes entries and stacks that are the guest's")
{
    Trap_bench b;
    auto &v = *reinterpret_cast<vambrace_vectors *>(&b.g().word(linear + 0x3000));
    v = Trap_guest::some_vectors();
    v.svc_user += 0x40;
    SECTION("well")
    {
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == 0);
        CHECK(b.d().vcpu.context.svc_entry == v.svc_user);
        v.double_fault = 0;
        v.emergency_stack = 3; // not looked at then
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == 0);
    }
    SECTION("a bad entry")
    {
        u32 const n = GENERATE(range(0u, 9u));
        u32 const bad = GENERATE(filter(bad_everywhere, values({0u, 0xffcu, 0xc0020002u, 0xc0020001u,
                                                                0xff000000u, 0xff7ffffcu, 0xffffffffu})));
        reinterpret_cast<u32 *>(&v)[n] = bad;
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == inval);
        CHECK(b.d().vcpu.vectors.svc_user == entry(0));
    }
    SECTION("a bad double fault entry or emergency stack")
    {
        u32 const bad = GENERATE(filter(bad_everywhere, values({0xffcu, 0xc0020002u, 0xff000008u, 4u})));
        (GENERATE(false, true) ? v.double_fault : v.emergency_stack) = bad;
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == inval);
    }
    SECTION("a bad frame for guest user")
    {
        v.user_frame = GENERATE(filter(bad_everywhere, values({0u, 0xff8u, 0xff000000u, 0xfefffff8u,
                                                               0xff7ffff8u, 0xfffffff8u, 0xc0088004u})));
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == inval);
    }
    SECTION("a structure that cannot be read")
    {
        u32 const va = GENERATE(0u, 0x10000000u, 0xff000000u, 0xfffffff8u, linear + 0x3002, 0xc07fffe0u);
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), va) == address);
    }
}

TEST_CASE("IRQ_ENABLE knows 32 interrupts")
{
    Trap_bench b;
    u32 const irq = GENERATE(0u, 1u, 31u);
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), irq, 1) == 0);
    CHECK(b.d().vcpu.irqs.enabled(irq));
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), irq, 0) == 0);
    CHECK_FALSE(b.d().vcpu.irqs.enabled(irq));
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), GENERATE(32u, 33u, 0xffffffffu), 1) == inval);
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), irq, GENERATE(2u, 0xffffffffu)) == inval);
    CHECK_FALSE(b.d().vcpu.irqs.enabled(irq));
}

TEST_CASE("time goes with the counter, and the timer's interrupt comes when it is past")
{
    Trap_bench b;
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), VAMBRACE_IRQ_TIMER, 1) == 0);
    fake_board.counter += 24'000'000;
    CHECK(b.call(VAMBRACE_FUNCTION(TIME_GET)) == 0);
    CHECK(b.regs().r[1] == Approx(1e9).margin(10));
    CHECK(b.regs().r[2] == 0);
    u32 const now = b.regs().r[1];
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_SET), now + 1'000'000, 0) == 0);
    CHECK(b.shared().irq_pending == 0);
    CHECK(fake_board.timer_runs);
    CHECK(fake_board.timer_us == Approx(1000).margin(2));
    fake_board.counter += 24'100;
    fake_board.irq_enabled = fake_board.irq_raised = 1u << board::timer_irq;
    this_cpu().handle_interrupt();
    CHECK_FALSE(this_cpu().must_reschedule()); // it is the running guest's own
    b.resume();
    CHECK(b.shared().irq_pending == 1);
    b.shared().irq_pending = 0;
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_SET), 0, 0) == 0); // in the past: at once
    CHECK(b.shared().irq_pending == 1);
    b.shared().irq_pending = 0;
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_SET), ~0u, ~0u) == 0);
    CHECK(b.shared().irq_pending == 0);
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_START), 2'000'000) == 0);
    CHECK(fake_board.timer_us == Approx(2000).margin(2));
    CHECK(b.shared().irq_pending == 0);
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_START), 0) == 0); // at once
    CHECK(b.shared().irq_pending == 1);
}

TEST_CASE("IDLE returns at once if something is pending, though masked")
{
    Trap_bench b;
    SECTION("shown") { b.shared().irq_pending = 4; }
    SECTION("raised and enabled")
    {
        (void)b.d().vcpu.irqs.enable(2, 1);
        raise(b.d(), 2);
    }
    CHECK(b.call(VAMBRACE_FUNCTION(IDLE)) == 0);
    CHECK(b.shared().irq_pending == 4);
}

TEST_CASE("IDLE unmasks where it is asked to, and knows no other request")
{
    Trap_bench b;
    b.shared().irq_mask = VAMBRACE_IRQS_MASKED;
    CHECK(b.call(VAMBRACE_FUNCTION(IDLE), 2) == static_cast<u32>(VAMBRACE_INVALID_PARAMETERS));
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    (void)b.d().vcpu.irqs.enable(2, 1);
    raise(b.d(), 2);
    CHECK(!b.d().page.guarded());
    b.resume();
    CHECK(b.d().page.guarded()); // masked, and something waits
    (void)b.call(VAMBRACE_FUNCTION(IDLE), 1);
    CHECK(b.d().counters[Counter::virtual_irq] == 1); // taken, with the frame saying 0 in r0
    CHECK_FALSE(b.d().page.guarded());
}

TEST_CASE("IDLE sleeps until the timer, and not longer")
{
    Trap_bench b;
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), VAMBRACE_IRQ_TIMER, 1) == 0);
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_SET), 5'000'000, 0) == 0);
    fake_board.irq_enabled = ~0u;
    hardware.on_wait = [] {
        REQUIRE(fake_board.timer_runs);
        fake_board.counter += fake_board.timer_us * 24;
        fake_board.irq_raised = 1u << board::timer_irq;
    };
    CHECK(b.call(VAMBRACE_FUNCTION(IDLE)) == 0);
    CHECK(b.shared().irq_pending == 1);
    CHECK(this_cpu().now() >= 5'000'000);
    CHECK(this_cpu().now() < 6'000'000);
    CHECK(fake_board.irq_finished == 1u << board::timer_irq);
}

TEST_CASE("while one guest idles the other runs, and YIELD passes the processor on")
{
    Trap_bench b {2};
    b.regs().r[0] = GENERATE(VAMBRACE_FUNCTION(IDLE), VAMBRACE_FUNCTION(YIELD));
    b.regs().r[1] = 0;
    handle_svc(b.r());
    CHECK(b.resume() == &b.guests[1]->domain.vcpu.context);
    CHECK(hardware.ttbr == b.guests[1]->domain.shadow.hardware_table().physical);
    CHECK(b.regs().r[0] == 0);
}

TEST_CASE("COUNTERS_READ stores as many as fit, where the guest may store")
{
    Trap_bench b;
    auto const [words, count] = GENERATE(
        table<u32, u32>({{0, 0}, {1, 1}, {counter_count, counter_count}, {0xffffffff, counter_count}}));
    for (u32 n = 0; n != 64; ++n)
        b.g().word(linear + 0x3000 + n * 4) = 0x55aa55aa;
    CHECK(b.call(VAMBRACE_FUNCTION(COUNTERS_READ), linear + 0x3000, words) == count);
    CHECK(b.g().word(linear + 0x3000 + count * 4) == 0x55aa55aa);
    u32 const bad = GENERATE(0u, 0x10000000u, 0xff000000u, 0xff001000u, 0xff100000u, linear + 2, 0xfffffffcu,
                             user_page + page_size);
    CHECK(b.call(VAMBRACE_FUNCTION(COUNTERS_READ), bad, counter_count) == address);
}

TEST_CASE("a guest that starts again has its counters and nothing else of its life before")
{
    Trap_bench b;
    arch::Context &context = b.d().vcpu.context;
    context.data_aborts = 7;
    context.prefetch_aborts = 9;
    b.d().counters.count(Counter::idle, 3);
    b.d().standard.uart.write(0x38, 0x50);
    Counters const before = Pv_guest::kind.counters(b.d());
    context.data_aborts += 1;
    this_cpu().leave();
    Pv_guest::kind.start(b.d(), {Ipa {0x40008000}, Ipa {0x41000000}});
    Counters const after = Pv_guest::kind.counters(b.d());
    CHECK(before[Counter::data_abort] == 7);
    CHECK(before[Counter::forwarded_fault] == 16);
    for (unsigned n = 0; n != counter_count; ++n)
        CHECK(after.value[n] == before.value[n] + (static_cast<Counter>(n) == Counter::data_abort ||
                                                   static_cast<Counter>(n) == Counter::forwarded_fault));
    CHECK(b.regs().pc == 0x40008000);
    CHECK(b.regs().r[2] == 0x41000000);
    CHECK_FALSE(b.d().vcpu.has_vectors);
    CHECK_FALSE(b.d().vcpu.cp15.mmu_on());
    CHECK(b.d().standard.uart.read(0x38) == 0);
}
