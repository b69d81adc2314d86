// SPDX-License-Identifier: Apache-2.0
// Requests of a block device's driver: each is checked, and then copied in steps.
#include <cstring>
#include <device/virtio/disk.hpp>

namespace vambrace::virtio {

namespace {

constexpr u32 block_device = 2, queue_size = 128;

/// "Block Device", "Feature bits".
constexpr u64 segments_are_bounded = 1 << 2, read_only = 1 << 5, flush = 1 << 9;

/// "Device configuration layout": the words that are not 0.
enum Config : u32 { capacity = 0x00, segment_count = 0x0c };

/// Types of request.
enum Request : u32 { in = 0, out = 1, flush_all = 4, get_name = 8 };

constexpr u64 features(Disk_image const &image)
{
    return version_1 | indirect_descriptors | event_index | segments_are_bounded | flush |
           (image.writable ? 0 : read_only);
}

/// memcpy() goes by words then, and by bytes otherwise.
bool are_words(u8 const *a, u8 const *b)
{
    return is_aligned(
        static_cast<u32>(reinterpret_cast<std::uintptr_t>(a) | reinterpret_cast<std::uintptr_t>(b)), 4);
}

} // namespace

/// "Device Operation": what a request begins with.
struct Disk::Header {
    u32 type, reserved;
    u64 sector;
};

Disk::Disk(Domain &domain, unsigned irq, Disk_image image, unsigned number)
    : Queue_backend {domain}, transport {domain, irq, {block_device, queue_size, features(image)}, *this},
      image_ {image}, name_ {"vambrace-disk-0"}
{
    ASSERT(image.sectors() && number < 10);
    name_[14] = static_cast<char>('0' + number);
}

void Disk::reset()
{
    Queue_backend::reset();
    busy_ = false;
}

u32 Disk::config(u32 offset) const
{
    switch (offset) {
    case capacity: return image_.sectors();
    case segment_count: return Chain::most - 2; // beside header and status
    default: return 0;
    }
}

Served Disk::work(Memory_view const &memory, Virtqueue &queue)
{
    u32 rest = most_at_once;
    while (rest && (busy_ || queue.waiting())) {
        u32 cost = price_of_request;
        if (busy_) {
            cost = go_on(memory, rest);
        } else if (!begin(memory, queue)) {
            return Served::broken;
        }
        rest -= cost < rest ? cost : rest;
        if (!copy_.left)
            end(memory, queue);
    }
    return rest ? Served::all : Served::part;
}

/// \return false: what the driver has put there is no request at all
bool Disk::begin(Memory_view const &memory, Virtqueue &queue)
{
    Header header;
    if (queue.take(chain_) != Error::none || chain_.read_size < sizeof header || chain_.write_size == 0)
        return false;
    busy_ = true;
    status_ = Status::ok;
    copy_ = {Direction::from_guest, reinterpret_cast<u8 *>(&header), sizeof header, 0, 0};
    while (copy_.left)
        go_on(memory, copy_.left);
    written_ = 0;
    switch (header.type) {
    case in: start(header.sector, chain_.write_size - 1, Direction::to_guest); break;
    case out: start(header.sector, chain_.read_size - u32 {sizeof header}, Direction::from_guest); break;
    case flush_all: break;
    case get_name: copy_to_guest(reinterpret_cast<u8 *>(name_), sizeof name_); break;
    default: status_ = Status::unsupported;
    }
    return true;
}

/// \param size of the data, in bytes
void Disk::start(u64 sector, u32 size, Direction direction)
{
    u32 const all = image_.sectors(), count = size / sector_size;
    bool const is_there = sector <= all && count <= all - static_cast<u32>(sector);
    bool const is_allowed = direction == Direction::to_guest || image_.writable;
    if (size % sector_size || !is_there || !is_allowed) {
        status_ = Status::io_error;
        return;
    }
    u8 *const data = image_.data + static_cast<u32>(sector) * sector_size;
    if (direction == Direction::to_guest)
        return copy_to_guest(data, size);
    copy_.data = data; // it goes on behind the header
    copy_.left = size;
}

/// Or as much as the driver has room for.
void Disk::copy_to_guest(u8 *data, u32 size)
{
    u32 const room = chain_.write_size - 1;
    copy_ = {Direction::to_guest, data, size < room ? size : room, chain_.readable, 0};
}

/// Copies some of what is left, at most up to the end of a segment. \return what it has cost, in bytes
/// \param most that it may cost, but for a segment's price
u32 Disk::go_on(Memory_view const &memory, u32 most)
{
    constexpr u32 bytewise = 4;
    if (copy_.offset == chain_.segments[copy_.segment].size) {
        ++copy_.segment;
        copy_.offset = 0;
    }
    ASSERT(copy_.left && copy_.segment < chain_.count);
    Segment const s = chain_.segments[copy_.segment];
    u8 *const guest = memory.at(s.offset + copy_.offset);
    u32 size = s.size - copy_.offset;
    size = size < copy_.left ? size : copy_.left;
    bool const words = are_words(guest, copy_.data);
    u32 const affordable = align_up(words ? most : (most + bytewise - 1) / bytewise, 4); // words stay words
    size = size < affordable ? size : affordable;
    bool const to_guest = copy_.direction == Direction::to_guest;
    std::memcpy(to_guest ? guest : copy_.data, to_guest ? copy_.data : guest, size);
    copy_.data += size;
    copy_.left -= size;
    copy_.offset += size;
    written_ += size;
    return price_of_segment + (words ? size : size * bytewise);
}

/// The status is the last byte that the driver gave.
void Disk::end(Memory_view const &memory, Virtqueue &queue)
{
    Segment const last = chain_.segments[chain_.count - 1];
    *memory.at(last.offset + last.size - 1) = static_cast<u8>(status_);
    queue.give_back(chain_, copy_.direction == Direction::to_guest ? written_ + 1 : 1);
    busy_ = false;
}

} // namespace vambrace::virtio
