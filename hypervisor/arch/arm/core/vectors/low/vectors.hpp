// SPDX-License-Identifier: Apache-2.0
// The exception vectors are at address 0 (SCTLR.V = 0), in
// every table: for images that serve a core without VBAR.
#pragma once
#include <arch/arm/core/own_memory.hpp>

namespace vambrace::arm {

constexpr bool low_vectors = true;

/// The L1 word of megabyte 0 in every table: nothing but
/// the exception vectors, in a domain that is always open.
template <typename Entry>
u32 vectors_word(u32 ram)
{
    return Entry::table(physical(&host_l2[host_vectors], ram), Dacr_domain::user);
}

} // namespace vambrace::arm
