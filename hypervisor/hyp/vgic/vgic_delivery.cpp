// SPDX-License-Identifier: Apache-2.0
// Keeping list registers up to date while there is room for all that is pending.
#include <hyp/vgic/vgic_delivery.hpp>

namespace vambrace {

/// What has come and is in no list register yet gets one each, or all are filled anew by priority.
void Vgic_delivery::fill_news(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    constexpr u32 all = (1u << List_registers::count) - 2; // but the timer's
    while (v.news) {
        unsigned const word = static_cast<unsigned>(__builtin_ctz(v.news));
        v.news &= v.news - 1;
        for (u32 left = candidates(v, word); left; left &= left - 1) {
            if (!(~v.in_use & all))
                retire_idle(vcpu, lrs);
            u32 const free = ~v.in_use & all;
            if (!free)
                return rebuild(vcpu, lrs);
            give(v, static_cast<unsigned>(__builtin_ctz(free)),
                 word * 32 + static_cast<unsigned>(__builtin_ctz(left)), lrs);
        }
    }
}

/// A list register stays an interrupt's that has ended, for the next time, until there is no other.
void Vgic_delivery::retire_idle(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    for (unsigned at = 1; at != List_registers::count; ++at) {
        List_register &lr = lrs.lr[at];
        if (lr.is_valid())
            continue;
        v.in_use &= ~(1u << at);
        release(vcpu, lr.intid());
        lr = {};
    }
}

/// Gives a list register to an interrupt that is active here, or pending.
void Vgic_delivery::give(Vcpu &v, unsigned at, unsigned intid, List_registers &lrs)
{
    unsigned const word = intid / 32;
    u32 const mask = mask_of(intid);
    Interrupt_bank &b = bank(v, word);
    List_register lr {intid, b.priority[intid % 32], b.group >> intid % 32 & 1};
    if (v.active[word] & mask) {
        v.active[word] &= ~mask;
        lr = intid < sgi_count ? lr.active().from(v.sgi_active_source[intid]) : lr.active();
    }
    b.busy |= mask;
    b.list_register[intid % 32] = static_cast<u8>(at);
    v.held[word] |= mask;
    v.in_use |= 1u << at;
    lrs.lr[at] = refreshed(v, at, lr);
}

/// A list register with what its interrupt has become, while the guest has made of it what it is.
List_register Vgic_delivery::refreshed(Vcpu &v, unsigned at, List_register lr)
{
    unsigned const intid = lr.intid(), word = intid / 32;
    ASSERT(intid < intid_count);
    if (intid < sgi_count)
        return refreshed_sgi(v, lr);
    u32 const mask = mask_of(intid), here = v.allowed[word] & mask;
    Interrupt_bank &b = bank(v, word);
    lr = lr.not_telling_its_end();
    if (!here)
        return refreshed_elsewhere(v, at, lr);
    if (b.edge & mask) {
        if (!(b.latched & mask))
            return lr;
        b.latched &= ~mask;
        return lr.pending();
    }
    lr = v.soft | (b.latched & mask) ? refreshed_soft(v, at, lr) : lr.not_pending();
    // If the line is high at the end, the interrupt comes again.
    return b.line & mask ? lr.pending().telling_its_end() : lr;
}

/// Likewise, of a level-sensitive one whose line is low, but that software may have made pending.
List_register Vgic_delivery::refreshed_soft(Vcpu &v, unsigned at, List_register lr)
{
    u32 const mask = mask_of(lr.intid()), this_one = 1u << at;
    Interrupt_bank &b = bank(v, lr.intid() / 32);
    if (!lr.is_pending())
        v.soft &= ~this_one; // taken
    if (b.latched & mask)
        v.soft |= this_one;
    b.latched &= ~mask;
    return v.soft & this_one ? lr.pending() : lr.not_pending();
}

/// Likewise, of an interrupt that is not to come here, or not now. If it will come to another VCPU, or to
/// list register 0, its end has to be known.
List_register Vgic_delivery::refreshed_elsewhere(Vcpu &v, unsigned at, List_register lr)
{
    unsigned const word = lr.intid() / 32;
    u32 const mask = mask_of(lr.intid());
    Interrupt_bank &b = bank(v, word);
    if (lr.is_pending() && (b.edge & mask || bit(v.soft, at)))
        b.latched |= mask;
    v.soft &= ~(1u << at);
    lr = lr.not_pending();
    if (!(b.pending() & b.forwarded & mask))
        return lr;
    v.rebuild = true;
    return lr.is_active() ? lr.telling_its_end() : lr;
}

/// What was sent by several VCPUs is shown one after the other, as no two list registers may have one INTID.
List_register Vgic_delivery::refreshed_sgi(Vcpu &v, List_register lr)
{
    unsigned const intid = lr.intid();
    u32 sources = v.sgi_sources[intid];
    lr = lr.not_telling_its_end();
    if (!sources || !(v.allowed[0] & mask_of(intid)))
        return lr;
    u32 const source = lr.is_valid() ? lr.source() : static_cast<u32>(__builtin_ctz(sources));
    if (bit(sources, source))
        lr = lr.from(source).pending();
    sources &= ~(1u << source);
    v.sgi_sources[intid] = static_cast<u8>(sources);
    if (sources)
        return lr.telling_its_end();
    v.bank.latched &= ~mask_of(intid);
    return lr;
}

bool Vgic_delivery::deliverable(unsigned vcpu, List_registers &lrs, Virtual_interface_control control)
{
    u32 ended = 0;
    for (unsigned at = 1; at != List_registers::count; ++at)
        if (!lrs.lr[at].is_valid() && lrs.lr[at].tells_its_end())
            ended |= 1u << at;
    if (ended || needs_fill(vcpu) || lrs.ended_unlisted())
        fill_after_end(vcpu, lrs, ended);
    for (List_register lr : lrs.lr)
        if (lr.is_pending() && !lr.is_active() && control.takes(lr.priority(), lr.group()))
            return true;
    return false;
}

void Vgic_delivery::raise_first_hardware_timer(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    bool const elsewhere = !(v.in_use & 1) && v.bank.busy & timer_bit;
    if (v.bank.forwarded & timer_bit && !elsewhere)
        return v.give_hardware_timer(lrs);
    v.keep_hardware_timer();
    changed_for(vcpu, 0, timer_bit, Change::other);
}

bool Vgic_delivery::lower_hardware_timer(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    bool const withdrawn = v.withdraw_hardware_timer(lrs);
    if (withdrawn)
        changed_for(vcpu, 0, timer_bit, Change::other);
    return withdrawn;
}

} // namespace vambrace
