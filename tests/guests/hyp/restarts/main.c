// SPDX-License-Identifier: Apache-2.0
// Restarts as soon as it has started, with its timers and its GIC running, until it is given up.
// hostile: ends by being ended
#include "hyp.h"

void guest_main(void)
{
    set_vectors();
    start_due_timers();
    smc(SYSTEM_RESET, 0, 0, 0);
}
