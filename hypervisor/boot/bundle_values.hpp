// SPDX-License-Identifier: Apache-2.0
// Properties of a bundle's nodes: values that are as they should be, or what the user has to change.
#pragma once
#include <boot/device_tree.hpp>
#include <boot/problem.hpp>

namespace vambrace {

/// A property of one cell: its value, the default if it is absent, a Problem if it has another size.
Boot_result<u32> read_number(Device_tree tree, int node, char const *name, u32 if_absent);
/// A property that is a string: its value, the default if it is absent, a Problem if it is broken or too
/// long.
Boot_result<char const *> read_text(Device_tree tree, int node, char const *name, char const *if_absent,
                                    u32 longest);
/// What it is called: its label, or its node's name. It can be printed.
Boot_result<char const *> read_label(Device_tree tree, int node);

} // namespace vambrace
