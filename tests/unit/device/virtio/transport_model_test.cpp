// SPDX-License-Identifier: Apache-2.0
// Random accesses to a virtio device's registers, and a model of them that was written from VIRTIO's text.
#include <catch2/catch.hpp>
#include <device/virtio/transport_bench.hpp>
#include <map>
#include <random>
#include <seed.hpp>

using namespace vambrace;
using namespace vambrace::virtio_registers;

namespace {

/// The registers that keep what is written, by their offsets; the rest follows from them.
class Model {
  public:
    unsigned served = 0, resets = 0;
    Serve next = Serve::done;

    u32 read(u32 offset) const
    {
        if (offset >= config)
            return 0xc0000000 | (offset - config);
        if (offset >= shm_len_low && offset <= shm_base_high)
            return 0xffffffff;
        switch (offset) {
        case magic: return 0x74726976;
        case version: return 2;
        case device_id: return Transport_bench::type;
        case vendor_id: return 0x52424d56;
        case device_features: return half(Transport_bench::offered, kept(device_features_sel));
        case queue_num_max: return kept(queue_sel) ? 0 : Transport_bench::most;
        case queue_ready: return kept(queue_sel) ? 0 : ready_;
        case interrupt_status: return interrupts_;
        case status: return status_;
        default: return 0;
        }
    }
    /// Returns whether the instruction is done.
    bool write(u32 offset, u32 value)
    {
        bool const in_queue =
            offset == queue_num || (offset >= desc_low && offset <= device_high && (offset & 0xf) < 8);
        if (in_queue && kept(queue_sel) == 0 && !ready_)
            kept_[offset] = value;
        if (offset == device_features_sel || offset == driver_features_sel || offset == queue_sel)
            kept_[offset] = value;
        if (offset == driver_features && !(status_ & features_ok) && kept(driver_features_sel) < 2)
            accepted_[kept(driver_features_sel)] = value;
        if (offset == queue_ready && kept(queue_sel) == 0 && (value & 1) != ready_)
            change_queue(value & 1);
        if (offset == interrupt_ack)
            interrupts_ &= ~value;
        if (offset == status)
            set_status(value);
        if (offset == queue_notify && value == 0 && ready_ && status_ & driver_ok && !(status_ & needs_reset))
            notified_ = true;
        return settle();
    }
    bool settle()
    {
        if (!notified_)
            return true;
        ++served;
        notified_ = next == Serve::more || next == Serve::interrupt_and_more;
        if (next == Serve::interrupt || next == Serve::interrupt_and_more)
            interrupts_ |= 1;
        if (next == Serve::fail)
            status_ |= needs_reset, interrupts_ |= 2;
        return !notified_;
    }
    void reset()
    {
        kept_.clear();
        accepted_[0] = accepted_[1] = status_ = interrupts_ = ready_ = 0;
        notified_ = false;
        ++resets;
    }
    bool line() const { return interrupts_ != 0; }
    bool is_queue(virtio::Queue const &q) const
    {
        auto const address = [&](u32 low) { return u64 {kept(low + 4)} << 32 | kept(low); };
        return q.ready == (ready_ != 0) && q.size == kept(queue_num) && q.descriptors == address(desc_low) &&
               q.driver == address(driver_low) && q.device == address(device_low);
    }
    u64 features() const { return u64 {accepted_[1]} << 32 | accepted_[0]; }

  private:
    static u32 half(u64 value, u32 n) { return n == 0 ? u32(value) : n == 1 ? u32(value >> 32) : 0; }
    u32 kept(u32 offset) const
    {
        auto const found = kept_.find(offset);
        return found == kept_.end() ? 0 : found->second;
    }
    void set_status(u32 value)
    {
        if (value == 0)
            return reset();
        bool const agreed = (features() & ~Transport_bench::offered) == 0 && (accepted_[1] & 1);
        u32 const own = status_ & needs_reset;
        bool const ok = status_ & features_ok || (value & features_ok && agreed);
        status_ = (value & ~u32 {needs_reset | features_ok}) | own | (ok ? features_ok : 0);
    }
    void change_queue(bool on)
    {
        u32 const size = kept(queue_num);
        bool const possible = size && size <= Transport_bench::most && __builtin_popcount(size) == 1 &&
                              kept(desc_low) % 16 == 0 && kept(driver_low) % 2 == 0 &&
                              kept(device_low) % 4 == 0;
        ready_ = on && possible && status_ & features_ok;
        notified_ = false;
        ++resets;
    }

