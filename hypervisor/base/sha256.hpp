// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for the images of the boot bundle.
#pragma once
#include <base/types.hpp>

namespace vambrace {

struct Sha256_digest {
    u8 bytes[32];
    constexpr bool operator==(Sha256_digest const &) const = default;
};

/// \param data any alignment
Sha256_digest sha256(u8 const *data, u32 size);

} // namespace vambrace
