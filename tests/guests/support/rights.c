// SPDX-License-Identifier: Apache-2.0
// DDI 0100I table B4-2 and DDI 0406C table B3-8, with what docs/abi.md section 2 makes of them.
#include "rights.h"

static enum right native_right(u32 ap, u32 access, u32 sr, bool user)
{
    if (access == MANAGER)
        return WRITE;
    switch (ap) {
    case NONE_SR:
        return ARCH == ARMV7 ? NOTHING : sr == 1 ? (user ? NOTHING : READ) : sr == 2 ? READ : NOTHING;
    case KERNEL: return user ? NOTHING : WRITE;
    case USER_READ: return user ? READ : WRITE;
    case USER_WRITE: return WRITE;
    case KERNEL_READ: return user ? NOTHING : READ;
    default: return READ;
    }
}

/// The guest kernel has guest user's rights where guest user has any.
enum right right_of(u32 ap, u32 access, u32 sr, bool user)
{
    enum right const users = native_right(ap, access, sr, true);
    return user || (users != NOTHING && !native) ? users : native_right(ap, access, sr, false);
}

u32 expected_status(u32 ap, u32 access, u32 sr, bool user, bool write, u32 form)
{
    if (access != CLIENT && access != MANAGER)
        return DOMAIN_FAULT | form | DOMAIN_TEST << 4;
    return right_of(ap, access, sr, user) >= (write ? WRITE : READ) ? 0
                                                                    : PERMISSION | form | DOMAIN_TEST << 4;
}

u32 status_of(u32 va, bool user, bool write)
{
    u32 const kind = user ? run_user(user_address(write ? user_str : user_ldr), va, SENTINEL)
                          : probe(write ? kernel_str : kernel_ldr, va, SENTINEL);
    if (kind == NO_TRAP || kind == SVC_USER)
        return 0;
    if (kind != (user ? DATA_USER : DATA_KERNEL))
        fail("trap %u at %x", kind, va);
    equal(trap.r[0], va, "fault address");
    equal(trap.r[1] & 1 << 11, write ? DFSR_WRITE : 0, "fault status's write bit");
    return trap.r[1] & ~(1u << 11);
}

u32 const *all_aps(void)
{
    static u32 const common[] = {NONE_SR, KERNEL, USER_READ, USER_WRITE, ~0u};
    static u32 const with_apx[] = {NONE_SR, KERNEL, USER_READ, USER_WRITE, KERNEL_READ, ALL_READ, ~0u};
    static u32 const with_v6k[] = {NONE_SR,     KERNEL,   USER_READ,    USER_WRITE,
                                   KERNEL_READ, ALL_READ, ALL_READ_V6K, ~0u};
    return ARCH == ARMV5 ? common : ARCH == ARMV6 ? with_apx : with_v6k;
}
