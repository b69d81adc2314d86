// SPDX-License-Identifier: Apache-2.0
// What is sent, what is pending, and when the interrupt is high.
#include <device/ports.hpp>

namespace vambrace {

void Guest_ports::connect(Guest_ports &a, unsigned port_of_a, Guest_ports &b, unsigned port_of_b)
{
    ASSERT(port_of_a < VAMBRACE_PORTS && !bit(a.bound_, port_of_a));
    ASSERT(port_of_b < VAMBRACE_PORTS && !bit(b.bound_, port_of_b));
    a.ends_[port_of_a] = {&b, port_of_b};
    b.ends_[port_of_b] = {&a, port_of_a};
    a.bound_ |= 1u << port_of_a;
    b.bound_ |= 1u << port_of_b;
}

Error Guest_ports::send(u32 port)
{
    if (port >= VAMBRACE_PORTS)
        return Error::inval;
    if (!bit(bound_, port))
        return Error::denied;
    ends_[port].ports->receive(ends_[port].port);
    return Error::none;
}

/// Whoever was told and has not looked yet will see this one too.
void Guest_ports::receive(unsigned port)
{
    if (bit(pending_, port))
        return;
    pending_ |= 1u << port;
    update();
}

Error Guest_ports::mask(u32 port, u32 on)
{
    if (port >= VAMBRACE_PORTS || on > 1)
        return Error::inval;
    masked_ = (masked_ & ~(1u << port)) | on << port;
    update();
    return Error::none;
}

u32 Guest_ports::take()
{
    u32 const taken = pending_ & ~masked_;
    pending_ &= ~taken;
    update();
    return taken;
}

void Guest_ports::update()
{
    bool const high = pending_ & ~masked_;
    if (high || line_.is_high())
        line_.set(high);
}

u32 Guest_ports::read(u32 offset)
{
    switch (offset) {
    case VAMBRACE_PORTS_PENDING: return pending_;
    case VAMBRACE_PORTS_MASK: return masked_;
    case VAMBRACE_PORTS_BOUND: return bound_;
    default: return 0;
    }
}

void Guest_ports::write(u32 offset, u32 value)
{
    switch (offset) {
    case VAMBRACE_PORTS_ACK: pending_ &= ~value; return update();
    case VAMBRACE_PORTS_MASK: masked_ = value; return update();
    case VAMBRACE_PORTS_SEND: (void)send(value); return; // one that leads nowhere reaches nobody
    default: return;
    }
}

/// What others have sent to its former life is gone with it.
void Guest_ports::reset() { pending_ = masked_ = 0; }

} // namespace vambrace
