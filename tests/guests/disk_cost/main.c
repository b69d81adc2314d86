// SPDX-License-Identifier: Apache-2.0
// What a disk costs the hypervisor, in instructions: under QEMU's -icount a nanosecond is one.
// disk: 256 ro
// icount: 0
#include "guest.h"
#include "virtio.h"

enum { DISK, MANY = 500 };

/// Instructions of one of many; the guest's own are in it.
#define COST(operation)                                                                                      \
    ({                                                                                                       \
        u64 const before = time_ns();                                                                        \
        for (u32 n = 0; n != MANY; ++n)                                                                      \
            operation;                                                                                       \
        (u32)(time_ns() - before) / MANY;                                                                    \
    })

static void at_most(u32 most, u32 cost, char const *what)
{
    print("%s: %u instructions\n", what, cost);
    CHECK(cost <= most, "%s takes %u instructions, not at most %u", what, cost, most);
}

static bool start(void)
{
    mmu_on();
    map_page(l1, VAMBRACE_VIRTIO_IPA, VAMBRACE_VIRTIO_IPA, aps(KERNEL), DOMAIN_KERNEL);
    return virtio_start(DISK, 0);
}

TEST(registers, "a register of a disk costs at most 220 instructions to read or to write")
{
    CHECK(start(), "the device does not start");
    at_most(220, COST((void)*virtio(DISK, V_INTERRUPT)), "reading InterruptStatus");
    at_most(220, COST(*virtio(DISK, V_ACK) = 1), "writing InterruptACK");
}

TEST(requests, "a request for a sector costs at most 1600 instructions, and one for 64 KB 12000 more")
{
    CHECK(start(), "the device does not start");
    u32 const sector = COST(disk_request(DISK, BLK_READ, 3, Q_DATA, SECTOR));
    at_most(1600, sector, "reading a sector");
    at_most(sector + 12000, COST(disk_request(DISK, BLK_READ, 0, Q_DATA, 65536)), "reading 64 KB");
}
