// SPDX-License-Identifier: Apache-2.0
// What a guest's lines do with list registers.
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

TEST_CASE("vgic: a line that gets high interrupts, and no exit is made without news", "[vgic]")
{
    Guest g;
    CHECK_FALSE(g.gic.needs_fill(0));
    g.gic.set_line(33, true);
    CHECK(g.gic.needs_fill(0));
    CHECK(g.gic.take_wakeups() == 1);
    CHECK(g.gic.take_wakeups() == 0);
    CHECK(g.cpu().deliverable());
    g.cpu().enter();
    CHECK_FALSE(g.gic.needs_fill(0));
    g.gic.set_line(33, true);
    CHECK_FALSE(g.gic.needs_fill(0));
    CHECK(g.cpu().deliverable());
    CHECK(g.cpu().acknowledge() == 33);
    CHECK_FALSE(g.cpu().deliverable());
}
