// SPDX-License-Identifier: Apache-2.0
// Parts of two guests are about the same thing if they name the same.
#include <boot/bundle_image.hpp>
#include <boot/bundle_values.hpp>
#include <boot/part_check.hpp>
#include <device/virtio/disk.hpp>

namespace vambrace {

namespace {

using Kind = Part_list::Kind;

/// A part of the same kind that comes before it, in its own guest or in another; negative: there is none.
int earlier(Part_list const &own, int node, Bundle const &before, Kind kind, char const *property)
{
    char const *const value = own.tree.string(node, property);
    if (int const other = find_part(before, before.count, kind, property, value); other >= 0)
        return other;
    int const first = (own.*kind)().find(property, value);
    return first == node ? -1 : first;
}

Boot_result<bool> check_disk(Part_list const &own, int node, Bundle const &before)
{
    Device_tree const tree = own.tree;
    char const *const name = tree.string(node, "image");
    if (!name)
        return Problem {"a disk has no image", tree.name(node), "name one of the bundle: image = \"disk-1\""};
    if (int const other = earlier(own, node, before, &Part_list::disks, "image"); other >= 0) {
        if (!tree.property(node, "writable").data && !tree.property(other, "writable").data)
            return true; // it was checked there
        return Problem {"an image is on two disks, and one of them can be written", name,
                        "put it into the bundle once for each guest that writes to it"};
    }
    Boot_result<Image> const image = find_image(tree, name, "filesystem", before);
    if (!image)
        return image.problem();
    if (!tree.is(tree.child(tree.node("/images"), name), "type", "filesystem"))
        return Problem {"an image is on a disk and does not say that it may be", name,
                        "add type = \"filesystem\"; to it"};
    if (image->size < virtio::sector_size)
        return Problem {"a disk is smaller than a sector", name, "use an image of %u bytes or more",
                        virtio::sector_size};
    return true;
}

/// By which guests find what they share.
Boot_result<char const *> read_name(Device_tree tree, int node)
{
    if (!tree.property(node, "label").data)
        return Problem {"a region or a channel has no label", tree.name(node),
                        "give it the name that both guests know it by: label = \"text\""};
    return read_label(tree, node);
}

Boot_result<bool> check_region(Part_list const &own, int node, Bundle const &before)
{
    Boot_result<char const *> const label = read_name(own.tree, node);
    if (!label)
        return label.problem();
    Boot_result<u32> const size = read_number(own.tree, node, "size", 0);
    if (!size)
        return size.problem();
    if (!*size || *size % page_size || *size > VAMBRACE_REGION_SPACING)
        return Problem {"a region that guests share has an impossible size", *label,
                        "give it a multiple of 4096 bytes, at most %u MB", VAMBRACE_REGION_SPACING / mib};
    int const other = earlier(own, node, before, &Part_list::regions, "label");
    if (other >= 0 && own.tree.cells(other, "size", 0) != *size)
        return Problem {"guests say different sizes of a region that they share", *label,
                        "give it the same size in each description"};
    if (own.regions().find("label", *label) != node)
        return Problem {"a guest has a region twice", *label, "leave out one of them"};
    return true;
}

Boot_result<bool> check_channel(Part_list const &own, int node, Bundle const &)
{
    Boot_result<char const *> const label = read_name(own.tree, node);
    if (label && own.channels().find("label", *label) != node)
        return Problem {"a guest has both ends of a channel", *label, "give the other end to another guest"};
    return label ? Boot_result<bool> {true} : label.problem();
}

Boot_result<bool> check_each(Part_list const &own, Kind kind, Bundle const &before, unsigned most,
                             Boot_result<bool> (*check)(Part_list const &, int, Bundle const &))
{
    for (int const node : (own.*kind)()) {
        if (most-- == 0)
            return Problem {"a guest has too many disks, regions or channels", own.tree.name(node),
                            "leave it out: docs/bundle.md says how many there can be"};
        if (Boot_result<bool> const right = check(own, node, before); !right)
            return right;
    }
    return true;
}

unsigned count_ends(Bundle const &bundle, char const *label)
{
    unsigned ends = 0;
    for (unsigned g = 0; g != bundle.count; ++g)
        ends += bundle.guests[g].parts.channels().find("label", label) >= 0;
    return ends;
}

} // namespace

Boot_result<bool> check_parts(Part_list const &own, Bundle const &before)
{
    unsigned const most_disks = VAMBRACE_VIRTIO_DEVICES - (own.want_randomness() ? 1 : 0);
    auto right = check_each(own, &Part_list::disks, before, most_disks, check_disk);
    if (right)
        right = check_each(own, &Part_list::regions, before, VAMBRACE_REGIONS, check_region);
    if (right)
        right = check_each(own, &Part_list::channels, before, VAMBRACE_PORTS, check_channel);
    return right;
}

Boot_result<bool> check_channels(Bundle const &bundle)
{
    for (unsigned g = 0; g != bundle.count; ++g) {
        Part_list const &parts = bundle.guests[g].parts;
        for (int const node : parts.channels()) {
            char const *const label = parts.tree.string(node, "label");
            if (count_ends(bundle, label) != 2)
                return Problem {"a channel does not have two ends", label,
                                "name it in the descriptions of exactly two guests"};
        }
    }
    return true;
}

} // namespace vambrace
