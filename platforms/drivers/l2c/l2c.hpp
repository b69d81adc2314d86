// SPDX-License-Identifier: Apache-2.0
// ARM's outer cache controllers, the L220 (ARM DDI 0329L) and the L2C-310 (ARM DDI 0246H): kept off. The cores'
// cache operations do not reach it, and the hypervisor's uncached accesses and table walks bypass it.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class L2c {
  public:
    constexpr explicit L2c(std::uintptr_t base) : registers_ {base} {}

    /// Writes everything back and switches it off, if the loader has left it on. Soon after the core's own cache was
    /// cleaned: nothing may be evicted from there between the two.
    void turn_off() const
    {
        if (!(registers_.read(Offset::control) & enable))
            return;
        u32 const ways = all_ways();
        registers_.write(Offset::clean_invalidate_way, ways);
        while (registers_.read(Offset::clean_invalidate_way) & ways) {}
        registers_.write(Offset::cache_sync, 0);
        while (registers_.read(Offset::cache_sync) & 1) {}
        registers_.write(Offset::control, 0);
    }

  private:
    /// DDI 0246H table 3-1.
    enum class Offset : u32 {
        cache_id = 0x000,
        control = 0x100,
        auxiliary_control = 0x104,
        cache_sync = 0x730,
        clean_invalidate_way = 0x7fc,
    };

    static constexpr u32 enable = 1 << 0;

    /// A bit for each way: the L2C-310 has 8 or 16, the L220 says how many (DDI 0329L 3.3.3).
    u32 all_ways() const
    {
        constexpr u32 part_l310 = 3;
        u32 const auxiliary = registers_.read(Offset::auxiliary_control);
        if ((registers_.read(Offset::cache_id) >> 6 & 0xf) == part_l310)
            return auxiliary & 1 << 16 ? 0xffff : 0xff;
        return (u32 {1} << (auxiliary >> 13 & 0xf)) - 1;
    }

    Mmio<Offset> registers_;
};

} // namespace vambrace
