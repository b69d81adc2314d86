// SPDX-License-Identifier: Apache-2.0
// A paravirtual guest: deprivileged to USR mode, with shadow tables and a page that it shares with us.
#pragma once
#include <device/standard_devices.hpp>
#include <kernel/domain.hpp>
#include <pv/processor.hpp>
#include <pv/shadow/shadow.hpp>
#include <pv/shared_page.hpp>
#include <pv/vcpu.hpp>

namespace vambrace {

/// Memory that is the guest's for ever: where its tables and its shared page lie.
struct Pv_memory {
    u32 *guest_table; ///< 1 KB: the second-level table of the window's guest part
    u32 *shared_page; ///< 4 KB
    u32 guest_table_physical, shared_page_physical;
    Shadow_pool pool;
    u32 vectors; ///< the word of megabyte 0: arch::vectors_table()
};

class Pv_guest : public Domain {
  public:
    static Guest_kind const kind;

    Pv_guest(unsigned id, char const *label, Memory memory, Pv_processor &processor);

    /// Once. Error::inval: the pool is too small; Error::denied: the arena is used up.
    Error init(Pv_memory const &place, Arena &arena);

    /// MMU state has changed: rights and table follow SCTLR, TTBR and DACR. \pre the guest runs
    void update_mmu();
    /// What was counted where the assembly and the shadow tables reach it goes to the counters that last.
    void settle_counters();

    Pv_vcpu vcpu;
    Shadow shadow {};
    Shared_page page {};
    Device *last_device {}; ///< where `shadow` remembers a device
    bool look_again {};     ///< before the guest goes on, resume_next() has to do all that it does
    Standard_devices standard;

  private:
    static void start(Domain &d, Start start);
    static void use_own_table(Domain &d);
    static u8 *open_memory(Domain &d);
    static void close_memory(Domain &d);
    static void enter(Vcpu &v);
    static void leave(Vcpu &v);
    static void clock_changed(Vcpu &v);
    static void set_irq(Domain &d, unsigned irq, bool high);
    static void stop(Domain &d);
    static void dump(Domain const &d);
    static Counters counters_of(Domain &d);

    /// The guest's own table, from another guest's or the hypervisor's.
    void use_table() const;
    void publish_clock();
    /// In the hypervisor's own table, which is in use.
    void show_pool() const;

    u32 window_[8] {}; ///< the L1 words of the hypervisor's window, in all of the guest's tables
    u32 published_ {}; ///< one more than the generation of the clock that the shared page shows
};

} // namespace vambrace
