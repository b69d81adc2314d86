// SPDX-License-Identifier: Apache-2.0
// Random instructions in both modes, in ARM and Thumb state, with interrupts that come whenever they like and
// page tables that change under them. Each trap of the fuzzed code brings it here, and here it is sent on.
// The fuzzer's own code lives in the linear map, which no table takes away from it.
// fuzzer: yes
#include "fuzz.h"

enum { LINE_NS = 250000000, MAX_TRAPS = 192 };
enum { UART_CR = 0x30, UART_ON = 0x301, UART_IMSC = 0x38, RECEIVE_INTERRUPTS = 0x50 };

u64 now;

_Noreturn void fuzz_return(u32 frame);
void fuzz_set_fpexc(u32 value);

static u32 traps_in_burst, irqs_in_a_row, refused;
static u64 next_line;
static struct {
    bool here; // between a trap and its return
    bool interrupted;
    bool kernel; // what went on
    u32 pc;      // and where
} state;

// --- the guest is put right, and speaks ------------------------------------------------------------------

static void set_timer(void)
{
    now = time_ns();
    u64 const then = now + (rnd() >> (11 + below(6)));
    CALL2(TIMER_SET, (u32)then, (u32)(then >> 32));
}

/// A store may have met the fuzzer's code, which is writable where the linear map is.
static void repair(void)
{
    extern u32 _start[], __tests_start[];
    u32 *copy = (u32 *)COPY;
    for (u32 *word = _start; word != __tests_start; ++word, ++copy) {
        if (*word == *copy)
            continue;
        ++kept()->repairs;
        *word = *copy;
    }
}

static void say(void)
{
    next_line = now + LINE_NS;
    while (*uart(0))
        ;
    *uart(UART_CR) = UART_ON;
    *uart(UART_IMSC) = RECEIVE_INTERRUPTS;
    struct kept const *const k = kept();
    print("\nfuzz: seed %u bursts %u instructions %u traps %u calls %u repairs %u starts %u\n", k->seed,
          k->bursts, k->instructions, k->traps, k->calls, k->repairs, k->starts);
}

static void restore_registers(u32 table, u32 dacr, u32 sctlr_flips)
{
    if (ARCH != ARMV5) {
        __asm__ volatile("mcr p15, 0, %0, c2, c0, 2" ::"r"(0)); // TTBCR
        CP15_WRITE(1, 0, 2, 0xf << 20);                         // CPACR
        fuzz_set_fpexc(once_in(4) ? value() : 0x40000000);
        if (once_in(4))
            CP15_WRITE(1, 0, 2, value());
    }
    CP15_WRITE(3, 0, 0, dacr);
    CALL1(SWITCH_TABLE, table);
    CP15_WRITE(1, 0, 0, kept()->sctlr ^ sctlr_flips);
}

static u32 sctlr_flips(void)
{
    static u32 const others[] = {SCTLR_M, SCTLR_S, SCTLR_R, ARCH == ARMV6 ? SCTLR_XP : SCTLR_AFE, SCTLR_TRE};
    return (once_in(6) ? SCTLR_A : 0) | (once_in(6) ? others[below(ARCH == ARMV7 ? 5 : 4)] : 0);
}

/// Every eighth time with new tables, through which alone the console is sure to be seen.
static void restore(void)
{
    u32 const dacr = CLIENT << 2 * DOMAIN_KERNEL | CLIENT << 2 * DOMAIN_USER;
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    CALL3(SET_LINEAR_MAP, RAM, RAM, RAM_SIZE);
    if (kept()->bursts % 8 == 1) {
        fill_vectors();
        rebuild_tables();
        flush_all();
        restore_registers((u32)tables[0], dacr, 0);
        repair();
        if (now >= next_line)
            say();
    }
    CALL1(SET_VECTORS, &fuzz_vectors[once_in(3) ? below(6) : 0]);
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_PL011, 1);
    restore_registers((u32)tables[below(TABLE_COUNT)], once_in(8) ? rnd() : dacr, sctlr_flips());
    set_timer();
}

// --- from trap to return ---------------------------------------------------------------------------------

/// Where the pristine tables show memory that frames lie in.
static struct {
    u32 va, ipa, size;
} const views[] = {
    {RAM, RAM, RAM_SIZE},     {ALIAS, SCRATCH, 8 * MB},      {MIXED_STACKS, STACKS, 64 * PAGE},
    {MIXED, DATA, 64 * PAGE}, {USER_DATA_SECTION, DATA, MB}, {USER_LARGE + 0x10000, DATA + 0x10000, 0x40000}};
enum { VIEWS = sizeof views / sizeof views[0] };

/// The memory of a frame, or 0.
static u32 memory_of(u32 va)
{
    for (u32 n = 0; n != VIEWS; ++n)
        if (va - views[n].va < views[n].size)
            return va - views[n].va + views[n].ipa;
    return 0;
}

/// Another address of it, if it has one.
static u32 another_view(u32 ipa)
{
    u32 const n = below(VIEWS);
    return ipa - views[n].ipa < views[n].size ? ipa - views[n].ipa + views[n].va : ipa;
}

/// A place for a frame: in the midst of a page, mostly.
static u32 frame_address(void)
{
    u32 const at = (once_in(4) ? DATA : STACKS) + (below(once_in(2) ? 64 * PAGE : MB / 2 - PAGE) & ~7u);
    return once_in(4) ? at - (at & (PAGE - 1)) + PAGE - 8 * below(10) : at;
}

