// SPDX-License-Identifier: Apache-2.0
// Keeps a disk as busy as it can be: the longest chains of the shortest pieces, data that is no words, queues
// that are always full, all with interrupts masked. Others have their turns all the same.
// hostile: ends by itself
// disk: 256 copy
#include "guest.h"
#include "virtio.h"

enum { DISK, ROUNDS = 60, TABLES = SCRATCH + 0x100000, ENTRIES = 128 };

/// A request whose data is in 126 pieces of so many bytes each, at odd addresses.
static void make_chain(u32 n, u32 type, u32 size)
{
    struct descriptor volatile *const t = AT(struct descriptor, TABLES + n * PAGE);
    *AT(struct request, Q_REQUEST) = (struct request) {type, 0, n};
    t[0] = (struct descriptor) {Q_REQUEST, sizeof(struct request), D_NEXT, 1};
    for (u32 k = 1; k != ENTRIES - 1; ++k)
        t[k] = (struct descriptor) {Q_DATA + 1 + k * (size + 1), size, (u16)(D_NEXT | (type ? 0 : D_WRITE)),
                                    (u16)(k + 1)};
    t[ENTRIES - 1] = (struct descriptor) {Q_STATUS, 1, D_WRITE, 0};
    AT(struct descriptor, Q_DESC)[n] = (struct descriptor) {TABLES + n * PAGE, ENTRIES * 16, D_INDIRECT, 0};
}

static void storm(u32 type, u32 size)
{
    if (!virtio_start(DISK, F_INDIRECT))
        return;
    for (u32 n = 0; n != V_SIZE; ++n)
        make_chain(n, type, size);
    u16 index = 0;
    for (u32 round = 0; round != ROUNDS; ++round) {
        for (u32 n = 0; n != V_SIZE; ++n)
            AT(u16, Q_AVAIL)[2 + n] = (u16)n;
        index = (u16)(index + V_SIZE);
        AT(u16, Q_AVAIL)[1] = index;
        *virtio(DISK, V_NOTIFY) = 0;
        *virtio(DISK, V_ACK) = 1;
    }
}

void guest_main(void)
{
    set_vectors();
    mmu_on();
    map_page(l1, VAMBRACE_VIRTIO_IPA, VAMBRACE_VIRTIO_IPA, aps(KERNEL), DOMAIN_KERNEL);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    storm(BLK_READ, 512);
    storm(BLK_WRITE, 512);
    storm(BLK_READ, 3);
    storm(BLK_NAME, 1);
    print("attack\n");
}
