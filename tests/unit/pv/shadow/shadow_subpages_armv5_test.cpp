// SPDX-License-Identifier: Apache-2.0
// Shadow tables of ARMv5's format: pages with a right for each kilobyte, large pages with one for each 16 KB.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;

TEST_CASE("each of the four subpages has its own right")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va + 0x5000, G::page_of_four(page_1, 0xe4)); // AP0..3 = 0, 1, 2, 3
    u32 const va = user_va + 0x5000;
    for (int round = 0; round != 3; ++round) { // whoever came before
        CHECK_FALSE(b.loads(va, kernel));
        CHECK_FALSE(b.loads(va + 0x400, user));
        CHECK(b.loads(va + 0x800, user));
        CHECK(b.stores(va + 0x400, kernel));
        CHECK_FALSE(b.stores(va + 0x800, user));
        CHECK_FALSE(b.stores(va + 0x800, kernel)); // docs/abi.md 2: the user's rights
        CHECK(b.stores(va + 0xc00, user));
        CHECK(b.stores(va + 0xc00, kernel));
    }
}

TEST_CASE("guest user goes on in a page whose other subpages are the kernel's")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va + 0x5000, G::page_of_four(page_1, 0x57)); // AP0 = 11, the others 01
    CHECK(b.loads(user_va + 0x5000, user));
    CHECK(b.stores(user_va + 0x53fc, user));
    CHECK_FALSE(b.loads(user_va + 0x5400, user));
    CHECK(b.stores(user_va + 0x5400, kernel));
    CHECK(b.loads(user_va + 0x5000, user));
    CHECK(b.reached(user_va + 0x5400, false, user) == 0);
}

TEST_CASE("a large page shows the 4 KB that the address names")
{
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, user_va, G::table(table_1));
    b.ram.set_large(table_1, user_va + 0x20000,
                    G::large_page_of_four(ram + 0x210000, 0xe4)); // AP 0, 1, 2, 3 by 16 KB
    CHECK_FALSE(b.loads(user_va + 0x20000, kernel));
    CHECK(b.loads(user_va + 0x25000, kernel));
    CHECK_FALSE(b.loads(user_va + 0x25000, user));
    CHECK(b.loads(user_va + 0x29ffc, user));
    CHECK_FALSE(b.stores(user_va + 0x29ffc, user));
    CHECK(b.stores(user_va + 0x2f004, user));
    CHECK(b.reached(user_va + 0x2f004) == b.ram.physical(ram + 0x21f004));
}
