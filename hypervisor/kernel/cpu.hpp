// SPDX-License-Identifier: Apache-2.0
// One processor: which vcpu has it, who is next, and what it waits for.
#pragma once
#include <board.hpp>
#include <kernel/host.hpp>

namespace vambrace {

class Cpu {
  public:
    explicit Cpu(Host &host) : host {host} {}

    /// Once, after the board's devices: time runs from now on, and interrupts are taken.
    void start();
    /// A new guest; its vcpus are runnable.
    void add(Domain &d);

    /// The vcpu that has the processor; nullptr: none yet, or leave().
    Vcpu *current() const { return current_; }
    Time_ns now() const { return host.clock.at(board::counter_ticks()); }

    /// The vcpu waits until it is woken.
    void block(Vcpu &v)
    {
        scheduler_.block(v);
        reschedule_ = true;
    }
    void yield(Vcpu &v)
    {
        scheduler_.yield(v);
        reschedule_ = true;
    }
    void wake(Vcpu &v)
    {
        if (scheduler_.wake(v) && !reschedule_)
            share();
    }
    /// It never runs again.
    void remove(Vcpu &v)
    {
        scheduler_.remove(v);
        reschedule_ = true;
    }

    /// Before a guest goes on it is looked again who it is, what is due, and when the timer has to fire.
    void reschedule() { reschedule_ = true; }
    bool must_reschedule() const { return reschedule_; }
    /// The vcpu whose turn it is has the processor; waits for an interrupt while there is none.
    Vcpu &schedule()
    {
        while (reschedule_)
            pick();
        ASSERT(current_ && current_->domain.runs());
        return *current_;
    }
    /// No guest has the processor, and nothing of one is in its registers.
    void leave();

    using Taken = decltype(board::irq_chip())::Taken;
    /// The board's controller interrupts, or has.
    void handle_interrupt();
    /// Likewise, and it has said which line it is.
    void handle_interrupt(Taken taken);
    /// After a change of `timers` at this time. What is programmed for an earlier time stays: one interrupt
    /// for nothing costs less than programming the timer at every change of a slice or a guest's timer.
    void program_timer(Time_ns now)
    {
        if (Time_ns const when = timers.earliest(); when < programmed_)
            arm_timer(when, now);
    }
    /// A trap comes within `delay`, whatever the guest does.
    void enter_within(Time_ns delay);

    /// The guest has taken characters: there may be room for those that wait in the board's UART.
    void input_was_taken(Domain &d);
    /// The guest has stopped or started again: it is asked anew whether it listens.
    void input_starts_over(Domain &d);

    Host &host;
    Timer_queue timers {};

  private:
    void pick();
    void share();
    void wait();
    void switch_to(Vcpu &v);
    void arm_timer(Time_ns when, Time_ns now);
    [[noreturn]] void all_stopped();
    static void handle_uart();
    static void handle_timer();
    void watch_input();
    void end_slice(Time_ns) { reschedule_ = true; }
    void renew_clock(Time_ns);
    void expire_input(Time_ns now);

    Scheduler scheduler_ {};
    Vcpu *current_ {};
    bool reschedule_ {true};
    Time_ns programmed_ {never};
    Timeout_of<Cpu, &Cpu::end_slice> slice_ {*this};
    Timeout_of<Cpu, &Cpu::renew_clock> renewal_ {*this};
    Timeout_of<Cpu, &Cpu::expire_input> patience_ {*this}; ///< when host.input wants to be looked at
    Host_irq uart_irq_ {board::uart_irq, handle_uart};
    Host_irq timer_irq_ {board::timer_irq, handle_timer};
};

/// The one processor that is used, whatever the board has (docs/caveats.md). There is no other global object:
/// all else is found from here, or from a vcpu's registers.
extern Cpu only_cpu;
inline Cpu &this_cpu() { return only_cpu; }

} // namespace vambrace
