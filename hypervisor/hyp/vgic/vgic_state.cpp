// SPDX-License-Identifier: Apache-2.0
// The lines of a guest's interrupt controller, and which VCPU something has come for.
#include <hyp/vgic/vgic_state.hpp>

namespace vambrace {

Vgic_state::Vgic_state(unsigned vcpus) : count_ {vcpus}
{
    ASSERT(vcpus && vcpus <= max_vcpus);
    reset();
}

void Vgic_state::reset()
{
    dirty_ = wakeups_ = control_ = 0;
    online_ = 1;
    for (Interrupt_bank &b : spis_)
        b = {};
    for (u8 &targets : targets_)
        targets = 0;
    for (Vcpu &v : vcpus_) {
        v = {};
        v.banks[0] = &v.bank;
        for (unsigned word = 1; word != words; ++word)
            v.banks[word] = &spis_[word - 1];
        v.bank.enabled = sgis; // they cannot be disabled
        v.bank.edge = sgis;
        v.routed[0] = ~0u;
    }
    // Of a single VCPU all lines are, and GICD_ITARGETSR does not exist (IHI 0048B 4.3.12).
    if (count_ == 1)
        for (unsigned word = 1; word != words; ++word)
            vcpus_[0].routed[word] = ~0u;
}

void Vgic_state::set_online(unsigned vcpu, bool online)
{
    ASSERT(vcpu < count_);
    online_ = online ? online_ | 1u << vcpu : online_ & ~(1u << vcpu);
    if (count_ == 1)
        return;
    for (unsigned n = 0; n != spi_count; ++n)
        route(n);
    for (unsigned word = 1; word != words; ++word) {
        forward(vcpu, word);
        changed(vcpu, word, ~0u, Change::other);
    }
}

/// One of the VCPUs that a line may interrupt is chosen: the first that is online, else the first.
void Vgic_state::route(unsigned spi)
{
    unsigned const word = 1 + spi / 32;
    u32 const mask = mask_of(spi), online = targets_[spi] & online_;
    for (unsigned n = 0; n != count_; ++n)
        vcpus_[n].routed[word] &= ~mask;
    if (u32 const possible = online ? online : targets_[spi])
        vcpus_[__builtin_ctz(possible)].routed[word] |= mask;
}

void Vgic_state::forward(unsigned vcpu, unsigned word)
{
    Interrupt_bank &b = bank(vcpus_[vcpu], word);
    b.forward(control_);
    if (!word)
        vcpus_[vcpu].allowed[0] = b.forwarded & vcpus_[vcpu].routed[0];
    for (unsigned n = 0; word && n != count_; ++n)
        vcpus_[n].allowed[word] = b.forwarded & vcpus_[n].routed[word];
}

void Vgic_state::set_line(unsigned intid, bool high)
{
    ASSERT(intid >= private_count && intid < intid_count);
    Interrupt_bank &b = spis_[intid / 32 - 1];
    if (b.set_line(mask_of(intid), high) && (high || b.busy & mask_of(intid)))
        arrived(concerned(intid), intid);
}

void Vgic_state::set_private_line(unsigned vcpu, unsigned intid, bool high)
{
    ASSERT(vcpu < count_ && intid >= sgi_count && intid < private_count);
    ASSERT(intid != virtual_timer || !(vcpus_[vcpu].timer_raised || vcpus_[vcpu].in_use & 1));
    Interrupt_bank &b = vcpus_[vcpu].bank;
    if (b.set_line(mask_of(intid), high) && (high || b.busy & mask_of(intid)))
        arrived(vcpu, intid);
}

unsigned Vgic_state::concerned_of_several(unsigned intid) const
{
    unsigned const word = intid / 32;
    u32 const mask = mask_of(intid);
    bool const busy = spis_[word - 1].busy & mask;
    for (unsigned n = 0; n != count_; ++n)
        if ((busy ? vcpus_[n].held[word] : vcpus_[n].routed[word]) & mask)
            return n;
    return count_;
}

void Vgic_state::changed(unsigned vcpu, unsigned word, u32 mask, Change change)
{
    Interrupt_bank const &b = bank(vcpus_[vcpu], word);
    if (!((b.pending() | b.busy) & mask))
        return;
    if (!word)
        return changed_for(vcpu, word, mask, change);
    for (unsigned n = 0; n != count_; ++n)
        changed_for(n, word, mask, change);
}

void Vgic_state::changed_for(unsigned vcpu, unsigned word, u32 mask, Change change)
{
    Vcpu &v = vcpus_[vcpu];
    u32 const held = v.held[word] & mask, waiting = candidates(v, word) & mask;
    bool const timer = !word && (v.hardware_timer_waits() || held & timer_bit);
    if (timer || (held && change == Change::other))
        v.rebuild = true;
    for (u32 left = v.rebuild ? 0 : held; left; left &= left - 1)
        v.stale |= 1u << bank(v, word).list_register[__builtin_ctz(left)];
    if (waiting)
        v.news |= 1u << word;
    if (held | waiting || timer)
        notify(vcpu);
}

void Vgic_state::release(unsigned vcpu, unsigned intid)
{
    unsigned const word = intid / 32;
    u32 const mask = mask_of(intid);
    Vcpu &v = vcpus_[vcpu];
    Interrupt_bank &b = bank(v, word);
    if (v.active[word] & mask)
        return;
    b.busy &= ~mask;
    v.held[word] &= ~mask;
    if (!(b.pending() & b.forwarded & mask))
        return;
    v.news |= 1u << word;
    if (word && !(v.routed[word] & mask)) // the guest has meanwhile said so
        arrived(concerned(intid), intid);
}

u32 Vgic_state::listed_vcpus() const
{
    u32 found = 0;
    for (unsigned n = 0; n != count_; ++n)
        if (vcpus_[n].in_use)
            found |= 1u << n;
    return found;
}

} // namespace vambrace
