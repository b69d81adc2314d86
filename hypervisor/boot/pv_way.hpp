// SPDX-License-Identifier: Apache-2.0
// Guests deprivileged to USR mode: the one way of a core without the virtualization extensions.
#pragma once
#include <boot/way.hpp>
#include <pv/processor.hpp>
#include <pv/shadow/tables.hpp>

namespace vambrace {

class Pv_way final : public Way {
  public:
    /// \param ram physical address of the board's RAM, whose first megabyte is ours, and then the pools'
    Pv_way(u32 ram, Entry_mode mode) : ram_ {ram}, mode_ {mode} {}

    char const *name() const override;
    Guest_interface interface() const override { return Guest_interface::paravirtual; }
    u32 granule() const override { return mib; }
    void map_host() override;
    void trim_ram_map(u32 size) override;
    void start(Arena &arena) override;
    Boot_result<u32> reserve(Bundle const &bundle, u32 available) override;
    Boot_result<Domain *> make(Guest_place const &place, Guest_config const &config, Arena &arena) override;

  private:
    Boot_result<u32> choose_pools(Bundle const &bundle, u32 available);
    void share_asids(unsigned count, u32 all_pools);

    u32 const ram_;
    Entry_mode const mode_;
    Shadow_pool pools_[max_guests] {};
    Arena bookkeeping_ {nullptr, nullptr}; ///< of all pools
    Pv_processor *processor_ {};
};

} // namespace vambrace
