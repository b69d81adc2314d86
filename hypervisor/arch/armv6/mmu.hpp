// SPDX-License-Identifier: Apache-2.0
// ARMv6's table format with SCTLR.XP = 1: the short descriptors.
#pragma once
#include <arch/arm/model/vmsa.hpp>

namespace vambrace::armv6 {

using namespace vmsa;

} // namespace vambrace::armv6
