// SPDX-License-Identifier: Apache-2.0
// Pages that the guest kernel alone may see in a megabyte that guest user sees: they go before guest user
// runs.
#pragma once
#include <pv/shadow/tables.hpp>

namespace vambrace {

class Kernel_only_pages {
  public:
    bool any() const { return count_ != 0; }
    /// The current table has an entry for va now. One of too many goes at once.
    void note(Tables &tables, Va va);
    /// Takes all of them out of the current table.
    void remove(Tables &tables);
    /// The table is empty.
    void forget() { count_ = 0; }

  private:
    static constexpr u32 most = 8;

    Va pages_[most] {};
    u32 count_ {};
};

} // namespace vambrace
