// SPDX-License-Identifier: Apache-2.0
// What the code under test does, operation by operation: cache maintenance, steps, writes to registers.
#pragma once
#include <base/types.hpp>
#include <ostream>
#include <vector>

namespace vambrace {

template <typename What>
struct Operation {
    What what;
    u32 operand;
    bool operator==(Operation const &) const = default;
};

template <typename What>
std::ostream &operator<<(std::ostream &out, Operation<What> const &o)
{
    return out << std::hex << static_cast<u32>(o.what) << '@' << o.operand;
}

template <typename What>
struct Record : std::vector<Operation<What>> {
    using std::vector<Operation<What>>::vector;

    Record operator+(Record const &more) const
    {
        Record all = *this;
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
};

/// A port that records what goes through it.
template <typename What>
struct Recorder {
    Record<What> *record;
    void operator()(What what, u32 operand) const { record->push_back({what, operand}); }
};

/// \param f is given the port
template <typename What, typename F>
Record<What> record_of(F f)
{
    Record<What> record;
    f(Recorder<What> {&record});
    return record;
}

/// `what` on count lines of 32 bytes from first.
template <typename What>
Record<What> on_lines(What what, u32 first, u32 count)
{
    Record<What> all;
    for (u32 n = 0; n != count; ++n)
        all.push_back({what, first + 32 * n});
    return all;
}

} // namespace vambrace
