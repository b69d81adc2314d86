// SPDX-License-Identifier: Apache-2.0
// What the board's own device tree tells the hypervisor.
#pragma once
#include <boot/problem.hpp>
#include <kernel/guest_kind.hpp>

namespace vambrace {

struct Host_tree {
    u32 ram_base; ///< physical; the first bank
    u32 ram_size;
    u32 bundle_base; ///< physical, inside RAM
    u32 bundle_size;
    char const *bootargs; ///< the hypervisor's own; "" if there are none. Lies in the tree.
};

/// \param size of the readable memory at dtb; the tree may be shorter
/// \param uart_compatible the console's "compatible" string: a node of that kind has to be there and enabled
/// \pre dtb is 8-byte aligned
Boot_result<Host_tree> read_host_tree(void const *dtb, u32 size, char const *uart_compatible);

/// The hypervisor's bootargs may say which mode it has to be in: vambrace.mode=pv is SVC mode, with guests
/// that are paravirtual, vambrace.mode=hyp is HYP mode. It cannot change that any more, but stop.
Boot_result<bool> check_mode(char const *bootargs, Guest_interface interface);

} // namespace vambrace
