// SPDX-License-Identifier: Apache-2.0
// Restarts again and again, and floods the console in between, without end.
// hostile: ends never
#include "guest.h"

void guest_main(void)
{
    print("attack\n");
    u64 const end = time_ns() + 50000000;
    while (time_ns() < end)
        print("flood flood flood flood flood flood flood flood flood flood\n");
    ask(SYSTEM_RESET, 0, 0, 0);
}
