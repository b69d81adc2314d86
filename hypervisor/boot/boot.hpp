// SPDX-License-Identifier: Apache-2.0
// From the host's device tree and the boot bundle to guests that are ready to run.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// \param device_tree physical; \param ram physical base of RAM, our own megabyte.
/// What is wrong with the user's input is reported with its cure; then the board halts.
void boot(u32 device_tree, u32 ram);

} // namespace vambrace
