// SPDX-License-Identifier: Apache-2.0
// Every hypercall called well, badly and at random. A guest's arguments reach nothing but the guest.
#include <catch2/catch.hpp>
#include <core/trap_bench.hpp>
#include <cstring>
#include <random>
#include <set>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page, other = Trap_guest::other;
constexpr u32 ram = Trap_guest::ram_ipa, ram_size = Trap_guest::ram_size;
auto const entry = Trap_guest::entry;

constexpr u32 inval = static_cast<u32>(VAMBRACE_INVALID_PARAMETERS),
              address = static_cast<u32>(VAMBRACE_INVALID_ADDRESS);
constexpr u32 not_supported = static_cast<u32>(VAMBRACE_NOT_SUPPORTED);

} // namespace

TEST_CASE("an unknown call is not supported and changes nothing")
{
    Trap_bench b;
    u32 const id = GENERATE(0u, 0x8600000fu, 0x85ffffffu, 0x8600ff02u, 0x84000001u, 0x84000003u, 0xc4000000u,
                            0xffffffffu);
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
    CHECK(b.regs().r[1] == 0);
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
        handle_svc(b.d());
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
        u32 const bad = GENERATE(0u, 0xffcu, 0xc0020002u, 0xc0020001u, 0xff000000u, 0xff7ffffcu, 0xffffffffu);
        reinterpret_cast<u32 *>(&v)[n] = bad;
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == inval);
        CHECK(b.d().vcpu.vectors.svc_user == entry(0));
    }
    SECTION("a bad double fault entry or emergency stack")
    {
        u32 const bad = GENERATE(0xffcu, 0xc0020002u, 0xff000008u, 4u);
        (GENERATE(false, true) ? v.double_fault : v.emergency_stack) = bad;
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == inval);
    }
    SECTION("a bad frame for guest user")
    {
        v.user_frame = GENERATE(0u, 0xff8u, 0xff000000u, 0xfefffff8u, 0xff7ffff8u, 0xfffffff8u, 0xc0088004u);
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), linear + 0x3000) == inval);
    }
    SECTION("a structure that cannot be read")
    {
        u32 const va = GENERATE(0u, 0x10000000u, 0xff000000u, 0xfffffff8u, linear + 0x3002, 0xc07fffe0u);
        CHECK(b.call(VAMBRACE_FUNCTION(SET_VECTORS), va) == address);
    }
}

TEST_CASE("SET_LINEAR_MAP takes whole megabytes of the guest's RAM, outside of the hypervisor's ranges")
{
    Trap_bench b;
    auto const [va, ipa, size, result] = GENERATE(table<u32, u32, u32, u32>({
        {0xc0000000, ram, ram_size, 0},
        {0xc0000000, ram + mib, mib, 0},
        {0xff900000, ram, ram_size, inval}, // round the top
        {0xff800000, ram, ram_size, 0},     // up to it
        {0xff800000, ram, ram_size - mib, 0},
        {0xc0000000, ram, 0, inval},
        {0xc0000000, ram, ram_size + mib, inval},
        {0xc0000000, ram - mib, 2 * mib, inval},
        {0xc0000000, 0, mib, inval},
        {0xc0000000, ram, 0xfff00000, inval},
        {0xc0001000, ram, mib, inval},
        {0xc0000000, ram + 0x1000, mib, inval},
        {0xc0000000, ram, mib + 4, inval},
        {0, ram, mib, inval},
        {0xff000000, ram, mib, inval},
        {0xfef00000, ram, 2 * mib, inval},
        {0xff700000, ram, mib, inval},
    }));
    CHECK(b.call(VAMBRACE_FUNCTION(SET_LINEAR_MAP), va, ipa, size) == result);
    CHECK(hardware.stale().empty());
}

