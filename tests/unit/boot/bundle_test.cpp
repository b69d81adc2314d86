// SPDX-License-Identifier: Apache-2.0
// Boot bundles that are right become guests; those that are wrong say what is wrong.
#include "bundle_builder.hpp"
#include <catch2/catch.hpp>
#include <random>

using namespace vambrace;
using namespace vambrace::test;

TEST_CASE("a full description becomes a guest with its images")
{
    Fit fit;
    fit.guests[0].ramdisk = "ramdisk-1";
    fit.guests[0].bootargs = "console=ttyAMA0 quiet";
    fit.guests[0].numbers = {{"memory", {64 * mib}}, {"vcpus", {1}}, {"shadow-pool-kib", {64}}};
    Blob const blob = fit.make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    REQUIRE(bundle->count == 1);
    Guest_config const &guest = bundle->guests[0];
    CHECK(std::string {guest.label} == "linux");
    CHECK(guest.memory == 64 * mib);
    CHECK(guest.shadow_pool_kib == 64);
    CHECK(content(guest.kernel) == "the kernel's bytes");
    CHECK(content(guest.ramdisk) == "the ramdisk");
    CHECK(std::string {guest.bootargs} == "console=ttyAMA0 quiet");
}

TEST_CASE("what a description leaves out has defaults")
{
    Fit fit;
    fit.guests[0].label = {};
    Blob const blob = fit.make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    Guest_config const &guest = bundle->guests[0];
    CHECK(std::string {guest.label} == "guest-1");
    CHECK(guest.memory == 0);
    CHECK(guest.shadow_pool_kib == 0); // by the size of its memory
    CHECK(guest.ramdisk.size == 0);
    CHECK(std::string {guest.bootargs} == "console=ttyAMA0");
}

TEST_CASE("a FIT without guests is one guest made of its default configuration")
{
    Fit fit;
    fit.with_vambrace = false;
    fit.configurations = [](Tree_builder &node) {
        node.text("default", "second");
        node.begin("first").text("kernel", "ramdisk-1").end();
        node.begin("second").text("kernel", "kernel-1").text("ramdisk", "ramdisk-1").end();
    };
    Blob const blob = fit.make();
    auto const bundle = read(blob);
    REQUIRE(problem_of(bundle) == "");
    REQUIRE(bundle->count == 1);
    CHECK(std::string {bundle->guests[0].label} == "guest");
    CHECK(content(bundle->guests[0].kernel) == "the kernel's bytes");
    CHECK(content(bundle->guests[0].ramdisk) == "the ramdisk");
}

TEST_CASE("the largest number of guests is taken, one more is not")
{
    Fit fit;
    fit.guests.clear();
    for (unsigned i = 0; i < max_guests; ++i) {
        Guest_node guest;
        guest.name = guest.label.emplace("guest-" + std::to_string(i));
        fit.guests.push_back(guest);
    }
    Blob const blob = fit.make();
    REQUIRE(read(blob)->count == max_guests);
    fit.guests.push_back({.name = "extra"});
    CHECK(problem_of(fit) == "the boot bundle describes too many guests: extra");
}

TEST_CASE("both kinds of hash are understood, several are all checked")
{
    Fit fit;
    fit.images[0].hashes = {"crc32", "sha256"};
    CHECK(problem_of(fit) == "");
    fit.images[0].spoil_hash = true;
    CHECK(problem_of(fit) == "an image does not have the hash it should have: kernel-1");
    fit.images[0].hashes = {"crc32"};
    CHECK(problem_of(fit) == "an image does not have the hash it should have: kernel-1");
}

TEST_CASE("every image that a guest uses needs hashes that are known")
{
    Fit fit;
    SECTION("none")
    {
        fit.images[0].hashes = {};
        CHECK(problem_of(fit) == "an image has no hash: kernel-1");
    }
    SECTION("unknown")
    {
        fit.images[0].hashes = {"sha256", "md5"};
        CHECK(problem_of(fit) == "an image has a hash of an unknown kind: kernel-1");
    }
    SECTION("without value")
    {
        fit.images[0].without_value = true;
        CHECK(problem_of(fit) == "a hash of an image has no value: kernel-1");
    }
    SECTION("of the ramdisk")
    {
        fit.guests[0].ramdisk = "ramdisk-1";
        fit.images[1].spoil_hash = true;
        CHECK(problem_of(fit) == "an image does not have the hash it should have: ramdisk-1");
    }
    SECTION("of an image that nobody uses: no matter")
    {
        fit.images[1].spoil_hash = true;
        CHECK(problem_of(fit) == "");
    }
}

TEST_CASE("a guest's second use of an image does not make a broken one good")
{
    Fit fit;
    fit.guests.push_back({.name = "guest-2", .label = "two"});
    CHECK(problem_of(fit) == "");
    fit.images[0].spoil_hash = true;
    CHECK(problem_of(fit) == "an image does not have the hash it should have: kernel-1");
}

TEST_CASE("an image has to be what it is used as")
{
    Fit fit;
    SECTION("type")
    {
        fit.guests[0].kernel = "ramdisk-1";
        CHECK(problem_of(fit) == "an image is of another type than its use: ramdisk-1");
    }
    SECTION("architecture")
    {
        fit.images[0].texts["arch"] = "arm64";
        CHECK(problem_of(fit) == "an image is for another architecture: kernel-1");
    }
    SECTION("compression")
    {
        fit.images[0].texts["compression"] = "gzip";
        CHECK(problem_of(fit) == "an image is compressed as a whole: kernel-1");
    }
    SECTION("present")
    {
        fit.guests[0].kernel = "kernel-9";
        CHECK(problem_of(fit) == "the boot bundle lacks an image that a guest names: kernel-9");
    }
    SECTION("with data")
    {
        fit.images[0].data = {};
        CHECK(problem_of(fit) == "an image is empty, or its data is outside the FIT: kernel-1");
    }
}

