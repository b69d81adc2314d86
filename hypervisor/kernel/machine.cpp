// SPDX-License-Identifier: Apache-2.0
// The board as a whole: interrupts and timers go to guests, the next guest gets the processor.
#include <base/log.hpp>
#include <board.hpp>
#include <kernel/machine.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

Machine machine;

namespace {

void console_put(char c) { board::uart().put(c); }

void console_input(unsigned guest, char c)
{
    Domain &d = *machine.domains[guest];
    if (d.uart.room() == 0)
        d.counters.count(Counter::input_lost);
    d.uart.receive(c);
    if (d.uart.line())
        raise(d, VAMBRACE_IRQ_PL011);
}

u32 console_room(unsigned guest) { return machine.domains[guest]->uart.room(); }

void console_counters() { machine.print_counters(); }

} // namespace

Machine::Machine()
    : console {Console::Hooks {console_put, console_input, console_counters}}, input_ {console, console_room},
      clock_ {board::counter_hz}
{
}

Time_ns Machine::now() const { return clock_.at(board::counter_ticks()); }

bool Machine::start_wall_clock()
{
    if (Result<u32> const seconds = board::wall_clock())
        wall_clock_ = {*seconds, now()};
    return wall_clock_.known();
}

void Machine::add(Domain &d)
{
    d.rtc = Vpl031 {wall_clock_};
    domains[d.id] = &d;
    domain_count = d.id + 1;
    d.state = Domain::State::running;
    console.guest_started(d.id, d.label());
    (void)scheduler_.add(d.id);
}

void Machine::block(Domain &d)
{
    scheduler_.block(d.id);
    reschedule_ = true;
}

void wait_for_interrupt(Domain &d)
{
    d.counters.count(Counter::idle);
    if (!(d.vcpu.raised & d.vcpu.enabled) && arch::shared().irq_pending == 0)
        machine.block(d);
}

void Machine::yield(Domain &d)
{
    scheduler_.yield(d.id);
    reschedule_ = true;
}

void Machine::stop(Domain &d)
{
    scheduler_.remove(d.id);
    d.vcpu.timer = never;
    d.held_until = never;
    d.rtc.reset();
    console.guest_stopped(d.id);
    input_.start_over(d.id);
    due_ = 0;
    reschedule_ = true;
}

void Machine::set_timer(Domain &d, Time_ns when)
{
    Time_ns const now = this->now();
    Time_ns const old = d.vcpu.timer;
    if (when <= now) {
        when = never;
        raise(d, VAMBRACE_IRQ_TIMER);
    }
    d.vcpu.timer = when;
    if (when < due_)
        due_ = when;
    else if (old == due_)
        due_ = earliest();
    program_timer(now);
}

void Machine::alarm_was_set()
{
    due_ = 0;
    reschedule_ = true;
}

void Machine::input_was_taken(Domain &d)
{
    if (!input_.taken(d.id))
        return;
    input_.pause(now());
    due_ = 0;
    reschedule_ = true; // for the timer
}

void Machine::handle_interrupts()
{
    Irq_chip const chip = board::irq_chip();
    unsigned const line = chip.take(); // others that wait trap again
    if (line == board::uart_irq) {
        input_.read(now());
        if (input_.holds())
            due_ = 0;
    }
    if (line == board::timer_irq) {
        board::timer().ack();
        programmed_ = never;
    }
    if (line != Irq_chip::none)
        chip.finish(line);
    reschedule_ = true;
}

/// \pre something is due, or may be
void Machine::expire(Time_ns now)
{
    if (now >= clock_.renew_at())
        clock_.renew(board::counter_ticks());
    if (now >= input_.due())
        input_.expire(now);
    for (unsigned n = 0; n != domain_count; ++n) {
        Domain &d = *domains[n];
        if (d.held_until <= now) {
            d.held_until = never;
            wake(d);
        }
        if (d.vcpu.timer <= now) {
            d.vcpu.timer = never;
            raise(d, VAMBRACE_IRQ_TIMER);
        }
        if (d.rtc.alarm() <= now) {
            d.rtc.advance(now);
            raise(d, VAMBRACE_IRQ_PL031);
        }
    }
    due_ = earliest();
}

