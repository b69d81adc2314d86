// SPDX-License-Identifier: Apache-2.0
// Disks: what is on them, what is written to them, and drivers that do not know what they do.
// disk: 256 ro
// disk: 512 copy
#include "guest.h"
#include "virtio.h"

enum { FIXED, OWN, KIB = 1024, LONG = 384 * KIB };

static void map_devices(void)
{
    mmu_on();
    for (u32 n = 0; n != 3; ++n) // and one that is not there
        map_page(l1, VAMBRACE_VIRTIO_IPA + n * PAGE, VAMBRACE_VIRTIO_IPA + n * PAGE, aps(KERNEL),
                 DOMAIN_KERNEL);
}

static void fill(u32 ipa, u32 size, u32 salt)
{
    for (u32 n = 0; n != size / 4; ++n)
        AT(u32, ipa)[n] = n ^ salt;
}

TEST(registers, "a disk is a virtio device of version 2, and behind the last disk is nothing")
{
    map_devices();
    for (u32 n = FIXED; n <= OWN; ++n) {
        equal(*virtio(n, V_MAGIC), 0x74726976, "magic");
        equal(*virtio(n, V_VERSION), 2, "version");
        equal(*virtio(n, V_DEVICE), 2, "a block device");
        equal(*virtio(n, V_CONFIG), n == FIXED ? 512 : 1024, "sectors");
        *virtio(n, V_FEATURES_SEL) = 0;
        equal(*virtio(n, V_FEATURES) & F_READ_ONLY, n == FIXED ? F_READ_ONLY : 0, "read-only");
    }
    equal(probe(kernel_ldr, (u32)virtio(2, V_MAGIC), 0), DATA_KERNEL, "kind of trap");
}

TEST(reads, "each sector is what the image has there")
{
    map_devices();
    for (u32 device = FIXED; device <= OWN; ++device)
        check_disk(device);
}

TEST(writes, "what is written is read again, and a read-only disk takes nothing")
{
    map_devices();
    fill(Q_DATA, 8 * SECTOR, 0x12340000);
    CHECK(virtio_start(OWN, F_FLUSH), "the device does not start");
    equal(disk_request(OWN, BLK_WRITE, 77, Q_DATA, 8 * SECTOR), BLK_OK, "status of a write");
    equal(disk_request(OWN, BLK_FLUSH, 0, 0, 0), BLK_OK, "status of a flush");
    fill(Q_DATA, 8 * SECTOR, 0);
    equal(disk_request(OWN, BLK_READ, 76, Q_DATA, 10 * SECTOR), BLK_OK, "status of a read");
    for (u32 n = 0; n != 8 * SECTOR / 4; ++n)
        equal(AT(u32, Q_DATA + SECTOR)[n], n ^ 0x12340000, "a word");
    equal(AT(u32, Q_DATA)[0], disk_word(76 * SECTOR / 4), "the sector before");
    equal(AT(u32, Q_DATA + 9 * SECTOR)[0], disk_word(85 * SECTOR / 4), "the sector behind");
    CHECK(virtio_start(FIXED, 0), "the device does not start");
    equal(disk_request(FIXED, BLK_WRITE, 0, Q_DATA, SECTOR), BLK_ERROR, "status of a write");
    equal(disk_request(FIXED, BLK_READ, 0, Q_DATA, SECTOR), BLK_OK, "status of a read");
    equal(AT(u32, Q_DATA)[0], disk_word(0), "the first word");
}

TEST(ends, "a request that reaches over the end, or is no whole sector, is an error")
{
    map_devices();
    CHECK(virtio_start(OWN, 0), "the device does not start");
    equal(disk_request(OWN, BLK_READ, 1023, Q_DATA, SECTOR), BLK_OK, "the last sector");
    equal(disk_request(OWN, BLK_READ, 1023, Q_DATA, 2 * SECTOR), BLK_ERROR, "one more");
    equal(disk_request(OWN, BLK_READ, 1024, Q_DATA, SECTOR), BLK_ERROR, "behind it");
    equal(disk_request(OWN, BLK_READ, ~0ull, Q_DATA, SECTOR), BLK_ERROR, "far behind it");
    equal(disk_request(OWN, BLK_WRITE, 0x00800000ffffffffull, Q_DATA, SECTOR), BLK_ERROR,
          "a sector that wraps");
    equal(disk_request(OWN, BLK_READ, 0, Q_DATA, SECTOR - 1), BLK_ERROR, "half a sector");
    equal(disk_request(OWN, 77, 0, Q_DATA, SECTOR), BLK_UNSUPPORTED, "an unknown request");
    equal(disk_request(OWN, BLK_NAME, 0, Q_DATA, 20), BLK_OK, "the name");
    equal(AT(u8, Q_DATA)[0], 'v', "the name's first letter");
}

TEST(long_request, "interrupts come while a long request is copied, and all of it arrives")
{
    map_devices();
    CHECK(virtio_start(OWN, 0), "the device does not start");
    equal((u32)CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1), 0, "IRQ_ENABLE");
    fill(Q_DATA, LONG, 0xabc00000);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    shared()->irq_pending = 0;
    shared()->irq_mask = 0;
    u32 const before = irqs_taken;
    equal((u32)CALL1(TIMER_START, 1000000), 0, "TIMER_START");
    u32 most = 1000;
    do {
        equal(disk_request(OWN, BLK_WRITE, 0, Q_DATA, LONG), BLK_OK, "status of a write");
        equal(disk_request(OWN, BLK_READ, 0, Q_DATA + LONG, LONG), BLK_OK, "status of a read");
    } while (irqs_taken == before && --most);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    equal(irqs_taken, before + 1, "interrupts taken");
    for (u32 n = 0; n != LONG / 4; ++n)
        equal(AT(u32, Q_DATA + LONG)[n], n ^ 0xabc00000, "a word");
}

TEST(interrupt, "the interrupt comes when a request is done, and goes with its acknowledgement")
{
    map_devices();
    CHECK(virtio_start(OWN, 0), "the device does not start");
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    shared()->irq_pending = 0;
    equal((u32)CALL2(IRQ_ENABLE, VAMBRACE_IRQ_VIRTIO + OWN, 1), 0, "IRQ_ENABLE");
    equal(*virtio(OWN, V_INTERRUPT), 0, "InterruptStatus before");
    equal(disk_request(OWN, BLK_READ, 0, Q_DATA, SECTOR), BLK_OK, "status");
    equal(*virtio(OWN, V_INTERRUPT), 1, "InterruptStatus");
    equal(shared()->irq_pending, 1u << (VAMBRACE_IRQ_VIRTIO + OWN), "irq_pending");
    *virtio(OWN, V_ACK) = 1;
    equal(*virtio(OWN, V_INTERRUPT), 0, "InterruptStatus after the acknowledgement");
    equal(shared()->irq_pending, 0, "irq_pending after it");
}
