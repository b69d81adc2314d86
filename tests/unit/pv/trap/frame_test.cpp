// SPDX-License-Identifier: Apache-2.0
// Traps into the guest kernel and back: what the frame holds, where it lies, and what happens when it cannot.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;

namespace {

constexpr u32 linear = Trap_guest::linear, stack = Trap_guest::stack, other = Trap_guest::other;
constexpr u32 frame_size = VAMBRACE_FRAME_SIZE;
constexpr u32 user_frame = linear + 0x88000;
constexpr u32 unmapped = 0xe0000000;
auto const entry = Trap_guest::entry;

/// One word of the interrupt registers: irq 3 is enabled and raised.
void raise_3(Trap_bench &b)
{
    (void)b.d().vcpu.irqs.enable(3, 1);
    raise(b.d(), 3);
}

} // namespace

TEST_CASE("a trap from the guest kernel stores one frame below its stack pointer")
{
    Trap_bench b;
    u32 const sp = GENERATE(as<u32> {}, stack, stack + 4, stack + 7, stack - 1);
    u32 const mask = GENERATE(0u, 0x80u, 0xffffffffu, 0x7fu);
    b.shared().irq_mask = mask;
    b.regs().sp = sp;
    b.regs().pc = 0xc0020444;
    b.regs().psr = 0x60000010 | psr::t;
    u32 const at = (sp & ~7u) - frame_size;
    deliver_undefined(b.r());
    vambrace_frame const &f = b.g().frame_at(at);
    for (u32 n = 0; n != 13; ++n)
        CHECK(f.r[n] == 0x1000 + n);
    CHECK(f.sp == sp);
    CHECK(f.lr == 0x2000);
    CHECK(f.pc == 0xc0020444);
    CHECK(f.psr == (0x60000013 | psr::t | (mask & 0x80)));
    CHECK(f.orig_r0 == 0x1000);
    CHECK(b.regs().sp == at);
    CHECK(b.regs().r[0] == at);
    CHECK(b.regs().pc == entry(5));
    CHECK(b.regs().psr == psr::user);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    CHECK_FALSE(b.d().vcpu.in_user());
}

TEST_CASE("a trap from guest user stores its frame where RETURN said, and has user's mode")
{
    Trap_bench b;
    b.g().go_user(user_frame);
    b.shared().irq_mask = 0;
    b.regs().psr = 0x20000010;
    deliver_undefined(b.r());
    vambrace_frame const &f = b.g().frame_at(user_frame);
    CHECK(f.psr == 0x20000010);
    CHECK(f.sp == 0x00100800);
    CHECK(f.pc == Trap_guest::user_page);
    CHECK(b.regs().pc == entry(1));
    CHECK(b.regs().sp == user_frame);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    CHECK_FALSE(b.d().vcpu.in_user());
}

TEST_CASE("a system call leaves the registers and the mask as they were")
{
    Trap_bench b;
    b.g().go_user(user_frame);
    b.shared().irq_mask = VAMBRACE_IRQS_OPEN;
    b.svc();
    for (u32 n = 0; n != 13; ++n)
        CHECK(b.regs().r[n] == 0x1000 + n);
    CHECK(b.regs().pc == entry(0));
    CHECK(b.regs().sp == user_frame);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_OPEN);
    CHECK(b.g().frame_at(user_frame).orig_r0 == 0x1000);
}

TEST_CASE("an abort's address and status come in registers and in the virtual CP15")
{
    Trap_bench b;
    bool const user = GENERATE(false, true), prefetch = GENERATE(false, true);
    if (user)
        b.g().go_user(user_frame);
    u32 &address = Guest_format::fault_address(b.d().vcpu.cp15);
    address = 0x1111;
    deliver_abort(b.r(), prefetch ? Abort::prefetch : Abort::data, Va {0x12345678}, 0x17);
    u32 const at = user ? user_frame : stack - frame_size;
    CHECK(b.regs().r[0] == 0x12345678);
    u32 const status = walk::status(7, 1, prefetch ? walk::Kind::fetch : walk::Kind::load);
    CHECK(b.regs().r[1] == status);
    CHECK(b.regs().r[2] == at);
    CHECK(b.regs().sp == at);
    CHECK(b.regs().pc == entry((prefetch ? 2 : 3) + (user ? 0 : 4)));
    CHECK((prefetch ? b.d().vcpu.cp15.ifsr : b.d().vcpu.cp15.dfsr) == status);
    CHECK(address == (prefetch ? 0x1111 : 0x12345678));
}

