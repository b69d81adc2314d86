// SPDX-License-Identifier: Apache-2.0
// Guests under the virtualization extensions: the hypervisor is in HYP mode.
#pragma once
#include <boot/way.hpp>
#include <hyp/processor.hpp>
#include <hyp/stage2.hpp>

namespace vambrace {

class Hyp_way final : public Way {
  public:
    /// \param ram physical address of the board's RAM, whose first megabyte is ours
    Hyp_way(u32 ram, Entry_mode mode) : ram_ {ram}, mode_ {mode} {}

    char const *name() const override;
    Guest_interface interface() const override { return Guest_interface::hardware; }
    u32 granule() const override { return lpae::block_2m; }
    void map_host() override;
    void trim_ram_map(u32 size) override;
    void start(Arena &arena) override;
    Boot_result<u32> reserve(Bundle const &bundle, u32 available) override;
    Boot_result<Domain *> make(Guest_place const &place, Guest_config const &config, Arena &arena) override;

  private:
    void copy_firmware(Firmware firmware, Image image) const;

    u32 const ram_;
    Entry_mode const mode_;
    Hyp_processor *processor_ {};
    Firmware firmware_[max_guests] {}; ///< of each guest; those with the same image share it
};

} // namespace vambrace
