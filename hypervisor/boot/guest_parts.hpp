// SPDX-License-Identifier: Apache-2.0
// Makes guests' disks, regions and channels, all of which were checked.
#pragma once
#include <base/arena.hpp>
#include <boot/bundle.hpp>
#include <kernel/domain.hpp>

namespace vambrace {

/// Where the regions that guests share are: one behind the other, as the bundle names them first.
class Region_map {
  public:
    /// \param first physical address of memory that nobody uses, a multiple of 4 KB
    Region_map(Bundle const &bundle, u32 first) : bundle_ {bundle}, first_ {first} {}

    u32 first() const { return first_; }
    /// Of all together.
    u32 size() const { return offset_of(nullptr); }
    /// What a guest sees of them, in the order of its description.
    Windows windows_of(Part_list const &parts) const;

  private:
    u32 offset_of(char const *label) const;

    Bundle const &bundle_;
    u32 const first_;
};

/// How many virtio devices a guest has: what it wants of randomness the board may not have.
unsigned count_virtio_devices(Part_list const &parts);
/// Puts disks, randomness and ports on the guest's bus.
Boot_result<bool> add_devices(Domain &domain, Part_list const &parts, Arena &arena);
/// Ports lead from one guest to the other. \pre all of the bundle's guests are there
void connect_channels(Bundle const &bundle, Domain *const *domains);

} // namespace vambrace
