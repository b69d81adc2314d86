// SPDX-License-Identifier: Apache-2.0
// List registers are few: what is pending and active gets them by priority, and nothing is lost on the way.
#include <algorithm>
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

namespace {

unsigned in_use(Virtual_cpu const &c)
{
    unsigned count = 0;
    for (List_register lr : c.lrs.lr)
        count += lr.is_valid();
    return count;
}

} // namespace

TEST_CASE("vgic: more than list registers hold come by priority, then by INTID", "[vgic]")
{
    Guest g;
    std::vector<unsigned> const lines {95, 34, 60, 33, 32, 63, 64, 80, 31, 16};
    Taken expected;
    for (unsigned intid : lines) {
        g.set_priority(intid, intid % 3 * 0x10);
        if (intid >= 32)
            g.make_edge(intid);
        g.write(word_of(ispendr, intid), mask_of(intid));
        expected.push_back(intid);
    }
    std::sort(expected.begin(), expected.end(),
              [](u32 a, u32 b) { return a % 3 != b % 3 ? a % 3 < b % 3 : a < b; });
    CHECK(in_use(g.cpu()) == 3);
    CHECK(g.cpu().take_all() == expected);
    CHECK(g.cpu().maintenance == (lines.size() - 1) / 3);
    CHECK(g.cpu().lrs.hcr == List_registers::on);
    CHECK(in_use(g.cpu()) == 0);
}

TEST_CASE("vgic: all lines at once, each comes once", "[vgic]")
{
    Guest g;
    g.write(icfgr + 8, ~0u);
    g.write(icfgr + 12, ~0u);
    g.write(icfgr + 16, ~0u);
    g.write(icfgr + 20, ~0u);
    Taken expected;
    for (unsigned intid = 16; intid != Vgic::intid_count; ++intid)
        expected.push_back(intid);
    g.write(ispendr, ~0u);
    g.write(ispendr + 4, ~0u);
    g.write(ispendr + 8, ~0u);
    CHECK(g.cpu().take_all() == expected);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic: one of a higher priority takes the place of one that waits", "[vgic]")
{
    Guest g;
    for (unsigned intid : {40, 41, 42})
        g.write(word_of(ispendr, intid), mask_of(intid));
    g.set_priority(90, 0x10);
    g.write(word_of(ispendr, 90), mask_of(90));
    CHECK(g.cpu().take_all() == Taken {90, 40, 41, 42});
}

TEST_CASE("vgic: a priority that is changed while one waits counts", "[vgic]")
{
    Guest g;
    for (unsigned intid : {40, 41, 42, 43, 44})
        g.write(word_of(ispendr, intid), mask_of(intid));
    g.set_priority(44, 0x10);
    g.set_priority(40, 0xb0);
    CHECK(g.cpu().take_all() == Taken {44, 41, 42, 43, 40});
}

TEST_CASE("vgic: handlers interrupt each other as deep as there are priorities", "[vgic]")
{
    Guest g;
    constexpr unsigned depth = 31, first = 40;
    for (unsigned n = 0; n != depth; ++n) {
        g.set_priority(first + n, 0xf0 - 8 * n);
        g.write(word_of(ispendr, first + n), mask_of(first + n));
        REQUIRE(g.cpu().acknowledge() == first + n);
    }
    CHECK(g.read(isactiver + 4) == 0xffffff00);
    CHECK(g.read(isactiver + 8) == 0x7f);
    for (unsigned n = depth; n-- != 0;) {
        REQUIRE(g.cpu().acknowledge() == spurious);
        g.cpu().end(first + n);
        REQUIRE_FALSE(g.is_set(isactiver, first + n));
    }
    CHECK(in_use(g.cpu()) == 0);
    CHECK(g.cpu().running_priority() == 0x100);
    CHECK(g.cpu().lrs.hcr == List_registers::on);
}

TEST_CASE("vgic: an end that no list register knows ends what was active last", "[vgic]")
{
    Guest g;
    unsigned const lines[] = {40, 41, 42};
    u32 priority = 0xa0;
    for (unsigned intid : lines) {
        g.set_priority(intid, priority -= 0x10);
        g.write(word_of(ispendr, intid), mask_of(intid));
        REQUIRE(g.cpu().acknowledge() == intid);
    }
    for (unsigned intid : {50, 51, 52}) // wait, and one of them is shown instead of one that is active
        g.write(word_of(ispendr, intid), mask_of(intid));
    CHECK((g.cpu().lrs.hcr & List_registers::not_listed) != 0);
    for (unsigned n = 3; n-- != 0;) {
        g.cpu().end(lines[n]);
        CHECK(g.read(isactiver + 4) == (1u << n) - 1 << 8);
    }
    CHECK(g.cpu().take_all() == Taken {50, 51, 52});
}

TEST_CASE("vgic: an interrupt keeps its list register for the next time", "[vgic]")
{
    Guest g;
    g.set_line(40, true);
    g.set_line(41, true);
    for (unsigned n = 0; n != 3; ++n) {
        CHECK(g.cpu().lrs.lr[1].intid() == 40);
        CHECK(g.cpu().lrs.lr[2].intid() == 41);
        for (unsigned intid : {40, 41}) {
            CHECK(g.cpu().acknowledge() == intid);
            g.set_line(intid, false);
            g.cpu().end(intid);
        }
        CHECK(in_use(g.cpu()) == 0);
        for (unsigned intid : {41, 40})
            g.set_line(intid, true);
    }
    CHECK(g.cpu().maintenance == 0);
}

TEST_CASE("vgic: one that has ended gives its list register to another", "[vgic]")
{
    Guest g;
    for (unsigned round = 0; round != 2; ++round)
        for (unsigned intid : {40, 41, 42, 43, 44}) {
            g.set_line(intid, true);
            CHECK(g.cpu().acknowledge() == intid);
            g.set_line(intid, false);
            g.cpu().end(intid);
        }
    CHECK(g.cpu().maintenance == 0);
    g.send(0, 0, 1);
    CHECK(g.cpu().take_all() == Taken {0});
    CHECK(in_use(g.cpu()) == 0);
}

TEST_CASE("vgic: handlers that stay active do not hold up what is of a higher priority", "[vgic]")
{
    Guest g;
    g.set_priority(Vgic::virtual_timer, 0xf0); // waits in list register 0 all the while
    g.cpu().set_timer(true);
    for (unsigned intid : {40, 41}) {
        g.set_priority(intid, 0xe0 - (intid - 40) * 0x10);
        g.write(word_of(ispendr, intid), mask_of(intid));
        REQUIRE(g.cpu().acknowledge() == intid);
    }
    for (unsigned intid : {50, 51, 52})
        g.write(word_of(ispendr, intid), mask_of(intid));
    CHECK(g.cpu().take_all() == Taken {50, 51, 52});
}
