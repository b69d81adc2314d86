// SPDX-License-Identifier: Apache-2.0
// How a guest's interrupts get into list registers and back.
#include <hyp/vgic/vgic.hpp>

namespace vambrace {

namespace {

/// The best of some interrupts, in order: by priority, and those of the same priority by INTID.
class Ranking {
  public:
    /// List registers but the one of the timer.
    static constexpr unsigned most = List_registers::count - 1;

    /// \param interrupts 32 of them, a bit each
    void add(Interrupt_bank const &bank, unsigned word, u32 interrupts)
    {
        for (; interrupts; interrupts &= interrupts - 1) {
            u32 const n = static_cast<u32>(__builtin_ctz(interrupts));
            insert(static_cast<u32>(bank.priority[n]) << 8 | word * 32 | n);
        }
    }

    /// How many there were.
    unsigned total() const { return total_; }
    /// \pre n < total() and n < most
    unsigned intid(unsigned n) const { return keys_[n] & 0xff; }

  private:
    void insert(u32 key)
    {
        ++total_;
        unsigned at = most;
        for (; at && key < keys_[at - 1]; --at)
            if (at != most)
                keys_[at] = keys_[at - 1];
        if (at != most)
            keys_[at] = key;
    }

    u32 keys_[most] {~0u, ~0u, ~0u};
    unsigned total_ {};
};

constexpr unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

} // namespace

void Vgic::fold(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    if (unsigned const ended = lrs.ended_unlisted())
        end_unlisted(vcpu, ended);
    lrs.hcr &= ~List_registers::all_ended_unlisted;
    if (!v.in_use)
        return;
    if (v.in_use & 1)
        fold_hardware_timer(v, lrs.lr[0]);
    for (unsigned n = 1; n != List_registers::count; ++n)
        if (bit(v.in_use, n))
            fold_one(vcpu, lrs.lr[n], bit(v.given_pending, n));
    for (List_register &lr : lrs.lr)
        lr = {};
    v.in_use = v.given_pending = 0;
    dirty_ |= 1u << vcpu;
}

void Vgic::fold_one(unsigned vcpu, List_register lr, bool was_pending)
{
    Vcpu &v = vcpus_[vcpu];
    unsigned const intid = lr.intid(), word = intid / 32;
    ASSERT(intid < intid_count);
    u32 const mask = mask_of(intid);
    Interrupt_bank &b = bank(v, word);
    b.listed &= ~mask;
    v.listed[word] &= ~mask;
    b.active = lr.is_active() ? b.active | mask : b.active & ~mask;
    v.active[word] = lr.is_active() ? v.active[word] | mask : v.active[word] & ~mask;
    if (intid < sgi_count)
        fold_sgi(v, lr);
    else if (!lr.is_pending() && was_pending && !(b.edge & mask))
        b.latched &= ~mask;
    else if (lr.is_pending() && b.edge & mask)
        b.latched |= mask;
    // Another VCPU's turn, if the guest has meanwhile said so.
    if (word && b.waiting() & mask & ~v.routed[word])
        changed(vcpu, word, mask);
}

void Vgic::fold_sgi(Vcpu &v, List_register lr)
{
    unsigned const intid = lr.intid(), source = lr.source();
    if (lr.is_active())
        v.sgi_active_source[intid] = static_cast<u8>(source);
    if (lr.is_pending())
        pend_sgi(v, intid, 1u << source);
}

/// The guest has ended interrupts that were in no list register. As it ends that of the highest priority
/// first, these are they.
void Vgic::end_unlisted(unsigned vcpu, unsigned count)
{
    Vcpu &v = vcpus_[vcpu];
    for (; count; --count) {
        Ranking active;
        for (unsigned word = 0; word != words; ++word)
            active.add(bank(v, word), word, v.active[word] & ~v.listed[word]);
        if (!active.total())
            return;
        unsigned const intid = active.intid(0);
        clear_active(vcpu, intid / 32, mask_of(intid));
    }
}

void Vgic::fill(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    fold(vcpu, lrs);
    dirty_ &= ~(1u << vcpu);
    fill_hardware_timer(v, lrs);
    Ranking active, pending;
    for (unsigned word = 0; word != words; ++word) {
        if (u32 const some = v.active[word] & ~v.listed[word])
            active.add(bank(v, word), word, some);
        if (u32 const some = waiting(v, word))
            pending.add(bank(v, word), word, some);
    }
    // Active ones first, as the guest will end them, but what is to interrupt them has to be there.
    unsigned const room = Ranking::most - (pending.total() ? 1 : 0);
    unsigned const first = least(active.total(), room),
                   second = least(pending.total(), Ranking::most - first);
    unsigned at = 1;
    for (unsigned n = 0; n != first; ++n)
        give(v, at++, active.intid(n), lrs);
    for (unsigned n = 0; n != second; ++n)
        give(v, at++, pending.intid(n), lrs);
    // Those that are left over are of no higher priority than the last one: they can come when that ends.
    if (pending.total() != second)
        lrs.lr[at - 1] = lrs.lr[at - 1].telling_its_end();
    lrs.hcr = active.total() != first ? List_registers::on | List_registers::not_listed : List_registers::on;
}

/// Puts an interrupt that is active here, or pending, into a list register.
void Vgic::give(Vcpu &v, unsigned at, unsigned intid, List_registers &lrs)
{
    unsigned const word = intid / 32;
    u32 const mask = mask_of(intid);
    Interrupt_bank &b = bank(v, word);
    List_register lr {intid, b.priority[intid % 32], bits(b.group, intid % 32, intid % 32)};
    if (v.active[word] & mask)
        lr = intid < sgi_count ? lr.active().from(v.sgi_active_source[intid]) : lr.active();
    if (b.pending() & b.forwarded & mask)
        lr = intid < sgi_count ? give_sgi(v, lr) : give_pending(v, lr);
    b.listed |= mask;
    v.listed[word] |= mask;
    v.in_use |= 1u << at;
    v.given_pending |= lr.is_pending() ? 1u << at : 0;
    lrs.lr[at] = lr;
}

List_register Vgic::give_pending(Vcpu &v, List_register lr)
{
    unsigned const word = lr.intid() / 32;
    u32 const mask = mask_of(lr.intid());
    Interrupt_bank &b = bank(v, word);
    if (!(v.routed[word] & mask))
        return lr.telling_its_end(); // active here, pending elsewhere
    if (b.edge & mask) {
        b.latched &= ~mask;
        return lr.pending();
    }
    // If the line is still high at the end, it is pending again.
    return b.line & mask ? lr.pending().telling_its_end() : lr.pending();
}

/// What was sent by several VCPUs is shown one after the other: no two list registers may have one INTID.
List_register Vgic::give_sgi(Vcpu &v, List_register lr)
{
    unsigned const intid = lr.intid();
    u32 sources = v.sgi_sources[intid];
    u32 const source = lr.is_active() ? lr.source() : static_cast<u32>(__builtin_ctz(sources));
    lr = lr.from(source);
    if (bit(sources, source))
        lr = lr.pending();
    sources &= ~(1u << source);
    v.sgi_sources[intid] = static_cast<u8>(sources);
    if (sources)
        return lr.telling_its_end();
    v.bank.latched &= ~mask_of(intid);
    return lr;
}

bool Vgic::deliverable(unsigned vcpu, List_registers const &lrs, Virtual_interface_control control) const
{
    Vcpu const &v = vcpus_[vcpu];
    for (List_register lr : lrs.lr)
        if (lr.is_pending() && !lr.is_active() && control.takes(lr.priority(), lr.group()))
            return true;
    if (hardware_timer_waits(v)) {
        List_register const timer = hardware_timer(v);
        if (control.takes(timer.priority(), timer.group()))
            return true;
    }
    for (unsigned word = 0; word != words; ++word)
        for (u32 some = waiting(v, word); some; some &= some - 1) {
            unsigned const n = static_cast<unsigned>(__builtin_ctz(some));
            Interrupt_bank const &b = bank(v, word);
            if (control.takes(b.priority[n], bits(b.group, n, n)))
                return true;
        }
    return false;
}

} // namespace vambrace