TEST_CASE("a guest's description that cannot be met says why")
{
    Fit fit;
    Guest_node &guest = fit.guests[0];
    std::string expected;
    SECTION("no kernel")
    {
        guest.kernel = {};
        expected = "a guest has no kernel: guest-1";
    }
    SECTION("memory of no whole megabytes")
    {
        guest.numbers = {{"memory", {mib + 4096}}};
        expected = "a guest's memory is not a multiple of 1 MB: guest-1";
    }
    SECTION("memory of two cells")
    {
        guest.numbers = {{"memory", {0, mib}}};
        expected = "a number in the boot bundle is not one 32-bit cell: memory";
    }
    SECTION("two processors")
    {
        guest.numbers = {{"vcpus", {2}}};
        expected = "a guest wants another number of processors than one: guest-1";
    }
    SECTION("no processor")
    {
        guest.numbers = {{"vcpus", {0}}};
        expected = "a guest wants another number of processors than one: guest-1";
    }
    SECTION("a label to cheat with")
    {
        guest.label = "x] vambrace:";
        expected = "a label cannot be printed: guest-1";
    }
    SECTION("no label")
    {
        guest.label = "";
        expected = "a label cannot be printed: guest-1";
    }
    SECTION("a label too long")
    {
        guest.label = std::string(max_label + 1, 'x');
        expected = "a text in the boot bundle is too long: label";
    }
    SECTION("a label without end")
    {
        guest.label = {};
        guest.more = [](Tree_builder &node) { node.raw("label", {'x'}); };
        expected = "a property in the boot bundle is not a string: label";
    }
    SECTION("a command line too long")
    {
        guest.bootargs = std::string(max_bootargs + 1, 'x');
        expected = "a text in the boot bundle is too long: bootargs";
    }
    CHECK(problem_of(fit) == expected);
}

TEST_CASE("a shadow pool has 64 KB to 4 MB, in whole units")
{
    auto const problem = [](u32 kib) {
        Fit fit;
        fit.guests[0].numbers = {{"shadow-pool-kib", {kib}}};
        return problem_of(fit);
    };
    std::string const impossible = "a guest's shadow pool has an impossible size: guest-1";
    CHECK(problem(64) == "");
    CHECK(problem(80) == "");
    CHECK(problem(48) == impossible);
    CHECK(problem(0) == impossible);
    CHECK(problem(65) == impossible);
    CHECK(problem(4096) == "");
    CHECK(problem(4112) == impossible);
    CHECK(problem(0xfffffff0) == impossible);
}

TEST_CASE("a bundle that describes no guests says so")
{
    Fit fit;
    SECTION("an empty /vambrace")
    {
        fit.guests.clear();
        CHECK(problem_of(fit) == "the boot bundle describes no guest: /vambrace");
    }
    SECTION("no /vambrace and no configuration")
    {
        fit.with_vambrace = false;
        CHECK(problem_of(fit) ==
              "the boot bundle describes no guest: neither /vambrace nor a default configuration");
    }
    SECTION("another version's /vambrace")
    {
        fit.compatible = "vambrace,bundle-2";
        CHECK(problem_of(fit) == "the boot bundle is made for another version: /vambrace compatible");
    }
    SECTION("a label twice")
    {
        fit.guests.push_back({.name = "guest-2"});
        CHECK(problem_of(fit) == "two guests have the same label: linux");
    }
}

TEST_CASE("what is no FIT is told from a FIT that is cut off")
{
    Blob const text =
        bytes_of("#!/bin/sh\n# something else altogether, long enough for a header of a tree\n");
    CHECK(problem_of(read(text)).rfind("the boot bundle is not a FIT image", 0) == 0);
    CHECK(problem_of(read(Blob {})).rfind("the boot bundle is not a FIT image", 0) == 0);
    Blob const whole = Fit {}.make();
    for (std::size_t size = 4; size < whole.size(); ++size) {
        Blob const cut = exactly(whole, size);
        REQUIRE(problem_of(read(cut)).rfind("the boot bundle is cut off or broken", 0) == 0);
    }
}

TEST_CASE("a bundle may lie in more memory than it needs")
{
    Blob blob = Fit {}.make();
    blob.resize(blob.size() + 100, 0xa5);
    CHECK(problem_of(read(blob)) == "");
}

TEST_CASE("no damage to a bundle does harm, and no damaged image gets through")
{
    Fit fit;
    fit.guests[0].ramdisk = "ramdisk-1";
    fit.guests.push_back({.name = "guest-2", .label = "two", .numbers = {{"memory", {mib}}}});
    Blob const whole = fit.make();
    std::mt19937 random {926};
    for (int round = 0; round < 20000; ++round) {
        Blob bad = whole;
        for (unsigned flips = 1 + random() % 4; flips; --flips) {
            bad[random() % bad.size()] ^= static_cast<u8>(1u << random() % 8);
        }
        auto const bundle = read(bad);
        REQUIRE((bundle || *bundle.problem().cause));
        for (unsigned i = 0; bundle && i < bundle->count; ++i) {
            Guest_config const &guest = bundle->guests[i];
            REQUIRE(content(guest.kernel) == "the kernel's bytes");
            REQUIRE(std::string {guest.label}.size() <= max_label);
            REQUIRE(std::string {guest.bootargs}.size() <= max_bootargs);
        }
    }
}
