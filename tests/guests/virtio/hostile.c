// SPDX-License-Identifier: Apache-2.0
// Queues that cannot be: the device asks for a reset, does nothing more, and starts again.
#include "guest.h"
#include "virtio.h"

enum { DISK }; // the one that nobody has written to

static struct descriptor volatile *start(u32 features)
{
    mmu_on();
    map_page(l1, VAMBRACE_VIRTIO_IPA, VAMBRACE_VIRTIO_IPA, aps(KERNEL), DOMAIN_KERNEL);
    if (!virtio_start(DISK, features))
        fail("the device does not start");
    *AT(struct request, Q_REQUEST) = (struct request) {BLK_READ, 0, 0};
    return AT(struct descriptor, Q_DESC);
}

static void refused(char const *what)
{
    u32 written;
    equal(*virtio(DISK, V_STATUS) & NEEDS_RESET, NEEDS_RESET, what);
    CHECK(!virtio_used(&written), "%s was answered", what);
    CHECK(virtio_start(DISK, 0), "the device does not start again");
    equal(disk_request(DISK, BLK_READ, 3, Q_DATA, SECTOR), BLK_OK, "a good request");
    equal(AT(u32, Q_DATA)[0], disk_word(3 * SECTOR / 4), "what it reads");
}

#define ITEM(address, size, flags, next) ((struct descriptor) {address, size, flags, next})

TEST(far, "buffers outside the guest's RAM are refused")
{
    static u64 const places[] = {
        0,           RAM - 4,          RAM_END,    RAM_END - SECTOR + 4, VAMBRACE_SHARED_VA,
        0xfffffff0u, 1ull << 32 | RAM, 1ull << 63, VAMBRACE_PL011_IPA,   VAMBRACE_REGION_IPA};
    for (u32 n = 0; n != sizeof places / sizeof *places; ++n) {
        struct descriptor volatile *const d = start(0);
        d[0] = ITEM(Q_REQUEST, 16, D_NEXT, 1);
        d[1] = ITEM(places[n], SECTOR, D_NEXT | D_WRITE, 2);
        d[2] = ITEM(Q_STATUS, 1, D_WRITE, 0);
        virtio_offer(DISK, 0);
        refused("a buffer outside RAM");
    }
}

TEST(round, "a chain that goes round is refused, and so is one that leaves the table")
{
    struct descriptor volatile *d = start(0);
    d[0] = ITEM(Q_REQUEST, 16, D_NEXT, 1);
    d[1] = ITEM(Q_REQUEST, 16, D_NEXT, 0);
    virtio_offer(DISK, 0);
    refused("a chain that goes round");
    d = start(0);
    d[0] = ITEM(Q_REQUEST, 0, D_NEXT, 0);
    virtio_offer(DISK, 0);
    refused("a chain of nothing that goes round");
    d = start(0);
    d[0] = ITEM(Q_REQUEST, 16, D_NEXT, V_SIZE);
    virtio_offer(DISK, 0);
    refused("a next descriptor outside the table");
    start(0);
    virtio_offer(DISK, V_SIZE);
    refused("a head outside the table");
}

TEST(order, "what is written before what is read, and a request without room for its status, are refused")
{
    struct descriptor volatile *d = start(0);
    d[0] = ITEM(Q_STATUS, 1, D_NEXT | D_WRITE, 1);
    d[1] = ITEM(Q_REQUEST, 16, 0, 0);
    virtio_offer(DISK, 0);
    refused("a buffer in the wrong order");
    d = start(0);
    d[0] = ITEM(Q_REQUEST, 16, 0, 0);
    virtio_offer(DISK, 0);
    refused("a request without status");
    d = start(0);
    d[0] = ITEM(Q_REQUEST, 15, D_NEXT, 1);
    d[1] = ITEM(Q_STATUS, 1, D_WRITE, 0);
    virtio_offer(DISK, 0);
    refused("half a request");
}