TEST_CASE("SWITCH_TABLE makes the hardware use the table's shadow")
{
    Trap_bench b;
    u32 const before = hardware.ttbr;
    CHECK(b.call(VAMBRACE_FUNCTION(SWITCH_TABLE), ram + 0x8000) == 0);
    CHECK(b.d().vcpu.cp15.ttbr == ram + 0x8000);
    CHECK(hardware.ttbr == b.d().shadow.hardware_table().physical);
    CHECK(hardware.ttbr != before);
    CHECK(b.touch(linear, true));
    CHECK(b.call(VAMBRACE_FUNCTION(SWITCH_TABLE), Trap_guest::base) == 0);
    CHECK(hardware.ttbr == before);
    u32 const bad =
        GENERATE(0u, 1u, ram + 4, ram + 0x2000, ram - 0x4000, ram + ram_size, 0xffffc000u, 0xffffffffu);
    CHECK(b.call(VAMBRACE_FUNCTION(SWITCH_TABLE), bad) == inval);
    CHECK(hardware.ttbr == before);
}

TEST_CASE("TLB_FLUSH takes over changes of the table that it names, or of all")
{
    Trap_bench b;
    REQUIRE(b.run(user_page, true));
    b.g().ram.set_l2(Trap_guest::user_table, user_page, 0);
    auto const [base, va, size] = GENERATE(table<u32, u32, u32>({
        {Trap_guest::base, user_page, page_size},
        {Trap_guest::base, user_page + 0xfff, 1},
        {Trap_guest::base, 0x12345678, VAMBRACE_ALL_ADDRESSES},
        {Trap_guest::base, user_page, 0xf0000000},
        {Trap_guest::base, user_page, 0xfffffffe}, // round the top
        {VAMBRACE_ALL_TABLES, user_page, page_size},
        {VAMBRACE_ALL_TABLES, user_page, 0xfffffffe},
        {VAMBRACE_ALL_TABLES, 0x12345678, VAMBRACE_ALL_ADDRESSES},
    }));
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), base, va, size) == 0);
    CHECK_FALSE(b.touch(user_page, false));
    CHECK(hardware.stale().empty());
}

TEST_CASE("TLB_FLUSH refuses what is no table and ignores what it does not know")
{
    Trap_bench b;
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), ram + 4, 0, page_size) == inval);
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), ram + 0x1000, 0, page_size) == inval);
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), 0, 0, 0xffffffff) == 0);
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), Trap_guest::base, user_page, 0) == 0);
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), VAMBRACE_ALL_TABLES, user_page, 0) == 0);
}

TEST_CASE("TLB_FLUSH says what is left, so that calling again comes to the end")
{
    Trap_bench b;
    static constexpr u32 first = 0x10000000;
    for (u32 n = 0; n != 90; ++n)
        b.g().ram.set_l1(Trap_guest::base, first + n * mib, G::section(ram, 3));
    for (u32 n = 0; n != 90; ++n)
        REQUIRE(b.run(first + n * mib, true));
    for (u32 n = 0; n != 90; ++n)
        b.g().ram.set_l1(Trap_guest::base, first + n * mib, 0);
    auto const [from, bytes] = GENERATE(
        table<u32, u32>({{first, 90 * mib}, {0, 0xffffffff}, {first, 0 - first}, {first, 0xf8000000}}));
    u32 va = from, size = bytes, calls = 0;
    for (;;) {
        REQUIRE(++calls < 10);
        u32 const result = b.call(VAMBRACE_FUNCTION(TLB_FLUSH), Trap_guest::base, va, size);
        if (result == 0)
            break;
        REQUIRE(static_cast<int>(result) == VAMBRACE_AGAIN);
        REQUIRE(b.regs().r[2] > va);
        REQUIRE(b.regs().r[3] < size);
        va = b.regs().r[2], size = b.regs().r[3];
    }
    CHECK(calls > 1);
    for (u32 n = 0; n != 90; ++n)
        CHECK_FALSE(b.touch(first + n * mib, false));
}

