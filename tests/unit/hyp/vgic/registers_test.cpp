// SPDX-License-Identifier: Apache-2.0
// The registers of a guest's distributor are what ARM IHI 0048B 4.3 says.
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

TEST_CASE("vgic registers: after reset nothing is forwarded, enabled, pending or active", "[vgic]")
{
    unsigned const vcpus = GENERATE(1u, 2u, 8u), vcpu = GENERATE(0u, 1u, 7u);
    if (vcpu >= vcpus)
        return;
    Machine m {vcpus};
    for (u32 offset = 0; offset != Vgic::size; offset += 4) {
        INFO(std::hex << offset);
        u32 const value = m.read(offset, 4, vcpu);
        if (offset == typer)
            CHECK(value == ((vcpus - 1) << 5 | 2));
        else if (offset == iidr || offset >= 0xfd0)
            CHECK((value & 0xff) == value % 0x100);
        else if (offset == isenabler || offset == icenabler)
            CHECK(value == 0xffff); // SGIs are always enabled
        else if (offset == icfgr)
            CHECK(value == 0xaaaaaaaa); // and edge-triggered
        else if (offset >= itargetsr && offset < itargetsr + 32 && vcpus != 1)
            CHECK(value == (1u << vcpu) * 0x01010101);
        else
            CHECK(value == 0);
    }
}

TEST_CASE("vgic registers: it says that it is a GICv2 of ARM's", "[vgic]")
{
    Machine m {1};
    CHECK(bits(m.read(icpidr2), 7, 4) == 2);
    u32 const expected[] = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    for (unsigned n = 0; n != 12; ++n)
        CHECK(m.read(0xfd0 + 4 * n) == expected[n]);
    CHECK(bits(m.read(iidr), 11, 0) == 0x43b);
    for (u32 offset : {iidr, typer, icpidr2}) {
        u32 const before = m.read(offset);
        m.write(offset, ~before);
        CHECK(m.read(offset) == before);
    }
}

TEST_CASE("vgic registers: set and clear registers show and change one state", "[vgic]")
{
    struct Row {
        u32 set, clear;
        bool all_private; // else SGIs are not written
    };
    Row const row = GENERATE(Row {isenabler, icenabler, false}, Row {ispendr, icpendr, false},
                             Row {isactiver, icactiver, true});
    u32 const word = GENERATE(0u, 1u, 2u);
    Machine m {2};
    u32 const writable = word || row.all_private ? ~0u : 0xffff0000;
    u32 const fixed = row.set == isenabler && !word ? 0xffff : 0;
    u32 const set = row.set + 4 * word, clear = row.clear + 4 * word;
    m.write(set, 0xf0f03c3c);
    CHECK(m.read(set) == ((0xf0f03c3c & writable) | fixed));
    CHECK(m.read(clear) == m.read(set));
    m.write(set, 0x00ff0000);
    CHECK(m.read(set) == ((0xf0ff3c3c & writable) | fixed));
    m.write(clear, 0x80f00004);
    CHECK(m.read(set) == ((0x700f3c38 & writable) | fixed));
    CHECK(m.read(set, 4, 1) == (word ? m.read(set) : fixed)); // the first 32 are each VCPU's own
    m.write(set, 0);
    CHECK(m.read(set) == ((0x700f3c38 & writable) | fixed));
    m.write(clear, ~0u);
    CHECK(m.read(set) == fixed);
}

TEST_CASE("vgic registers: groups and control are read and written", "[vgic]")
{
    Machine m {2};
    for (u32 word : {0u, 1u, 2u}) {
        m.write(igroupr + 4 * word, 0x12345678 + word);
        CHECK(m.read(igroupr + 4 * word) == 0x12345678 + word);
    }
    CHECK(m.read(igroupr, 4, 1) == 0);
    CHECK(m.read(igroupr + 4, 4, 1) == 0x12345679);
    m.write(ctlr, ~0u);
    CHECK(m.read(ctlr, 4, 1) == 3);
    m.write(ctlr, 2, 4, 1);
    CHECK(m.read(ctlr) == 2);
}

TEST_CASE("vgic registers: priorities have five bits and are accessed by bytes", "[vgic]")
{
    Machine m {2};
    unsigned const intid = GENERATE(0u, 13u, 27u, 32u, 95u);
    m.write(ipriorityr + intid, 0xff, 1);
    CHECK(m.read(ipriorityr + intid, 1) == 0xf8);
    CHECK(m.read(ipriorityr + intid / 4 * 4) == 0xf8u << intid % 4 * 8);
    CHECK(m.read(ipriorityr + intid, 1, 1) == (intid < 32 ? 0 : 0xf8));
    m.write(ipriorityr + intid / 4 * 4, 0x40302010);
    CHECK(m.read(ipriorityr + intid, 1) == 0x10 * (intid % 4 + 1));
    m.write(ipriorityr + intid / 2 * 2, 0xa7b7, 2);
    CHECK(m.read(ipriorityr + intid / 2 * 2, 2) == 0xa0b0);
    m.write(ipriorityr + Vgic::intid_count, ~0u);
    CHECK(m.read(ipriorityr + Vgic::intid_count) == 0);
}

