// SPDX-License-Identifier: Apache-2.0
// What avoid_errata() of a variant does, step by step.
#pragma once
#include <base/types.hpp>
#include <vector>

namespace vambrace {

template <typename What>
struct Errata_record {
    What what;
    u32 value;
    bool operator==(Errata_record const &) const = default;
};

/// \param avoid is given the port
template <typename What, typename F>
std::vector<Errata_record<What>> recorded_errata(F avoid)
{
    std::vector<Errata_record<What>> all;
    avoid([&](What what, u32 value) { all.push_back({what, value}); });
    return all;
}

} // namespace vambrace
