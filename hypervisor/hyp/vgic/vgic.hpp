// SPDX-License-Identifier: Apache-2.0
// A guest's interrupt controller: a GICv2 (ARM IHI 0048B) without Security Extensions, whose CPU interfaces
// are those that the core has for guests.
#pragma once
#include <hyp/vgic/vgic_delivery.hpp>

namespace vambrace {

/// The distributor is emulated; what it forwards to a VCPU goes into list registers. No register of the
/// hardware is touched.
class Vgic : public Vgic_delivery {
  public:
    /// Bytes of the distributor's registers.
    static constexpr u32 size = page_size;

    /// As after reset(). \param vcpus 1 to max_vcpus
    explicit Vgic(unsigned vcpus = 1) : Vgic_delivery {vcpus} {}

    /// Whether an access shows or changes what may be in list registers: fold() them before, those of all
    /// listed_vcpus() to be exact.
    static constexpr bool touches_state(u32 offset)
    {
        return offset - 0x200 < 0x200 || offset - 0xc00 < 0x100 || offset - 0xf10 < 0x20;
    }
    /// Access to the distributor's registers. What the GIC does not have, or not of this size, is zero, and
    /// writes to it are ignored.
    /// \param offset,size any
    u32 read(unsigned vcpu, u32 offset, unsigned size) const;
    void write(unsigned vcpu, u32 offset, unsigned size, u32 value);

  private:
    u32 read_word(unsigned vcpu, u32 offset) const;
    u32 read_bits(unsigned vcpu, unsigned region, unsigned word) const;
    u32 read_configuration(unsigned index) const;
    u32 read_byte(unsigned vcpu, u32 offset) const;
    void write_word(unsigned vcpu, u32 offset, u32 value);
    void write_byte(unsigned vcpu, u32 offset, u32 value);
    void write_control(u32 value);
    void write_bits(unsigned vcpu, unsigned region, unsigned word, u32 value);
    void write_group(unsigned vcpu, unsigned word, u32 value);
    void write_configuration(unsigned index, u32 value);
    void write_target(unsigned spi, u32 value);
    void set_active(unsigned vcpu, unsigned word, u32 mask);
    u32 active(unsigned vcpu, unsigned word) const;
    void send_sgi(unsigned vcpu, u32 value);
};

} // namespace vambrace
