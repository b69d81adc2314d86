// SPDX-License-Identifier: Apache-2.0
// Disks, ports and regions with hardware interfaces.
// beside: echo
// disk: 256 ro
// disk: 512 copy
// region: both 64 rw
// region: one 64 ro
// channel: bell
#include "hyp.h"
#include "virtio.h"

enum { FIXED, OWN, LONG = 384 << 10, BELL = 0, ONE = VAMBRACE_REGION_IPA + VAMBRACE_REGION_SPACING };

static u32 load(u32 address, u32 value)
{
    (void)value;
    return *(u32 volatile *)address;
}
static u32 store(u32 address, u32 value)
{
    *(u32 volatile *)address = value;
    return 0;
}
static u32 store_several(u32 address, u32 value)
{
    __asm__ volatile("stmia %0, {%1, %2}" ::"r"(address), "r"(value), "r"(value) : "memory");
    return 0;
}

TEST(reads, "each sector is what the image has there, and behind the last disk is nothing")
{
    virtio_view = RAM;
    for (u32 device = FIXED; device <= OWN; ++device)
        check_disk(device);
    equal(probe(load, (u32)virtio(2, V_MAGIC), 0), DATA_ABORT, "kind of trap");
}

TEST(writes, "a long request is written and read, by instructions with and without a syndrome")
{
    virtio_view = RAM;
    CHECK(virtio_start(OWN, 0), "the device does not start");
    for (u32 n = 0; n != LONG / 4; ++n)
        AT(u32, Q_DATA)[n] = n ^ 0xabc00000;
    equal(disk_request(OWN, BLK_WRITE, 0, Q_DATA, LONG), BLK_OK, "status of a write");
    equal(disk_request(OWN, BLK_READ, 0, Q_DATA + LONG, LONG), BLK_OK, "status of a read");
    for (u32 n = 0; n != LONG / 4; ++n)
        equal(AT(u32, Q_DATA + LONG)[n], n ^ 0xabc00000, "a word");
    struct descriptor volatile *const d = AT(struct descriptor, Q_DESC);
    d[1].address = Q_DATA + 2 * LONG;
    *AT(u8, Q_STATUS) = 0xff;
    AT(u16, Q_AVAIL)[2 + 2] = 0;
    AT(u16, Q_AVAIL)[1] = 3;
    u32 address = (u32)virtio(OWN, V_NOTIFY), written = 0;
    __asm__ volatile("str %1, [%0], #4" : "+r"(address) : "r"(0) : "memory"); // no syndrome: it is decoded
    equal(address, (u32)virtio(OWN, V_NOTIFY) + 4, "the base");
    CHECK(virtio_used(&written), "it was not answered");
    equal(written, LONG + 1, "bytes that were written");
    equal(AT(u32, Q_DATA + 2 * LONG)[LONG / 4 - 1], (LONG / 4 - 1) ^ 0xabc00000, "the last word");
}

TEST(hostile, "buffers outside the guest's memory are refused, and the device starts again")
{
    static u64 const places[] = {0,  RAM - 4, RAM_END, 0xfffffff0u, 1ull << 32 | RAM, VAMBRACE_REGION_IPA,
                                 ONE};
    virtio_view = RAM;
    for (u32 n = 0; n != sizeof places / sizeof *places; ++n) {
        CHECK(virtio_start(FIXED, 0), "the device does not start");
        disk_request(FIXED, BLK_READ, 0, (u32)places[n], SECTOR);
        equal(*virtio(FIXED, V_STATUS) & NEEDS_RESET, places[n] >> 32 ? 0 : NEEDS_RESET, "a buffer outside");
    }
}

TEST(interrupt, "a disk's interrupt is its SPI, a level that goes with the acknowledgement")
{
    enum { INTID = 32 + VAMBRACE_SPI_VIRTIO + OWN };
    virtio_view = RAM;
    mask();
    gic_start();
    CHECK(virtio_start(OWN, 0), "the device does not start");
    equal(disk_request(OWN, BLK_READ, 0, Q_DATA, SECTOR), BLK_OK, "status");
    equal(get_bit(GICD_ISPENDR, INTID), 1, "pending");
    *virtio(OWN, V_ACK) = 1;
    equal(get_bit(GICD_ISPENDR, INTID), 0, "pending after the acknowledgement");
}

static void ring(void)
{
    equal(hvc(VAMBRACE_FUNCTION(EVENT_SEND), BELL, 0, 0).r[0], 0, "EVENT_SEND");
    while (!hvc(VAMBRACE_FUNCTION(EVENT_TAKE), 0, 0, 0).r[1])
        wfi();
}

TEST(messages, "two guests exchange words through memory that both see, and ring each other")
{
    u32 volatile *const both = (u32 volatile *)VAMBRACE_REGION_IPA, *const one = (u32 volatile *)ONE;
    gic_start();
    mask(); // WFI wakes all the same
    set_bit(GICD_ISENABLER, 32 + VAMBRACE_SPI_PORTS);
    for (u32 n = 0; n != 50; ++n) {
        both[0] = n * 12345;
        dsb();
        ring();
        equal(both[1], ~(n * 12345), "a word that both write");
        equal(one[1], ~(n * 12345), "a word that the other writes");
    }
}

TEST(calls, "EVENT_SEND and EVENT_MASK refuse ports that are not there")
{
    equal(hvc(VAMBRACE_FUNCTION(EVENT_SEND), 1, 0, 0).r[0], (u32)VAMBRACE_DENIED, "to nobody");
    equal(hvc(VAMBRACE_FUNCTION(EVENT_SEND), 32, 0, 0).r[0], (u32)VAMBRACE_INVALID_PARAMETERS, "port 32");
    equal(hvc(VAMBRACE_FUNCTION(EVENT_MASK), 0, 2, 0).r[0], (u32)VAMBRACE_INVALID_PARAMETERS, "on = 2");
    equal(hvc(SMCCC_FEATURES, VAMBRACE_FUNCTION(EVENT_SEND), 0, 0).r[0], 0, "SMCCC_FEATURES");
}

TEST(read_only, "a region that is read-only takes no store, and behind a region is nothing")
{
    equal(probe(load, ONE + 4, 0), NO_TRAP, "a load");
    u32 const before = probed;
    equal(probe(store, ONE + 4, 0xbad), DATA_ABORT, "a store");
    equal(probe(store_several, ONE + 4, 0xbad), DATA_ABORT, "several stores");
    equal(probe(load, ONE + 4, 0), NO_TRAP, "a load");
    equal(probed, before, "the word");
    equal(probe(load, VAMBRACE_REGION_IPA + (64 << 10), 0), DATA_ABORT, "behind it");
    equal(probe(store, VAMBRACE_REGION_IPA - 4, 0), DATA_ABORT, "before it");
}
