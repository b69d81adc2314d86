// SPDX-License-Identifier: Apache-2.0
// Restarts as soon as it has started, as a kernel does that panics on its way up, until it is given up.
// hostile: ends by being ended
#include "guest.h"

void guest_main(void) { ask(SYSTEM_RESET, 0, 0, 0); }
