// SPDX-License-Identifier: Apache-2.0
// A guest's device bus: which device answers where, parts of registers, and the devices' interrupts.
#include <catch2/catch.hpp>
#include <device/bus.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;

namespace {

constexpr u32 other = Trap_guest::other;
constexpr u32 dr = 0x00, mr = 0x04, lr = 0x08, imsc = 0x10, icr = 0x1c;
constexpr u32 board_time = 1'000'000'000;
constexpr u32 second = board::counter_hz;

/// A load or store of the guest kernel at the clock: ldr or str r1, [r0].
u32 clock(Trap_bench &b, u32 offset, u32 opcode, u32 value = 0)
{
    b.g().ram.set_l2(Trap_guest::other_table, other, Guest_ram::page(VAMBRACE_PL031_IPA, 1));
    b.g().word(b.regs().pc) = opcode;
    b.regs().r[0] = other + offset;
    b.regs().r[1] = value;
    REQUIRE_FALSE(b.touch(other + offset, opcode == 0xe5801000));
    b.data_abort();
    (void)resume(b.r());
    return b.regs().r[1];
}
u32 load(Trap_bench &b, u32 offset) { return clock(b, offset, 0xe5901000); }
void store(Trap_bench &b, u32 offset, u32 value) { clock(b, offset, 0xe5801000, value); }

} // namespace

TEST_CASE("each device answers in its page, and nothing beside them")
{
    Trap_bench b;
    Standard_devices &devices = b.d().standard;
    CHECK(devices.bus.at(Ipa {VAMBRACE_PL011_IPA}) == &devices.uart);
    CHECK(devices.bus.at(Ipa {VAMBRACE_PL011_IPA + page_size - 1}) == &devices.uart);
    CHECK(devices.bus.at(Ipa {VAMBRACE_PL031_IPA}) == &devices.clock);
    CHECK(devices.bus.at(Ipa {VAMBRACE_PL031_IPA + page_size - 1}) == &devices.clock);
    u32 const ipa = GENERATE(0u, VAMBRACE_PL011_IPA - 1, VAMBRACE_PL031_IPA + page_size, 0xffffffffu);
    CHECK(devices.bus.at(Ipa {ipa}) == nullptr);
}

TEST_CASE("where the board has no clock there is an external abort in its place")
{
    Trap_bench b {1, Error::not_supported};
    (void)load(b, dr);
    CHECK(b.regs().pc == Trap_guest::entry(7));
    CHECK((b.regs().r[1] & 0xd) == 0x8);
}

TEST_CASE("bytes and halfwords are parts of words")
{
    Trap_bench b;
    Device_page bus {b.d().standard.clock, Va {other + 8}};
    REQUIRE(bus.write(other + mr, 4, 0x81828384) == Error::none);
    CHECK(*bus.read(other + mr, 4) == 0x81828384);
    for (u32 n = 0; n != 4; ++n)
        CHECK(*bus.read(other + mr + n, 1) == 0x84 - n);
    CHECK(*bus.read(other + mr + 2, 2) == 0x8182);
    REQUIRE(bus.write(other + mr + 1, 1, 0xaabbccdd) == Error::none);
    CHECK(*bus.read(other + mr, 4) == 0xdd00);
    REQUIRE(bus.write(other + mr + 2, 2, 0xaabbccdd) == Error::none);
    CHECK(*bus.read(other + mr, 4) == 0xccdd0000);
    u32 const outside = GENERATE(other - 4, other + page_size, 0u, 0xfffffffcu);
    CHECK(bus.read(outside, 4).error() == Error::address);
    CHECK(bus.write(outside, 4, 0) == Error::address);
}

TEST_CASE("a guest's clock is the board's until the guest sets it, and then nobody else's")
{
    Trap_bench b {2};
    CHECK(load(b, dr) == board_time);
    fake_board.counter = 10 * second + 1;
    CHECK(load(b, dr) == board_time + 10);
    store(b, lr, 77);
    CHECK(load(b, dr) == 77);
    CHECK(b.guests[1]->domain.standard.clock.read(dr) == board_time + 10);
}

TEST_CASE("the alarm interrupts the guest when it is due, and no sooner")
{
    Trap_bench b;
    (void)b.d().vcpu.irqs.enable(VAMBRACE_IRQ_PL031, 1);
    store(b, imsc, 1);
    store(b, mr, board_time + 2);
    CHECK(fake_board.timer_runs);
    CHECK(fake_board.timer_us >= 2'000'000);
    CHECK(fake_board.timer_us <= 2'100'000);
    fake_board.counter = 2 * second - second / 10;
    fake_board.irq_enabled = fake_board.irq_raised = 1u << board::timer_irq;
    this_cpu().handle_interrupt();
    b.resume();
    CHECK(b.shared().irq_pending == 0);
    fake_board.counter = 2 * second + second / 10;
    this_cpu().handle_interrupt();
    b.resume();
    CHECK(b.shared().irq_pending == 1u << VAMBRACE_IRQ_PL031);
    store(b, icr, 1);
    CHECK(b.shared().irq_pending == 0);
}

TEST_CASE("the alarm wakes a guest that waits, and not one that has stopped")
{
    Trap_bench b {2};
    Pv_guest &second_guest = b.guests[1]->domain;
    (void)second_guest.vcpu.irqs.enable(VAMBRACE_IRQ_PL031, 1);
    second_guest.standard.clock.write(imsc, 1);
    second_guest.standard.clock.write(mr, board_time + 2);
    CHECK(second_guest.standard.clock.settle());
    this_cpu().block(second_guest.vcpu);
    bool const stopped = GENERATE(false, true);
    if (stopped)
        power_off(second_guest);
    b.resume();
    fake_board.counter = 3 * second;
    fake_board.irq_enabled = fake_board.irq_raised = 1u << board::timer_irq;
    this_cpu().handle_interrupt();
    b.resume();
    CHECK((second_guest.vcpu.irqs.waiting() || this_cpu().current() == &second_guest.vcpu) == !stopped);
}
