// SPDX-License-Identifier: Apache-2.0
// ARMv7's table format: the short descriptors.
#pragma once
#include <arch/arm/model/vmsa.hpp>

namespace vambrace::armv7 {

using namespace vmsa;

} // namespace vambrace::armv7
