// SPDX-License-Identifier: Apache-2.0
// Restarts as soon as it has started, as a kernel does that panics on its way up, until it is given up.
// Counted instructions skip what both guests wait: between eight starts that is 12.7 s.
// hostile: ends by being ended
// icount: 4
#include "guest.h"

void guest_main(void) { ask(SYSTEM_RESET, 0, 0, 0); }
