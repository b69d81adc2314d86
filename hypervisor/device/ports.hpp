// SPDX-License-Identifier: Apache-2.0
// A guest's ports to other guests: a bit for each that something came in by, and one interrupt for all.
#pragma once
#include <device/bus.hpp>
#include <kernel/irq_line.hpp>

namespace vambrace {

/// Their registers (docs/abi.md section 9), and what the hypercalls do with them. Nothing waits anywhere: who
/// sends often is seen once, and pays for it.
class Guest_ports final : public Device {
  public:
    explicit Guest_ports(Domain &domain) : line_ {domain, VAMBRACE_IRQ_PORTS} {}

    /// Each is the other's end from now on. \pre both are free, and below VAMBRACE_PORTS
    static void connect(Guest_ports &a, unsigned port_of_a, Guest_ports &b, unsigned port_of_b);

    /// The other end is pending. Error::inval: there is no such port; Error::denied: it leads nowhere.
    Error send(u32 port);
    /// Whether it interrupts. Error::inval: there is no such port, or `on` is not 0 or 1.
    Error mask(u32 port, u32 on);
    /// Those that are pending and not masked; they are not pending any more.
    u32 take();
    u32 pending() const { return pending_; }

    u32 read(u32 offset) override;
    void write(u32 offset, u32 value) override;
    bool settle() override { return true; } // a write has done all of it
    void reset() override;

  private:
    struct End {
        Guest_ports *ports;
        unsigned port;
    };

    void receive(unsigned port);
    void update();

    Irq_line line_;
    u32 bound_ {}, pending_ {}, masked_ {};
    End ends_[VAMBRACE_PORTS] {};
};

} // namespace vambrace
