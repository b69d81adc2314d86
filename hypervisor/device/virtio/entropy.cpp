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

/// What one notification may have of the source before other guests have their turn.
class Entropy::Ration {
  public:
    /// Error::again: there is nothing at the moment, or it was enough.
    Result<u32> next()
    {
        if (!words_)
            return Error::again;
        --words_;
        return random_word();
    }

  private:
    unsigned words_ = 64;
};

Entropy::Entropy(Domain &domain, unsigned irq)
    : Queue_backend {domain}, transport {domain, irq, {entropy_device, queue_size, features}, *this}
{
}

Served Entropy::work(Memory_view const &memory, Virtqueue &queue)
{
    Ration ration;
    while (queue.waiting()) {
        Result<u32> const word = ration.next();
        if (!word)
            return Served::part;
        if (queue.take(chain_) != Error::none || chain_.readable || !chain_.write_size)
            return Served::broken;
        queue.give_back(chain_, fill(memory, *word, ration));
    }
    return Served::all;
}

/// "Device Operation": one byte or more are put into a buffer. \return how many
u32 Entropy::fill(Memory_view const &memory, u32 first, Ration &ration)
{
    u32 written = 0;
    Result<u32> word = first;
    for (Segment const *s = chain_.segments; s != chain_.segments + chain_.count; ++s) {
        for (u32 at = 0; at < s->size; at += sizeof(u32)) {
            if (written)
                word = ration.next();
            if (!word)
                return written;
            u32 const left = s->size - at, size = left < sizeof(u32) ? left : u32 {sizeof(u32)};
            std::memcpy(memory.at(s->offset + at), &*word, size);
            written += size;
        }
    }
    return written;
}

} // namespace vambrace::virtio
