// SPDX-License-Identifier: Apache-2.0
// The interrupts that VCPUs send each other, and themselves.
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

namespace {

constexpr u32 iar(unsigned sgi, unsigned source) { return sgi | source << 10; }

} // namespace

TEST_CASE("vgic SGI: it reaches the VCPUs that the filter names", "[vgic]")
{
    struct Row {
        u32 value, targets;
    };
    Row const row =
        GENERATE(Row {0x00050000, 5}, Row {0x00ff0000, 7}, Row {0x00f80000, 0}, Row {0x00000000, 0},
                 Row {0x01ff0000, 5}, Row {0x01000000, 5}, Row {0x02000000, 2}, Row {0x02ff0000, 2},
                 Row {0x03ff0000, 0}, Row {0xfc058000, 5});
    unsigned const sgi = GENERATE(0u, 9u, 15u);
    Guest g {3};
    g.write(sgir, row.value | sgi, 4, 1);
    CHECK(g.gic.take_wakeups() == row.targets);
    for (unsigned n = 0; n != 3; ++n) {
        CHECK(g.cpu(n).deliverable() == bit(row.targets, n));
        CHECK(g.cpu(n).take() == (bit(row.targets, n) ? iar(sgi, 1) : spurious));
        CHECK(g.cpu(n).take() == spurious);
    }
    CHECK(g.read(sgir) == 0);
}

TEST_CASE("vgic SGI: only a word sends one", "[vgic]")
{
    Guest g {2};
    unsigned const size = GENERATE(1u, 2u);
    g.write(sgir, 0xffff, size);
    g.write(sgir + 2, 0xff, size);
    CHECK(g.gic.take_wakeups() == 0);
}

TEST_CASE("vgic SGI: of several VCPUs it comes once from each", "[vgic]")
{
    Guest g {4};
    unsigned const sgi = GENERATE(0u, 7u, 15u);
    for (unsigned from : {2u, 0u, 3u, 0u, 3u}) // twice before it is taken is once
        g.send(from, sgi, 2);
    CHECK(g.read(spendsgir + sgi, 1, 1) == 0xd);
    CHECK(g.cpu(1).take() == iar(sgi, 0));
    CHECK(g.read(spendsgir + sgi, 1, 1) == 0xc);
    CHECK(g.cpu(1).take() == iar(sgi, 2));
    CHECK(g.cpu(1).take() == iar(sgi, 3));
    CHECK(g.cpu(1).take() == spurious);
    CHECK_FALSE(g.cpu(1).deliverable());
}

TEST_CASE("vgic SGI: one that is sent again while it is handled comes again", "[vgic]")
{
    Guest g {3};
    unsigned const again = GENERATE(1u, 2u);
    g.send(1, 5, 1);
    CHECK(g.cpu().acknowledge() == iar(5, 1));
    g.send(again, 5, 1);
    CHECK(g.read(spendsgir + 5, 1) == 1u << again);
    CHECK(g.is_set(isactiver, 5));
    CHECK(g.cpu().acknowledge() == spurious);
    unsigned const before = g.cpu().maintenance;
    g.cpu().end(iar(5, 1));
    CHECK(g.cpu().maintenance == before + (again == 1 ? 0 : 1));
    CHECK(g.cpu().take() == iar(5, again));
    CHECK(g.cpu().take() == spurious);
}

TEST_CASE("vgic SGI: a VCPU sends itself all sixteen", "[vgic]")
{
    Guest g;
    Taken expected;
    for (unsigned sgi = 16; sgi-- != 0;)
        g.write(sgir, 0x02000000 | sgi);
    for (unsigned sgi = 0; sgi != 16; ++sgi)
        expected.push_back(sgi);
    CHECK(g.read(ispendr) == 0xffff);
    CHECK(g.cpu().take_all() == expected);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic SGI: it needs no maintenance interrupt", "[vgic]")
{
    Guest g {2};
    g.send(1, 0, 1);
    CHECK(g.cpu().take() == iar(0, 1));
    CHECK(g.cpu().maintenance == 0);
    CHECK_FALSE(g.cpu().needs_fill());
}

TEST_CASE("vgic SGI: pending bits are set and cleared for each source", "[vgic]")
{
    Guest g {3};
    g.write(spendsgir + 4, 0xffff05ff, 4, 2);
    CHECK(g.read(spendsgir + 4, 4, 2) == 0x07070507);
    CHECK(g.read(cpendsgir + 4, 4, 2) == 0x07070507);
    CHECK(g.read(ispendr, 4, 2) == 0xf0);
    CHECK(g.read(ispendr) == 0);
    g.write(cpendsgir + 4, 0x07000407, 4, 2);
    CHECK(g.read(ispendr, 4, 2) == 0x60);
    g.write(cpendsgir + 6, 0xfe, 1, 2);
    CHECK(g.cpu(2).take_all() == Taken {iar(5, 0), iar(6, 0)});
    g.write(ispendr, 0xffff, 4, 2);
    CHECK_FALSE(g.cpu(2).deliverable());
    g.send(0, 1, 4);
    g.write(icpendr, 0xffff, 4, 2);
    CHECK(g.cpu(2).take() == iar(1, 0));
}

TEST_CASE("vgic SGI: it waits while the distributor is off", "[vgic]")
{
    Guest g {2};
    g.write(ctlr, 0);
    g.send(0, 2, 2);
    CHECK_FALSE(g.cpu(1).deliverable());
    (void)g.gic.take_wakeups();
    g.write(ctlr, 1);
    CHECK(g.gic.take_wakeups() == 2);
    CHECK(g.cpu(1).take() == iar(2, 0));
}
