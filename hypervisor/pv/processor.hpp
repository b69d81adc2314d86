// SPDX-License-Identifier: Apache-2.0
// What paravirtual guests share of a processor: the VFP's registers, and the table that shows no guest.
#pragma once
#include <arch.hpp>

namespace vambrace {

class Pv_processor {
  public:
    /// \param own_table physical address of the hypervisor's own first-level table, which is in use
    /// \param ram of our own megabyte
    Pv_processor(u32 own_table, u32 ram) : own_table_ {own_table}, ram_ {ram} {}

    /// Guests' addresses mean nothing any more.
    void use_own_table() const { arch::use_table({own_table_, 0}); }

    /// While the own table is in use. \pre it is RAM
    u8 *memory_at(Frame frame) const { return arch::ram_at(frame.physical(), ram_); }

    arch::Vfp vfp {};

  private:
    u32 const own_table_, ram_;
};

} // namespace vambrace
