// SPDX-License-Identifier: Apache-2.0
// What paravirtual guests share of a processor: the VFP's registers and the table that the hardware walks.
#pragma once
#include <arch.hpp>

namespace vambrace {

class Pv_processor {
  public:
    /// \param own_table physical address of the hypervisor's own first-level table, which is in use
    explicit Pv_processor(u32 own_table) : own_table_ {own_table}, hardware_table_ {own_table} {}

    void use_table(arch::Table_base table)
    {
        if (table.physical == hardware_table_)
            return;
        hardware_table_ = table.physical;
        arch::use_table(table);
    }
    /// Guests' addresses mean nothing any more.
    void use_own_table() { use_table({own_table_, 0}); }

    arch::Vfp vfp {};

  private:
    u32 const own_table_;
    u32 hardware_table_; ///< physical
};

} // namespace vambrace
