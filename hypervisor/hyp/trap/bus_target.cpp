// SPDX-License-Identifier: Apache-2.0
// Devices have words, of which a smaller access reads or writes a part; the interrupt controller looks at the
// size itself.
#include <hyp/trap/bus_target.hpp>

namespace vambrace {

namespace {

u32 word_of(u32 offset) { return offset & ~3u; }
u32 lane(u32 offset) { return 8 * (offset & 3); }
u32 mask_of(unsigned size) { return size == 4 ? ~0u : size == 2 ? 0xffff : 0xff; }

} // namespace

u32 read_distributor(Hyp_vcpu &v, u32 offset, unsigned size)
{
    if (Vgic::touches_state(offset))
        fold_list_registers(v);
    return guest_of(v).gic.read(v.number, offset, size);
}

void write_distributor(Hyp_vcpu &v, u32 offset, unsigned size, u32 value)
{
    Hyp_guest &d = guest_of(v);
    if (Vgic::touches_state(offset))
        fold_list_registers(v);
    d.gic.write(v.number, offset, size, value);
    wake_interrupted(d);
}

Bus_target::Bus_target(Hyp_vcpu &v, Ipa ipa)
    : v_ {v}, device_ {guest_of(v).standard.bus.at(ipa)}, distributor_ {ipa.value - machine::gic_distributor <
                                                                        machine::gic_size},
      page_ {align_down(ipa.value - machine::gic_distributor, page_size)}
{
}

u32 Bus_target::read(u32 offset, unsigned size)
{
    if (device_)
        return device_->read(word_of(offset)) >> lane(offset) & mask_of(size);
    return read_distributor(v_, page_ + offset, size);
}

void Bus_target::write(u32 offset, unsigned size, u32 value)
{
    if (device_)
        return device_->write(word_of(offset), (value & mask_of(size)) << lane(offset));
    write_distributor(v_, page_ + offset, size, value);
}

bool Bus_target::settle() { return !device_ || device_->settle(); }

} // namespace vambrace