Time_ns Machine::earliest() const
{
    Time_ns when = clock_.renew_at();
    for (unsigned n = 0; n != domain_count; ++n) {
        if (domains[n]->vcpu.timer < when)
            when = domains[n]->vcpu.timer;
        if (domains[n]->held_until < when)
            when = domains[n]->held_until;
        if (domains[n]->rtc.alarm() < when)
            when = domains[n]->rtc.alarm();
    }
    return input_.due() < when ? input_.due() : when;
}

void Machine::program_timer(Time_ns now)
{
    Time_ns const slice_end = scheduler_.slice_end();
    Time_ns const when = slice_end < due_ ? slice_end : due_;
    if (when != programmed_)
        arm_timer(when, now);
}

void Machine::arm_timer(Time_ns when, Time_ns now)
{
    programmed_ = when;
    Time_ns const delta = when > now ? when - now : 0;
    // Beyond 32 bits of nanoseconds it fires a little early: delta / 1024 us, and is set again.
    u32 const us = delta >> 32 ? static_cast<u32>(delta >> 10) : static_cast<u32>(delta) / 1000 + 1;
    board::timer().set(us);
}

void Machine::look_again_soon()
{
    constexpr Time_ns soon = 50'000;
    Time_ns const now = this->now();
    if (now + soon < programmed_)
        arm_timer(now + soon, now);
}

void Machine::publish_clock(Domain &d)
{
    if (published_[d.id] == clock_.generation() + 1)
        return;
    published_[d.id] = clock_.generation() + 1;
    vambrace_shared &shared = shared_of(d);
    shared.clock_ticks = clock_.base_ticks();
    shared.clock_ns[0] = static_cast<u32>(clock_.base_ns());
    shared.clock_ns[1] = static_cast<u32>(clock_.base_ns() >> 32);
    shared.clock_mult = clock_.mult();
    shared.clock_shift = clock_.shift();
    shared.clock_sequence = shared.clock_sequence + 2;
}

void Machine::switch_to(Domain &d)
{
    if (current_ == &d)
        return;
    arch::await_aborts(); // of what the guest has done: they are not the next one's
    u32 const abort = arch::take_asynchronous_abort();
    if (current_) {
        if (abort)
            current_->vcpu.asynchronous_abort = abort;
        d.counters.count(Counter::guest_switch);
        arch::save(current_->vcpu.thread);
    }
    current_ = &d;
    arch::restore(d.vcpu.thread);
    vfp.run(d.vcpu.vfp, arch::vfp_access(d.vcpu.cp15));
    use_table(d.shadow.hardware_table());
    arch::tlb_invalidate(Va {VAMBRACE_SHARED_VA}, 0); // the one global page that is not every guest's
    arch::set_alignment_check(d.vcpu.cp15.alignment_check());
}

bool Machine::nobody_runs() const
{
    for (unsigned n = 0; n != domain_count; ++n)
        if (domains[n]->runs())
            return false;
    return true;
}

void Machine::all_stopped()
{
    log("vambrace: all guests have stopped\n");
    console.flush_log();
    board::reset();
}

arch::Context *Machine::next()
{
    do {
        while (reschedule_)
            pick();
        look_round_ = false;
        prepare(*current_); // may end the guest
    } while (reschedule_);
    return &current_->vcpu.context;
}

/// Who runs from now on; waits for an interrupt if nobody can.
void Machine::pick()
{
    Time_ns const now = this->now();
    if (now >= due_)
        expire(now);
    Result<unsigned> const id = scheduler_.pick(now);
    program_timer(now);
    reschedule_ = !id.ok();
    if (id) {
        switch_to(*domains[*id]);
        publish_clock(*current_);
        return;
    }
    if (nobody_runs())
        all_stopped();
    arch::wait_for_interrupt();
    handle_interrupts();
}

void Machine::print_own_memory()
{
    log("vambrace: %u KB of the hypervisor's own memory left\n", own_memory_left / kib);
}

void Machine::print_counters()
{
    print_own_memory();
    for (unsigned n = 0; n != domain_count; ++n) {
        Domain &d = *domains[n];
        Counters const counters = counters_of(d);
        log("vambrace: guest %u (%s):\n", n + 1, d.label());
        for (unsigned c = 0; c != counter_count; ++c)
            if (counters.value[c])
                log("vambrace:   %10u %s\n", counters.value[c], name(static_cast<Counter>(c)));
    }
}

} // namespace vambrace
