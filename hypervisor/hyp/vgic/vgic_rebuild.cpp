// SPDX-License-Identifier: Apache-2.0
// Taking back all that list registers have, and filling them by priority.
#include <hyp/vgic/vgic_delivery.hpp>

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

void Vgic_delivery::fold(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    if (unsigned const ended = lrs.ended_unlisted())
        end_unlisted(vcpu, ended);
    lrs.hcr &= ~List_registers::all_ended_unlisted;
    if (!v.in_use)
        return;
    if (v.in_use & 1)
        v.fold_hardware_timer(lrs.lr[0]);
    for (unsigned at = 1; at != List_registers::count; ++at)
        if (bit(v.in_use, at))
            fold_one(vcpu, at, lrs.lr[at]);
    for (List_register &lr : lrs.lr)
        lr = {};
    v.in_use = v.soft = v.stale = 0;
    v.rebuild = true;
    dirty_ |= 1u << vcpu;
}

void Vgic_delivery::fold_one(unsigned vcpu, unsigned at, List_register lr)
{
    Vcpu &v = vcpus_[vcpu];
    unsigned const intid = lr.intid(), word = intid / 32;
    ASSERT(intid < intid_count);
    u32 const mask = mask_of(intid);
    Interrupt_bank &b = bank(v, word);
    if (lr.is_active() && intid < sgi_count)
        v.sgi_active_source[intid] = static_cast<u8>(lr.source());
    if (lr.is_pending() && intid < sgi_count)
        v.pend_sgi(intid, 1u << lr.source());
    else if (lr.is_pending() && (b.edge & mask || bit(v.soft, at)))
        b.latched |= mask;
    if (lr.is_active())
        v.active[word] |= mask;
    else
        release(vcpu, intid);
}

void Vgic_delivery::rebuild(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    fold(vcpu, lrs);
    dirty_ &= ~(1u << vcpu);
    v.rebuild = false;
    v.stale = 0;
    v.fill_hardware_timer(lrs);
    Ranking active, pending;
    for (unsigned word = 0; word != words; ++word) {
        active.add(bank(v, word), word, v.active[word]);
        pending.add(bank(v, word), word, candidates(v, word));
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
    bool const left_over = pending.total() != second;
    if (left_over)
        lrs.lr[at - 1] = lrs.lr[at - 1].telling_its_end();
    v.news = left_over ? (1u << words) - 1 : 0;
    lrs.hcr = List_registers::on;
    if (active.total() != first) {
        v.rebuild = true;
        lrs.hcr |= List_registers::not_listed;
    }
}

/// The guest has ended interrupts that were in no list register. As it ends that of the highest priority
/// first, these are they.
void Vgic_delivery::end_unlisted(unsigned vcpu, unsigned count)
{
    Vcpu &v = vcpus_[vcpu];
    for (; count; --count) {
        Ranking active;
        for (unsigned word = 0; word != words; ++word)
            active.add(bank(v, word), word, v.active[word]);
        if (!active.total())
            return;
        clear_active(vcpu, active.intid(0) / 32, mask_of(active.intid(0)));
    }
}

void Vgic_delivery::clear_active(unsigned vcpu, unsigned word, u32 mask)
{
    unsigned const first = word ? 0 : vcpu, end = word ? count_ : vcpu + 1;
    for (unsigned n = first; n != end; ++n) {
        Vcpu &v = vcpus_[n];
        u32 const ended = v.active[word] & mask;
        v.active[word] &= ~ended;
        if (!word && ended & timer_bit && v.timer_active) {
            v.timer_active = false;
            v.deactivate_timer = true;
        }
        for (u32 left = ended; left; left &= left - 1)
            release(n, word * 32 + static_cast<unsigned>(__builtin_ctz(left)));
    }
    changed(vcpu, word, mask, Change::other);
}

} // namespace vambrace