/// Where it goes on is where the next trap from guest user stores its frame.
_Noreturn static void go_on(struct vambrace_frame const *f, u32 at)
{
    u32 const memory = memory_of(at);
    if (memory)
        *(struct vambrace_frame *)memory = *f;
    if (once_in(6))
        mutate_tables();
    if (state.interrupted || once_in(3))
        set_timer();
    state.pc = f->pc;
    state.kernel = f->psr & 0xf;
    state.here = false;
    fuzz_return(once_in(40) ? data_address() & ~7u : at);
}

_Noreturn static void burst(void)
{
    struct vambrace_frame frame;
    ++kept()->bursts;
    if (!kept()->state) // spoiled: it would stay so
        kept()->state = (u32)now | 1;
    traps_in_burst = irqs_in_a_row = refused = 0;
    restore();
    random_code();
    random_frame(&frame);
    go_on(&frame, frame_address());
}

_Noreturn void fuzz_refused(void)
{
    state.here = true;
    if (++refused > 4)
        burst();
    struct vambrace_frame frame;
    random_frame(&frame);
    go_on(&frame, refused > 2 ? frame_address() : another_view(frame_address()));
}

/// The place in the code that pc shows by any of the pristine views, or CODE_SIZE.
static u32 place(u32 pc)
{
    u32 const offset = pc & (CODE_SIZE - 1), base = pc - offset;
    bool const seen = base == CODE || base == USER_CODE_PAGES || base == USER_LARGE || base == USER_SECTION ||
                      base == MEGABYTE_0 || base == 0x10000 || base == ALIAS;
    return seen ? offset : CODE_SIZE;
}

/// The instructions since the last return, as far as they stand in a row, and the calls among them.
static void count(u32 kind, u32 pc, u32 psr)
{
    u32 const size = psr & PSR_T ? 2 : 4, done = pc - state.pc < 1024 ? (pc - state.pc) / size : 0;
    u32 const first = place(state.pc);
    ++kept()->traps;
    kept()->instructions += done + (kind != IRQ_USER && kind != IRQ_KERNEL && kind != SVC_USER);
    kept()->calls += kind == SVC_USER;
    if (first == CODE_SIZE || !state.kernel || size == 2)
        return;
    for (u32 n = 0; n != done && first + 4 * n < CODE_SIZE; ++n)
        kept()->calls += ((u32 *)(CODE + first))[n] >> 24 == 0xef;
}

static void pass_by(struct vambrace_frame *f)
{
    u32 const offset = place(f->pc);
    if (offset >= CODE_SIZE - 8)
        go_to(f, code_address());
    else if (f->psr & PSR_T)
        f->pc += *(u16 *)(CODE + offset) >= 0xe800 ? 4 : 2;
    else
        f->pc += 4;
}

static void move_on(u32 kind, struct vambrace_frame *f)
{
    bool const irq = kind == IRQ_USER || kind == IRQ_KERNEL;
    irqs_in_a_row = irq ? irqs_in_a_row + 1 : 0;
    if (once_in(10))
        random_frame(f);
    else if (!irq && kind != SVC_USER && !once_in(8))
        pass_by(f);
    else if (irqs_in_a_row > 3)
        go_to(f, code_address());
    for (u32 n = below(4); n; --n)
        f->r[below(13)] = value();
    if (once_in(4))
        f->sp = STACKS + 0x1000 + (below(0x70000) & ~7u);
}

_Noreturn void fuzz_trap(u32 kind, u32 at)
{
    bool const nested = state.here;
    state.here = true;
    state.interrupted = swap(&shared()->irq_pending, 0);
    u32 const memory = memory_of(at);
    if (nested || !memory || ++traps_in_burst > MAX_TRAPS)
        burst();
    struct vambrace_frame frame = *(struct vambrace_frame *)memory;
    count(kind, frame.pc, frame.psr);
    move_on(kind, &frame);
    go_on(&frame, once_in(8) ? another_view(frame_address()) : at);
}

/// The number after "seed=" in the device tree's command line.
static u32 given_seed(u32 tree)
{
    u8 const *const text = (u8 *)tree;
    u32 const size = text[4] << 24 | text[5] << 16 | text[6] << 8 | text[7];
    for (u32 n = 0; n + 6 < size; ++n) {
        if (text[n] != 's' || text[n + 1] != 'e' || text[n + 2] != 'e' || text[n + 3] != 'd' ||
            text[n + 4] != '=')
            continue;
        u32 number = 0;
        for (u8 const *digit = text + n + 5; *digit >= '0' && *digit <= '9'; ++digit)
            number = number * 10 + *digit - '0';
        return number;
    }
    return 1;
}

static void begin(u32 tree)
{
    enum { MAGIC = 0x66757a7a };
    extern u32 _start[], __tests_start[];
    now = time_ns();
    if (kept()->magic == MAGIC) {
        ++kept()->starts;
        kept()->state ^= (u32)now | 1;
        return;
    }
    *kept() = (struct kept) {.magic = MAGIC, .seed = given_seed(tree)};
    kept()->state = kept()->seed * 0x9e3779b1u | 1;
    kept()->sctlr = CP15_READ(1, 0, 0) | SCTLR_M | (ARCH == ARMV5 ? 0 : SCTLR_XP);
    for (u32 n = 0; n != 32; ++n)
        rnd();
    __builtin_memcpy((void *)COPY, _start, (u32)__tests_start - (u32)_start);
    for (u32 *word = (u32 *)CODE; word != (u32 *)(STACKS + MB); ++word)
        *word = rnd();
    write_arm((u32 *)CODE, THUMB_HALF / 4);
    write_thumb((u16 *)(CODE + THUMB_HALF), THUMB_HALF / 2);
}

/// Fuzzed code that jumps to _start comes here too.
void guest_main(u32 tree)
{
    begin(tree);
    kept()->bursts = (kept()->bursts + 7) & ~7u; // the next one makes the tables
    burst();
}
