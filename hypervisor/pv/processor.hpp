// SPDX-License-Identifier: Apache-2.0
// What paravirtual guests share of a processor: the VFP's registers, and the table that shows no guest.
#pragma once
#include <arch.hpp>

namespace vambrace {

class Pv_processor {
  public:
    /// \param own_table physical address of the hypervisor's own first-level table, which is in use
    explicit Pv_processor(u32 own_table) : own_table_ {own_table} {}

    /// Guests' addresses mean nothing any more.
    void use_own_table() const { arch::use_table({own_table_, 0}); }

    arch::Vfp vfp {};

  private:
    u32 const own_table_;
};

} // namespace vambrace
