// SPDX-License-Identifier: Apache-2.0
// Whether guests' disks, regions and channels are as they should be, and fit to each other.
#pragma once
#include <boot/bundle.hpp>

namespace vambrace {

/// Each part by itself, and beside those of the guests before. Images of disks are hashed.
Boot_result<bool> check_parts(Part_list const &parts, Bundle const &before);
/// Has each channel two ends?
Boot_result<bool> check_channels(Bundle const &bundle);

} // namespace vambrace
