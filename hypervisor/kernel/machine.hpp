// SPDX-License-Identifier: Apache-2.0
// The board as a whole: its guests, its time, its console, and who runs.
#pragma once
#include <kernel/clock.hpp>
#include <kernel/console_input.hpp>
#include <kernel/domain.hpp>
#include <kernel/scheduler.hpp>

namespace vambrace {

class Machine {
  public:
    Machine();

    /// \param d constructed, in memory that stays; its number is its index. Loads and starts it.
    void add(Domain &d);
    /// Puts the guest's images into its memory and its state to what a start looks like.
    Boot_result<Ipa> load(Domain &d);

    Domain *current() { return current_; }
    Time_ns now() const;
    /// Once, before any time is asked for: some boards know
    /// their counter's speed only when they have started.
    void start_clock(u32 hz) { clock_ = Clock {hz}; }
    /// Once, before any guest is added: reads the board's own clock. False: it has none.
    bool start_wall_clock();

    /// The guest waits until an interrupt is raised for it.
    void block(Domain &d);
    void yield(Domain &d);
    void wake(Domain &d) { scheduler_.wake(d.id); }
    void stop(Domain &d);
    void restart(Domain &d);
    void set_timer(Domain &d, Time_ns when);
    /// The alarm of a guest's clock may come sooner than what is waited for.
    void alarm_was_set();

    void handle_interrupts();
    /// The guest has taken characters: there may be room for those that wait in the board's UART.
    void input_was_taken(Domain &d);
    /// Before long a trap comes, whatever the guest does.
    void look_again_soon();
    /// The next same() does all that next() does.
    void look_round() { look_round_ = true; }
    /// As next(), after a trap that unmasked no interrupt: unless it raised one the guest goes on as it is.
    arch::Context *same()
    {
        Vcpu &v = current_->vcpu;
        return reschedule_ || look_round_ || (v.raised & v.enabled) ? next() : &v.context;
    }
    /// The guest whose turn it is, ready to be resumed; waits for an interrupt while there is none.
    arch::Context *next();

    void use_table(arch::Table_base table)
    {
        if (table.physical == hardware_table_)
            return;
        hardware_table_ = table.physical;
        arch::use_table(table);
    }
    void print_counters();
    void print_own_memory();

    Console console;
    arch::Vfp vfp {};
    u32 ram_base {}; ///< physical
    u32 own_memory_left {};
    u32 host_table {}; ///< physical address of the hypervisor's own table
    Domain *domains[max_guests] {};
    unsigned domain_count {};

  private:
    void pick();
    void expire(Time_ns now);
    Time_ns earliest() const;
    void program_timer(Time_ns now);
    void arm_timer(Time_ns when, Time_ns now);
    void switch_to(Domain &d);
    bool nobody_runs() const;
    [[noreturn]] void all_stopped();
    void publish_clock(Domain &d);

    Console_input input_;
    Scheduler scheduler_ {};
    Clock clock_;
    Wall_clock wall_clock_ {};
    Domain *current_ {};
    bool reschedule_ {true};
    bool look_round_ {};
    Time_ns programmed_ {never};
    Time_ns due_ {
        0}; ///< when expire() has to look: not later than what is waited for, the end of the slice apart
    u32 hardware_table_ {};        ///< physical
    u32 published_[max_guests] {}; ///< generation of the clock that the guest's shared page shows
};

extern Machine machine;

} // namespace vambrace
