// SPDX-License-Identifier: Apache-2.0
// Images of a FIT: U-Boot's doc/uImage.FIT/source_file_format.txt says what their nodes hold.
#include <base/crc32.hpp>
#include <base/sha256.hpp>
#include <boot/bundle_image.hpp>
#include <boot/bundle_values.hpp>
#include <cstring>

namespace vambrace {

namespace {

/// Absent is as good: mkimage does not ask for these properties of every type of image.
bool absent_or(Device_tree fit, int node, char const *property, char const *value)
{
    return !fit.property(node, property).data || fit.is(node, property, value);
}

bool right_crc32(Image image, Property value)
{
    return value.size == 4 && read_cells(value.data, 1) == crc32(image.data, image.size);
}

bool right_sha256(Image image, Property value)
{
    Sha256_digest const digest = sha256(image.data, image.size);
    constexpr u32 size = sizeof digest.bytes;
    return value.size == size && std::memcmp(value.data, digest.bytes, size) == 0;
}

/// Checks one hash node of an image.
Boot_result<bool> check_hash(Device_tree fit, int node, Image image, char const *name)
{
    Property const value = fit.property(node, "value");
    if (!value.data) {
        return Problem {"a hash of an image has no value", name,
                        "make the bundle with mkimage -f, not with dtc"};
    }
    bool right = false;
    if (fit.is(node, "algo", "crc32")) {
        right = right_crc32(image, value);
    } else if (fit.is(node, "algo", "sha256")) {
        right = right_sha256(image, value);
    } else {
        return Problem {"an image has a hash of an unknown kind", name, "use algo = \"sha256\" or \"crc32\""};
    }
    if (!right) {
        return Problem {"an image does not have the hash it should have", name,
                        "the bundle was damaged: make it again, and load it where nothing writes over it"};
    }
    return true;
}

/// At least one hash, and every one right.
Boot_result<bool> check_hashes(Device_tree fit, int node, Image image, char const *name)
{
    bool checked = false;
    for (int child = fit.first_child(node); child >= 0; child = fit.next_sibling(child)) {
        if (std::strncmp(fit.name(child), "hash", 4) != 0) {
            continue;
        }
        if (Boot_result<bool> const hash = check_hash(fit, child, image, name); !hash) {
            return hash.problem();
        }
        checked = true;
    }
    if (!checked) {
        return Problem {"an image has no hash", name, "add hash-1 { algo = \"sha256\"; }; to it"};
    }
    return true;
}

Boot_result<bool> check_kind(Device_tree fit, int node, char const *name, char const *role)
{
    if (!absent_or(fit, node, "type", role)) {
        return Problem {
            "an image is of another type than its use", name,
            "the type has to be what it is used as: kernel, ramdisk, firmware, or filesystem for a disk"};
    }
    if (!absent_or(fit, node, "arch", "arm")) {
        return Problem {"an image is for another architecture", name, "use one with arch = \"arm\""};
    }
    if (!absent_or(fit, node, "compression", "none")) {
        return Problem {"an image is compressed as a whole", name,
                        "use compression = \"none\": a zImage and Linux unpack themselves"};
    }
    return true;
}

bool is_checked(Bundle const &checked, u8 const *data)
{
    for (unsigned i = 0; i < checked.count; ++i) {
        Guest_config const &guest = checked.guests[i];
        if (guest.kernel.data == data || guest.ramdisk.data == data || guest.firmware.data == data) {
            return true;
        }
    }
    return false;
}

/// Adds where a kernel goes; of other images, that is not their affair.
Boot_result<Image> with_place(Device_tree fit, int node, char const *role, Image image)
{
    if (std::strcmp(role, "kernel") != 0) {
        return image;
    }
    Boot_result<u32> const load = read_number(fit, node, "load", 0);
    if (!load) {
        return load.problem();
    }
    Boot_result<u32> const entry = read_number(fit, node, "entry", *load);
    if (!entry) {
        return entry.problem();
    }
    image.load = *load;
    image.entry = *entry;
    return image;
}

} // namespace

Image image_of(Device_tree fit, char const *name)
{
    Property const data = fit.property(fit.child(fit.node("/images"), name), "data");
    return {data.data, data.size};
}

Boot_result<Image> find_image(Device_tree fit, char const *name, char const *role, Bundle const &checked)
{
    int const node = fit.child(fit.node("/images"), name);
    if (node < 0) {
        return Problem {"the boot bundle lacks an image that a guest names", name,
                        "add it below /images, or correct the name"};
    }
    if (Boot_result<bool> const kind = check_kind(fit, node, name, role); !kind) {
        return kind.problem();
    }
    Property const data = fit.property(node, "data");
    if (!data.size) {
        return Problem {"an image is empty, or its data is outside the FIT", name,
                        "make the bundle without mkimage -E"};
    }
    if (std::strcmp(role, "firmware") == 0 && data.size > most_firmware) {
        return Problem {"a guest's firmware is too large", name, "use one of at most %u MB",
                        most_firmware / mib};
    }
    Boot_result<Image> const image = with_place(fit, node, role, {data.data, data.size});
    if (!image || is_checked(checked, image->data)) {
        return image;
    }
    if (Boot_result<bool> const hashes = check_hashes(fit, node, *image, name); !hashes) {
        return hashes.problem();
    }
    return image;
}

} // namespace vambrace
