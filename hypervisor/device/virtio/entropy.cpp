// SPDX-License-Identifier: Apache-2.0
// Buffers are filled as far as there are words; one that gets none waits for the next.
#include <cstring>
#include <device/virtio/entropy.hpp>
#include <kernel/entropy_source.hpp>

namespace vambrace::virtio {

namespace {

constexpr u32 entropy_device = 4, queue_size = 8;
constexpr u64 features = version_1 | indirect_descriptors | event_index;

} // namespace

Entropy::Entropy(Domain &domain, unsigned irq)
    : transport {domain, irq, {entropy_device, queue_size, features}, *this}, domain_ {domain}
{
}

bool Entropy::serve(Transport &transport)
{
    Memory_view const memory {domain_};
    Virtqueue queue {memory, transport, progress_};
    if (!queue.is_reachable()) {
        transport.fail();
        return true;
    }
    bool done = true;
    for (unsigned budget = most_at_once; queue.waiting();) {
        Result<u32> const word = budget ? random_word() : Error::again;
        done = word.ok();
        if (!done)
            break;
        if (queue.take(chain_) != Error::none || chain_.readable || !chain_.write_size) {
            transport.fail();
            return true;
        }
        queue.give_back(chain_, fill(memory, *word, budget));
    }
    if (queue.announce())
        transport.interrupt();
    return done;
}

/// "Device Operation": one byte or more are put into a buffer. \return how many
u32 Entropy::fill(Memory_view const &memory, u32 first, unsigned &budget)
{
    u32 written = 0;
    Result<u32> word = first;
    for (Segment const *s = chain_.segments; s != chain_.segments + chain_.count; ++s) {
        for (u32 at = 0; at < s->size; at += sizeof(u32)) {
            if (written)
                word = budget ? random_word() : Error::again;
            if (!word)
                return written;
            --budget;
            u32 const left = s->size - at, size = left < sizeof(u32) ? left : u32 {sizeof(u32)};
            std::memcpy(memory.at(s->offset + at), &*word, size);
            written += size;
        }
    }
    return written;
}

} // namespace vambrace::virtio
