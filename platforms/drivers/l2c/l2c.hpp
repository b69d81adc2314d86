// SPDX-License-Identifier: Apache-2.0
// ARM's outer cache controllers, the L220 (ARM DDI 0329L) and the L2C-310 (ARM DDI 0246H). They are switched
// on once and need nothing after that: every access to RAM is looked up in them (decision 0019).
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

/// DDI 0246H table 3-1. The L220 has no latency and prefetch registers.
enum class L2c_offset : u32 {
    cache_id = 0x000,
    control = 0x100,
    auxiliary_control = 0x104,
    tag_latency = 0x108,
    data_latency = 0x10c,
    cache_sync = 0x730,
    invalidate_way = 0x77c,
    clean_way = 0x7bc,
    prefetch_control = 0xf60,
};

/// What a board's designer knows of the L2C-310's RAMs, in
/// the order of Linux's `arm,tag-latency`: cycles, 1 to 8.
struct L2c_latency {
    u32 read = 1, write = 1, setup = 1;
};

struct L2c_settings {
    L2c_latency tag, data;
    u32 way_kib = 0;  ///< of 8 ways, 16 to 512; 0: the size that the controller shows is right
    u32 prefetch = 0; ///< the L2C-310's Prefetch Control Register
};

/// \tparam Registers a test's own record what is done to them
template <typename Registers = Mmio<L2c_offset>>
class L2c {
  public:
    using Offset = L2c_offset;

    constexpr explicit L2c(std::uintptr_t base) : registers_ {base} {}

    bool is_on() const { return registers_.read(Offset::control) & enable; }

    /// Writes everything back and switches it off, if the loader has left it on. Soon after the core's own
    /// cache was cleaned, and without a store before it is off: what the core evicts meanwhile would be lost.
    /// Cleaning alone will do, because turn_on() invalidates, and is not what the errata 588369 and 727915
    /// are about; the latter affects r2p0's cleaning by way too, but only lines that are stored to meanwhile.
    void turn_off() const
    {
        if (!is_on())
            return;
        all_ways(Offset::clean_way);
        set_control(0);
    }

    /// Switches it on, empty. False: it stays off. Only Secure accesses change its control registers (DDI
    /// 0246A 3.3.4); one that could not be switched off stays as the loader has set it up, which serves as
    /// well. Where nothing answers there is none: QEMU's models of i.MX6 and Zynq.
    bool turn_on(L2c_settings const &settings) const
    {
        if (is_on() || registers_.read(Offset::cache_id) == 0)
            return true;
        set_size(settings.way_kib);
        if (part() == part_l310)
            set_up_l310(settings);
        all_ways(Offset::invalidate_way);
        set_control(enable);
        return is_on();
    }

  private:
    static constexpr u32 enable = 1 << 0;
    static constexpr u32 part_l310 = 3;
    /// CACHE_ID.RTL: releases of the L2C-310.
    static constexpr u32 r2p0 = 4;

    /// The core's accesses to RAM are all done before, or all begin after it.
    static void barrier() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

    void set_control(u32 value) const
    {
        registers_.write(Offset::control, value);
        barrier();
    }

    u32 part() const { return registers_.read(Offset::cache_id) >> 6 & 0xf; }
    u32 release() const { return registers_.read(Offset::cache_id) & 0x3f; }

    /// A bit for each way: the L2C-310 has 8 or 16, the L220 says how many (DDI 0329L 3.3.3).
    u32 ways() const
    {
        u32 const auxiliary = registers_.read(Offset::auxiliary_control);
        if (part() == part_l310)
            return auxiliary & 1 << 16 ? 0xffff : 0xff;
        return (u32 {1} << (auxiliary >> 13 & 0xf)) - 1;
    }

    /// An operation on everything runs in the background;
    /// another one meanwhile is an error (DDI 0246A 3.3.9).
    void all_ways(Offset operation) const
    {
        u32 const all = ways();
        barrier();
        registers_.write(operation, all);
        while (registers_.read(operation) & all) {}
        registers_.write(Offset::cache_sync, 0);
        while (registers_.read(Offset::cache_sync) & 1) {}
    }

    /// Size and number of ways (L2C-310: bit 16 is 0 for 8; L220: bits 16:13).
    /// All else stays: what core and controller have to agree on, full lines
    /// of zeros and exclusive caching, a loader has set in both or in neither.
    void set_size(u32 way_kib) const
    {
        if (!way_kib)
            return;
        constexpr u32 associativity = 0xf << 13, associativity_l310 = 1 << 16, way_size = 7 << 17;
        u32 const size = 28 - static_cast<u32>(__builtin_clz(way_kib)); // 16 KB: 1
        u32 const old = registers_.read(Offset::auxiliary_control);
        u32 const kept = part() == part_l310 ? old & ~(associativity_l310 | way_size)
                                             : (old & ~(associativity | way_size)) | 8 << 13;
        registers_.write(Offset::auxiliary_control, kept | size << 17);
    }

    /// Double line fills stay off: before r3p2 they may lose dirty lines (erratum 752271).
    void set_up_l310(L2c_settings const &settings) const
    {
        registers_.write(Offset::tag_latency, latency(settings.tag));
        registers_.write(Offset::data_latency, latency(settings.data));
        if (release() >= r2p0)
            registers_.write(Offset::prefetch_control, settings.prefetch);
    }

    /// Tag RAM and Data RAM Latency Control Registers: a field holds a cycle less than it means.
    static constexpr u32 latency(L2c_latency const &cycles)
    {
        return (cycles.write - 1) << 8 | (cycles.read - 1) << 4 | (cycles.setup - 1);
    }

    Registers registers_;
};

} // namespace vambrace
