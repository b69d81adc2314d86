// SPDX-License-Identifier: Apache-2.0
// QEMU's board "virt" with a Cortex-A15.
#pragma once
#include <families/qemu_virt/qemu_virt.hpp>

namespace vambrace {

using board = Qemu_virt;

} // namespace vambrace
