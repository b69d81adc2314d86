// SPDX-License-Identifier: Apache-2.0
// EVENT_SEND, EVENT_MASK and EVENT_TAKE: called well and badly, and who is woken by them.
#include <catch2/catch.hpp>
#include <pv/hypercall_answers.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using namespace vambrace::answer;

namespace {

constexpr u32 denied = static_cast<u32>(VAMBRACE_DENIED);
constexpr u32 send = VAMBRACE_FUNCTION(EVENT_SEND), mask = VAMBRACE_FUNCTION(EVENT_MASK),
              take = VAMBRACE_FUNCTION(EVENT_TAKE);
constexpr unsigned irq = VAMBRACE_IRQ_PORTS;

/// Port 5 of the first guest, which runs, is port 9 of the second.
struct Ports_bench : Trap_bench {
    Ports_bench() : Trap_bench {2}
    {
        Guest_ports::connect(d().standard.ports, 5, second().standard.ports, 9);
        (void)d().vcpu.irqs.enable(irq, 1);
        (void)second().vcpu.irqs.enable(irq, 1);
    }
    Pv_guest &second() { return guests[1]->domain; }
    /// The second guest sends.
    void receive() { CHECK(second().standard.ports.send(9) == Error::none); }
};

} // namespace

TEST_CASE("EVENT_SEND makes the other end pending, and refuses ports that are none or lead nowhere")
{
    Ports_bench b;
    CHECK(b.call(send, 5) == 0);
    CHECK(b.second().standard.ports.pending() == 1u << 9);
    CHECK(b.call(send, GENERATE(0u, 4u, 6u, 9u, 31u)) == denied);
    CHECK(b.call(send, GENERATE(32u, 33u, 0x80000005u, 0xffffffffu)) == inval);
    CHECK(b.second().standard.ports.pending() == 1u << 9);
    CHECK(b.d().standard.ports.pending() == 0);
}

TEST_CASE("EVENT_TAKE gives what is pending and not masked once, and says what is left")
{
    Ports_bench b;
    b.receive();
    CHECK(b.call(take, 0x1111, 0x2222, 0x3333) == 0);
    CHECK(b.regs().r[1] == 1u << 5);
    CHECK(b.regs().r[2] == 0);
    CHECK(b.regs().r[3] == 0x3333);
    CHECK(b.call(take) == 0);
    CHECK(b.regs().r[1] == 0);
    CHECK(b.call(mask, 5, 1) == 0);
    b.receive();
    CHECK(b.call(take) == 0);
    CHECK(b.regs().r[1] == 0);
    CHECK(b.regs().r[2] == 1u << 5);
}

TEST_CASE("EVENT_MASK knows 32 ports, on and off")
{
    Ports_bench b;
    CHECK(b.call(mask, GENERATE(32u, 0xffffffffu), 1) == inval);
    CHECK(b.call(mask, 5, GENERATE(2u, 0xffffffffu)) == inval);
    CHECK(b.call(mask, GENERATE(0u, 5u, 31u), 1) == 0);
    b.receive();
    CHECK(b.call(mask, 5, 0) == 0);
    CHECK(b.shared().irq_pending == 1u << irq);
}

TEST_CASE("what a guest is sent interrupts it, and no longer when it was taken before it was shown")
{
    Ports_bench b;
    b.receive();
    bool const taken = GENERATE(false, true);
    if (taken)
        (void)on_event_take(&b.d().vcpu.context, 0, 0, 0);
    b.resume();
    CHECK(b.shared().irq_pending == (taken ? 0 : 1u << irq));
}

TEST_CASE("a guest that waits is woken by what it is sent, unless it has masked it")
{
    Ports_bench b;
    bool const masked = GENERATE(false, true), enabled = GENERATE(true, false);
    (void)b.second().vcpu.irqs.enable(irq, enabled);
    CHECK(b.second().standard.ports.mask(9, masked) == Error::none);
    this_cpu().block(b.second().vcpu);
    b.resume();
    bool const woken = enabled && !masked;
    u64 const answer = on_event_send(&b.d().vcpu.context, 5, 0, 0);
    CHECK(static_cast<u32>(answer) == 0);
    CHECK(answer >> 32 == static_cast<u32>(After_call::back)); // its turn comes when this slice is over
    b.resume();
    CHECK((b.second().vcpu.irqs.waiting() || this_cpu().current() == &b.second().vcpu) == woken);
    CHECK(b.second().standard.ports.pending() == 1u << 9);
}

TEST_CASE("the processor goes to a guest that was woken while the sender waits for the answer")
{
    Ports_bench b;
    this_cpu().block(b.second().vcpu);
    b.resume();
    CHECK(b.call(send, 5) == 0);
    b.regs().r[0] = VAMBRACE_FUNCTION(IDLE);
    b.regs().r[1] = 0;
    handle_svc(b.r());
    CHECK(b.resume() == &b.second().vcpu.context);
    CHECK(b.guests[1]->shared().irq_pending == 1u << irq);
    b.receive();
    CHECK_FALSE(this_cpu().must_reschedule()); // who is woken has its turn after this slice
}

TEST_CASE("a port's far end may have stopped: what it is sent harms nobody")
{
    Ports_bench b;
    power_off(b.second());
    b.resume();
    CHECK(b.call(send, 5) == 0);
    CHECK(b.d().runs());
    CHECK(this_cpu().current() == &b.d().vcpu);
}

TEST_CASE("what was sent to a guest's former life is gone when it starts again")
{
    Ports_bench b;
    b.d().standard.bus.add(Ipa {VAMBRACE_PORTS_IPA}, b.d().standard.ports);
    b.receive();
    CHECK(b.d().standard.ports.mask(7, 1) == Error::none);
    b.g().start();
    CHECK(b.d().standard.ports.pending() == 0);
    CHECK(b.d().standard.ports.read(VAMBRACE_PORTS_MASK) == 0);
    CHECK(b.d().standard.ports.read(VAMBRACE_PORTS_BOUND) == 1u << 5);
}
