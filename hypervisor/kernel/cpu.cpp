// SPDX-License-Identifier: Apache-2.0
// Interrupts and what is due go to whom they concern, the next vcpu gets the processor.
#include <base/log.hpp>
#include <kernel/cpu.hpp>
#include <wait.hpp>

namespace vambrace {

namespace {

Host the_host;

/// A controller that lets guests end interrupts has drop(), which leaves that to them.
template <typename Chip>
void end_interrupt(Chip const &chip, typename Chip::Taken taken, [[maybe_unused]] Ended_by by)
{
    if constexpr (requires { chip.drop(taken); }) {
        if (by == Ended_by::guest)
            return chip.drop(taken);
    }
    chip.finish(taken);
}

bool nobody_runs(Domains const &domains)
{
    for (Domain const *const d : domains)
        if (d->runs())
            return false;
    return true;
}

} // namespace

Cpu only_cpu {the_host};

void Cpu::start()
{
    host.clock = Clock {board::counter_hz}; // some boards know it only now, and the timer's line
    timer_irq_.set_line(board::timer_irq);
    timers.set(renewal_, host.clock.renew_at());
    if (Result<u32> const seconds = board::wall_clock())
        host.wall_clock = {*seconds, now()};
    host.irqs.add(uart_irq_);
    host.irqs.add(timer_irq_);
}

void Cpu::add(Domain &d)
{
    host.domains.add(d);
    d.state = Domain::State::running;
    host.console.guest_started(d.id, d.label());
    for (Vcpu *const vcpu : d.vcpus)
        (void)scheduler_.add(*vcpu);
}

void Cpu::leave()
{
    if (current_)
        current_->domain.kind.leave(*current_);
    current_ = nullptr;
    reschedule_ = true;
}

void Cpu::handle_interrupt()
{
    if (auto const taken = board::irq_chip().take()) [[likely]] // others that wait trap again
        handle_interrupt(taken);
}

void Cpu::handle_interrupt(Taken taken)
{
    if (taken.line() != timer_irq_.line())
        reschedule_ = true; // whatever its handler does
    Ended_by const by = host.irqs.handle(taken.line());
    end_interrupt(board::irq_chip(), taken, by);
}

/// What is due happens. That of the vcpu that runs, which is nearly all, changes nothing for the others.
void Cpu::handle_timer()
{
    Cpu &cpu = this_cpu();
    board::timer().ack();
    cpu.programmed_ = never;
    Time_ns const now = cpu.now();
    cpu.timers.expire(now);
    cpu.program_timer(now);
}

void Cpu::handle_uart()
{
    Cpu &cpu = this_cpu();
    cpu.host.input.read(cpu.now());
    cpu.watch_input();
}

/// host.input may wait for another time.
void Cpu::watch_input()
{
    if (Time_ns const due = host.input.due(); due != patience_.when())
        timers.set(patience_, due);
}

void Cpu::expire_input(Time_ns now)
{
    host.input.expire(now);
    watch_input();
}

void Cpu::input_was_taken(Domain &d)
{
    if (!host.input.taken(d.id))
        return;
    host.input.pause(now());
    watch_input();
    reschedule_ = true; // for the timer
}

void Cpu::input_starts_over(Domain &d)
{
    host.input.start_over(d.id);
    watch_input();
}

void Cpu::renew_clock(Time_ns)
{
    host.clock.renew(board::counter_ticks());
    timers.set(renewal_, host.clock.renew_at());
    if (current_)
        current_->domain.kind.clock_changed(*current_);
}

void Cpu::arm_timer(Time_ns when, Time_ns now)
{
    programmed_ = when;
    Time_ns const delta = when > now ? when - now : 0;
    // Beyond 32 bits of nanoseconds it fires a little early: delta / 1024 us, and is set again.
    u32 const us = delta >> 32 ? static_cast<u32>(delta >> 10) : static_cast<u32>(delta) / 1000 + 1;
    board::timer().set(us);
}

void Cpu::enter_within(Time_ns delay)
{
    Time_ns const now = this->now();
    if (now + delay < programmed_)
        arm_timer(now + delay, now);
}

void Cpu::switch_to(Vcpu &v)
{
    if (current_ == &v)
        return;
    if (current_) {
        current_->domain.kind.leave(*current_);
        v.domain.counters.count(Counter::guest_switch);
    }
    current_ = &v;
    v.domain.kind.enter(v);
}

void Cpu::wait()
{
    if (nobody_runs(host.domains))
        all_stopped();
    core::wait_for_interrupt();
    handle_interrupt();
}

/// The vcpu that runs is not alone any more: its slice ends, now or later.
void Cpu::share()
{
    Time_ns const now = this->now(), end = scheduler_.slice_end();
    if (now >= end) {
        reschedule_ = true;
        return;
    }
    if (slice_.when() == never)
        timers.set(slice_, end);
    program_timer(now);
}

/// Who runs from now on; waits for an interrupt if nobody can.
void Cpu::pick()
{
    Time_ns const now = this->now();
    if (now >= timers.earliest())
        timers.expire(now);
    auto *const next = static_cast<Vcpu *>(scheduler_.pick(now));
    if (slice_.when() == never) // else it is an earlier slice's, and this one's when that is over
        timers.set(slice_, scheduler_.slice_end());
    program_timer(now);
    if (!next)
        return wait(); // and look again
    reschedule_ = false;
    switch_to(*next);
}

void Cpu::all_stopped()
{
    log("vambrace: all guests have stopped\n");
    host.console.flush_log();
    board::reset();
}

} // namespace vambrace
