// SPDX-License-Identifier: Apache-2.0
// Finds an image of a FIT and checks that it is what its hashes say.
#pragma once
#include <boot/bundle.hpp>
#include <boot/device_tree.hpp>

namespace vambrace {

/// A property of one cell: its value, the default if it is absent, a Problem if it has another size.
Boot_result<u32> read_number(Device_tree tree, int node, char const *name, u32 if_absent);

/// \param name a node of /images
/// \param role "kernel", "ramdisk" or "firmware": what its type has to be
/// \param checked an image of these guests is not hashed a second time
Boot_result<Image> find_image(Device_tree fit, char const *name, char const *role, Bundle const &checked);

} // namespace vambrace
