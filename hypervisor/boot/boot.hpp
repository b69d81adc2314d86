// SPDX-License-Identifier: Apache-2.0
// From the host's device tree and the boot bundle to guests that are ready to run.
#pragma once
#include <boot/way.hpp>

namespace vambrace {

/// \param device_tree physical; \param ram physical base of RAM, our own megabyte.
/// \param way how the core is used for guests.
/// What is wrong with the user's input is reported with its cure; then the board halts.
void boot(u32 device_tree, u32 ram, Way &way);

} // namespace vambrace
