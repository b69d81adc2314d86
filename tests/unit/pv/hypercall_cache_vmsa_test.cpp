// SPDX-License-Identifier: Apache-2.0
// CACHE_OP on caches that behave as physically tagged, by addresses that the MMU translates; SET_TLS with a
// register.
#include <catch2/catch.hpp>
#include <pv/hypercall_answers.hpp>
#include <set>
#include <support/trap_bench.hpp>

using namespace vambrace;
using namespace vambrace::answer;
using G = Guest_ram;
using Maintenance = armv7::Maintenance;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page;
constexpr u32 ram = Trap_guest::ram_ipa, ram_size = Trap_guest::ram_size;

std::set<u32> lines_of(Maintenance operation)
{
    std::set<u32> lines;
    for (auto const &[what, line] : hardware.maintenance)
        if (what == operation)
            lines.insert(line);
    return lines;
}
std::set<u32> lines_from(u32 va, u32 size)
{
    std::set<u32> lines;
    for (u32 n = 0; n != size; n += armv7::cache_line)
        lines.insert(va + n);
    return lines;
}

} // namespace

TEST_CASE("CACHE_OP works on the guest's addresses only")
{
    Trap_bench b;
    auto const [op, va, size, result] = GENERATE(table<u32, u32, u32, u32>({
        {8, user_page, 32, inval},
        {0xffffffff, user_page, 32, inval},
        {6, 0xff000000, 32, 0},
        {7, ram, linear, 0}, // the page at IPA r2, and an address that need not be mapped
        {7, ram, 0, 0},      // page 0 is the guest's
        {7, ram + 4, linear, inval},
        {7, ram + ram_size, linear, inval},
        {7, ram - page_size, linear, inval},
        {7, ram, 0xff000000, inval},
        {7, ram, 0xff7fffff, inval},
        {0, 0xff000000, 32, inval},
        {1, 0xfefffff0, 32, inval},
        {1, 0x10, 32, 0},
        {2, 0xfffffff0, 32, inval},
        {3, 0xff7fffff, 1, inval},
        {1, user_page, 0, 0},
        {1, user_page + 4, 32 * 1024, 0},
        {1, 0xff000000, 64 * 1024 + 1, 0}, // so much that it is everything, by clean and invalidate
    }));
    hardware.record = true;
    CHECK(b.call(VAMBRACE_FUNCTION(CACHE_OP), op, va, size) == result);
    for (auto const &[what, line] : hardware.maintenance)
        if (what == Maintenance::dcimvac || what == Maintenance::icimvau)
            CHECK_FALSE(arch::is_reserved(line, armv7::cache_line));
}

TEST_CASE(
    "CACHE_OP reaches a page that the shadow does not have yet, and goes on behind one that is not mapped")
{
    Trap_bench b;
    auto const [op, first, second] = GENERATE(table<u32, Maintenance, Maintenance>({
        {VAMBRACE_CACHE_CLEAN, Maintenance::dccmvac, Maintenance::dccmvac},
        {VAMBRACE_CACHE_INVALIDATE, Maintenance::dcimvac, Maintenance::dcimvac},
        {VAMBRACE_CACHE_CLEAN_INVALIDATE, Maintenance::dccimvac, Maintenance::dccimvac},
        {VAMBRACE_CACHE_SYNC_CODE, Maintenance::dccmvau, Maintenance::icimvau},
    }));
    b.g().ram.set_l2(Trap_guest::user_table, user_page + 3 * page_size,
                     G::page(Trap_guest::data + 0x3000, 1));
    hardware.record = true;
    u32 const size = 4 * page_size; // the third page is not mapped
    CHECK(b.call(VAMBRACE_FUNCTION(CACHE_OP), op, user_page, size) == 0);
    std::set<u32> expected = lines_from(user_page, 2 * page_size);
    expected.merge(lines_from(user_page + 3 * page_size, page_size));
    CHECK(lines_of(first) == expected);
    CHECK(lines_of(second) == expected);
}

TEST_CASE("CACHE_OP on a page needs one of its addresses")
{
    Trap_bench b;
    u32 const other = GENERATE(as<u32> {}, user_page, linear + 5 * page_size);
    hardware.record = true;
    CHECK(b.call(VAMBRACE_FUNCTION(CACHE_OP), VAMBRACE_CACHE_PAGE, ram + 5 * page_size, other + 0x10) == 0);
    CHECK(lines_of(Maintenance::dccimvac) == lines_from(linear + 5 * page_size, page_size));
}

TEST_CASE("SET_TLS sets the thread's register, and each guest has its own")
{
    Trap_bench b {2};
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x1234) == 0);
    CHECK(hardware.thread_pointer == 0x1234);
    this_cpu().yield(*this_cpu().current());
    b.resume();
    REQUIRE(this_cpu().current() == &b.guests[1]->domain.vcpu);
    CHECK(hardware.thread_pointer == 0);
    hardware.thread_pointer = 0x5678;
    this_cpu().yield(*this_cpu().current());
    b.resume();
    REQUIRE(this_cpu().current() == &b.d().vcpu);
    CHECK(hardware.thread_pointer == 0x1234);
}
