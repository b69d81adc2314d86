// SPDX-License-Identifier: Apache-2.0
// What the hypervisor is to a guest, on the bare core and without one: just enough to find out whether what a
// guest
// expects of the architecture is what the core does.
#include "guest.h"

bool native = true; // support/ has a weak one

/// The registers at an exception: r0-r14 of guest user's bank, pc, SPSR.
extern struct registers {
    u32 r[15], pc, psr;
} native_regs;

extern u32 const native_vectors[], native_vectors_end[];
enum { HIGH_VECTORS = 0xffff0000, SYS = 0x1f, SCTLR_V = 1 << 13, PSR_T = 0x20 };
enum { SVC, UNDEFINED, PREFETCH, DATA };
enum { WRITEC = 3, EXIT = 0x18, APPLICATION_EXIT = 0x20026 };

static struct vambrace_vectors entries;
static u32 next_user_frame;
static u64 calls;

/// QEMU's semihosting; from a privileged mode other than SVC the instruction would need that mode's lr.
static u32 semihost(u32 operation, u32 argument)
{
    register u32 r0 __asm__("r0") = operation;
    register u32 r1 __asm__("r1") = argument;
    __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void put(char c)
{
    if (c != '\r')
        semihost(WRITEC, (u32)&c);
}

/// In every table of the guest's: the exception vectors and the shared page.
void map_native(u32 *table)
{
    map_page(table, HIGH_VECTORS, HIGH_VECTORS, aps(KERNEL), DOMAIN_KERNEL);
    map_page(table, VAMBRACE_SHARED_VA, VAMBRACE_SHARED_VA, aps(KERNEL), DOMAIN_KERNEL);
}

static void write_vbar(u32 address) { __asm__ volatile("mcr p15, 0, %0, c12, c0, 0" ::"r"(address)); }

void native_setup(void)
{
    for (u32 n = 0; n != (u32)(native_vectors_end - native_vectors); ++n)
        ((u32 volatile *)HIGH_VECTORS)[n] = native_vectors[n];
    if (ARCH == ARMV7)
        write_vbar((u32)native_vectors);
    else
        set_sctlr(SCTLR_V, 0);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    shared()->abi_version = VAMBRACE_ABI_VERSION;
}

static bool from_kernel(void) { return (native_regs.psr & 0x1f) != VAMBRACE_PSR_USER; }

static void flush_everything(void) { CP15_WRITE(8, 7, 0, 0); }

static void go_back(void)
{
    struct vambrace_frame const *const f = (struct vambrace_frame *)native_regs.r[13];
    bool const user = !(f->psr & 0xf);
    shared()->irq_mask = user ? 0 : f->psr & VAMBRACE_IRQ_MASKED;
    if (user)
        next_user_frame = (u32)f;
    for (u32 n = 0; n != 13; ++n)
        native_regs.r[n] = f->r[n];
    native_regs.pc = f->pc;
    native_regs.psr = (f->psr & ~0x010001dfu) | (user ? VAMBRACE_PSR_USER : SYS);
    native_regs.r[13] = f->sp;
    native_regs.r[14] = f->lr;
}

static u32 call(u32 id, u32 argument)
{
    switch (id) {
    case VAMBRACE_FUNCTION(SET_VECTORS):
        entries = *(struct vambrace_vectors *)argument;
        next_user_frame = entries.user_frame;
        return 0;
    case VAMBRACE_FUNCTION(SWITCH_TABLE):
        CP15_WRITE(2, 0, 0, argument);
        flush_everything();
        return 0;
    case VAMBRACE_FUNCTION(TLB_FLUSH): flush_everything(); return 0;
    case VAMBRACE_FUNCTION(TIME_GET):
        native_regs.r[1] = (u32)(calls += 1000);
        native_regs.r[2] = (u32)(calls >> 32);
        return 0;
    case SYSTEM_OFF: semihost(EXIT, APPLICATION_EXIT); return 0;
    default: return 0;
    }
}

static void enter(u32 entry)
{
    native_regs.pc = entry;
    native_regs.psr = SYS | 0xc0;
}

static struct vambrace_frame *store_frame(void)
{
    u32 const at = from_kernel() ? (native_regs.r[13] & ~7u) - VAMBRACE_FRAME_SIZE : next_user_frame;
    struct vambrace_frame *const f = (struct vambrace_frame *)at;
    for (u32 n = 0; n != 13; ++n)
        f->r[n] = native_regs.r[n];
    f->sp = native_regs.r[13];
    f->lr = native_regs.r[14];
    f->pc = native_regs.pc;
    f->psr = (native_regs.psr & ~0x1dfu) | shared()->irq_mask |
             (from_kernel() ? VAMBRACE_PSR_KERNEL : VAMBRACE_PSR_USER);
    f->orig_r0 = f->r[0];
    native_regs.r[13] = at;
    return f;
}

static void give(u32 user_entry, u32 kernel_entry, u32 r0, u32 r1)
{
    u32 const entry = from_kernel() ? kernel_entry : user_entry;
    u32 const frame = (u32)store_frame();
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    native_regs.r[0] = r0 ? r0 : frame;
    native_regs.r[1] = r1;
    native_regs.r[2] = frame;
    enter(entry);
}

void native_trap(u32 kind)
{
    switch (kind) {
    case SVC:
        if (from_kernel()) {
            if (native_regs.r[0] == VAMBRACE_FUNCTION(RETURN))
                go_back();
            else
                native_regs.r[0] = call(native_regs.r[0], native_regs.r[1]);
            return;
        }
        store_frame();
        return enter(entries.svc_user);
    case UNDEFINED:
        native_regs.pc -= native_regs.psr & PSR_T ? 2 : 4;
        return give(entries.undefined_user, entries.undefined_kernel, 0, 0);
    case PREFETCH:
        return give(entries.prefetch_abort_user, entries.prefetch_abort_kernel,
                    ARCH == ARMV5 ? native_regs.pc : CP15_READ(6, 0, 2), CP15_READ(5, 0, 1));
    default:
        return give(entries.data_abort_user, entries.data_abort_kernel, CP15_READ(6, 0, 0),
                    CP15_READ(5, 0, 0));
    }
}
