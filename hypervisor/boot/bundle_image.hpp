// SPDX-License-Identifier: Apache-2.0
// Finds an image of a FIT and checks that it is what its hashes say.
#pragma once
#include <boot/bundle.hpp>
#include <boot/device_tree.hpp>

namespace vambrace {

/// \param name a node of /images
/// \param role "kernel", "ramdisk", "firmware" or "filesystem": what its type has to be
/// \param checked an image of these guests is not hashed a second time
Boot_result<Image> find_image(Device_tree fit, char const *name, char const *role, Bundle const &checked);
/// An image that was found before. \param name a node of /images
Image image_of(Device_tree fit, char const *name);

} // namespace vambrace
