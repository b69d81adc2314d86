// SPDX-License-Identifier: Apache-2.0
#include <board.hpp>
#include <kernel/entropy_source.hpp>

namespace vambrace {

Result<u32> random_word() { return board::random_word(); }

} // namespace vambrace
