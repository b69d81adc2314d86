// SPDX-License-Identifier: Apache-2.0
// A virtio disk's driver for test guests, which can also do everything wrongly. One request at a time.
#ifndef VIRTIO_H
#define VIRTIO_H

#include "base.h"

/* "MMIO Device Register Layout" of VIRTIO. */
enum virtio_register {
    V_MAGIC = 0x00,
    V_VERSION = 0x04,
    V_DEVICE = 0x08,
    V_FEATURES = 0x10,
    V_FEATURES_SEL = 0x14,
    V_DRIVER = 0x20,
    V_DRIVER_SEL = 0x24,
    V_QUEUE_SEL = 0x30,
    V_QUEUE_MAX = 0x34,
    V_QUEUE_SIZE = 0x38,
    V_READY = 0x44,
    V_NOTIFY = 0x50,
    V_INTERRUPT = 0x60,
    V_ACK = 0x64,
    V_STATUS = 0x70,
    V_DESC = 0x80,
    V_AVAIL = 0x90,
    V_USED = 0xa0,
    V_CONFIG = 0x100,
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };
enum { BLK_READ, BLK_WRITE, BLK_FLUSH = 4, BLK_NAME = 8 };
enum { BLK_OK, BLK_ERROR, BLK_UNSUPPORTED };
enum { D_NEXT = 1, D_WRITE = 2, D_INDIRECT = 4 };
enum { F_READ_ONLY = 1 << 5, F_FLUSH = 1 << 9, F_INDIRECT = 1 << 28, F_EVENT_INDEX = 1 << 29 };
enum { V_SIZE = 16, SECTOR = 512 }; // of the queue; of the disk

struct descriptor {
    u64 address;
    u32 size;
    u16 flags, next;
};
struct request {
    u32 type, reserved;
    u64 sector;
};

/// Where queue and buffers are: physical addresses, and ours, through the caches as the device's are.
enum {
    Q_DESC = SCRATCH,
    Q_AVAIL = SCRATCH + 0x1000,
    Q_USED = SCRATCH + 0x2000,
    Q_REQUEST = SCRATCH + 0x3000,
    Q_STATUS = SCRATCH + 0x3100,
    Q_DATA = SCRATCH + 0x10000,
};
#define AT(type, ipa) ((type volatile *)((ipa)-RAM + virtio_view))
extern u32 virtio_view; // where the guest sees its RAM

static inline u32 volatile *virtio(u32 device, u32 offset)
{
    return (u32 volatile *)(VAMBRACE_VIRTIO_IPA + device * PAGE + offset);
}

/// From reset to DRIVER_OK with the features that are wanted. False: the device does not take them.
bool virtio_start(u32 device, u32 features);
/// Puts a chain's head into the available ring, and notifies.
void virtio_offer(u32 device, u16 head);
/// Whether one more buffer has been used since the last look; *written gets the bytes.
bool virtio_used(u32 *written);
/// A whole request with its data in one piece. Returns its status, or 0xff: it was not answered.
u8 disk_request(u32 device, u32 type, u64 sector, u32 ipa, u32 size);
/// The running test fails unless the disk starts, and its first 512 sectors are what the runner put there.
void check_disk(u32 device);
/// What the runner puts on disks: the word at an offset of 4 * n bytes.
static inline u32 disk_word(u32 n) { return n * 2654435761u ^ 0x5eed; }

#endif
