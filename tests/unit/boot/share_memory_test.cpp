// SPDX-License-Identifier: Apache-2.0
// How the board's memory is split among guests.
#include <boot/bundle.hpp>
#include <catch2/catch.hpp>
#include <string>

using namespace vambrace;

namespace {

Bundle wanting(std::initializer_list<u32> megabytes)
{
    Bundle bundle {};
    for (u32 wanted : megabytes) {
        bundle.guests[bundle.count].label = bundle.count ? "later" : "first";
        bundle.guests[bundle.count++].memory = wanted * mib;
    }
    return bundle;
}

} // namespace

TEST_CASE("guests that ask for no memory share what the others leave")
{
    auto const bundle = share_memory(wanting({0, 32, 0}), 101 * mib + 5);
    REQUIRE(bundle);
    CHECK(bundle->guests[0].memory == 34 * mib);
    CHECK(bundle->guests[1].memory == 32 * mib);
    CHECK(bundle->guests[2].memory == 34 * mib);
}

TEST_CASE("guests may take everything") { CHECK(share_memory(wanting({60, 40}), 100 * mib)); }

TEST_CASE("a guest that asks for more than there is hears how much there is")
{
    auto const bundle = share_memory(wanting({60, 41}), 100 * mib);
    REQUIRE_FALSE(bundle);
    CHECK(std::string {bundle.problem().subject} == "later");
    CHECK(bundle.problem().value == 40);
}

TEST_CASE("sizes whose sum does not fit in 32 bits are too large, not small")
{
    CHECK_FALSE(share_memory(wanting({4095, 4095}), 100 * mib));
    CHECK_FALSE(share_memory(wanting({2048, 2048}), 2048 * mib));
}

TEST_CASE("a share of less than a megabyte is none")
{
    auto const bundle = share_memory(wanting({99, 0, 0}), 100 * mib);
    REQUIRE_FALSE(bundle);
    CHECK(std::string {bundle.problem().cause} == "no memory is left for a guest");
}

TEST_CASE("what a guest asks for is kept, what it takes is a multiple of the granule")
{
    auto const odd = share_memory(wanting({33, 33}), 68 * mib, 2 * mib);
    REQUIRE(odd);
    CHECK(odd->guests[0].memory == 33 * mib);
    CHECK_FALSE(share_memory(wanting({33, 33}), 67 * mib, 2 * mib));
    auto const shared = share_memory(wanting({33, 0, 0}), 101 * mib, 2 * mib);
    REQUIRE(shared);
    CHECK(shared->guests[1].memory == 32 * mib); // of the 66 that are left
}
