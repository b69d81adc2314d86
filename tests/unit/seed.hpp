// SPDX-License-Identifier: Apache-2.0
// Seeds for random tests: a fresh one with every run, and the same again by VAMBRACE_SEED.
#pragma once
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

namespace vambrace {

inline unsigned number_from_environment(char const *name, unsigned otherwise)
{
    char const *const text = std::getenv(name);
    return text && *text ? static_cast<unsigned>(std::strtoul(text, nullptr, 0)) : otherwise;
}

/// Of this run: VAMBRACE_SEED, else Catch2's --rng-seed, else the date's. A test says it where it fails.
inline unsigned run_seed()
{
    static unsigned const seed = number_from_environment(
        "VAMBRACE_SEED", Catch::rngSeed() ? Catch::rngSeed() : static_cast<unsigned>(std::time(nullptr)));
    return seed;
}

} // namespace vambrace
