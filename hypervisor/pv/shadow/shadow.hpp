// SPDX-License-Identifier: Apache-2.0
// Shadow tables: a software TLB over the guest's own tables, the only tables that the hardware walks.
#pragma once
#include <pv/shadow/fill.hpp>
#include <pv/shadow/flush.hpp>

namespace vambrace {

class Shadow {
  public:
    static constexpr u32 smallest_pool = Shadow_pool::smallest;
    static constexpr u32 l1_size = First_level::size;
    static constexpr u32 mmu_off = vambrace::mmu_off;
    /// What init() takes of the arena at most for a pool of so many bytes: 47 KB for a megabyte.
    static constexpr u32 bookkeeping_size(u32 pool) { return Tables::bookkeeping_size(pool); }

    /// \param window the L1 words of the hypervisor's window; \param vectors the shared table of megabyte 0
    /// Error::inval: the pool is too small; Error::denied: the arena is used up.
    Error init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors, Arena &arena)
    {
        return s_.tables.init(pool, memory, window, vectors, arena);
    }
    /// Once: the guest may map these, too. They stay where they are.
    void show(Windows const &windows) { s_.tables.guest.windows = &windows; }
    /// As after init(): the guest starts again.
    void restart()
    {
        s_.kernel_only.forget();
        s_.tables.drop_all_for(mmu_off);
    }

    /// Makes the table for base current, from the cache or new. The caller makes the hardware use it.
    void activate(u32 base)
    {
        s_.kernel_only.remove(s_.tables);
        s_.tables.activate(base);
    }
    /// As activate() if base was current before and nothing stands in the way; false: nothing has happened.
    [[gnu::always_inline]] bool activate_recent(u32 base)
    {
        return !s_.kernel_only.any() && s_.tables.spaces.use_recent(base);
    }
    arch::Table_base hardware_table() const { return {now().physical, now().asid}; }
    u32 base() const { return now().base; }
    /// The physical address of base's first-level table. Error::address: it has none just now.
    Result<u32> table_of(u32 base) { return s_.tables.table_of(base); }

    /// The guest's rights have changed: nothing that was filled holds any more.
    void set_rights(arch::Rights_context rights);
    /// The guest kernel sees map in every address space from now on, whatever its tables say.
    /// \pre whole megabytes of the guest's RAM, at addresses that are not reserved
    void set_linear_map(Linear_map map);

    /// Where the linear map shows it. Error::address: it does not.
    Result<Va> linear_view(Ipa ipa) const { return s_.guest().linear.view(ipa); }
    /// What the guest's tables say of va.
    arch::Mapping walk(Va va) const { return s_.guest().walk(base(), va); }
    /// The guest's frame at va by its own tables, whatever its rights. Error::address: there is none.
    Result<Frame> frame_behind(Va va) const { return s_.guest().frame_behind(base(), va); }

    /// The status of guest user's fault if its kernel has to be told whatever the shadow holds. Error::again:
    /// fill() has to see to it.
    [[gnu::always_inline]] Result<u32> certain_fault(Va va, u32 status) const
    {
        return shadow::certain_fault(s_, va, status);
    }
    /// Fills the entry for va from the guest's tables, as this mode may use it.
    Fill fill(Va va, Guest_mode mode) { return shadow::fill(s_, va, mode); }
    /// After a fault that the guest has handled: what it has mapped at va, without another trap. False:
    /// nothing new.
    bool refill(Va va, Guest_mode mode) { return shadow::refill(s_, va, mode); }
    /// The usual refill at a fraction of the price: a small page that guest user sees, in a megabyte that has
    /// such pages. False: nothing has happened, refill() has to see to it.
    [[gnu::always_inline]] bool refill_quickly(Va va) { return shadow::refill_quickly(s_, va); }

    /// Takes over what has changed in [va, va + size) of base's table. Returns the bytes left to do.
    u32 resync(u32 base, Va va, u32 size) { return shadow::resync(s_, base, va, size); }
    /// The same for one page. \pre va is aligned
    [[gnu::always_inline]] void resync_page(u32 base, Va va) { shadow::resync_page(s_, base, va); }
    /// Forgets a page of base's table. \pre va is aligned
    [[gnu::always_inline]] void drop_page(u32 base, Va va) { shadow::drop_page(s_, base, va); }
    /// Forgets [va, va + size) in every table.
    void drop(Va va, u32 size) { shadow::drop(s_, va, size); }
    void drop_all() { shadow::drop_all(s_); }
    /// The guest's table at base is none any more.
    void forget(u32 base) { shadow::forget(s_, base); }

    /// The guest kernel sees a page that is no RAM and that it may load from and store to. As a TLB would,
    /// the shadow keeps this until a flush names it, or something of the same megabytes, for the table in
    /// use.
    void remember_device(Va va)
    {
        if (s_.tables.second.user_index_of(now().entries[va.value >> 20]) < s_.tables.second.count())
            return; // the quick flushes do not ask
        s_.tables.device.remember(va, base());
    }
    bool remembers_device(Va va) const { return s_.tables.device.is(va, base()); }

    /// Pages that guest user must not see, in megabytes that it may: removed before it runs.
    bool has_kernel_only() const { return s_.kernel_only.any(); }
    void remove_kernel_only() { s_.kernel_only.remove(s_.tables); }

    u32 l1_evictions() const { return s_.tables.first_evictions(); }
    u32 l2_evictions() const { return s_.tables.second_evictions(); }
    u32 resynced() const { return s_.resynced; }

  private:
    Address_space const &now() const { return s_.tables.spaces.now(); }

    shadow::Parts s_ {};
};

} // namespace vambrace
