// SPDX-License-Identifier: Apache-2.0
// A disk (VIRTIO, "Block Device") whose contents are in the hypervisor's memory: an image of the boot bundle.
#pragma once
#include <device/virtio/virtqueue.hpp>

namespace vambrace::virtio {

constexpr u32 sector_size = 512;

/// What is on a disk.
struct Disk_image {
    u8 *data;
    u32 size;      ///< at least a sector; what is behind the last whole one cannot be reached
    bool writable; ///< nobody else has it then

    u32 sectors() const { return size / sector_size; }
};

/// Data is copied while the driver's notification is executed, so it costs the guest its own time.
class Disk final : public Queue_backend<Disk> {
  public:
    /// \param number of the guest's disks: the name that the driver can ask for ends with it
    Disk(Domain &domain, unsigned irq, Disk_image image, unsigned number);

    void reset() override;
    u32 config(u32 offset) const override;

    Transport transport;

  private:
    friend Queue_backend;

    enum class Status : u8 { ok = 0, io_error = 1, unsupported = 2 };
    enum class Direction : bool { from_guest, to_guest };
    struct Header;
    /// How far the data of a request was copied.
    struct Copy {
        Direction direction;
        u8 *data;         ///< what is next, of ours
        u32 left;         ///< bytes
        unsigned segment; ///< where it goes or comes from
        u32 offset;       ///< in that segment
    };

    Served work(Memory_view const &memory, Virtqueue &queue);
    bool begin(Memory_view const &memory, Virtqueue &queue);
    void start(u64 sector, u32 size, Direction direction);
    void copy_to_guest(u8 *data, u32 size);
    u32 go_on(Memory_view const &memory, u32 most);
    void end(Memory_view const &memory, Virtqueue &queue);

    /// What one notification copies before other guests may have their turn, and what else it costs: in bytes
    /// that could be copied instead.
    static constexpr u32 most_at_once = 64 * kib, price_of_request = 4 * kib, price_of_segment = 128;

    Disk_image const image_;
    char name_[20];    ///< what is behind its end is zeros
    Chain chain_ {};   ///< of the request that was begun
    bool busy_ {};     ///< there is one
    Status status_ {}; ///< of it
    Copy copy_ {};
    u32 written_ {}; ///< since it was begun
};

} // namespace vambrace::virtio
