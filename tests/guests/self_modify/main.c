// SPDX-License-Identifier: Apache-2.0
// Code that is rewritten, with and without the cache operation, and under the hypervisor's decoder.
// hostile: ends by itself
#include "guest.h"

enum {
    CODE_VA = 0x20100000,
    OTHER_VA = 0x20200000,
    BX_LR = 0xe12fff1e,
    UNDEFINED = 0xe7f000f0,
    UART_CR = 0x30,
    UART_ON = 0x301
};

static u32 mov_r0(u32 n) { return 0xe3a00000 | (n & 0xff); }
static u32 call(u32 va) { return ((u32(*)(void))va)(); }
static void sync(u32 va, u32 size) { CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, va, size); }

TEST(with_sync, "code rewritten with CACHE_OP runs as it was written, through any alias")
{
    mmu_on();
    map_page(l1, CODE_VA, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    map_page(l1, OTHER_VA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    u32 *const code = (u32 *)SCRATCH;
    code[1] = BX_LR;
    for (u32 n = 0; n != 512; ++n) {
        u32 const va = n & 1 ? CODE_VA : OTHER_VA;
        ((u32 *)va)[0] = mov_r0(n);
        sync(va, 8);
        equal(call(va), n & 0xff, "what the code returns");
    }
}

TEST(without_sync, "code rewritten without CACHE_OP harms nobody")
{
    mmu_on();
    u32 *const code = (u32 *)SCRATCH;
    for (u32 n = 0; n != 512; ++n) {
        code[0] = mov_r0(n);
        code[1] = BX_LR;
        u32 const got = call(SCRATCH);
        CHECK(got < 256, "the code returns %x", got);
    }
}

/// Traps and, before it returns, makes the trapped instruction another one.
static u32 rewritten[2];
static bool rewrite(struct trap *t)
{
    u32 *const at = (u32 *)t->frame.pc;
    *at = rewritten[0];
    sync((u32)at, 4);
    return true;
}

TEST(rewritten_in_the_handler, "an instruction rewritten in its own trap's handler is the one that runs")
{
    mmu_on();
    u32 *const code = (u32 *)SCRATCH;
    for (u32 n = 0; n != 100; ++n) {
        code[0] = UNDEFINED;
        code[1] = BX_LR;
        sync(SCRATCH, 8);
        rewritten[0] = mov_r0(n);
        trap_hook = rewrite;
        u32 const got = call(SCRATCH);
        trap_hook = NULL;
        equal(got, n, "what the code returns");
    }
}

/* Two mappings of one address: instructions are fetched from one frame while the tables already name another,
   as a guest with several processors could do between the fault and the hypervisor's second look. */

static void run_with_changed_code(u32 device_access, u32 seen)
{
    u32 *const run = (u32 *)SCRATCH, *const look = (u32 *)(SCRATCH + PAGE);
    run[0] = device_access;
    run[1] = BX_LR;
    look[0] = seen;
    look[1] = BX_LR;
    sync(SCRATCH, 8);
    sync(SCRATCH + PAGE, 8);
    map_page(l1, CODE_VA, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    flush(l1, CODE_VA, PAGE);
    (void)probe(kernel_ldr, CODE_VA, 0);                               // the shadow has the first frame
    map_page(l1, CODE_VA, SCRATCH + PAGE, aps(KERNEL), DOMAIN_KERNEL); // and no flush
    (void)probe((operation *)CODE_VA, VAMBRACE_PL011_IPA + 0x24, 0x11223344);
    (void)probe((operation *)CODE_VA, 0x70000000, 0);
}

TEST(decoder_is_lied_to,
     "a device access whose instruction is another one when the hypervisor looks harms nobody")
{
    mmu_on();
    u32 const accesses_there[] = {0xe5901000, 0xe5801000, 0xe8901ffe, 0xe8801ffe, 0xe1c020d0, 0xe1d010b0};
    u32 const lies[] = {0xe890ffff, 0xe8bdffff, 0xe590f000, 0xe7f000f0, 0xef000000,
                        0xee010f10, 0xe8c06000, 0xe1002090, 0x00000000, 0xffffffff,
                        0xe5bff000, 0xe9ffffff, 0xe92dffff, 0xe1cdf0f0, 0xe19000fe};
    for (u32 n = 0; n != sizeof accesses_there / 4; ++n)
        for (u32 lie = 0; lie != sizeof lies / 4; ++lie)
            run_with_changed_code(accesses_there[n], lies[lie]);
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
}

TEST(undefined_is_lied_to,
     "an undefined instruction that is another one when the hypervisor looks harms nobody")
{
    mmu_on();
    u32 const lies[] = {0xee070f9a, 0xe1600070, 0xe1400070, 0xe12fff1e, 0xee110f10, 0xef000000, 0xe890ffff};
    for (u32 lie = 0; lie != sizeof lies / 4; ++lie)
        run_with_changed_code(UNDEFINED, lies[lie]);
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
}

TEST(random_lies, "three thousand random instructions on the device, from kernel and user, harm nobody")
{
    mmu_on();
    u32 random = 0xdecafbad;
    u32 *const code = (u32 *)SCRATCH;
    map_page(l1, OTHER_VA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, OTHER_VA + PAGE, VAMBRACE_PL011_IPA, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, OTHER_VA, MB);
    u32 const safe[] = {0x24, 0x28, 0x2c, 0x34, 0xfe0, 0xff0, 0xffc, 0x800, 0x3};
    for (u32 n = 0; n != 3000; ++n) {
        u32 word = next_random(&random);
        // loads and stores with r0 as their base
        word = (word & ~0x0e0f0000u) | (word & 1   ? 0x04000000
                                        : word & 2 ? 0x08000000
                                        : word & 4 ? 0x06000000
                                                   : 0);
        if (!(word & 0x0e000000))
            word |= 0x90;
        for (u32 i = 0; i != 8; ++i)
            code[i] = 0xef000001;
        code[0] = word;
        sync(SCRATCH, 32);
        u32 const kind = run_user(OTHER_VA, OTHER_VA + PAGE + safe[n % 9], 0);
        *uart(UART_CR) = UART_ON;
        CHECK(kind >= SVC_USER && kind <= DATA_USER, "%x gives trap %u", word, kind);
    }
    put('\n'); // some of it went to the console
}