TEST_CASE("a frame goes to a stack that the shadow does not show yet")
{
    Trap_bench b;
    b.g().ram.set_l2(Trap_guest::other_table, other, Guest_ram::page(Trap_guest::data + 0x4000, 1));
    b.g().ram.set_l2(Trap_guest::other_table, other + page_size,
                     Guest_ram::page(Trap_guest::data + 0x9000, 1));
    b.regs().sp = other + page_size + 0x10; // on two pages
    deliver_undefined(b.r());
    CHECK(b.regs().pc == entry(5));
    CHECK(b.g().ram.word(Trap_guest::data + 0x5000 + 0x10 - frame_size) == 0x1000);
    CHECK(b.g().ram.word(Trap_guest::data + 0x9000 + 0x0c) == 0x1000);
}

TEST_CASE("without a stack the frame goes to the emergency stack, with the address that failed")
{
    Trap_bench b;
    auto const [sp, where, status] = GENERATE(table<u32, u32, u32>({
        {unmapped, unmapped - frame_size, 0x5},
        {other + 0x5000, other + 0x5000 - frame_size, 0x7}, // an empty second-level entry
        {other + 0x3010, other + 0x3000, 0x7},              // its second half only
        {other + 0x2000, other + 0x2000 - frame_size, 0xf}, // read-only for both modes
        {VAMBRACE_WINDOW_BASE + 0x1000, 0xff001000 - frame_size, 0x5},
        {VAMBRACE_WINDOW_BASE + 0x20, 0xff000020 - frame_size,
         0x5}, // nothing is mapped below the window either
        {VAMBRACE_WINDOW_END, VAMBRACE_WINDOW_END - frame_size, 0x5},
        {0x1000, 0x1000 - frame_size, 0x5},
        {0, 0u - frame_size, 0x5},
        {0x20, 0x20 - frame_size, 0x5}, // round the end of the address space
    }));
    b.g().ram.set_l2(Trap_guest::other_table, other + 0x1000, Guest_ram::page(Trap_guest::data + 0x4000, 2));
    b.g().ram.set_l2(Trap_guest::other_table, other + 0x2000, Guest_ram::page(Trap_guest::data + 0x5000, 1));
    b.regs().sp = sp;
    u32 const at = linear + 0x90000 - frame_size;
    deliver_undefined(b.r());
    INFO("sp " << std::hex << sp);
    CHECK(b.d().runs());
    CHECK(b.regs().pc == entry(9));
    CHECK(b.regs().r[0] == where);
    CHECK((b.regs().r[1] & 0xf) == status);
    CHECK(b.regs().r[2] == at);
    CHECK(b.regs().sp == at);
    CHECK(b.g().frame_at(at).sp == sp);
    CHECK(b.g().frame_at(at).r[7] == 0x1007);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    CHECK(b.d().counters[Counter::double_fault] == 1);
}

TEST_CASE("a guest without any stack is ended, and the other goes on")
{
    Trap_bench b {2};
    b.regs().sp = unmapped;
    SECTION("no double fault entry") { b.d().vcpu.vectors.double_fault = 0; }
    SECTION("no emergency stack either") { b.d().vcpu.vectors.emergency_stack = unmapped; }
    SECTION("no vectors at all") { b.d().vcpu.has_vectors = false; }
    deliver_undefined(b.r());
    CHECK_FALSE(b.d().runs());
    CHECK(b.resume() == &b.guests[1]->domain.vcpu.context);
    CHECK(hardware.ttbr == b.guests[1]->domain.shadow.hardware_table().physical);
}

