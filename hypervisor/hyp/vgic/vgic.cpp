// SPDX-License-Identifier: Apache-2.0
// The lines of a guest's interrupt controller, and which VCPU something has come for.
#include <hyp/vgic/vgic.hpp>

namespace vambrace {

Vgic::Vgic(unsigned vcpus) : count_ {vcpus}
{
    ASSERT(vcpus && vcpus <= max_vcpus);
    for (Vcpu &v : vcpus_) {
        v.bank.enabled = sgis; // they cannot be disabled
        v.bank.edge = sgis;
        v.routed[0] = ~0u;
    }
    // Of a single VCPU all lines are, and GICD_ITARGETSR does not exist (IHI 0048B 4.3.12).
    if (vcpus == 1)
        for (unsigned word = 1; word != words; ++word)
            vcpus_[0].routed[word] = ~0u;
}

void Vgic::set_online(unsigned vcpu, bool online)
{
    ASSERT(vcpu < count_);
    online_ = online ? online_ | 1u << vcpu : online_ & ~(1u << vcpu);
    if (count_ == 1)
        return;
    for (unsigned n = 0; n != spi_count; ++n)
        route(n);
    for (unsigned word = 1; word != words; ++word)
        changed(vcpu, word, ~0u);
}

/// One of the VCPUs that a line may interrupt is chosen: the first that is online, else the first.
void Vgic::route(unsigned spi)
{
    unsigned const word = 1 + spi / 32;
    u32 const mask = mask_of(spi),
              possible = targets_[spi] & online_ ? targets_[spi] & online_ : targets_[spi];
    for (unsigned n = 0; n != count_; ++n)
        vcpus_[n].routed[word] &= ~mask;
    if (possible)
        vcpus_[__builtin_ctz(possible)].routed[word] |= mask;
}

void Vgic::set_line(unsigned intid, bool high)
{
    ASSERT(intid >= private_count && intid < intid_count);
    if (spis_[intid / 32 - 1].set_line(mask_of(intid), high))
        changed(0, intid / 32, mask_of(intid));
}

void Vgic::set_private_line(unsigned vcpu, unsigned intid, bool high)
{
    ASSERT(vcpu < count_ && intid >= sgi_count && intid < private_count);
    ASSERT(intid != virtual_timer || !vcpus_[vcpu].timer_raised);
    if (vcpus_[vcpu].bank.set_line(mask_of(intid), high))
        changed(vcpu, 0, mask_of(intid));
}

/// Something has changed of some interrupts of a bank: notifies the VCPUs that have to do with them.
/// \param vcpu whose bank, if it is the private one
void Vgic::changed(unsigned vcpu, unsigned word, u32 mask)
{
    if (!word)
        return changed_for(vcpu, word, mask);
    for (unsigned n = 0; n != count_; ++n)
        changed_for(n, word, mask);
}

void Vgic::changed_for(unsigned vcpu, unsigned word, u32 mask)
{
    Vcpu const &v = vcpus_[vcpu];
    u32 const here = waiting(v, word) | v.listed[word] | v.active[word];
    if (here & mask || (!word && hardware_timer_waits(v)))
        notify(vcpu);
}

u32 Vgic::listed_vcpus() const
{
    u32 found = 0;
    for (unsigned n = 0; n != count_; ++n)
        if (vcpus_[n].in_use)
            found |= 1u << n;
    return found;
}

} // namespace vambrace
