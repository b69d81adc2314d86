// SPDX-License-Identifier: Apache-2.0
// Input for the guests: taken, held back, or lost on a guest that does not listen.
#include <board.hpp>
#include <kernel/console_input.hpp>

namespace vambrace {

void Console_input::read(Time_ns now)
{
    auto const uart = board::uart();
    // The loop ends with something left in the UART, or with
    // a look that found nothing: no interrupt gets lost.
    for (unsigned n = 0; uart.readable() && n != most; ++n) {
        unsigned const to = console_.foreground(); // a key may change it
        if (to != Console::nobody && !deaf_[to] && hooks_.room(to) == 0)
            return hold(now);
        console_.key(uart.get());
    }
    due_ = never;
    uart.enable_rx_interrupt();
}

void Console_input::expire(Time_ns now)
{
    ASSERT(now >= due_);
    if (--steps_left_ == 0 && console_.foreground() != Console::nobody)
        deaf_[console_.foreground()] = true;
    due_ = now + step;
    read(now);
}

bool Console_input::taken(unsigned guest)
{
    deaf_[guest] = false;
    if (!holds() || guest != console_.foreground())
        return false;
    steps_left_ = steps;
    return hooks_.empty(guest);
}

void Console_input::pause(Time_ns now)
{
    Time_ns const took = now - full_since_;
    due_ = now + (took < step ? took : step);
}

void Console_input::start_over(unsigned guest)
{
    deaf_[guest] = false;
    if (holds()) {
        steps_left_ = steps + 1;
        due_ = 0;
    }
}

void Console_input::hold(Time_ns now)
{
    if (!holds()) {
        steps_left_ = steps;
        due_ = now + step;
    }
    full_since_ = now;
    board::uart().disable_rx_interrupt();
}

} // namespace vambrace
