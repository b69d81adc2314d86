// SPDX-License-Identifier: Apache-2.0
// What a bundle says of where a kernel goes, and of firmware.
#include "bundle_builder.hpp"
#include <catch2/catch.hpp>

using namespace vambrace;
using namespace vambrace::test;

namespace {

/// A bundle with a third image, which the first guest has as its firmware.
Fit with_firmware(Blob const &data)
{
    Fit fit;
    fit.images.push_back(image_node("firmware-1", "firmware", ""));
    fit.images.back().data = data;
    fit.images.back().hashes = {"crc32"};
    fit.room += data.size();
    fit.guests[0].firmware = "firmware-1";
    return fit;
}

} // namespace

TEST_CASE("a kernel's load address and entry point are taken as they are")
{
    Fit fit;
    fit.images[0].numbers = {{"load", {0xffffffff}}, {"entry", {0x40010001}}};
    fit.images[1].numbers = {{"load", {0x48000000}}};
    fit.guests[0].ramdisk = "ramdisk-1";
    fit.guests.push_back({.name = "guest-2", .label = "two"});
    Blob const blob = fit.make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    for (unsigned n = 0; n != 2; ++n) {
        CHECK(bundle->guests[n].kernel.load == 0xffffffff);
        CHECK(bundle->guests[n].kernel.entry == 0x40010001);
        CHECK(content(bundle->guests[n].kernel) == "the kernel's bytes");
    }
    CHECK(bundle->guests[0].ramdisk.load == 0); // says nothing to us
}

TEST_CASE("a kernel without an entry point starts at its load address, one without either says nothing")
{
    Fit fit;
    Blob const plain = fit.make();
    fit.images[0].numbers = {{"load", {0x40010000}}};
    Blob const placed = fit.make();
    CHECK(read(plain)->guests[0].kernel.load == 0);
    CHECK(read(placed)->guests[0].kernel.entry == 0x40010000);
}

TEST_CASE("an address of another size than one cell is refused")
{
    std::string const name = GENERATE("load", "entry");
    Fit fit;
    fit.images[0].numbers = {{name, {0, 0x40010000}}};
    CHECK(problem_of(fit) == "a number in the boot bundle is not one 32-bit cell: " + name);
    fit.images[0].numbers = {{name, {}}};
    CHECK(problem_of(fit) == "a number in the boot bundle is not one 32-bit cell: " + name);
}

TEST_CASE("firmware is an image of its own type, and a guest with it needs no kernel")
{
    Fit fit = with_firmware(bytes_of("firmware's bytes"));
    SECTION("with a kernel")
    {
        Blob const blob = fit.make();
        auto const bundle = read(blob);
        REQUIRE(problem_of(bundle) == "");
        CHECK(content(bundle->guests[0].firmware) == "firmware's bytes");
        CHECK(content(bundle->guests[0].kernel) == "the kernel's bytes");
    }
    SECTION("without")
    {
        fit.guests[0].kernel = {};
        Blob const blob = fit.make();
        auto const bundle = read(blob);
        REQUIRE(problem_of(bundle) == "");
        CHECK(content(bundle->guests[0].firmware) == "firmware's bytes");
        CHECK(bundle->guests[0].kernel.size == 0);
    }
    SECTION("of another type")
    {
        fit.guests[0].firmware = "kernel-1";
        CHECK(problem_of(fit) == "an image is of another type than its use: kernel-1");
    }
    SECTION("damaged")
    {
        fit.images[2].spoil_hash = true;
        CHECK(problem_of(fit) == "an image does not have the hash it should have: firmware-1");
    }
}

TEST_CASE("a guest without firmware has none")
{
    Blob const blob = Fit {}.make();
    CHECK(read(blob)->guests[0].firmware.size == 0);
}

TEST_CASE("firmware fills a bank of the flash and no more")
{
    auto const of_size = [](u32 size) {
        Fit fit = with_firmware(Blob(size));
        fit.images[2].hashes = {}; // which would take seconds, and are asked for last
        return problem_of(fit);
    };
    CHECK(of_size(64 * mib) == "an image has no hash: firmware-1");
    CHECK(of_size(64 * mib + 1) == "a guest's firmware is too large: firmware-1");
}
