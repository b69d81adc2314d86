// SPDX-License-Identifier: Apache-2.0
// Turns the nodes of a boot bundle into guest configurations, or into what the user has to change.
#include <boot/bundle.hpp>
#include <boot/bundle_image.hpp>
#include <boot/bundle_values.hpp>
#include <boot/part_check.hpp>
#include <cstring>

namespace vambrace {

namespace {

constexpr u32 by_default = 0;
constexpr u32 least_shadow_pool_kib = 64;
constexpr u32 shadow_pool_unit_kib = 16;
constexpr char const *default_label = "guest";
constexpr char const *default_bootargs = "console=ttyAMA0";

Boot_result<u32> read_memory(Device_tree tree, int node)
{
    Boot_result<u32> const memory = read_number(tree, node, "memory", 0);
    if (memory && !is_aligned(*memory, mib)) {
        return Problem {"a guest's memory is not a multiple of 1 MB", tree.name(node),
                        "set memory to whole megabytes, in bytes; <0> is an equal share"};
    }
    return memory;
}

Boot_result<u32> read_shadow_pool(Device_tree tree, int node)
{
    Boot_result<u32> const kib = read_number(tree, node, "shadow-pool-kib", by_default);
    if (kib && !tree.property(node, "shadow-pool-kib").data) {
        return kib;
    }
    if (kib && (*kib < least_shadow_pool_kib || *kib > most_shadow_pool_kib || *kib % shadow_pool_unit_kib)) {
        return Problem {"a guest's shadow pool has an impossible size", tree.name(node),
                        "set shadow-pool-kib to a multiple of 16 from 64 to %u, or leave it out",
                        most_shadow_pool_kib};
    }
    return kib;
}

Boot_result<u32> read_vcpus(Device_tree tree, int node)
{
    Boot_result<u32> const vcpus = read_number(tree, node, "vcpus", 1);
    if (vcpus && *vcpus != 1) {
        return Problem {"a guest wants another number of processors than one", tree.name(node),
                        "set vcpus to <1>"};
    }
    return vcpus;
}

/// An image that `node` names in its property `role`; without that property it is empty.
Boot_result<Image> read_image(Device_tree tree, int node, char const *role, Bundle const &checked)
{
    Boot_result<char const *> const name = read_text(tree, node, role, nullptr, page_size);
    if (!name) {
        return name.problem();
    }
    return *name ? find_image(tree, *name, role, checked) : Image {nullptr, 0};
}

/// Adds the images to `guest`. The images of the guests in `checked` need not be hashed again.
Boot_result<Guest_config> read_images(Device_tree tree, int node, Guest_config guest, Bundle const &checked)
{
    Boot_result<Image> const kernel = read_image(tree, node, "kernel", checked);
    if (!kernel) {
        return kernel.problem();
    }
    Boot_result<Image> const ramdisk = read_image(tree, node, "ramdisk", checked);
    if (!ramdisk) {
        return ramdisk.problem();
    }
    Boot_result<Image> const firmware = read_image(tree, node, "firmware", checked);
    if (!firmware) {
        return firmware.problem();
    }
    if (!kernel->size && !firmware->size) {
        return Problem {"a guest has no kernel", tree.name(node),
                        "name an image of the bundle: kernel = \"kernel-1\""};
    }
    guest.kernel = *kernel;
    guest.ramdisk = *ramdisk;
    guest.firmware = *firmware;
    return guest;
}

Boot_result<Guest_config> read_guest(Device_tree tree, int node, Bundle const &checked)
{
    Boot_result<char const *> const label = read_label(tree, node);
    if (!label) {
        return label.problem();
    }
    Boot_result<u32> const memory = read_memory(tree, node);
    if (!memory) {
        return memory.problem();
    }
    Boot_result<u32> const pool = read_shadow_pool(tree, node);
    if (!pool) {
        return pool.problem();
    }
    if (Boot_result<u32> const vcpus = read_vcpus(tree, node); !vcpus) {
        return vcpus.problem();
    }
    Boot_result<char const *> const bootargs =
        read_text(tree, node, "bootargs", default_bootargs, max_bootargs);
    if (!bootargs) {
        return bootargs.problem();
    }
    Part_list const parts {tree, node};
    if (Boot_result<bool> const right = check_parts(parts, checked); !right) {
        return right.problem();
    }
    return read_images(tree, node, {*label, *memory, *pool, {}, {}, *bootargs, {}, parts}, checked);
}

/// A FIT that says nothing of guests: kernel and ramdisk of its default configuration.
Boot_result<Bundle> read_plain(Device_tree tree)
{
    int const all = tree.node("/configurations");
    char const *const name = tree.string(all, "default");
    int const configuration = name ? tree.child(all, name) : tree.first_child(all);
    if (configuration < 0) {
        return Problem {"the boot bundle describes no guest", "neither /vambrace nor a default configuration",
                        "add a /vambrace node with a node for each guest"};
    }
    Bundle bundle {};
    Boot_result<Guest_config> const guest =
        read_images(tree, configuration, {default_label, 0, by_default, {}, {}, default_bootargs}, bundle);
    if (!guest) {
        return guest.problem();
    }
    bundle.guests[bundle.count++] = *guest;
    return bundle;
}

bool has_label(Bundle const &bundle, char const *label)
{
    for (unsigned i = 0; i < bundle.count; ++i) {
        if (std::strcmp(bundle.guests[i].label, label) == 0) {
            return true;
        }
    }
    return false;
}

Boot_result<Bundle> read_guests(Device_tree tree, int parent)
{
    Bundle bundle {};
    for (int node = tree.first_child(parent); node >= 0; node = tree.next_sibling(node)) {
        if (!tree.is(node, "compatible", "vambrace,guest-config")) {
            continue;
        }
        if (bundle.count == max_guests) {
            return Problem {"the boot bundle describes too many guests", tree.name(node),
                            "leave at most %u of them", max_guests};
        }
        Boot_result<Guest_config> const guest = read_guest(tree, node, bundle);
        if (!guest) {
            return guest.problem();
        }
        if (has_label(bundle, guest->label)) {
            return Problem {"two guests have the same label", guest->label, "give each guest its own label"};
        }
        bundle.guests[bundle.count++] = *guest;
    }
    Boot_result<bool> const ends = check_channels(bundle);
    return ends ? Boot_result<Bundle> {bundle} : ends.problem();
}

Boot_result<Bundle> read_vambrace(Device_tree tree, int node)
{
    if (!tree.is(node, "compatible", "vambrace,bundle-1")) {
        return Problem {"the boot bundle is made for another version", "/vambrace compatible",
                        "make it with compatible = \"vambrace,bundle-1\""};
    }
    Boot_result<Bundle> const bundle = read_guests(tree, node);
    if (bundle && bundle->count == 0) {
        return Problem {"the boot bundle describes no guest", "/vambrace",
                        "add a node with compatible = \"vambrace,guest-config\""};
    }
    return bundle;
}

} // namespace

int find_part(Bundle const &bundle, unsigned guests, Part_list::Kind kind, char const *property,
              char const *value)
{
    for (unsigned g = 0; g != guests; ++g) {
        int const node = (bundle.guests[g].parts.*kind)().find(property, value);
        if (node >= 0) {
            return node;
        }
    }
    return -1;
}

Boot_result<Bundle> read_bundle(void const *fit, u32 size)
{
    if (!Device_tree::begins(fit, size)) {
        return Problem {"the boot bundle is not a FIT image", "its first word is not 0xd00dfeed",
                        "make it with mkimage -f (./run does) and load that file as the initrd"};
    }
    if (!Device_tree::valid(fit, size)) {
        return Problem {"the boot bundle is cut off or broken", "its structure does not hold together",
                        "load all of the file, and where nothing writes over it"};
    }
    Device_tree const tree {fit};
    int const node = tree.node("/vambrace");
    return node < 0 ? read_plain(tree) : read_vambrace(tree, node);
}

Boot_result<Bundle> share_memory(Bundle bundle, u32 available, u32 granule)
{
    u32 left = align_down(available, granule);
    unsigned sharing = 0;
    for (unsigned i = 0; i < bundle.count; ++i) {
        Guest_config const &guest = bundle.guests[i];
        if (guest.memory > left) {
            return Problem {"guest memory is larger than what the board has left", guest.label,
                            "set its memory to at most %u MB, or give the board more", unsigned(left / mib)};
        }
        left -= align_up(guest.memory, granule); // not more than `left`, which is a multiple of it
        sharing += guest.memory == 0;
    }
    u32 const share = sharing ? align_down(left / sharing, granule) : 0;
    for (unsigned i = 0; i < bundle.count; ++i) {
        Guest_config &guest = bundle.guests[i];
        if (guest.memory == 0 && share == 0) {
            return Problem {"no memory is left for a guest", guest.label,
                            "give the other guests less, or the board more"};
        }
        guest.memory = guest.memory ? guest.memory : share;
    }
    return bundle;
}

} // namespace vambrace