    std::map<u32, u32> kept_;
    u32 accepted_[2] {}, status_ {}, interrupts_ {}, ready_ {};
    bool notified_ {};
};

class Random_driver {
  public:
    explicit Random_driver(unsigned seed) : random_ {seed} {}

    void step()
    {
        model_.next = b_.backend.next = Serve {static_cast<u8>(below(20) ? below(4) : 4)};
        if (below(200) == 0) {
            b_.device.reset();
            model_.reset();
            REQUIRE(b_.device.settle());
        } else if (below(12) == 0) {
            initialize();
        } else if (below(3) == 0) {
            if (below(2))
                write(queue_notify, below(4) == 0);
            else
                write(status, below(8) ? 0xf : 0);
        } else if (below(2)) {
            write(any_offset(), any_value());
        } else {
            read(any_offset());
        }
        check();
    }
    unsigned served() const { return model_.served; }

  private:
    u32 below(u32 n) { return static_cast<u32>(random_() % n); }
    u32 any_offset() { return below(8) ? below(0x44) * 4 : below(0x400) * 4; }
    u32 any_value()
    {
        switch (below(5)) {
        case 0: return static_cast<u32>(random_());
        case 1: return 1u << below(32);
        case 2: return below(2);
        case 3: return static_cast<u32>(Transport_bench::offered);
        default: return below(256);
        }
    }
    /// As a driver does it, with a step in thirty left out.
    void initialize()
    {
        std::pair<u32, u32> const steps[] {{status, 0},
                                           {driver_features_sel, 1},
                                           {driver_features, 1},
                                           {driver_features_sel, 0},
                                           {driver_features, below(4) ? 0x21u : 0x20000002},
                                           {status, 0xb},
                                           {queue_num, below(4) ? 1u << below(8) : below(80)},
                                           {desc_low, below(3) * 0x1008 * (1 + 15 * (below(4) != 0))},
                                           {driver_low, below(3) * 0x1001 * (1 + 15 * (below(4) != 0))},
                                           {device_low, below(3) * 0x1002 * (1 + 15 * (below(4) != 0))},
                                           {queue_ready, 1},
                                           {status, 0xf}};
        for (auto const &[offset, value] : steps)
            if (below(30))
                write(offset, value);
    }
    void write(u32 offset, u32 value)
    {
        INFO(std::hex << offset << " := " << value);
        b_.device.write(offset, value);
        REQUIRE(b_.device.settle() == model_.write(offset, value));
    }
    void read(u32 offset)
    {
        INFO(std::hex << "read of " << offset);
        REQUIRE(b_.device.read(offset) == model_.read(offset));
        REQUIRE(b_.device.settle() == model_.settle());
    }
    void check()
    {
        for (u32 offset = 0; offset != config; offset += 4)
            if (b_.device.read(offset) != model_.read(offset))
                FAIL(std::hex << "register " << offset << " is " << b_.device.read(offset) << ", not "
                              << model_.read(offset));
        REQUIRE(model_.is_queue(b_.device.queue()));
        REQUIRE(b_.line() == model_.line());
        REQUIRE(b_.backend.served == model_.served);
        REQUIRE(b_.backend.resets == model_.resets);
        for (unsigned n = 0; n != 64; ++n)
            if (b_.device.has(1ull << n) != (model_.features() >> n & 1))
                FAIL("feature " << n);
    }

    std::mt19937 random_;
    Transport_bench b_ {};
    Model model_ {};
};

} // namespace

TEST_CASE("virtio: no order of accesses makes the registers anything else than VIRTIO says")
{
    for (unsigned n = 0; n != 8; ++n) {
        unsigned const seed = run_seed() + n;
        INFO("VAMBRACE_SEED=" << seed);
        Random_driver driver {seed};
        for (unsigned step = 0; step != 4000; ++step) {
            INFO("step " << step);
            driver.step();
        }
        CHECK(driver.served() > 100);
    }
}