TEST_CASE("FORGET_TABLE ends a table, even the one in use, and unknown ones do nothing")
{
    Trap_bench b;
    REQUIRE(b.run(user_page, true));
    b.g().ram.set_l2(Trap_guest::user_table, user_page, 0);
    CHECK(b.call(VAMBRACE_FUNCTION(FORGET_TABLE), GENERATE(0u, 1u, 2u, 0xffffffffu, ram + 0x8000)) == 0);
    CHECK(b.touch(user_page, true));
    CHECK(b.call(VAMBRACE_FUNCTION(FORGET_TABLE), Trap_guest::base) == 0);
    CHECK_FALSE(b.touch(user_page, true));
    CHECK(b.touch(linear, true));
}

TEST_CASE("CACHE_OP works on the guest's addresses only")
{
    Trap_bench b;
    auto const [op, va, size, result] = GENERATE(table<u32, u32, u32, u32>({
        {8, user_page, 32, inval},
        {0xffffffff, user_page, 32, inval},
        {6, 0xff000000, 32, 0},
        {7, ram, linear, 0}, // the page at IPA r2, and an address that need not be mapped
        {7, ram + ram_size - page_size, 0xfffff000, 0},
        {7, ram, user_page + 0x123, 0},
        {7, ram + 4, linear, inval},
        {7, ram + ram_size, linear, inval},
        {7, ram - page_size, linear, inval},
        {7, linear, linear, inval},
        {7, ram, 0xff000000, inval},
        {7, ram, 0xff7fffff, inval},
        {7, ram, 0, inval}, // page 0 has the exception vectors
        {0, 0xff000000, 32, inval},
        {1, 0xfefffff0, 32, inval},
        {1, 0x10, 32, inval},
        {2, 0xfffffff0, 32, inval},
        {3, 0xff7fffff, 1, inval},
        {1, user_page, 0, 0},
        {4, 0xff000000, 32, 0},
        {5, 0xff000000, 32, 0},
        {1, user_page + 4, 32 * 1024, 0},
        {1, 0xff000000, 32 * 1024 + 1, 0}, // so much that it is everything, by clean and invalidate
    }));
    hardware.record = true;
    CHECK(b.call(VAMBRACE_FUNCTION(CACHE_OP), op, va, size) == result);
    for (auto const &[what, line] : hardware.maintenance)
        if (what == armv5::Maintenance::invalidate_dcache_line ||
            what == armv5::Maintenance::invalidate_icache_line)
            CHECK_FALSE(arch::is_reserved(line, armv5::cache_line));
}

TEST_CASE(
    "CACHE_OP on a page reaches the lines of the linear map and those of the other address, and no others")
{
    Trap_bench b;
    u32 const other = GENERATE(as<u32> {}, user_page, linear + 5 * page_size);
    hardware.record = true;
    CHECK(b.call(VAMBRACE_FUNCTION(CACHE_OP), VAMBRACE_CACHE_PAGE, ram + 5 * page_size, other + 0x10) == 0);
    std::set<u32> lines;
    for (auto const &[what, line] : hardware.maintenance)
        if (what == armv5::Maintenance::clean_invalidate_line)
            lines.insert(line);
    std::set<u32> expected;
    for (u32 page : {linear + 5 * page_size, other})
        for (u32 n = 0; n != page_size; n += armv5::cache_line)
            expected.insert(page + n);
    CHECK(lines == expected);
}

TEST_CASE("SET_TLS stores where the guest's user reads it")
{
    Trap_bench b;
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x1234) == address); // nothing is mapped at 0xffff0000
    b.g().ram.set_l1(Trap_guest::base, 0xfff00000, G::table(Trap_guest::other_table));
    b.g().ram.set_l2(Trap_guest::other_table, 0xffff0000, G::page(Trap_guest::data + 0x3000, 2));
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x1234) == 0);
    CHECK(b.g().ram.word(Trap_guest::data + 0x3ff0) == 0x1234);
    b.g().ram.set_l2(Trap_guest::other_table, 0xffff0000,
                     G::page(GENERATE(0x20000000u, 0u, ram - 0x1000, ram + ram_size), 2));
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x5678) == address);
}