TEST_CASE("RETURN goes on as the frame says, always in USR mode with interrupts open")
{
    Trap_bench b;
    auto const [mode, user] = GENERATE(table<u32, bool>({{0x10, true}, {0x13, false}, {0x1f, false}}));
    u32 const bits = GENERATE(0u, 0xf0000000u, 0x08000000u, 0x010001c0u, 0x20u, 0xffffffe0u);
    u32 const pc = GENERATE(0xc0020004u, 0xc0020007u, 0u, 0xff000000u, 0xfffffffeu);
    u32 const at = stack - 0x200;
    vambrace_frame &f = b.g().frame_at(at);
    for (u32 n = 0; n != 13; ++n)
        f.r[n] = 0x3000 + n;
    f.sp = 0x4000, f.lr = 0x5000, f.pc = pc, f.orig_r0 = 0x6000;
    f.psr = mode | bits;
    b.regs().sp = at;
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    for (u32 n = 0; n != 13; ++n)
        CHECK(b.regs().r[n] == 0x3000 + n);
    CHECK(b.regs().sp == 0x4000);
    CHECK(b.regs().lr == 0x5000);
    CHECK(b.regs().pc == (pc & (bits & 0x20 ? ~1u : ~3u)));
    CHECK(b.regs().psr == ((bits & Guest_format::psr_kept) | 0x10));
    CHECK(b.d().vcpu.in_user() == user);
    if (user)
        CHECK(b.d().vcpu.context.user_frame == at);
    CHECK(b.shared().irq_mask == (VAMBRACE_IRQS_OPEN | (user ? 0 : bits & 0x80)));
}

TEST_CASE("RETURN refuses a frame that it cannot take, and the guest goes on behind it")
{
    Trap_bench b;
    u32 const at = GENERATE(as<u32> {}, unmapped, 0u, 0xff0u, 0xfffffff8u, 0xff000000u, 0xff7ffff8u,
                            0xfefffff8u, other, stack - 0x201, stack - 0x1fe, stack - 0x1fc);
    u32 const pc = b.regs().pc;
    b.regs().sp = at;
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    CHECK(static_cast<int>(b.regs().r[0]) == VAMBRACE_INVALID_ADDRESS);
    CHECK(b.regs().pc == pc);
    CHECK(b.regs().sp == at);
    CHECK_FALSE(b.d().vcpu.in_user());
}

TEST_CASE("RETURN refuses modes that a guest does not have")
{
    Trap_bench b;
    u32 const mode = GENERATE(0x11u, 0x12u, 0x17u, 0x1bu, 0x1au, 0x16u);
    b.g().frame_at(stack - 0x200).psr = mode;
    b.regs().sp = stack - 0x200;
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    CHECK(static_cast<int>(b.regs().r[0]) == VAMBRACE_INVALID_PARAMETERS);
    CHECK_FALSE(b.d().vcpu.in_user());
}

TEST_CASE("guest user cannot run before there are vectors")
{
    Trap_bench b;
    b.d().vcpu.has_vectors = false;
    b.g().frame_at(stack - 0x200).psr = 0x10;
    b.regs().sp = stack - 0x200;
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    CHECK(static_cast<int>(b.regs().r[0]) == VAMBRACE_DENIED);
    CHECK_FALSE(b.d().vcpu.in_user());
}

TEST_CASE("what a trap stored RETURN takes back")
{
    Trap_bench b;
    bool const user = GENERATE(false, true);
    if (user)
        b.g().go_user(user_frame);
    b.regs().psr = 0xa0000010 | psr::t;
    Trap_regs const before = b.regs();
    u32 const mask = user ? 0 : GENERATE(0u, 0x80u);
    b.shared().irq_mask = mask;
    deliver_undefined(b.r());
    b.resume();
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    for (u32 n = 0; n != 16; ++n)
        CHECK(b.regs()[n] == before[n]);
    CHECK(b.regs().psr == before.psr);
    CHECK(b.d().vcpu.in_user() == user);
    CHECK(b.shared().irq_mask == (VAMBRACE_IRQS_OPEN | mask));
}

TEST_CASE("RETURN fills what the guest mapped for its fault")
{
    Trap_bench b;
    b.g().go_user(user_frame);
    CHECK_FALSE(b.run(Trap_guest::user_page + 0x5000, true));
    CHECK(b.regs().pc == entry(3));
    CHECK(b.regs().r[1] == (0x7 | Guest_format::store));
    b.g().ram.set_l2(Trap_guest::user_table, Trap_guest::user_page + 0x5000,
                     Guest_ram::page(Trap_guest::data + 0x5000, 3));
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    CHECK(b.d().vcpu.in_user());
    CHECK(b.touch(Trap_guest::user_page + 0x5000, true));
}

