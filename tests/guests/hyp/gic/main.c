// SPDX-License-Identifier: Apache-2.0
// The distributor's registers (ARM IHI 0048B 4.3): what they hold and what is not there.
#include "hyp.h"

enum { SPI = 40, GICD_PIDR2 = 0xfe8 };

static u8 volatile *byte_at(u32 offset) { return (u8 volatile *)(VAMBRACE_GICD_IPA + offset); }
static u16 volatile *half_at(u32 offset) { return (u16 volatile *)(VAMBRACE_GICD_IPA + offset); }

TEST(identity, "the distributor is a GICv2's, with 64 SPIs and one processor")
{
    equal(*gicd(GICD_TYPER), 2, "GICD_TYPER");
    equal(*gicd(GICD_PIDR2) >> 4, 2, "GICD_PIDR2.ArchRev");
    equal(*gicd(GICD_IIDR) & 0xfff, 0x43b, "GICD_IIDR.Implementer");
    equal(*gicc(GICC_IIDR) >> 16 & 0xf, 2, "GICC_IIDR's version");
}

TEST(control, "GICD_CTLR has an enable for each group")
{
    *gicd(GICD_CTLR) = ~0u;
    equal(*gicd(GICD_CTLR), 3, "GICD_CTLR");
    *gicd(GICD_CTLR) = 0;
    equal(*gicd(GICD_CTLR), 0, "GICD_CTLR");
}

/// A pair of registers, one to set bits and one to clear them; SGIs may be fixed.
static void pair(u32 set, u32 clear, u32 private_ones, u32 private_mask, char const *what)
{
    for (u32 word = 0; word != INTIDS / 32; ++word) {
        u32 const ones = word ? 0 : private_ones, mask = word ? ~0u : private_mask;
        *gicd(clear + 4 * word) = ~0u;
        equal(*gicd(set + 4 * word), ones, what);
        *gicd(set + 4 * word) = 0x80000100;
        *gicd(set + 4 * word) = 0x00010001;
        equal(*gicd(set + 4 * word), (0x80010101 & mask) | ones, what);
        equal(*gicd(clear + 4 * word), (0x80010101 & mask) | ones, what);
        *gicd(clear + 4 * word) = 0x00010100;
        equal(*gicd(set + 4 * word), (0x80000001 & mask) | ones, what);
        *gicd(clear + 4 * word) = ~0u;
        equal(*gicd(clear + 4 * word), ones, what);
    }
}

TEST(enables, "each interrupt is enabled and disabled by itself; SGIs are enabled")
{
    gic_start();
    pair(GICD_ISENABLER, GICD_ICENABLER, 0xffff, 0xffff0000, "GICD_ISENABLERn");
}

TEST(pendings, "each interrupt is made pending and not pending by itself, enabled or not")
{
    gic_start();
    pair(GICD_ISPENDR, GICD_ICPENDR, 0, 0xffff0000, "GICD_ISPENDRn");
}

TEST(actives, "each interrupt is made active and inactive by itself")
{
    gic_start();
    pair(GICD_ISACTIVER, GICD_ICACTIVER, 0, ~0u, "GICD_ISACTIVERn");
}

TEST(sgi_pendings, "SGIs are made pending and not pending for each source")
{
    gic_start();
    *gicd(GICD_CTLR) = 0;
    for (u32 sgi = 0; sgi != 16; ++sgi) {
        *byte_at(GICD_SPENDSGIR + sgi) = 1;
        equal(*byte_at(GICD_CPENDSGIR + sgi), 1, "GICD_CPENDSGIRn");
        equal(*gicd(GICD_ISPENDR), 1u << sgi, "GICD_ISPENDR0");
        *byte_at(GICD_CPENDSGIR + sgi) = 1;
        equal(*byte_at(GICD_SPENDSGIR + sgi), 0, "GICD_SPENDSGIRn");
        equal(*gicd(GICD_ISPENDR), 0, "GICD_ISPENDR0");
    }
    *gicd(GICD_SPENDSGIR + 8) = 0x01010101;
    equal(*gicd(GICD_ISPENDR), 0xf00, "GICD_ISPENDR0");
    *gicd(GICD_CPENDSGIR + 8) = 0x00010001;
    equal(*gicd(GICD_ISPENDR), 0xa00, "GICD_ISPENDR0");
}

