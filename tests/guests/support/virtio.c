// SPDX-License-Identifier: Apache-2.0
#include "virtio.h"

u32 virtio_view = LINEAR_VA;
static u16 offered, seen;

bool virtio_start(u32 device, u32 features)
{
    *virtio(device, V_STATUS) = 0;
    *virtio(device, V_STATUS) = ACKNOWLEDGE | DRIVER;
    *virtio(device, V_DRIVER_SEL) = 0;
    *virtio(device, V_DRIVER) = features;
    *virtio(device, V_DRIVER_SEL) = 1;
    *virtio(device, V_DRIVER) = 1; // VIRTIO_F_VERSION_1
    *virtio(device, V_STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK;
    if (!(*virtio(device, V_STATUS) & FEATURES_OK))
        return false;
    for (u32 n = 0; n != PAGE / 4; ++n)
        AT(u32, Q_AVAIL)[n] = AT(u32, Q_USED)[n] = 0;
    offered = seen = 0;
    *virtio(device, V_QUEUE_SEL) = 0;
    *virtio(device, V_QUEUE_SIZE) = V_SIZE;
    *virtio(device, V_DESC) = Q_DESC;
    *virtio(device, V_AVAIL) = Q_AVAIL;
    *virtio(device, V_USED) = Q_USED;
    *virtio(device, V_READY) = 1;
    *virtio(device, V_STATUS) = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
    return *virtio(device, V_READY) == 1;
}

void virtio_offer(u32 device, u16 head)
{
    AT(u16, Q_AVAIL)[2 + offered % V_SIZE] = head;
    AT(u16, Q_AVAIL)[1] = ++offered;
    *virtio(device, V_NOTIFY) = 0;
}

bool virtio_used(u32 *written)
{
    if (AT(u16, Q_USED)[1] == seen)
        return false;
    *written = AT(u32, Q_USED)[1 + seen % V_SIZE * 2 + 1];
    ++seen;
    return true;
}

u8 disk_request(u32 device, u32 type, u64 sector, u32 ipa, u32 size)
{
    u16 const direction = type == BLK_WRITE ? 0 : D_WRITE;
    struct descriptor volatile *const d = AT(struct descriptor, Q_DESC);
    *AT(struct request, Q_REQUEST) = (struct request) {type, 0, sector};
    *AT(u8, Q_STATUS) = 0xff;
    d[0] = (struct descriptor) {Q_REQUEST, sizeof(struct request), D_NEXT, size ? 1 : 2};
    d[1] = (struct descriptor) {ipa, size, (u16)(D_NEXT | direction), 2};
    d[2] = (struct descriptor) {Q_STATUS, 1, D_WRITE, 0};
    virtio_offer(device, 0);
    u32 written;
    return virtio_used(&written) ? *AT(u8, Q_STATUS) : 0xff;
}

void check_disk(u32 device)
{
    enum { AT_ONCE = 16 };
    CHECK(virtio_start(device, 0), "the device does not start");
    for (u32 sector = 0; sector < 512; sector += AT_ONCE) {
        equal(disk_request(device, BLK_READ, sector, Q_DATA, AT_ONCE * SECTOR), BLK_OK, "status");
        for (u32 n = 0; n != AT_ONCE * SECTOR / 4; ++n)
            equal(AT(u32, Q_DATA)[n], disk_word(sector * SECTOR / 4 + n), "a word");
    }
}
