// SPDX-License-Identifier: Apache-2.0
// A source of randomness (VIRTIO, "Entropy Device"): words of the board's, as they come.
#pragma once
#include <device/virtio/virtqueue.hpp>

namespace vambrace::virtio {

class Entropy final : public Backend {
  public:
    /// \pre the board has a source
    Entropy(Domain &domain, unsigned irq);

    bool serve(Transport &transport) override;
    void reset() override { progress_ = {}; }
    u32 config(u32) const override { return 0; }

    Transport transport;

  private:
    u32 fill(Memory_view const &memory, u32 word, unsigned &budget);

    /// Words that one notification gives before other guests may have their turn.
    static constexpr unsigned most_at_once = 64;

    Domain &domain_;
    Progress progress_ {};
    Chain chain_ {}; ///< while a buffer is filled
};

} // namespace vambrace::virtio