TEST_CASE("IRQ_ENABLE knows 32 interrupts")
{
    Trap_bench b;
    u32 const irq = GENERATE(0u, 1u, 31u);
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), irq, 1) == 0);
    CHECK(b.d().vcpu.enabled == 1u << irq);
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), irq, 0) == 0);
    CHECK(b.d().vcpu.enabled == 0);
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), GENERATE(32u, 33u, 0xffffffffu), 1) == inval);
    CHECK(b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), irq, GENERATE(2u, 0xffffffffu)) == inval);
    CHECK(b.d().vcpu.enabled == 0);
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
    machine.handle_interrupts();
    b.resume();
    CHECK(b.shared().irq_pending == 1);
    b.shared().irq_pending = 0;
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_SET), 0, 0) == 0); // in the past: at once
    CHECK(b.shared().irq_pending == 1);
    b.shared().irq_pending = 0;
    CHECK(b.call(VAMBRACE_FUNCTION(TIMER_SET), ~0u, ~0u) == 0);
    CHECK(b.shared().irq_pending == 0);
}

TEST_CASE("IDLE returns at once if something is pending, though masked")
{
    Trap_bench b;
    SECTION("shown") { b.shared().irq_pending = 4; }
    SECTION("raised and enabled")
    {
        b.d().vcpu.enabled = 4;
        raise(b.d(), 2);
    }
    CHECK(b.call(VAMBRACE_FUNCTION(IDLE)) == 0);
    CHECK(b.shared().irq_pending == 4);
}

TEST_CASE("IDLE unmasks where it is asked to, and knows no other request")
{
    Trap_bench b;
    b.shared().irq_mask = VAMBRACE_IRQ_MASKED;
    CHECK(b.call(VAMBRACE_FUNCTION(IDLE), 2) == static_cast<u32>(VAMBRACE_INVALID_PARAMETERS));
    CHECK(b.shared().irq_mask == VAMBRACE_IRQ_MASKED);
    b.d().vcpu.enabled = 4;
    raise(b.d(), 2);
    CHECK(!b.d().guarded);
    b.resume();
    CHECK(b.d().guarded); // masked, and something waits
    (void)b.call(VAMBRACE_FUNCTION(IDLE), 1);
    CHECK(b.d().counters[Counter::virtual_irq] == 1); // taken, with the frame saying 0 in r0
    CHECK_FALSE(b.d().guarded);
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
    CHECK(machine.now() >= 5'000'000);
    CHECK(machine.now() < 6'000'000);
    CHECK(fake_board.irq_finished == 1u << board::timer_irq);
}

TEST_CASE("while one guest idles the other runs, and YIELD passes the processor on")
{
    Trap_bench b {2};
    b.regs().r[0] = GENERATE(VAMBRACE_FUNCTION(IDLE), VAMBRACE_FUNCTION(YIELD));
    b.regs().r[1] = 0;
    handle_svc(b.d());
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
    context.system_calls = 5;
    context.data_aborts = 7;
    context.prefetch_aborts = 9;
    b.d().counters.count(Counter::idle, 3);
    b.d().uart.write(0x38, 0x50);
    Counters const before = counters_of(b.d());
    context.system_calls += 1;
    start_over(b.d(), {Ipa {0x40008000}, Ipa {0x41000000}});
    Counters const after = counters_of(b.d());
    CHECK(before[Counter::syscall] == 5);
    CHECK(before[Counter::forwarded_fault] == 16);
    for (unsigned n = 0; n != counter_count; ++n)
        CHECK(after.value[n] == before.value[n] + (static_cast<Counter>(n) == Counter::syscall));
    CHECK(b.regs().pc == 0x40008000);
    CHECK(b.regs().r[2] == 0x41000000);
    CHECK_FALSE(b.d().vcpu.has_vectors);
    CHECK_FALSE(b.d().vcpu.cp15.mmu_on());
    CHECK(b.d().uart.read(0x38) == 0);
}

