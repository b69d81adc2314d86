// SPDX-License-Identifier: Apache-2.0
// SET_TLS where the core has no thread registers: the word at 0xffff0ff0, through a mapping that nobody may
// write.
// for: armv5
#include "guest.h"

enum { TLS_VA = 0xffff0ff0, VECTORS_PAGE = 0xffff0000 };

TEST(without_mapping_mmu_off, "without the vectors page SET_TLS is INVALID_ADDRESS (MMU off)")
{
    equal((u32)CALL1(SET_TLS, 1), (u32)VAMBRACE_INVALID_ADDRESS, "SET_TLS");
}

TEST(without_mapping, "without the vectors page SET_TLS is INVALID_ADDRESS (MMU on)")
{
    mmu_on();
    equal((u32)CALL1(SET_TLS, 1), (u32)VAMBRACE_INVALID_ADDRESS, "SET_TLS");
}

static void check_tls(u32 value)
{
    equal((u32)CALL1(SET_TLS, value), 0, "SET_TLS");
    equal(*(u32 volatile *)TLS_VA, value, "what guest kernel reads");
    equal(run_user(user_address(user_ldr), TLS_VA, 0), SVC_USER, "kind of trap");
    equal(trap.frame.r[1], value, "what guest user reads");
}

TEST(stores, "SET_TLS stores what guest kernel and guest user then read")
{
    mmu_on();
    u32 *const page = (u32 *)SCRATCH;
    page[0xff0 / 4 + 1] = 0x77777777;
    page[0xff0 / 4 - 1] = 0x66666666;
    map_page(l1, VECTORS_PAGE, SCRATCH, aps(USER_READ), DOMAIN_USER);
    check_tls(0x12345678);
    check_tls(0);
    check_tls(0xffffffff);
    equal(page[0xff0 / 4], 0xffffffff, "the word in memory");
    equal(page[0xff0 / 4 + 1], 0x77777777, "the word behind it");
    equal(page[0xff0 / 4 - 1], 0x66666666, "the word before it");
}

TEST(cached, "so they do where the page is cached")
{
    mmu_on();
    map_page(l1, VECTORS_PAGE, SCRATCH, aps(USER_READ), DOMAIN_USER);
    add_to_page(l1, VECTORS_PAGE, 3 << 2);
    flush(l1, VECTORS_PAGE, PAGE);
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_ALL, 0, 0), 0, "CACHE_OP");
    for (u32 value = 5; value != 9; ++value)
        check_tls(value);
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, SCRATCH, VECTORS_PAGE), 0, "CACHE_OP");
    map_page(l1, VECTORS_PAGE, SCRATCH, aps(USER_READ), DOMAIN_USER);
    flush(l1, VECTORS_PAGE, PAGE);
}

TEST(read_only, "the page is read-only for guest kernel and guest user all the same")
{
    mmu_on();
    map_page(l1, VECTORS_PAGE, SCRATCH, aps(USER_READ), DOMAIN_USER);
    equal(probe(kernel_str, TLS_VA, 1), DATA_KERNEL, "kind of trap");
    expect_abort(DATA_KERNEL, TLS_VA, 0xf | DOMAIN_USER << 4);
    equal(run_user(user_address(user_str), TLS_VA, 1), DATA_USER, "kind of trap");
    expect_abort(DATA_USER, TLS_VA, 0xf | DOMAIN_USER << 4);
}

TEST(outside_ram, "a vectors page outside RAM is INVALID_ADDRESS")
{
    mmu_on();
    u32 const bad[] = {0x101f1000, 0, 0x10000, RAM_END, VAMBRACE_PL011_IPA, 0xfffff000};
    for (u32 n = 0; n != 6; ++n) {
        map_page(l1, VECTORS_PAGE, bad[n], aps(USER_READ), DOMAIN_USER);
        flush(l1, VECTORS_PAGE, PAGE);
        equal((u32)CALL1(SET_TLS, 1), (u32)VAMBRACE_INVALID_ADDRESS, "SET_TLS");
    }
}

TEST(follows_the_mapping, "after the page was remapped and flushed SET_TLS stores into the new one")
{
    mmu_on();
    map_page(l1, VECTORS_PAGE, SCRATCH, aps(USER_READ), DOMAIN_USER);
    flush(l1, VECTORS_PAGE, PAGE);
    check_tls(1);
    map_page(l1, VECTORS_PAGE, SCRATCH + PAGE, aps(USER_READ), DOMAIN_USER);
    flush(l1, VECTORS_PAGE, PAGE);
    check_tls(2);
    equal(((u32 *)SCRATCH)[0xff0 / 4], 1, "the old page");
    equal(((u32 *)(SCRATCH + PAGE))[0xff0 / 4], 2, "the new page");
}
