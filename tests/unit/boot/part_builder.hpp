// SPDX-License-Identifier: Apache-2.0
// Disks, regions and channels in boot bundles for tests.
#pragma once
#include "bundle_builder.hpp"

namespace vambrace::test {

/// A node below a guest's; what is empty is left out.
struct Part_node {
    std::string kind; ///< disk, region or channel
    std::string image {}, label {};
    std::vector<u32> size {};
    bool writable = false;
};

inline Part_node disk(std::string const &image, bool writable = false)
{
    return {.kind = "disk", .image = image, .writable = writable};
}
inline Part_node region(std::string const &label, u32 size, bool writable = false)
{
    return {.kind = "region", .label = label, .size = {size}, .writable = writable};
}
/// Of the guest itself: it is no node.
inline Part_node rng() { return {.kind = "rng"}; }
inline Part_node channel(std::string const &label) { return {.kind = "channel", .label = label}; }

/// For Guest_node::more. Beside them is a node of another kind, which is nobody's.
inline Edit having(std::vector<Part_node> const &parts)
{
    return [parts](Tree_builder &fit) {
        unsigned n = 0;
        for (Part_node const &part : parts)
            if (part.kind == "rng")
                fit.raw("rng", {});
        fit.begin("other").text("compatible", "vambrace,other").end();
        for (Part_node const &part : parts) {
            if (part.kind == "rng")
                continue;
            fit.begin("part-" + std::to_string(++n)).text("compatible", "vambrace," + part.kind);
            if (!part.image.empty())
                fit.text("image", part.image);
            if (!part.label.empty())
                fit.text("label", part.label);
            if (!part.size.empty())
                fit.cells("size", part.size);
            if (part.writable)
                fit.raw("writable", {});
            fit.end();
        }
    };
}

/// A bundle with so many guests, of which the first have these parts, and the images disk-1 to disk-3.
inline Fit fit_with(std::vector<std::vector<Part_node>> const &guests)
{
    Fit fit;
    for (unsigned n = 1; n != 4; ++n)
        fit.images.push_back(image_node("disk-" + std::to_string(n), "filesystem",
                                        std::string(512 * n, static_cast<char>('a' + n))));
    fit.guests.clear();
    for (auto const &parts : guests) {
        Guest_node guest;
        guest.name = guest.label.emplace("guest-" + std::to_string(fit.guests.size() + 1));
        guest.more = having(parts);
        fit.guests.push_back(guest);
    }
    return fit;
}

} // namespace vambrace::test
