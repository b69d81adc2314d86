// SPDX-License-Identifier: Apache-2.0
// Finds the device that a guest's address shows, and takes its accesses there register by register.
#include <device/bus.hpp>
#include <kernel/machine.hpp>

namespace vambrace {

namespace {

u32 register_of(u32 address) { return address & (page_size - 1) & ~3u; }
u32 lane(u32 address) { return 8 * (address & 3); }
u32 mask_of(unsigned size) { return size == 4 ? ~0u : size == 2 ? 0xffff : 0xff; }

void set_line(Domain &d, unsigned irq, bool high)
{
    if (high)
        raise(d, irq);
    else
        lower(d, irq);
}

} // namespace

Guest_device device_at(Domain const &d, Ipa ipa)
{
    switch (align_down(ipa.value, page_size)) {
    case VAMBRACE_PL011_IPA: return Guest_device::uart;
    case VAMBRACE_PL031_IPA: return d.rtc.present() ? Guest_device::clock : Guest_device::none;
    default: return Guest_device::none;
    }
}

u32 Device_bus::read_register(u32 offset)
{
    switch (device_) {
    case Guest_device::uart: return domain_.uart.read(offset);
    case Guest_device::clock: return domain_.rtc.read(offset, machine.now());
    case Guest_device::none: break;
    }
    return 0;
}

void Device_bus::write_register(u32 offset, u32 value)
{
    switch (device_) {
    case Guest_device::uart: return domain_.uart.write(offset, value);
    case Guest_device::clock: return domain_.rtc.write(offset, value, machine.now());
    case Guest_device::none: return;
    }
}

Result<u32> Device_bus::read(u32 address, unsigned size)
{
    if (!covers(address))
        return Error::address;
    return read_register(register_of(address)) >> lane(address) & mask_of(size);
}

Error Device_bus::write(u32 address, unsigned size, u32 value)
{
    if (!covers(address))
        return Error::address;
    write_register(register_of(address), (value & mask_of(size)) << lane(address));
    return Error::none;
}

Device_bus::Device_bus(Domain &d, Guest_device device, Va va)
    : domain_ {d}, device_ {device}, page_ {align_down(va.value, page_size)}, room_ {d.uart.room()}
{
}

void Device_bus::finish()
{
    switch (device_) {
    case Guest_device::uart:
        if (domain_.uart.room() > room_)
            machine.input_was_taken(domain_);
        return set_line(domain_, VAMBRACE_IRQ_PL011, domain_.uart.line());
    case Guest_device::clock:
        if (domain_.rtc.alarm() != never)
            machine.alarm_was_set();
        return set_line(domain_, VAMBRACE_IRQ_PL031, domain_.rtc.line());
    case Guest_device::none: return;
    }
}

} // namespace vambrace
