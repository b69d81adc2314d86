// SPDX-License-Identifier: Apache-2.0
// A disk and a driver of it, for tests: requests as "Device Operation" of block devices has them.
#pragma once
#include <catch2/catch.hpp>
#include <device/virtio/disk.hpp>
#include <device/virtio/driver.hpp>

namespace vambrace {

struct Disk_bench {
    static constexpr unsigned irq = 9;
    static constexpr u32 header = Driver::free, status = header + 16, data = header + 0x1000;
    static constexpr u32 in = 0, out = 1, flush = 4, get_name = 8;
    static constexpr u8 ok = 0, io_error = 1, unsupported = 2, untouched = 0xee;
    static constexpr u64 all =
        virtio::version_1 | virtio::indirect_descriptors | virtio::event_index | 1 << 9;

    /// \param size of the image in bytes
    explicit Disk_bench(u32 size = 64 * 512, bool writable = true)
        : image(size), disk {guest, irq, {image.data(), size, writable}, 3}
    {
        for (u32 n = 0; n != size; ++n)
            image[n] = static_cast<u8>(n * 7 + n / 512 * 3 + n / 65536);
        driver.start();
    }

    Device_guest guest {};
    std::vector<u8> image; ///< of exactly that size, so that the sanitizer sees a byte too far
    virtio::Disk disk;
    Driver driver {guest, disk.transport};

    void put_header(u32 type, u64 sector, u32 at = header)
    {
        guest.at<u32>(at) = type;
        guest.at<u32>(at + 4) = 0;
        guest.at<u64>(at + 8) = sector;
    }
    /// Parts of a request: the header, data at `data`, the status.
    std::vector<Part> parts(u32 type, u64 sector, u32 size, bool written)
    {
        put_header(type, sector);
        guest.at<u8>(status) = untouched;
        if (size == 0)
            return {{header, 16, false}, {status, 1, true}};
        return {{header, 16, false}, {data, size, written}, {status, 1, true}};
    }
    /// A request from beginning to end. Returns its status.
    u8 request(std::vector<Part> const &parts)
    {
        driver.offer(driver.chain(parts));
        (void)driver.notify();
        return guest.at<u8>(status);
    }
    u8 reads(u64 sector, u32 size) { return request(parts(in, sector, size, true)); }
    u8 writes(u64 sector, u32 size) { return request(parts(out, sector, size, false)); }

    /// Bytes of the guest at `data`.
    std::vector<u8> bytes(u32 size)
    {
        u8 const *const first = guest.bytes(data, size);
        return {first, first + size};
    }
    std::vector<u8> of_image(u32 sector, u32 size) const
    {
        return {image.begin() + sector * 512, image.begin() + sector * 512 + size};
    }
    bool line() const { return guest.line(irq); }
};

} // namespace vambrace
