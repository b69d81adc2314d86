// SPDX-License-Identifier: Apache-2.0
// Boot bundles for tests: what mkimage would make of a description, with any part left out or replaced.
#pragma once
#include "tree_builder.hpp"
#include <boot/bundle.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <optional>

namespace vambrace::test {

using Edit = std::function<void(Tree_builder &)>;

/// Node of /images.
struct Image_node {
    std::string name;
    Blob data;
    std::map<std::string, std::string> texts {{"arch", "arm"}, {"compression", "none"}};
    std::map<std::string, std::vector<u32>> numbers {};
    std::vector<std::string> hashes {"sha256"};
    bool spoil_hash = false;
    bool without_value = false;
};

inline Image_node image_node(std::string const &name, std::string const &type, std::string const &content)
{
    Image_node node {name, bytes_of(content)};
    node.texts["type"] = type;
    return node;
}

inline Blob crc32_of(Blob const &data)
{
    u32 const crc = crc32(data.data(), static_cast<u32>(data.size()));
    return {u8(crc >> 24), u8(crc >> 16), u8(crc >> 8), u8(crc)};
}

inline void write_image(Tree_builder &fit, Image_node const &image)
{
    fit.begin(image.name);
    if (!image.data.empty()) {
        fit.raw("data", image.data);
    }
    for (auto const &[name, value] : image.texts) {
        fit.text(name.c_str(), value);
    }
    for (auto const &[name, value] : image.numbers) {
        fit.cells(name.c_str(), value);
    }
    for (unsigned i = 0; i < image.hashes.size(); ++i) {
        fit.begin("hash-" + std::to_string(i + 1)).text("algo", image.hashes[i]);
        Blob value = image.hashes[i] == "crc32" ? crc32_of(image.data) : sha256_of(image.data);
        value.back() ^= image.spoil_hash ? 1 : 0;
        if (!image.without_value) {
            fit.raw("value", value);
        }
        fit.end();
    }
    fit.end();
}

/// Node of /vambrace; what is not set is left out.
struct Guest_node {
    std::string name = "guest-1";
    std::optional<std::string> label = "linux";
    std::optional<std::string> kernel = "kernel-1";
    std::optional<std::string> ramdisk = {};
    std::optional<std::string> firmware = {};
    std::optional<std::string> bootargs = {};
    std::map<std::string, std::vector<u32>> numbers = {};
    Edit more = {};
};

inline void write_guest(Tree_builder &fit, Guest_node const &guest)
{
    fit.begin(guest.name).text("compatible", "vambrace,guest-config");
    auto const text = [&fit](char const *name, std::optional<std::string> const &value) {
        if (value) {
            fit.text(name, *value);
        }
    };
    text("label", guest.label);
    text("kernel", guest.kernel);
    text("ramdisk", guest.ramdisk);
    text("firmware", guest.firmware);
    text("bootargs", guest.bootargs);
    for (auto const &[name, value] : guest.numbers) {
        fit.cells(name.c_str(), value);
    }
    if (guest.more) {
        guest.more(fit);
    }
    fit.end();
}

struct Fit {
    std::vector<Image_node> images {image_node("kernel-1", "kernel", "the kernel's bytes"),
                                    image_node("ramdisk-1", "ramdisk", "the ramdisk")};
    std::vector<Guest_node> guests {Guest_node {}};
    std::string compatible = "vambrace,bundle-1";
    bool with_vambrace = true;
    Edit configurations = {};
    std::size_t room = 1 << 18; ///< bytes, at least those of the whole

    Blob make() const
    {
        Tree_builder fit {room};
        fit.text("description", "test").begin("images");
        for (Image_node const &image : images) {
            write_image(fit, image);
        }
        fit.end().begin("configurations");
        if (configurations) {
            configurations(fit);
        }
        fit.end();
        if (with_vambrace) {
            fit.begin("vambrace").text("compatible", compatible);
            for (Guest_node const &guest : guests) {
                write_guest(fit, guest);
            }
            fit.end();
        }
        return fit.finish();
    }
};

inline Boot_result<Bundle> read(Blob const &blob)
{
    return read_bundle(blob.data(), static_cast<u32>(blob.size()));
}

/// "cause: subject", or "" if there is no problem.
template <typename T>
std::string problem_of(Boot_result<T> const &result)
{
    if (result) {
        return "";
    }
    CHECK(std::string {result.problem().cure} != "");
    return std::string {result.problem().cause} + ": " + result.problem().subject;
}

inline std::string problem_of(Fit const &fit)
{
    Blob const blob = fit.make(); // a problem's subject lies in it
    return problem_of(read(blob));
}

inline std::string content(Image image) { return {reinterpret_cast<char const *>(image.data), image.size}; }

} // namespace vambrace::test
