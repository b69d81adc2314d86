// SPDX-License-Identifier: Apache-2.0
// In which of its modes the hypervisor runs, where that decides which of a core's registers are its own.
#pragma once
#include <base/types.hpp>

namespace vambrace {

enum class Core_mode : u8 {
    pl1, ///< SVC, without the virtualization extensions or without using them
    hyp, ///< PL2
};

} // namespace vambrace
