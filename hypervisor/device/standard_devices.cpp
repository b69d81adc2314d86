// SPDX-License-Identifier: Apache-2.0
// Between the devices' registers, and the interrupt lines, the console and the clock.
#include <device/standard_devices.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

void Guest_uart::reset()
{
    uart_ = {};
    room_ = uart_.room();
}

void Guest_uart::receive(char c)
{
    uart_.receive(c);
    room_ = uart_.room();
    if (uart_.line())
        line_.set(true);
}

bool Guest_uart::settle()
{
    if (uart_.room() != room_ || uart_.line() || line_.is_high())
        settle_changes();
    return true;
}

/// Out of line: most accesses change nothing that anybody sees.
[[gnu::noinline]] void Guest_uart::settle_changes()
{
    bool const taken = uart_.room() > room_;
    room_ = uart_.room();
    if (taken)
        this_cpu().input_was_taken(domain_);
    line_.set(uart_.line());
}

void Guest_clock::reset()
{
    rtc_.reset();
    this_cpu().timers.cancel(alarm_);
}

u32 Guest_clock::read(u32 offset) { return rtc_.read(offset, this_cpu().now()); }
void Guest_clock::write(u32 offset, u32 value) { rtc_.write(offset, value, this_cpu().now()); }

bool Guest_clock::settle()
{
    if (Time_ns const when = rtc_.alarm(); when != alarm_.when()) {
        this_cpu().timers.set(alarm_, when);
        this_cpu().reschedule(); // for the timer
    }
    line_.set(rtc_.line());
    return true;
}

void Guest_clock::ring(Time_ns now)
{
    rtc_.advance(now);
    line_.set(true);
    if (rtc_.alarm() != never)
        this_cpu().timers.set(alarm_, rtc_.alarm());
}

void Standard_devices::connect(Domain &domain, Wall_clock board)
{
    static constexpr Console_port port {Vpl011::capacity,
                                        [](Domain const &d) { return d.devices->uart.room(); },
                                        [](Domain &d, char c) { d.devices->uart.receive(c); }};
    clock.follow(board);
    bus.add(Ipa {VAMBRACE_PL011_IPA}, uart);
    if (clock.present())
        bus.add(Ipa {VAMBRACE_PL031_IPA}, clock);
    domain.devices = this;
    domain.console = &port;
}

} // namespace vambrace
