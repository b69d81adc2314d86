// SPDX-License-Identifier: Apache-2.0
// A level-sensitive line interrupts as long as it is high; an edge-triggered one once for each edge.
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

namespace {

/// A shared line, or one of the VCPU's own.
struct Line {
    Guest &g;
    unsigned intid;

    void set(bool high) const
    {
        if (intid < 32)
            g.set_private_line(0, intid, high);
        else
            g.set_line(intid, high);
    }
};

} // namespace

TEST_CASE("vgic level: a line that stays high comes again after its end", "[vgic]")
{
    Guest g;
    Line const line {g, GENERATE(30u, 33u)};
    line.set(true);
    for (unsigned n = 1; n != 5; ++n) {
        CHECK(g.cpu().acknowledge() == line.intid);
        CHECK_FALSE(g.cpu().deliverable());
        g.cpu().end(line.intid);
        CHECK(g.cpu().maintenance == n);
    }
    CHECK(g.cpu().acknowledge() == line.intid);
    line.set(false);
    g.cpu().end(line.intid);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic level: a line that was lowered by the handler needs no maintenance interrupt", "[vgic]")
{
    Guest g;
    Line const line {g, GENERATE(30u, 33u)};
    line.set(true);
    CHECK(g.cpu().acknowledge() == line.intid);
    line.set(false);
    CHECK(g.cpu().lrs.lr[1].is_active());
    CHECK_FALSE(g.cpu().lrs.lr[1].tells_its_end());
    g.cpu().end(line.intid);
    CHECK(g.cpu().maintenance == 0);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic level: a line that gets high again during the handler comes again without an exit", "[vgic]")
{
    Guest g;
    Line const line {g, GENERATE(30u, 33u)};
    line.set(true);
    CHECK(g.cpu().acknowledge() == line.intid);
    line.set(false);
    line.set(true);
    g.cpu().end(line.intid);
    CHECK(g.cpu().maintenance == 0);
    CHECK(g.cpu().acknowledge() == line.intid);
}

TEST_CASE("vgic level: a line that gets low before it is taken does not interrupt", "[vgic]")
{
    Guest g;
    Line const line {g, GENERATE(30u, 33u)};
    line.set(true);
    CHECK(g.cpu().interrupted());
    line.set(false);
    CHECK_FALSE(g.cpu().interrupted());
    CHECK_FALSE(g.is_set(ispendr, line.intid));
}

TEST_CASE("vgic level: software cannot clear what the line says, nor does the line what software set",
          "[vgic]")
{
    Guest g;
    Line const line {g, GENERATE(30u, 33u)};
    u32 const mask = mask_of(line.intid);
    line.set(true);
    g.write(word_of(icpendr, line.intid), mask);
    CHECK(g.is_set(ispendr, line.intid));
    CHECK(g.cpu().interrupted());
    g.write(word_of(ispendr, line.intid), mask);
    line.set(false);
    CHECK(g.is_set(ispendr, line.intid));
    CHECK(g.cpu().take_all() == Taken {line.intid});
    CHECK_FALSE(g.is_set(ispendr, line.intid));
    g.write(word_of(ispendr, line.intid), mask);
    g.write(word_of(icpendr, line.intid), mask);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic level: what software makes pending while it is active comes once more", "[vgic]")
{
    Guest g;
    Line const line {g, GENERATE(30u, 33u)};
    bool const enabled = GENERATE(true, false);
    line.set(true);
    CHECK(g.cpu().acknowledge() == line.intid);
    line.set(false);
    if (!enabled)
        g.disable(line.intid);
    g.write(word_of(ispendr, line.intid), mask_of(line.intid));
    (void)g.read(ispendr);
    g.cpu().end(line.intid);
    CHECK(g.is_set(ispendr, line.intid));
    CHECK(g.cpu().interrupted() == enabled);
    g.enable(line.intid);
    CHECK(g.cpu().take_all() == Taken {line.intid});
}

TEST_CASE("vgic edge: each edge comes once, and those before it is taken are one", "[vgic]")
{
    Guest g;
    g.make_edge(48);
    g.pulse(48);
    g.pulse(48);
    CHECK(g.cpu().acknowledge() == 48);
    g.pulse(48);
    g.pulse(48);
    CHECK_FALSE(g.cpu().deliverable());
    g.cpu().end(48);
    CHECK(g.cpu().take_all() == Taken {48});
    CHECK(g.cpu().maintenance == 0);
    g.set_line(48, true);
    CHECK(g.cpu().take_all() == Taken {48});
    g.set_line(48, true);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic edge: an edge between acknowledgement and the next exit is not lost", "[vgic]")
{
    Guest g;
    g.make_edge(48);
    g.pulse(48);
    CHECK(g.cpu().acknowledge() == 48);
    g.gic.set_line(48, true); // by another core
    g.gic.set_line(48, false);
    g.cpu().end(48); // no exit of this one in between
    g.enter_all();
    CHECK(g.cpu().take_all() == Taken {48});
}

TEST_CASE("vgic edge: software clears an edge that waits in a list register", "[vgic]")
{
    Guest g;
    g.make_edge(48);
    g.pulse(48);
    g.write(word_of(icpendr, 48), mask_of(48));
    CHECK_FALSE(g.cpu().deliverable());
    CHECK_FALSE(g.is_set(ispendr, 48));
}

TEST_CASE("vgic: a line becomes what it is configured as", "[vgic]")
{
    Guest g;
    g.disable(48);
    g.set_line(48, true);
    g.make_edge(48);
    CHECK_FALSE(g.is_set(ispendr, 48));
    g.write(icfgr + 12, 0);
    CHECK(g.is_set(ispendr, 48));
}