TEST(priorities, "priorities have five bits, as bytes, halfwords and words")
{
    gic_start();
    for (u32 n = 0; n != INTIDS; ++n)
        *priority_of(n) = (u8)(n * 37);
    for (u32 n = 0; n != INTIDS; ++n)
        equal(*priority_of(n), n * 37 & 0xf8, "a byte of GICD_IPRIORITYRn");
    *gicd(GICD_IPRIORITYR + SPI) = 0xffff0108;
    equal(*gicd(GICD_IPRIORITYR + SPI), 0xf8f80008, "a word");
    *half_at(GICD_IPRIORITYR + SPI) = 0x1017;
    equal(*gicd(GICD_IPRIORITYR + SPI), 0xf8f81010, "a word, of which a halfword was written");
    equal(*half_at(GICD_IPRIORITYR + SPI), 0x1010, "a halfword");
}

TEST(targets, "a uniprocessor's GICD_ITARGETSRn are zero")
{
    for (u32 n = 0; n != INTIDS; n += 4) {
        *gicd(GICD_ITARGETSR + n) = ~0u;
        equal(*gicd(GICD_ITARGETSR + n), 0, "GICD_ITARGETSRn");
    }
}

TEST(configuration, "SPIs are configured as edge or level; SGIs are edges, PPIs levels")
{
    gic_start();
    for (u32 n = 2; n != INTIDS / 16; ++n) {
        *gicd(GICD_ICFGR + 4 * n) = 0xdddd7777;
        equal(*gicd(GICD_ICFGR + 4 * n) & 0xaaaaaaaa, 0x88882222, "GICD_ICFGRn");
    }
    *gicd(GICD_ICFGR) = 0;
    *gicd(GICD_ICFGR + 4) = ~0u;
    equal(*gicd(GICD_ICFGR) & 0xaaaaaaaa, 0xaaaaaaaa, "GICD_ICFGR0");
    equal(*gicd(GICD_ICFGR + 4) & 0xaaaaaaaa, 0, "GICD_ICFGR1");
    gic_start();
}

TEST(groups, "each interrupt has a group")
{
    for (u32 word = 0; word != INTIDS / 32; ++word) {
        *gicd(GICD_IGROUPR + 4 * word) = 0xf0f00001;
        equal(*gicd(GICD_IGROUPR + 4 * word), 0xf0f00001, "GICD_IGROUPRn");
        *gicd(GICD_IGROUPR + 4 * word) = 0;
    }
}

TEST(absent, "interrupts and registers that are not there read zero and ignore writes, to the 64th kilobyte")
{
    gic_start();
    for (u32 offset = 0; offset != 0x10000; offset += 4) {
        bool const absent = offset >= 0x1000 || (offset >= 0x80 && offset < 0x400 && offset % 0x80 >= 0xc) ||
                            (offset >= 0x400 && offset < 0xc00 && offset % 0x400 >= INTIDS) ||
                            (offset >= 0xc18 && offset < 0xf00) || (offset >= 0xf30 && offset < 0xfd0);
        if (!absent)
            continue;
        *gicd(offset) = ~0u;
        u32 const found = *gicd(offset);
        CHECK(found == 0, "at %x is %x", offset, found);
    }
}

TEST(sizes, "where the GIC takes words only, smaller accesses read zero and write nothing")
{
    gic_start();
    *gicd(GICD_ISENABLER + 4) = 0x00ff00ff;
    equal(*byte_at(GICD_ISENABLER + 4), 0, "a byte");
    equal(*half_at(GICD_ISENABLER + 4), 0, "a halfword");
    *byte_at(GICD_ICENABLER + 4) = 0xff;
    *half_at(GICD_ICENABLER + 6) = 0xffff;
    equal(*gicd(GICD_ISENABLER + 4), 0x00ff00ff, "GICD_ISENABLER1");
    gic_start();
}