TEST_CASE("random calls with random arguments stay inside of the guest")
{
    Trap_bench b {2};
    std::mt19937 random {GENERATE(1u, 2u, 3u, 4u)};
    auto const below = [&](u32 n) { return static_cast<u32>(random() % n); };
    Trap_guest &second = *b.guests[1];
    u32 *const theirs = second.ram.word(ram) == 0 ? &second.ram.word(ram) : nullptr;
    REQUIRE(theirs);
    for (u32 n = 0; n != Trap_guest::ram_size / 4; ++n)
        theirs[n] = n * 2654435761u;
    vambrace_shared const their_page = second.shared();
    u32 *const tables = hardware.memory(arch::own_tables);
    std::vector<u32> const own(tables, tables + arch::own_tables_size / 4);
    for (u32 n = 0; n != 16 * 256; n += 4)
        b.g().ram.word(ram + 0x8000 + n) =
            random(); // a table of nonsense, among which sections of everything
    static constexpr u32 edges[] = {0,
                                    1,
                                    4,
                                    0xfff,
                                    0x1000,
                                    user_page,
                                    other,
                                    linear,
                                    linear + 0x3000,
                                    ram,
                                    ram + 0x8000,
                                    Trap_guest::base,
                                    0xfef00000,
                                    0xfffff000,
                                    0xff000000,
                                    0xff001000,
                                    0xff400000,
                                    0xff7fffff,
                                    0xff800000,
                                    0xffff0000,
                                    0xffffffff,
                                    0x80000000,
                                    32,
                                    20,
                                    mib,
                                    ram_size};
    auto const argument = [&] {
        u32 const edge = edges[below(sizeof edges / sizeof edges[0])];
        return below(4) == 0 ? random() : below(3) == 0 ? edge + below(16) - 8 : edge;
    };
    hardware.on_wait = [] { throw Sleeps_forever {}; };
    for (unsigned n = 0; n != 2000 && b.d().runs(); ++n) {
        u32 function = VAMBRACE_FUNCTION_BASE + below(VAMBRACE_NR_CALLS + 1);
        if (function == VAMBRACE_FUNCTION(IDLE) || function == VAMBRACE_FUNCTION(YIELD))
            continue; // the other would run
        b.regs().r[0] = function;
        for (u32 k = 1; k != 5; ++k)
            b.regs().r[k] = argument();
        b.regs().sp = below(3) ? Trap_guest::stack : argument();
        hardware.spent = 0;
        hardware.dacr = arch::dacr_kernel;
        handle_svc(b.d());
        if (!b.d().runs())
            break;
        REQUIRE(b.resume() == &b.d().vcpu.context);
        REQUIRE((b.regs().psr & 0x1f) == 0x10);
        REQUIRE((b.regs().psr & 0xc0) == 0);
        REQUIRE(hardware.spent < 200'000);
        REQUIRE(hardware.stale().empty());
        b.d().vcpu.context.user_frame = 0; // in the kernel again
        u32 const va = argument();
        auto const outcome = hardware.access(va, true, Hardware::Mode::usr);
        if (outcome.ok())
            REQUIRE((outcome.physical - 0x02300000 < ram_size ||
                     outcome.physical - Fixed_memory::shared_page < page_size));
        b.data_abort();
        if (b.d().runs())
            b.resume();
        b.d().vcpu.context.user_frame = 0;
    }
    for (u32 n = 0; n != Trap_guest::ram_size / 4; ++n)
        if (theirs[n] != n * 2654435761u)
            FAIL("the other guest's memory changed");
    vambrace_shared const now = second.shared();
    CHECK(std::memcmp(&now, &their_page, sizeof now) == 0);
    CHECK(std::equal(own.begin(), own.end(), tables));
}
