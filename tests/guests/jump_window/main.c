// SPDX-License-Identifier: Apache-2.0
// Jumps to where the hypervisor's code is, and to the exception vectors.
// hostile: ends by itself
#include "guest.h"

static u32 const places[] = {
    0,          4,          8,          0xc,        0x10,       0x18,       0x1c,
    0x20,       0xffc,      0xff000000, 0xff001000, 0xff001004, 0xff002000, 0xff100000,
    0xff110000, 0xff110040, 0xff110200, 0xff111000, 0xff118000, 0xff11fffc, 0xff120000,
    0xff180000, 0xff200000, 0xff300000, 0xff400000, 0xff7ffffc, 0xffff0000, 0xffff0004,
    0xffff0008, 0xffff0018, 0xffff0fc0, 0xfffffffc, 0x00010000, 0x80010000,
};
enum { PLACES = sizeof places / sizeof places[0] };

TEST(kernel_mmu_off, "guest kernel's jumps give prefetch aborts (MMU off)")
{
    for (u32 n = 0; n != PLACES; ++n)
        if (places[n] != 0xff000000 && places[n] != 0xff001000 && places[n] != 0xff001004)
            equal(probe(kernel_bx, places[n], 0), PREFETCH_KERNEL, "kind of trap");
}

TEST(kernel, "guest kernel's jumps give prefetch aborts")
{
    mmu_on();
    for (u32 n = 0; n != PLACES; ++n) {
        if (places[n] >> 12 == 0xff000 || places[n] >> 12 == 0xff001)
            continue; // pages that the guest kernel may read: no code of the hypervisor's
        for (u32 thumb = 0; thumb != 2; ++thumb) {
            u32 const kind = probe(kernel_bx, places[n] | thumb, 0);
            CHECK(kind == PREFETCH_KERNEL, "a jump to %x gives trap %u", places[n], kind);
            equal(trap.r[0] & ~3u, places[n], "fault address");
        }
    }
}

TEST(user, "guest user's jumps give prefetch aborts")
{
    mmu_on();
    for (u32 n = 0; n != PLACES; ++n) {
        for (u32 thumb = 0; thumb != 2; ++thumb) {
            u32 const kind = run_user(user_address(user_bx), places[n] | thumb, 0);
            CHECK(kind == PREFETCH_USER, "a jump to %x gives trap %u", places[n], kind);
            equal(trap.r[0] & ~3u, places[n], "fault address");
        }
    }
}

TEST(return_there, "RETURN to such an address gives its prefetch abort")
{
    mmu_on();
    for (u32 n = 0; n != PLACES; ++n) {
        struct vambrace_frame f = {.pc = places[n], .sp = USER_STACK_END, .psr = VAMBRACE_PSR_USER};
        u32 const kind = run_user_frame(&f);
        CHECK(kind == PREFETCH_USER, "RETURN to %x gives trap %u", places[n], kind);
    }
}

TEST(mapped, "mapping page 0 and the window with code of the guest's does not make it run there")
{
    mmu_on();
    for (u32 n = 0; n != 1024; ++n)
        ((u32 *)SCRATCH)[n] = 0xef000001; // svc #1
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, PAGE);
    map_page(l1, 0, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 megabyte = 0; megabyte != 8; ++megabyte)
        for (u32 page = 0; page != 256; page += 16)
            map_page(l1, VAMBRACE_WINDOW_BASE + megabyte * MB + page * PAGE, SCRATCH, aps(USER_WRITE),
                     DOMAIN_USER);
    flush_all();
    for (u32 n = 0; n != PLACES; ++n)
        if ((places[n] < PAGE && PAGE_0_RESERVED) ||
            (places[n] >= VAMBRACE_WINDOW_BASE && places[n] < VAMBRACE_WINDOW_END))
            equal(run_user(user_address(user_bx), places[n], 0), PREFETCH_USER, "kind of trap");
}
