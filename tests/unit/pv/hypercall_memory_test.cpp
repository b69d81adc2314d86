// SPDX-License-Identifier: Apache-2.0
// SET_LINEAR_MAP, SWITCH_TABLE, TLB_FLUSH and FORGET_TABLE: called well and badly.
#include <catch2/catch.hpp>
#include <pv/hypercall_answers.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using namespace vambrace::answer;
using G = Guest_ram;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page;
constexpr u32 ram = Trap_guest::ram_ipa, ram_size = Trap_guest::ram_size;

} // namespace

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
        {0, ram, mib, arch::low_vectors ? inval : 0},
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
    CHECK(b.d().vcpu.cp15.table() == ram + 0x8000);
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
