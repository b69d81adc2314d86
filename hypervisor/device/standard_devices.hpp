// SPDX-License-Identifier: Apache-2.0
// The devices that every guest has: its UART, which is the console, and its clock, if the board has one.
#pragma once
#include <device/bus.hpp>
#include <device/ports.hpp>
#include <device/vpl011.hpp>
#include <device/vpl031.hpp>
#include <kernel/cpu.hpp>
#include <kernel/irq_line.hpp>
#include <kernel/timer_queue.hpp>

namespace vambrace {

/// The PL011 on the guest's bus.
class Guest_uart final : public Device {
  public:
    explicit Guest_uart(Domain &domain) : domain_ {domain}, line_ {domain, VAMBRACE_IRQ_PL011} { reset(); }

    void reset() override;
    void receive(char c);
    u32 room() const { return uart_.room(); }

    u32 read(u32 offset) override { return uart_.read(offset); }
    void write(u32 offset, u32 value) override
    {
        uart_.write(offset, value, [this](char c) { put(c); });
    }
    bool settle() override;
    /// Writes DR and settles. \return false: it is in loopback, and nothing has been done
    [[gnu::always_inline]] bool send(char c)
    {
        if (uart_.loops_back())
            return false;
        uart_.character_sent();
        put(c);
        if (uart_.line() || line_.is_high())
            settle_changes();
        return true;
    }

  private:
    [[gnu::always_inline]] void put(char c) { this_cpu().host.console.write(domain_.id, c); }
    void settle_changes();

    Domain &domain_;
    Irq_line line_;
    u32 room_ {Vpl011::capacity}; ///< when it was settled last, or a character came
    Vpl011 uart_ {};
};

/// The PL031 on the guest's bus.
class Guest_clock final : public Device {
  public:
    explicit Guest_clock(Domain &domain) : line_ {domain, VAMBRACE_IRQ_PL031} {}

    /// Once, before the guest starts.
    void follow(Wall_clock board) { rtc_ = Vpl031 {board}; }
    /// Whether the guest has one at all: the board has a clock.
    bool present() const { return rtc_.present(); }
    void reset() override;

    u32 read(u32 offset) override;
    void write(u32 offset, u32 value) override;
    bool settle() override;

  private:
    void ring(Time_ns now);

    Irq_line line_;
    Vpl031 rtc_ {};
    Timeout_of<Guest_clock, &Guest_clock::ring> alarm_ {*this};
};

/// All of them, the bus that they are on, and the way from the board's console to the guest.
class Standard_devices {
  public:
    explicit Standard_devices(Domain &domain) : uart {domain}, clock {domain}, ports {domain} {}

    /// Once: the domain has this bus and this console. \param board its clock
    void connect(Domain &domain, Wall_clock board);

    Guest_uart uart;
    Bus bus {};
    Guest_clock clock;
    Guest_ports ports; ///< on the bus if its description names somebody to share with
};

} // namespace vambrace
