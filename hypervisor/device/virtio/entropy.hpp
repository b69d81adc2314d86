// SPDX-License-Identifier: Apache-2.0
// A source of randomness (VIRTIO, "Entropy Device"): words of the board's, as they come.
#pragma once
#include <device/virtio/virtqueue.hpp>

namespace vambrace::virtio {

class Entropy final : public Queue_backend<Entropy> {
  public:
    /// \pre the board has a source
    Entropy(Domain &domain, unsigned irq);

    u32 config(u32) const override { return 0; }

    Transport transport;

  private:
    friend Queue_backend;

    class Ration;

    Served work(Memory_view const &memory, Virtqueue &queue);
    u32 fill(Memory_view const &memory, u32 first, Ration &ration);

    Chain chain_ {}; ///< while a buffer is filled
};

} // namespace vambrace::virtio
