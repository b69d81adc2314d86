// SPDX-License-Identifier: Apache-2.0
// A device that takes longer: the guest is where it was, and executes its instruction again, while interrupts
// arrive and other guests have their turn.
#include <algorithm>
#include <catch2/catch.hpp>
#include <device/virtio/transport.hpp>
#include <kernel/memory_view.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 other = Trap_guest::other, user_frame = Trap_guest::stack - 0x100;
constexpr u32 user_device = Trap_guest::user_page + 0x2000;
constexpr unsigned irq = VAMBRACE_IRQ_VIRTIO;

/// Registers that keep what is written.
class Busy_device : public Device {
  public:
    explicit Busy_device(Domain &domain) : line_ {domain, irq} {}

    u32 words[page_size / 4] {};
    unsigned busy = 0; ///< how often settle() will say that it is not done
    unsigned settled = 0;
    bool interrupts = false; ///< each time that it is not

    u32 read(u32 offset) override { return words[offset / 4]; }
    void write(u32 offset, u32 value) override { words[offset / 4] = value; }
    bool settle() override
    {
        ++settled;
        if (busy == 0)
            return true;
        --busy;
        if (interrupts)
            line_.set(true);
        return false;
    }
    void reset() override {}

  private:
    Irq_line line_;
};

struct Busy_bench : Trap_bench {
    Busy_device device {d()};

    Busy_bench()
    {
        d().standard.bus.add(Ipa {VAMBRACE_VIRTIO_IPA}, device);
        g().ram.set_l2(Trap_guest::other_table, other, G::page(VAMBRACE_VIRTIO_IPA, 1));
        g().ram.set_l2(Trap_guest::user_table, user_device, G::page(VAMBRACE_VIRTIO_IPA, 3));
        for (u32 n = 0; n != 16; ++n)
            device.words[n] = 0x5000 + n;
    }
    bool remembered() { return d().shadow.remembers_device(Va {other}); }
    /// An instruction of the guest kernel whose first access is at va.
    void access(u32 opcode, u32 va)
    {
        g().word(regs().pc) = opcode;
        hardware.data_abort(va, 0x5 | 0x10);
        data_abort();
        (void)vambrace::resume(r());
    }
    /// So that the short way is taken.
    void remember()
    {
        Trap_regs const before = regs();
        regs().r[0] = other;
        access(0xe5901000, other); // ldr r1, [r0]
        REQUIRE(remembered());
        regs() = before;
        device.settled = 0;
    }
};

bool alike(Trap_regs const &a, Trap_regs const &b)
{
    for (unsigned n = 0; n != 16; ++n)
        if (a[n] != b[n])
            return false;
    return a.psr == b.psr;
}

} // namespace

TEST_CASE("an instruction whose device is not done changes no register, and does the same when it is")
{
    u32 const opcode = GENERATE(0xe5801000u, // str r1, [r0]
                                0xe5a01000u, // str r1, [r0, #0]!
                                0xe4801004u, // str r1, [r0], #4
                                0xe4001004u, // str r1, [r0], #-4
                                0xe1c010b0u, // strh r1, [r0]
                                0xe0c010b4u, // strh r1, [r0], #4
                                0xe5c01000u, // strb r1, [r0]
                                0xe8800006u, // stm r0, {r1, r2}
                                0xe8a00006u, // stm r0!, {r1, r2}
                                0xe4901004u, // ldr r1, [r0], #4
                                0xe8b00006u, // ldm r0!, {r1, r2}
                                0xe8900003u, // ldm r0, {r0, r1}
                                0xe5d01000u  // ldrb r1, [r0]
    );
    bool const remembered = GENERATE(false, true);
    u32 const rounds = GENERATE(1u, 3u);
    Trap_regs after[2];
    u32 words[2][4];
    for (bool const slow : {false, true}) {
        Busy_bench b;
        if (remembered)
            b.remember();
        b.regs().pc = Trap_guest::code;
        b.regs().r[0] = other + 4;
        Trap_regs const before = b.regs();
        b.device.busy = slow ? rounds : 0;
        while (b.device.busy) {
            b.access(opcode, other + 4);
            CHECK(alike(b.regs(), before));
        }
        b.access(opcode, other + 4);
        CHECK(b.device.settled == (slow ? rounds : 0) + 1);
        after[slow] = b.regs();
        std::copy_n(b.device.words, 4, words[slow]);
        CHECK(after[slow].pc == Trap_guest::code + 4);
    }
    CHECK(alike(after[0], after[1]));
    CHECK(std::equal(words[0], words[0] + 4, words[1]));
}