TEST_CASE("a raised interrupt enters the guest when it may be interrupted")
{
    Trap_bench b;
    auto const [user, mask, enters] = GENERATE(table<bool, u32, bool>(
        {{false, 0, true}, {false, 0x80, false}, {true, 0, true}, {true, 0x80, true}, {false, 0x7f, true}}));
    if (user)
        b.g().go_user(user_frame);
    b.shared().irq_mask = mask;
    raise_3(b);
    b.resume();
    CHECK(b.shared().irq_pending == 8);
    CHECK((b.regs().pc == entry(user ? 4 : 8)) == enters);
    if (enters) {
        CHECK(b.regs().r[0] == b.regs().sp);
        CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
        CHECK(b.g().frame_at(b.regs().sp).psr == (user ? 0x10u : 0x13u));
        u32 const pc = b.regs().pc, sp = b.regs().sp;
        b.resume(); // masked now: not again
        CHECK(b.regs().pc == pc);
        CHECK(b.regs().sp == sp);
    }
    CHECK(b.d().vcpu.context.pending.attention != 0); // RETURN has to look
}

TEST_CASE("an interrupt that is not enabled is kept until it is")
{
    Trap_bench b;
    b.shared().irq_mask = 0;
    raise(b.d(), 5);
    b.resume();
    CHECK(b.shared().irq_pending == 0);
    u32 const r0 = b.call(VAMBRACE_FUNCTION(IRQ_ENABLE), 5, 1);
    CHECK(r0 == b.regs().sp); // in the handler: r0 is the frame
    CHECK(b.shared().irq_pending == 1u << 5);
    CHECK(b.regs().pc == entry(8));
    CHECK(b.g().frame_at(b.regs().sp).r[0] == 0); // the call had succeeded
}

TEST_CASE("RETURN that unmasks takes the pending interrupt at once, without a gap")
{
    Trap_bench b;
    b.shared().irq_mask = VAMBRACE_IRQ_MASKED;
    raise_3(b);
    b.resume();
    u32 const at = stack - 0x200;
    vambrace_frame &f = b.g().frame_at(at);
    f.psr = GENERATE(0x10u, 0x13u);
    f.pc = 0xc0020400;
    f.sp = stack - 0x100;
    b.regs().sp = at;
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    CHECK(b.regs().pc == entry((f.psr & 0xf) == 0 ? 4 : 8));
    CHECK_FALSE(b.d().vcpu.in_user());
}

TEST_CASE("a guest without vectors is not interrupted")
{
    Trap_bench b;
    b.d().vcpu.has_vectors = false;
    b.shared().irq_mask = 0;
    raise_3(b);
    u32 const pc = b.regs().pc;
    b.resume();
    CHECK(b.regs().pc == pc);
    CHECK(b.shared().irq_pending == 8);
}

TEST_CASE("guest memory is read and written by the guest's own tables only")
{
    Trap_bench b;
    u32 words[3] = {1, 2, 3};
    CHECK(write_guest(b.r(), Va {other}, words, 3) == Error::address);
    b.g().ram.set_l2(Trap_guest::other_table, other, Guest_ram::page(Trap_guest::data + 0x4000, 1));
    CHECK(write_guest(b.r(), Va {other + 0xff8}, words, 3) ==
          Error::address); // the last word is on the next page
    CHECK(b.g().ram.word(Trap_guest::data + 0x4ffc) == 2);
    CHECK(write_guest(b.r(), Va {Trap_guest::user_page + page_size}, words, 1) ==
          Error::address); // read-only
    u32 const bad =
        GENERATE(1u, 2u, other + 2, 0u, 0xffcu, 0xfffffffcu, 0xff000000u, 0xfefffffcu, 0xff7ffffcu, unmapped);
    CHECK(write_guest(b.r(), Va {bad}, words, 3) == Error::address);
    CHECK(read_guest(b.r(), Va {bad}, words, 3) == Error::address);
}
