// SPDX-License-Identifier: Apache-2.0
// The page that a guest and the hypervisor share, at an address of the guest's that is always the same.
#pragma once
#include <arch.hpp>

namespace vambrace {

class Shared_page {
  public:
    /// Once. \param table the second-level table of the window's guest part; \param page at our own address
    void init(u32 *table, u32 *page, Frame frame);
    /// What a start finds in it. \pre no guest runs
    void clear();

    /// For storing to, at the guest's address: not guarded any more. \pre the guest runs
    vambrace_shared &to_write()
    {
        if (guarded_)
            map(arch::Access::write);
        return arch::shared_to_write();
    }
    /// An interrupt waits: the store that unmasks has to trap. The page is read-only in every mode from now
    /// on; but a store that only the core can do has been let through.
    void guard()
    {
        if (!guarded_ && !store_passes_)
            map(arch::Access::read);
    }
    bool guarded() const { return guarded_; }
    /// The guest's next store is not trapped: guard() does nothing until store_passed().
    void let_one_store_pass();
    void store_passed() { store_passes_ = false; }

  private:
    void map(arch::Access access);

    u32 *table_ {};
    u32 *page_ {}; ///< only while the guest does not run
    Frame frame_ {0};
    bool guarded_ {};
    bool store_passes_ {};
};

} // namespace vambrace
