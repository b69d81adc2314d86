// SPDX-License-Identifier: Apache-2.0
// The simulated core's waiting: the test says what happens meanwhile. What includes this is the same in every
// program, whatever the table format.
#pragma once

namespace vambrace::core {

void wait_for_interrupt();

} // namespace vambrace::core
