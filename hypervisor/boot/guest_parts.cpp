// SPDX-License-Identifier: Apache-2.0
// From names in the bundle to devices on a bus, windows and ports.
#include <base/log.hpp>
#include <boot/bundle_image.hpp>
#include <boot/guest_parts.hpp>
#include <device/standard_devices.hpp>
#include <device/virtio/disk.hpp>
#include <device/virtio/entropy.hpp>
#include <kernel/entropy_source.hpp>
#include <new>

namespace vambrace {

namespace {

virtio::Disk_image disk_image(Part_list const &parts, int node)
{
    Image const image = image_of(parts.tree, parts.tree.string(node, "image"));
    // The bundle is in our memory, and a disk that is written has its image for itself.
    return {const_cast<u8 *>(image.data), image.size, parts.tree.property(node, "writable").data != nullptr};
}

/// \return false: there is no memory for it
template <typename Backend, typename... More>
bool add_virtio(Domain &domain, Arena &arena, unsigned n, More... more)
{
    auto *const room = arena.take<Backend>(1);
    if (!room)
        return false;
    auto *const device = new (room) Backend {domain, VAMBRACE_IRQ_VIRTIO + n, more...};
    domain.devices->bus.add(Ipa {VAMBRACE_VIRTIO_IPA + n * page_size}, device->transport);
    return true;
}

} // namespace

/// From the first region on. \param label nullptr: of the end
u32 Region_map::offset_of(char const *label) const
{
    u32 offset = 0;
    for (unsigned g = 0; g != bundle_.count; ++g) {
        Part_list const &parts = bundle_.guests[g].parts;
        for (int const node : parts.regions()) {
            if (label && parts.tree.is(node, "label", label))
                return offset;
            char const *const own = parts.tree.string(node, "label");
            if (find_part(bundle_, g, &Part_list::regions, "label", own) < 0) // nobody has named it before
                offset += parts.tree.cells(node, "size", 0);
        }
    }
    return offset;
}

Windows Region_map::windows_of(Part_list const &parts) const
{
    Windows windows;
    Ipa ipa {VAMBRACE_REGION_IPA};
    for (int const node : parts.regions()) {
        u32 const physical = first_ + offset_of(parts.tree.string(node, "label"));
        bool const writable = parts.tree.property(node, "writable").data;
        windows.open({ipa, parts.tree.cells(node, "size", 0), Frame::of(physical), writable});
        ipa.value += VAMBRACE_REGION_SPACING;
    }
    return windows;
}

unsigned count_virtio_devices(Part_list const &parts)
{
    return parts.disks().count() + (parts.want_randomness() && has_entropy_source());
}

Boot_result<bool> add_devices(Domain &domain, Part_list const &parts, Arena &arena)
{
    unsigned n = 0;
    for (int const node : parts.disks()) {
        if (!add_virtio<virtio::Disk>(domain, arena, n, disk_image(parts, node), n))
            return Problem {"no memory for a guest's disks", domain.label(), "use fewer disks"};
        ++n;
    }
    if (parts.want_randomness() && !has_entropy_source())
        log("vambrace: guest '%s' gets no randomness: this board has no source\n", domain.label());
    else if (parts.want_randomness() && !add_virtio<virtio::Entropy>(domain, arena, n))
        return Problem {"no memory for a guest's randomness", domain.label(), "use fewer disks"};
    if (parts.share_something())
        domain.devices->bus.add(Ipa {VAMBRACE_PORTS_IPA}, domain.devices->ports);
    return true;
}

void connect_channels(Bundle const &bundle, Domain *const *domains)
{
    for (unsigned g = 0; g != bundle.count; ++g) {
        Part_list const &parts = bundle.guests[g].parts;
        unsigned port = 0;
        for (int const node : parts.channels()) {
            char const *const label = parts.tree.string(node, "label");
            for (unsigned other = g + 1; other != bundle.count; ++other) {
                Parts const ends = bundle.guests[other].parts.channels();
                if (ends.find("label", label) >= 0)
                    Guest_ports::connect(domains[g]->devices->ports, port, domains[other]->devices->ports,
                                         ends.index_of("label", label));
            }
            ++port;
        }
    }
}

} // namespace vambrace
