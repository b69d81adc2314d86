// SPDX-License-Identifier: Apache-2.0
// The device's side of a split virtqueue (VIRTIO, "Split Virtqueues"), which is in the guest's RAM: every
// word of it is read once, and checked.
#pragma once
#include <device/virtio/transport.hpp>
#include <kernel/memory_view.hpp>

namespace vambrace::virtio {

/// A part of a buffer, in the guest's RAM.
struct Segment {
    u32 offset, size; ///< size is not 0
};

/// One buffer: what the device reads, then what it writes.
struct Chain {
    static constexpr unsigned most = 128; ///< of segments

    Segment segments[most];
    u16 count, readable; ///< the first `readable` of `count` are read
    u16 head;            ///< its first descriptor, by which the driver knows it
    u32 read_size, write_size;
};

/// How far a queue was worked off. It begins as zeros.
struct Progress {
    u16 taken;     ///< buffers, of the available ring
    u16 used;      ///< and of the used ring
    u16 announced; ///< `used` as it was when the driver was last asked whether it wants to know
};

/// \pre the queue is ready, and stays so
class Virtqueue {
  public:
    Virtqueue(Memory_view const &memory, Transport const &transport, Progress &progress);

    /// Are all of its parts in the guest's RAM?
    bool is_reachable() const { return descriptors_ && available_ && used_; }
    /// What is common to all below: \pre is_reachable()

    /// Buffers that the driver has made available, and nobody has taken; it may say more than there can be.
    u16 waiting() const;
    /// The next one. Error::address: it is not in the guest's RAM; Error::inval: it is not a chain.
    /// \pre waiting()
    Error take(Chain &chain);
    /// It is the driver's again. \param written bytes
    void give_back(Chain const &chain, u32 written);
    /// Whether the driver wants to be interrupted for what it was given back; and it notifies again from now
    /// on.
    bool announce();

  private:
    struct Descriptor;
    struct Table; ///< of descriptors: the queue's own, or an indirect one

    Error walk(Table table, u16 first, Chain &chain) const;
    Error add(Descriptor const &d, Chain &chain) const;

    Memory_view const &memory_;
    u32 const size_;
    bool const indirect_, by_index_;
    Progress &progress_;
    u8 const *descriptors_ {};
    u16 *available_ {};
    u16 *used_ {};
};

/// How far a backend came: there is nothing more to do; there is more, and it wants to be asked again; what
/// the driver has put into the queue cannot be.
enum class Served : u8 { all, part, broken };

/// Of a device whose queue is in the guest's RAM.
/// \tparam Device derived from it; work(memory, queue) goes on with a queue that is_reachable()
template <typename Device>
class Queue_backend : public Backend {
  public:
    bool serve(Transport &transport) final
    {
        Memory_view const memory {domain_};
        Virtqueue queue {memory, transport, progress_};
        Served const served =
            queue.is_reachable() ? static_cast<Device *>(this)->work(memory, queue) : Served::broken;
        if (served == Served::broken) {
            transport.fail();
            return true;
        }
        if (queue.announce())
            transport.interrupt();
        return served == Served::all;
    }
    void reset() override { progress_ = {}; }

  protected:
    constexpr explicit Queue_backend(Domain &domain) : domain_ {domain} {}
    ~Queue_backend() = default;

  private:
    Domain &domain_;
    Progress progress_ {};
};

} // namespace vambrace::virtio
