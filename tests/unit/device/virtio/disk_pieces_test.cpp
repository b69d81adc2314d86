// SPDX-License-Identifier: Apache-2.0
// Random requests in random pieces, against a model of a disk: header, data and status may be cut anywhere.
#include <algorithm>
#include <catch2/catch.hpp>
#include <device/virtio/disk_bench.hpp>
#include <random>
#include <seed.hpp>

using namespace vambrace;
using Bench = Disk_bench;

namespace {

class Random_requests {
  public:
    explicit Random_requests(unsigned seed) : random_ {seed}, b_ {512 * (40 + below(100)), below(4) != 0}
    {
        b_.driver.start(below(2) ? Bench::all : Driver::usual | virtio::indirect_descriptors);
    }

    void step()
    {
        u32 const type = any_type(), size = below(4) ? below(24) * 512 : below(2000);
        u64 const sector = below(12) ? below(150) : ~0ull << below(64);
        to_read_ = bytes_of_header(type, sector);
        if (type == Bench::out)
            for (u32 n = 0; n != size; ++n)
                to_read_.push_back(static_cast<u8>(random_()));
        room_ = (type == Bench::out || type == Bench::flush ? 0 : size) + 1;
        expect(type, sector, type == Bench::out ? size : room_ - 1);
        make();
        check();
    }

  private:
    struct Piece {
        u32 at, first, size; ///< `first` of what is cut
    };

    u32 below(u32 n) { return static_cast<u32>(random_() % n); }
    u32 any_type()
    {
        u32 const kind = below(12);
        return kind < 5     ? Bench::in
               : kind < 9   ? Bench::out
               : kind == 9  ? Bench::flush
               : kind == 10 ? Bench::get_name
                            : below(20);
    }
    static std::vector<u8> bytes_of_header(u32 type, u64 sector)
    {
        std::vector<u8> bytes(16);
        std::memcpy(bytes.data(), &type, 4);
        std::memcpy(bytes.data() + 8, &sector, 8);
        return bytes;
    }
    /// What the model's disk does.
    void expect(u32 type, u64 sector, u32 size)
    {
        u64 const all = b_.image.size() / 512;
        bool const is_there = size % 512 == 0 && sector <= all && size / 512 <= all - sector;
        bool const writable = !is_read_only();
        image_ = b_.image;
        answer_.clear();
        status_ = Bench::ok;
        if (type == Bench::in && is_there)
            answer_ = b_.of_image(static_cast<u32>(sector), size);
        else if (type == Bench::out && is_there && writable)
            std::copy(to_read_.begin() + 16, to_read_.end(), image_.begin() + static_cast<u32>(sector) * 512);
        else if (type == Bench::get_name)
            answer_ = name(size);
        else if (type == Bench::in || type == Bench::out)
            status_ = Bench::io_error;
        else if (type != Bench::flush)
            status_ = Bench::unsupported;
    }
    static std::vector<u8> name(u32 size)
    {
        char const text[20] = "vambrace-disk-3";
        return {text, text + std::min<u32>(size, sizeof text)};
    }
    bool is_read_only()
    {
        b_.driver.write(virtio_registers::device_features_sel, 0);
        return b_.driver.read(virtio_registers::device_features) & 1 << 5;
    }
    /// Cuts so many bytes, and puts each piece somewhere else, on any byte.
    std::vector<Piece> cut(u32 size)
    {
        std::vector<u32> ends {size};
        for (u32 n = below(3) ? below(5) : below(50); n; --n)
            ends.push_back(below(size + 1));
        std::sort(ends.begin(), ends.end());
        std::vector<Piece> pieces;
        u32 first = 0;
        for (u32 const end : ends) {
            next_ = below(2) ? next_ + below(64) : align_up(next_, 4) + below(16) * 4;
            pieces.push_back({next_, first, end - first});
            next_ += end - first;
            first = end;
        }
        return pieces;
    }
    /// Writes it all down, and has it done.
    void make()
    {
        next_ = Bench::data;
        std::vector<Piece> const read = cut(static_cast<u32>(to_read_.size()));
        written_ = cut(room_);
        std::vector<Part> parts;
        for (Piece const &p : read) {
            std::copy_n(to_read_.begin() + p.first, p.size, b_.guest.bytes(p.at, p.size));
            parts.push_back({p.at, p.size, false});
        }
        for (Piece const &p : written_)
            parts.push_back({p.at, p.size, true});
        u16 const head = below(2) || parts.size() > 60 ? b_.driver.indirect(parts) : b_.driver.chain(parts);
        b_.driver.offer(head);
        before_ = b_.guest.contents();
        (void)b_.driver.notify();
    }
    void check()
    {
        u32 const count = static_cast<u32>(answer_.size());
        for (Piece const &p : written_)
            for (u32 n = 0; n != p.size; ++n) {
                u32 const at = p.first + n;
                if (at < count)
                    before_[p.at + n - Driver::ram] = answer_[at];
                if (at == room_ - 1)
                    before_[p.at + n - Driver::ram] = status_;
            }
        std::vector<u8> const after = b_.guest.contents();
        u32 const ring = Driver::used - Driver::ram, ring_size = 6 + 8 * 128;
        std::copy_n(after.begin() + ring, ring_size, before_.begin() + ring);
        REQUIRE(std::memcmp(after.data(), before_.data(), after.size()) == 0);
        REQUIRE((b_.image == image_));
        REQUIRE(b_.driver.last_used().written == count + 1);
        REQUIRE_FALSE(b_.driver.needs_reset());
    }

    std::mt19937 random_;
    Bench b_;
    u32 next_ {}, room_ {};
    std::vector<u8> to_read_ {}, answer_ {}, image_ {}, before_ {};
    std::vector<Piece> written_ {};
    u8 status_ {};
};

} // namespace

TEST_CASE("disk: however a request is cut, it does what a disk does")
{
    for (unsigned n = 0; n != 6; ++n) {
        unsigned const seed = run_seed() + n;
        INFO("VAMBRACE_SEED=" << seed);
        Random_requests requests {seed};
        for (unsigned step = 0; step != 40; ++step) {
            INFO("step " << step);
            requests.step();
        }
    }
}
