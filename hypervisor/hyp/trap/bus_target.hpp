// SPDX-License-Identifier: Apache-2.0
// What answers at a physical address of a guest's that its second stage does not map.
#pragma once
#include <hyp/machine.hpp>
#include <hyp/trap/trap.hpp>

namespace vambrace {

/// A value of 1, 2 or 4 bytes as a big-endian access has it.
constexpr u32 in_other_order(u32 value, unsigned size) { return __builtin_bswap32(value) >> (32 - 8 * size); }

/// The distributor of the running vcpu's guest. \param offset,size any
u32 read_distributor(Hyp_vcpu &v, u32 offset, unsigned size);
void write_distributor(Hyp_vcpu &v, u32 offset, unsigned size, u32 value);

class Bus_target {
  public:
    Bus_target(Hyp_vcpu &v, Ipa ipa);

    bool exists() const { return device_ || distributor_; }
    /// \param offset in the page; \param size 1, 2 or 4, of which offset is a multiple
    u32 read(u32 offset, unsigned size);
    void write(u32 offset, unsigned size, u32 value);
    /// The accesses of one instruction are done: Device::settle().
    bool settle();

  private:
    Hyp_vcpu &v_;
    Device *const device_;
    bool const distributor_; ///< one of its pages
    u32 const page_;         ///< offset of the page in the distributor
};

} // namespace vambrace
