// SPDX-License-Identifier: Apache-2.0
// CACHE_OP on caches that are virtually tagged, and SET_TLS where no register is the thread's.
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
                     G::page(GENERATE(VAMBRACE_PL011_IPA + 0u, 0u, ram - 0x1000, ram + ram_size), 2));
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x5678) == address);
}
