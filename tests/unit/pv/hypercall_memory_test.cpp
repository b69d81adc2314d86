// SPDX-License-Identifier: Apache-2.0
// SET_LINEAR_MAP, SWITCH_TABLE, TLB_FLUSH, FORGET_TABLE, CACHE_OP and SET_TLS: called well and badly.
#include <catch2/catch.hpp>
#include <pv/hypercall_answers.hpp>
#include <set>
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
