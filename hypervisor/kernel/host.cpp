// SPDX-License-Identifier: Apache-2.0
// The console's ways to the board and to the guests, and what it prints when it is asked.
#include <base/log.hpp>
#include <board.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

Domain &guest(unsigned number) { return this_cpu().host.domains[number]; }

void console_put(char c) { board::uart().put(c); }

void console_input(unsigned number, char c)
{
    Domain &d = guest(number);
    if (d.console->room(d) == 0)
        d.counters.count(Counter::input_lost);
    d.console->receive(d, c);
}

u32 console_room(unsigned number) { return guest(number).console->room(guest(number)); }
bool console_is_empty(unsigned number) { return console_room(number) == guest(number).console->capacity; }

void console_counters() { this_cpu().host.print_counters(); }

/// Until Cpu::start(): some boards know their counter only when they have started.
constexpr u32 any_hz = 1'000'000;

} // namespace

Host::Host()
    : console {Console::Hooks {console_put, console_input, console_counters}},
      input {console, Console_input::Hooks {console_room, console_is_empty}}, clock {any_hz}
{
}

void Host::print_own_memory() const
{
    log("vambrace: %u KB of the hypervisor's own memory left\n", own_memory_left / kib);
}

void Host::print_counters()
{
    print_own_memory();
    for (Domain *const d : domains) {
        Counters const counters = d->kind.counters(*d);
        log("vambrace: guest %u (%s):\n", d->id + 1, d->label());
        for (unsigned c = 0; c != counter_count; ++c)
            if (counters.value[c])
                log("vambrace:   %10u %s\n", counters.value[c], name(static_cast<Counter>(c)));
    }
}

} // namespace vambrace
