// SPDX-License-Identifier: Apache-2.0
// The 1 KB subpages of ARMv5's page tables, which ARMv6 has as well while SCTLR.XP is 0. There the hypervisor
// gives a
// page the least of its subpages' rights.
// for: armv5 armv6
// native: yes
#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, LARGE_AREA = 0x20300000 };

static void start(void)
{
    use_subpages(true);
    set_domain(DOMAIN_TEST, CLIENT);
}

TEST_ON(ARMV5, subpages, "every 1 KB subpage of a small page has its own rights")
{
    start();
    for (u32 ap4 = 0; ap4 != 256; ++ap4) {
        map_page(l1, AREA, SCRATCH, ap4, DOMAIN_TEST);
        flush(l1, AREA, PAGE);
        for (u32 how = 0; how != 16; ++how) {
            bool const user = how & 1, write = how & 2;
            u32 const sub = how >> 2, va = AREA + sub * 1024 + 0x3fc;
            u32 const expected = expected_status(ap4 >> 2 * sub & 3, CLIENT, 0, user, write, PAGE_FORM);
            u32 const status = status_of(va, user, write);
            CHECK(status == expected, "APs %x, subpage %u, %s %s: status %x, not %x", ap4, sub,
                  user ? "user" : "kernel", write ? "store" : "load", status, expected);
        }
    }
}

TEST_ON(ARMV5, subpage_edge, "an LDM across a subpage's edge faults at the edge")
{
    start();
    unmap_section(l1, AREA);
    map_page(l1, AREA, SCRATCH, USER_WRITE | NONE_SR << 2, DOMAIN_USER);
    flush(l1, AREA, PAGE);
    extern operation kernel_ldm;
    equal(probe(kernel_ldm, AREA + 1020, 0), DATA_KERNEL, "kind of trap");
    expect_abort(DATA_KERNEL, AREA + 1024, PERMISSION | PAGE_FORM | DOMAIN_USER << 4);
}

TEST(large_page_quarters, "every quarter of a large page has its own rights")
{
    start();
    map_large(l1, LARGE_AREA, SCRATCH, NONE_SR | KERNEL << 2 | USER_READ << 4 | USER_WRITE << 6, DOMAIN_TEST);
    flush(l1, LARGE_AREA, 0x10000);
    for (u32 quarter = 0; quarter != 4; ++quarter) {
        for (u32 how = 0; how != 4; ++how) {
            u32 const va = LARGE_AREA + quarter * 0x4000 + 0x3ffc;
            u32 const status = status_of(va, how & 1, how & 2);
            u32 const expected = expected_status(quarter, CLIENT, 0, how & 1, how & 2, PAGE_FORM);
            CHECK(status == expected, "quarter %u, access %u: status %x, not %x", quarter, how, status,
                  expected);
        }
    }
}

TEST_ON(ARMV5, mixed_subpages, "a page whose subpages are of both kinds is right for both")
{
    start();
    unmap_section(l1, AREA);
    map_page(l1, AREA, SCRATCH, USER_WRITE | KERNEL << 2 | USER_READ << 4 | KERNEL << 6, DOMAIN_USER);
    flush(l1, AREA, MB);
    for (u32 round = 0; round != 3; ++round) {
        equal(status_of(AREA + 1024, false, true), 0, "kernel's store to its subpage");
        equal(status_of(AREA + 1024, true, false), PERMISSION | PAGE_FORM | DOMAIN_USER << 4,
              "user's load of it");
        equal(status_of(AREA, true, true), 0, "user's store to its subpage");
        equal(status_of(AREA + 2048, true, false), 0, "user's load of what it may read");
        equal(status_of(AREA + 2048, true, true), PERMISSION | PAGE_FORM | DOMAIN_USER << 4,
              "user's store there");
    }
}

TEST(whole_pages, "a page whose four APs agree has their rights")
{
    start();
    for (u32 ap = 0; ap != 4; ++ap) {
        map_page(l1, AREA, SCRATCH, aps(ap), DOMAIN_TEST);
        flush(l1, AREA, PAGE);
        for (u32 how = 0; how != 16; ++how) {
            u32 const expected = expected_status(ap, CLIENT, 0, how & 1, how & 2, PAGE_FORM);
            equal(status_of(AREA + (how >> 2) * 1024, how & 1, how & 2), expected, "status");
        }
    }
}

TEST_ON(ARMV6 | NOT_NATIVE, least_right, "a page whose APs differ permits nothing that one of them forbids")
{
    start();
    for (u32 ap4 = 0; ap4 != 256; ++ap4) {
        map_page(l1, AREA, SCRATCH, ap4, DOMAIN_TEST);
        flush(l1, AREA, PAGE);
        for (u32 how = 0; how != 16; ++how) {
            bool const user = how & 1, write = how & 2;
            u32 const ap = ap4 >> 2 * (how >> 2) & 3,
                      status = status_of(AREA + (how >> 2) * 1024, user, write);
            if (ap == USER_READ && write && !user)
                continue; // guest kernel's by the architecture
            CHECK(status || !expected_status(ap, CLIENT, 0, user, write, PAGE_FORM),
                  "APs %x, subpage %u, %s %s is permitted", ap4, how >> 2, user ? "user" : "kernel",
                  write ? "store" : "load");
        }
    }
}