TEST(indirect, "indirect tables work where they were agreed on, and nowhere else; none is in another")
{
    enum { TABLE = SCRATCH + 0x4000 };
    struct descriptor volatile *d = start(F_INDIRECT), *const t = AT(struct descriptor, TABLE);
    t[0] = ITEM(Q_REQUEST, 16, D_NEXT, 1);
    t[1] = ITEM(Q_DATA, SECTOR, D_NEXT | D_WRITE, 2);
    t[2] = ITEM(Q_STATUS, 1, D_WRITE, 0);
    d[5] = ITEM(TABLE, 3 * 16, D_INDIRECT, 0);
    *AT(u8, Q_STATUS) = 0xff;
    virtio_offer(DISK, 5);
    u32 written = 0;
    CHECK(virtio_used(&written), "it was not answered");
    equal(written, SECTOR + 1, "bytes that were written");
    equal(*AT(u8, Q_STATUS), BLK_OK, "status");
    t[1] = ITEM(TABLE, 3 * 16, D_INDIRECT, 0);
    virtio_offer(DISK, 5);
    refused("a table in a table");
    d = start(0);
    d[5] = ITEM(TABLE, 3 * 16, D_INDIRECT, 0);
    virtio_offer(DISK, 5);
    refused("a table that was not agreed on");
    d = start(F_INDIRECT);
    d[5] = ITEM(TABLE, 3 * 16 - 1, D_INDIRECT, 0);
    virtio_offer(DISK, 5);
    refused("a table of an odd size");
    d = start(F_INDIRECT);
    d[5] = ITEM(RAM_END - 16, 3 * 16, D_INDIRECT, 0);
    virtio_offer(DISK, 5);
    refused("a table outside RAM");
}

TEST(ring, "rings outside RAM, sizes that no queue has, and an index that is too far ahead are refused")
{
    start(0);
    AT(u16, Q_AVAIL)[1] = V_SIZE + 1;
    *virtio(DISK, V_NOTIFY) = 0;
    refused("an index too far ahead");
    static u32 const sizes[] = {0, 3, 24, 256, 0x80000000, 0xffffffff};
    for (u32 n = 0; n != sizeof sizes / sizeof *sizes; ++n) {
        start(0);
        *virtio(DISK, V_READY) = 0;
        *virtio(DISK, V_QUEUE_SIZE) = sizes[n];
        *virtio(DISK, V_READY) = 1;
        equal(*virtio(DISK, V_READY), 0, "a queue of an impossible size");
    }
    static u32 const parts[] = {V_DESC, V_AVAIL, V_USED};
    for (u32 n = 0; n != 3; ++n) {
        start(0);
        *virtio(DISK, V_READY) = 0;
        *virtio(DISK, parts[n]) = RAM_END - 32;
        *virtio(DISK, V_READY) = 1;
        equal(*virtio(DISK, V_READY), 1, "a queue that was not looked at yet");
        *virtio(DISK, V_NOTIFY) = 0;
        refused("a ring outside RAM");
    }
}

/// Anything, but none of the guest's own code and data.
static u32 any(u32 *random)
{
    u32 const value = next_random(random) % 3 ? Q_DESC + next_random(random) % 0x4000 : next_random(random);
    return value - RAM < SCRATCH - RAM ? value ^ 0x80000000 : value;
}

TEST(noise, "any values in any registers and rings do not stop the device from starting again")
{
    u32 random = 77;
    for (u32 round = 0; round != 300; ++round) {
        start(next_random(&random) & (F_INDIRECT | F_EVENT_INDEX));
        for (u32 n = 0; n < 3 * PAGE / 4; n += 1 + next_random(&random) % 64)
            AT(u32, Q_DESC)[n] = any(&random);
        for (u32 n = 0; n != 20; ++n) {
            u32 const offset = next_random(&random) % 0x120;
            *virtio(DISK, offset & ~3u) = next_random(&random) % 2 ? next_random(&random) % 16 : Q_DESC;
            *virtio(DISK, V_NOTIFY) = 0;
        }
    }
    CHECK(virtio_start(DISK, 0), "the device does not start again");
}
