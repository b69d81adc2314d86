// SPDX-License-Identifier: Apache-2.0
// Errata of a core that bits of its configuration registers keep away. Which ones, and where each is from:
// docs/decisions/0020-core-errata.md.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// A core's revision rNpM, and that of a MIDR: its variant and revision fields.
constexpr u32 revision(u32 n, u32 m) { return n << 4 | m; }
constexpr u32 revision_of(u32 midr) { return revision(bits(midr, 23, 20), bits(midr, 3, 0)); }
/// The last that can be: of r<n>, or of all.
constexpr u32 last_of(u32 n) { return revision(n, 15); }

/// \tparam Register the configuration registers of a variant's cores
template <typename Register>
struct Erratum {
    u32 number;      ///< ARM's
    u32 part;        ///< MIDR's primary part number
    u32 first, last; ///< the revisions that have it
    Register where;
    u32 set; ///< what has to be 1 there
};

/// The bits of a register that a core by ARM (MIDR's implementer 0x41) needs.
template <typename Register, u32 n>
constexpr u32 errata_bits(Erratum<Register> const (&errata)[n], u32 midr, Register where)
{
    u32 set = 0;
    for (Erratum<Register> const &e : errata)
        if (e.where == where && midr >> 24 == 0x41 && e.part == bits(midr, 15, 4) &&
            e.first <= revision_of(midr) && revision_of(midr) <= e.last)
            set |= e.set;
    return set;
}

} // namespace vambrace
