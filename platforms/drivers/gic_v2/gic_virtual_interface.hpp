// SPDX-License-Identifier: Apache-2.0
// The GIC's virtual interface control registers (ARM IHI 0048B 5.3), of which each core sees its own: what
// the guest that runs on it finds in its CPU interface.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Gic_virtual_interface {
  public:
    constexpr explicit Gic_virtual_interface(std::uintptr_t base) : registers_ {base} {}

    /// GICH_HCR: En, and which conditions raise the maintenance interrupt.
    void control(u32 hcr) const { registers_.write(Offset::hcr, hcr); }
    u32 control() const { return registers_.read(Offset::hcr); }
    /// GICH_VTR.ListRegs: how many list registers there are.
    unsigned list_registers() const { return (registers_.read(Offset::vtr) & 0x3f) + 1; }

    /// GICH_EISR0: list registers, a bit each, whose interrupt has ended and tells so.
    u32 ended() const { return registers_.read(Offset::eisr0); }
    u32 list_register(unsigned n) const { return registers_.read(Offset::lr, n); }
    void list_register(unsigned n, u32 value) const { registers_.write(Offset::lr, n, value); }
    /// GICH_VMCR: the guest's GICC_CTLR, PMR and BPR.
    u32 machine_control() const { return registers_.read(Offset::vmcr); }
    void machine_control(u32 value) const { registers_.write(Offset::vmcr, value); }
    /// GICH_APR: which priorities are active.
    u32 active_priorities() const { return registers_.read(Offset::apr); }
    void active_priorities(u32 value) const { registers_.write(Offset::apr, value); }

  private:
    /// IHI 0048B table 5-6.
    enum class Offset : u32 { hcr = 0x00, vtr = 0x04, vmcr = 0x08, eisr0 = 0x20, apr = 0xf0, lr = 0x100 };

    Mmio<Offset> registers_;
};

} // namespace vambrace
