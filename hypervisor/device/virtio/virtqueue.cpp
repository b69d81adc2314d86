// SPDX-License-Identifier: Apache-2.0
// Walks descriptors that the guest has written, and may write while they are walked.
#include <cstring>
#include <device/virtio/virtqueue.hpp>

namespace vambrace::virtio {

/// "The Virtqueue Descriptor Table".
struct Virtqueue::Descriptor {
    u64 address;
    u32 size;
    u16 flags, next;

    bool goes_on() const { return flags & 1; }
    bool is_written() const { return flags & 2; }
    bool is_indirect() const { return flags & 4; }
};

struct Virtqueue::Table {
    u8 const *first;
    u32 count;
    bool indirect;

    /// A copy: what was checked does not change any more. \pre n < count
    Descriptor operator[](u32 n) const
    {
        Descriptor d;
        std::memcpy(&d, first + n * sizeof d, sizeof d);
        return d;
    }
};

namespace {

constexpr u32 descriptor_size = 16;
/// Offsets in the available and the used ring, in halfwords.
constexpr u32 index = 1, ring = 2;
constexpr u32 used_element = 4; ///< halfwords of an element of the used ring
constexpr u16 no_interrupt = 1; ///< flags of the available ring

/// What the guest reads next, and what it has written: in the order that is written here.
void order() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
u16 load(u16 const *p) { return *const_cast<u16 const volatile *>(p); }
void store(u16 *p, u16 value) { *const_cast<u16 volatile *>(p) = value; }

u8 *reach(Memory_view const &memory, u64 ipa, u32 size)
{
    Result<u32> const offset = memory.offset_of(ipa, size);
    return offset ? memory.at(*offset) : nullptr;
}

} // namespace

Virtqueue::Virtqueue(Memory_view const &memory, Transport const &transport, Progress &progress)
    : memory_ {memory}, size_ {transport.queue().size}, indirect_ {transport.has(indirect_descriptors)},
      by_index_ {transport.has(event_index)}, progress_ {progress}
{
    static_assert(sizeof(Descriptor) == descriptor_size);
    Queue const &queue = transport.queue();
    ASSERT(queue.ready);
    constexpr u32 ends = 6; // flags, index, and the other side's index behind the elements
    descriptors_ = reach(memory, queue.descriptors, size_ * descriptor_size);
    available_ = reinterpret_cast<u16 *>(reach(memory, queue.driver, ends + size_ * 2));
    used_ = reinterpret_cast<u16 *>(reach(memory, queue.device, ends + size_ * used_element * 2));
}

u16 Virtqueue::waiting() const { return static_cast<u16>(load(&available_[index]) - progress_.taken); }

Error Virtqueue::take(Chain &chain)
{
    if (waiting() > size_)
        return Error::inval;
    order(); // the ring's elements after its index
    u16 const head = load(&available_[ring + progress_.taken % size_]);
    ++progress_.taken;
    chain.count = chain.readable = 0;
    chain.read_size = chain.write_size = 0;
    chain.head = head;
    if (head >= size_)
        return Error::inval;
    Table const table {descriptors_, size_, false};
    Descriptor const first = table[head];
    if (!first.is_indirect())
        return walk(table, head, chain);
    if (!indirect_ || first.goes_on() || first.size % descriptor_size || first.size == 0)
        return Error::inval;
    u8 const *const inner = reach(memory_, first.address, first.size);
    return inner ? walk({inner, first.size / descriptor_size, true}, 0, chain) : Error::address;
}

/// A chain that goes round is too long at some time: nothing is walked for ever.
Error Virtqueue::walk(Table table, u16 first, Chain &chain) const
{
    u32 next = first;
    for (unsigned n = 0; n != Chain::most; ++n) {
        if (next >= table.count)
            return Error::inval;
        Descriptor const d = table[next];
        if (d.is_indirect())
            return Error::inval;
        if (Error const error = add(d, chain); error != Error::none)
            return error;
        if (!d.goes_on())
            return Error::none;
        next = d.next;
    }
    return Error::inval;
}

Error Virtqueue::add(Descriptor const &d, Chain &chain) const
{
    u32 &sum = d.is_written() ? chain.write_size : chain.read_size;
    if (!d.is_written() && chain.count != chain.readable)
        return Error::inval; // what is read comes first
    if (d.size == 0)
        return Error::none;
    Result<u32> const offset = memory_.offset_of(d.address, d.size);
    if (!offset)
        return offset.error();
    if (sum + d.size < sum)
        return Error::inval;
    sum += d.size;
    chain.segments[chain.count++] = {*offset, d.size};
    if (!d.is_written())
        ++chain.readable;
    return Error::none;
}

void Virtqueue::give_back(Chain const &chain, u32 written)
{
    u32 const element[] {chain.head, written};
    std::memcpy(&used_[ring + progress_.used % size_ * used_element], element, sizeof element);
    order();
    store(&used_[index], ++progress_.used);
}

bool Virtqueue::announce()
{
    u16 const before = progress_.announced, now = progress_.used;
    progress_.announced = now;
    if (!by_index_)
        return now != before && !(load(available_) & no_interrupt);
    store(&used_[ring + size_ * used_element], progress_.taken);
    order();
    u16 const wanted = load(&available_[ring + size_]);
    return static_cast<u16>(now - wanted - 1) < static_cast<u16>(now - before);
}

} // namespace vambrace::virtio