TEST_CASE("vgic registers: targets are VCPUs that there are; the first 32 are one's own", "[vgic]")
{
    Machine m {3};
    for (unsigned vcpu : {0u, 1u, 2u})
        for (unsigned intid = 0; intid != 32; ++intid) {
            m.write(itargetsr + intid, 0xff, 1, vcpu);
            CHECK(m.read(itargetsr + intid, 1, vcpu) == 1u << vcpu);
        }
    m.write(itargetsr + 33, 0xff, 1);
    CHECK(m.read(itargetsr + 33, 1) == 7);
    CHECK(m.read(itargetsr + 32) == 0x700);
    m.write(itargetsr + 92, 0x08040201);
    CHECK(m.read(itargetsr + 92, 4, 2) == 0x00040201);
    m.write(itargetsr + 96, ~0u);
    CHECK(m.read(itargetsr + 96) == 0);
}

TEST_CASE("vgic registers: a single VCPU has no targets to choose", "[vgic]")
{
    Machine m {1};
    for (u32 offset = itargetsr; offset != icfgr; offset += 4) {
        m.write(offset, ~0u);
        CHECK(m.read(offset) == 0);
    }
}

TEST_CASE("vgic registers: a shared line is edge-triggered or not; private ones are what they are", "[vgic]")
{
    Machine m {1};
    for (u32 index = 0; index != 8; ++index)
        m.write(icfgr + 4 * index, 0xffffffff);
    CHECK(m.read(icfgr) == 0xaaaaaaaa);
    CHECK(m.read(icfgr + 4) == 0);
    for (u32 index : {2u, 3u, 4u, 5u})
        CHECK(m.read(icfgr + 4 * index) == 0xaaaaaaaa);
    CHECK(m.read(icfgr + 24) == 0);
    m.write(icfgr + 12, 0x00800002);
    CHECK(m.read(icfgr + 12) == 0x00800002);
    CHECK(m.read(icfgr + 8) == 0xaaaaaaaa);
    CHECK(m.read(icfgr + 16) == 0xaaaaaaaa);
}

TEST_CASE("vgic registers: only what the GIC allows is accessed by bytes", "[vgic]")
{
    Machine m {2};
    unsigned const size = GENERATE(1u, 2u);
    for (u32 offset = 0; offset != Vgic::size; offset += size) {
        bool const allowed = (offset >= 0x400 && offset < 0xc00) || (offset >= 0xf10 && offset < 0xf30);
        u32 const word = offset & ~3u;
        u32 const before = m.read(word);
        if (!allowed) {
            CHECK(m.read(offset, size) == 0);
            m.write(offset, 0xff, size);
            CHECK(m.read(word) == before);
        } else {
            u32 const shift = offset % 4 * 8;
            CHECK(m.read(offset, size) == (before >> shift & (size == 1 ? 0xff : 0xffff)));
        }
    }
}

TEST_CASE("vgic registers: the state includes what list registers have", "[vgic]")
{
    Guest g {2};
    g.set_line(40, true);
    g.make_edge(41);
    g.pulse(41);
    g.send(1, 3, 1);
    CHECK(g.gic.listed_vcpus() == 1);
    CHECK(g.read(ispendr + 4) == (mask_of(40) | mask_of(41)));
    CHECK(g.read(icpendr) == mask_of(3));
    CHECK(g.read(cpendsgir) == 2u << 24);
    CHECK(g.read(isactiver + 4) == 0);
    CHECK(g.cpu().acknowledge() == (3 | 1 << 10));
    CHECK(g.read(ispendr) == 0);
    CHECK(g.read(spendsgir) == 0);
    CHECK(g.read(isactiver) == mask_of(3));
    CHECK(g.read(isactiver, 4, 1) == 0);
    g.cpu().end(3 | 1 << 10);
    CHECK(g.cpu().acknowledge() == 40);
    CHECK(g.read(ispendr + 4) == (mask_of(40) | mask_of(41))); // 40's line is high
    CHECK(g.read(isactiver + 4, 4, 1) == mask_of(40));
    g.set_line(40, false);
    CHECK(g.read(ispendr + 4) == mask_of(41));
    g.cpu().end(40);
    CHECK(g.read(icactiver + 4) == 0);
    CHECK(g.cpu().take_all() == Taken {41});
}
