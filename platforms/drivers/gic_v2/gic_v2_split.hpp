// SPDX-License-Identifier: Apache-2.0
// A GICv2 with virtualization extensions (ARM IHI 0048B chapter 5), where an interrupt that is handed to a
// guest is dropped by the hypervisor and deactivated by the guest.
#pragma once
#include <drivers/gic_v2/gic_v2.hpp>
#include <drivers/gic_v2/gic_virtual_interface.hpp>

namespace vambrace {

class Gic_v2_split : public Gic_v2 {
  public:
    /// \param deactivation the CPU interface's second page, which has GICC_DIR
    constexpr Gic_v2_split(std::uintptr_t distributor, std::uintptr_t cpu_interface,
                           std::uintptr_t deactivation, std::uintptr_t virtual_control)
        : Gic_v2 {distributor, cpu_interface}, second_page_ {deactivation}, virtual_interface_ {
                                                                                virtual_control}
    {
    }

    void start() const
    {
        Gic_v2::start();
        split_end();
    }

    using Gic_v2::drop;
    void finish(Taken taken) const
    {
        drop(taken);
        deactivate(taken);
    }
    void deactivate(Taken taken) const { second_page_.write(Offset::dir, taken.acknowledged()); }

    constexpr Gic_virtual_interface virtual_interface() const { return virtual_interface_; }

  private:
    /// IHI 0048B table 4-2, from the second page on.
    enum class Offset : u32 { dir = 0x000 };

    Mmio<Offset> second_page_;
    Gic_virtual_interface virtual_interface_;
};

} // namespace vambrace