TEST_CASE("a plain store goes the short way as often as it takes")
{
    Busy_bench b;
    b.remember();
    b.device.busy = 5;
    b.regs().r[0] = other;
    for (unsigned n = 0; n != 5; ++n) {
        b.access(0xe5801008, other + 8); // str r1, [r0, #8]
        CHECK(b.regs().pc == Trap_guest::code);
        CHECK(b.device.words[2] == 0x1001);
    }
    b.access(0xe5801008, other + 8);
    CHECK(b.regs().pc == Trap_guest::code + 4);
    CHECK(b.remembered());
}

TEST_CASE("a plain load goes on at once on the short way: it has what it came for")
{
    Busy_bench b;
    b.remember();
    b.device.busy = 5;
    b.regs().r[0] = other + 8;
    auto const [opcode, target, value] = GENERATE(table<u32, u32, u32>({
        {0xe5901000, 1, 0x5002}, // ldr r1, [r0]
        {0xe5900000, 0, 0x5002}, // ldr r0, [r0]
        {0xe1d000b0, 0, 0x5002}, // ldrh r0, [r0]
    }));
    b.access(opcode, other + 8);
    CHECK(b.regs().pc == Trap_guest::code + 4);
    CHECK(b.regs().r[target] == value);
    CHECK(b.device.settled == 1);
}

TEST_CASE("a plain load goes the long way again and again until the device is done")
{
    Busy_bench b;
    REQUIRE_FALSE(b.remembered());
    b.device.busy = 1;
    b.regs().r[0] = other + 8;
    b.access(0xe5900000, other + 8); // ldr r0, [r0]
    CHECK(b.regs().pc == Trap_guest::code);
    CHECK(b.regs().r[0] == other + 8);
}

TEST_CASE("guest user executes its instruction again as well")
{
    Busy_bench b;
    b.g().go_user(user_frame);
    b.g().ram.word(Trap_guest::data) = 0xe5801000; // str r1, [r0], at user_page
    b.regs().r[0] = user_device;
    b.device.busy = 3;
    Trap_regs const before = b.regs();
    for (unsigned n = 0; n != 3; ++n) {
        REQUIRE_FALSE(b.touch(user_device, true));
        b.data_abort();
        b.resume();
        CHECK(alike(b.regs(), before));
        CHECK(b.d().vcpu.in_user());
    }
    REQUIRE_FALSE(b.touch(user_device, true));
    b.data_abort();
    b.resume();
    CHECK(b.regs().pc == Trap_guest::user_page + 4);
    CHECK(b.device.words[0] == before.r[1]);
}

TEST_CASE("an abort in the middle of several accesses is told with the registers of before")
{
    Busy_bench b;
    b.device.busy = GENERATE(0u, 1u);
    b.regs().r[0] = other + page_size - 4;
    b.regs().r[1] = 0x1111;
    b.access(0xe8a00006, other + page_size - 4); // stm r0!, {r1, r2}: nothing is mapped behind it
    REQUIRE(b.regs().pc == Trap_guest::entry(7));
    vambrace_frame const &frame = b.g().frame_at(b.regs().r[2]);
    CHECK(frame.pc == Trap_guest::code);
    CHECK(frame.r[0] == other + page_size - 4);
    CHECK(frame.r[1] == 0x1111);
    CHECK(b.device.words[page_size / 4 - 1] == 0x1111);
}

