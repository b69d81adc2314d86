// SPDX-License-Identifier: Apache-2.0
// Timeouts that are due.
#include <kernel/timer_queue.hpp>

namespace vambrace {

void Timer_queue::expire(Time_ns now)
{
    while (ends_.next_->when_ <= now) {
        Timeout &due = *ends_.next_;
        ASSERT(&due != &ends_);
        take_out(due);
        due.when_ = never;
        due.handler_(due, now);
    }
}

} // namespace vambrace