TEST_CASE("an interrupt is taken before an instruction that is not done")
{
    Busy_bench b;
    (void)b.d().vcpu.irqs.enable(irq, 1);
    b.shared().irq_mask = VAMBRACE_IRQS_OPEN;
    bool const remembered = GENERATE(false, true);
    if (remembered)
        b.remember();
    b.regs().r[0] = other;
    b.device.busy = 1;
    b.device.interrupts = true;
    b.access(0xe5801000, other);
    REQUIRE(b.regs().pc == Trap_guest::entry(8));
    vambrace_frame const &frame = b.g().frame_at(b.regs().sp);
    CHECK(frame.pc == Trap_guest::code);
    CHECK(b.shared().irq_pending == 1u << irq);
    CHECK(b.device.settled == 1);
}

TEST_CASE("while a device works another guest has its turn, and then the instruction goes on")
{
    Busy_bench b;
    b.remember();
    b.regs().r[0] = other;
    b.device.busy = 2;
    b.access(0xe5801000, other);
    CHECK(b.regs().pc == Trap_guest::code);
    this_cpu().reschedule();
    b.resume();
    CHECK(this_cpu().current() == &b.d().vcpu);
    b.access(0xe5801000, other);
    b.access(0xe5801000, other);
    CHECK(b.regs().pc == Trap_guest::code + 4);
}

namespace {

/// Reads and writes the guest's RAM when it is asked to.
struct Reaching_backend : virtio::Backend {
    Domain &domain;
    u32 table = ~0u;

    explicit Reaching_backend(Domain &d) : domain {d} {}
    bool serve(virtio::Transport &) override
    {
        Memory_view const memory {domain};
        table = hardware.ttbr;
        *memory.at(*memory.offset_of(Trap_guest::data + 0x123, 1)) = 0x5a;
        CHECK_FALSE(memory.offset_of(Trap_guest::ram_ipa - 1, 1));
        CHECK_FALSE(memory.offset_of(Trap_guest::ram_ipa + Trap_guest::ram_size, 1));
        CHECK_FALSE(memory.offset_of(1ull << 32 | Trap_guest::data, 1));
        return true;
    }
    void reset() override {}
    u32 config(u32) const override { return 0; }
};

} // namespace

TEST_CASE("while a device reaches a guest's RAM the own table is in use, and then the guest's again")
{
    With_asids const with {GENERATE(false, true)};
    Trap_bench b;
    Reaching_backend backend {b.d()};
    virtio::Transport device {b.d(), irq, {2, 8, virtio::version_1}, backend};
    b.d().standard.bus.add(Ipa {VAMBRACE_VIRTIO_IPA}, device);
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(VAMBRACE_VIRTIO_IPA, 1));
    for (auto const &[offset, value] :
         {std::pair {0x24u, 1u}, {0x20u, 1u}, {0x70u, 8u}, {0x38u, 8u}, {0x44u, 1u}, {0x70u, 12u}})
        device.write(offset, value);
    REQUIRE(b.run(Trap_guest::user_page, true)); // something of the guest's is in the TLB
    u32 const guest_table = hardware.ttbr;
    b.regs().r[0] = other + 0x50; // QueueNotify
    b.regs().r[1] = 0;
    b.g().word(b.regs().pc) = 0xe5801000;
    REQUIRE_FALSE(b.touch(other + 0x50, true));
    b.data_abort();
    CHECK(backend.table == 0);
    CHECK(hardware.ttbr == guest_table);
    CHECK(b.g().ram.word(Trap_guest::data + 0x120) >> 24 == 0x5a);
    CHECK(hardware.stale().empty());
    b.resume();
    CHECK(b.regs().pc == Trap_guest::code + 4);
    CHECK(b.run(Trap_guest::user_page, true));
    CHECK(b.shared().irq_pending == 0);
}
