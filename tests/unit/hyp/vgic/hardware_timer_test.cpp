// SPDX-License-Identifier: Apache-2.0
// The virtual timer's interrupt is the hardware's: the guest's end of it deactivates the physical one.
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

namespace {

constexpr unsigned timer = Vgic::virtual_timer;

} // namespace

TEST_CASE("vgic timer: it is shown at once, without a fill, and its end needs no exit", "[vgic]")
{
    Guest g;
    g.gic.raise_hardware_timer(0, g.cpu().lrs);
    CHECK_FALSE(g.gic.needs_fill(0));
    CHECK(g.cpu().lrs.lr[0].word() == 0x9a006c1b);
    g.cpu().timer_active = true;
    CHECK(g.cpu().take() == timer);
    CHECK_FALSE(g.cpu().timer_active);
    CHECK_FALSE(g.gic.needs_fill(0));
    CHECK(g.cpu().maintenance == 0);
}

TEST_CASE("vgic timer: it comes again while its line stays high", "[vgic]")
{
    Guest g;
    g.cpu().set_timer(true);
    for (unsigned n = 0; n != 3; ++n) {
        CHECK(g.cpu().acknowledge() == timer);
        CHECK(g.is_set(isactiver, timer));
        CHECK(g.cpu().timer_active);
        g.cpu().end(timer);
    }
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    g.cpu().end(timer);
    CHECK_FALSE(g.cpu().timer_active);
    CHECK_FALSE(g.is_set(isactiver, timer));
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic timer: it has its priority and group among the others", "[vgic]")
{
    Guest g;
    g.set_priority(timer, 0xb0);
    g.write(igroupr, mask_of(timer));
    g.write(ctlr, 3);
    g.make_edge(40);
    g.make_edge(41);
    g.pulse(40);
    g.cpu().set_timer(true);
    g.pulse(41);
    CHECK(g.cpu().lrs.lr[0].group() == 1);
    CHECK(g.cpu().take() == 40);
    CHECK(g.cpu().take() == 41);
    g.set_priority(timer, 0x20);
    CHECK(g.cpu().best()->priority() == 0x20);
}

TEST_CASE("vgic timer: while it cannot be shown it is kept", "[vgic]")
{
    Guest g;
    bool const after = GENERATE(false, true), control = GENERATE(false, true);
    if (after)
        g.cpu().set_timer(true);
    if (control)
        g.write(ctlr, 0);
    else
        g.disable(timer);
    g.cpu().set_timer(true);
    CHECK(g.cpu().timer_active); // the hardware's
    CHECK(g.is_set(ispendr, timer));
    CHECK_FALSE(g.cpu().deliverable());
    CHECK(g.cpu().acknowledge() == spurious);
    (void)g.gic.take_wakeups();
    g.write(ctlr, 1);
    g.enable(timer);
    CHECK(g.gic.take_wakeups() == 1);
    CHECK(g.cpu().lrs.lr[0].has_hardware());
    CHECK(g.cpu().acknowledge() == timer);
}

TEST_CASE("vgic timer: one that no longer asks is withdrawn, but not what is being handled", "[vgic]")
{
    Guest g;
    bool const enabled = GENERATE(true, false);
    if (!enabled)
        g.disable(timer);
    CHECK_FALSE(g.gic.lower_hardware_timer(0, g.cpu().lrs));
    g.cpu().set_timer(true);
    g.cpu().set_timer(false);
    CHECK_FALSE(g.cpu().timer_active);
    g.enable(timer);
    CHECK_FALSE(g.cpu().deliverable());
    g.cpu().set_timer(true);
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    CHECK(g.cpu().timer_active);
    g.cpu().end(timer);
    CHECK_FALSE(g.cpu().timer_active);
}

TEST_CASE("vgic timer: it stays active when other interrupts fill list registers", "[vgic]")
{
    Guest g;
    g.cpu().set_timer(true);
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    for (unsigned intid = 40; intid != 50; ++intid) {
        g.make_edge(intid);
        g.set_priority(intid, 0x10);
        g.pulse(intid);
    }
    CHECK(g.cpu().lrs.lr[0].has_hardware());
    CHECK(g.cpu().lrs.lr[0].is_active());
    CHECK(g.cpu().take_all().size() == 10);
    g.cpu().end(timer);
    CHECK_FALSE(g.cpu().timer_active);
}

TEST_CASE("vgic timer: software that ends it deactivates the physical interrupt", "[vgic]")
{
    Guest g;
    g.cpu().set_timer(true);
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    CHECK(g.cpu().timer_active);
    g.write(icactiver, mask_of(timer));
    CHECK_FALSE(g.cpu().timer_active);
    CHECK_FALSE(g.is_set(isactiver, timer));
}

TEST_CASE("vgic timer: what software has made pending or active goes together with the hardware's", "[vgic]")
{
    Guest g;
    u32 const set = GENERATE(ispendr, isactiver);
    g.write(set, mask_of(timer));
    g.cpu().set_timer(true);
    CHECK(g.cpu().interrupted() == (set == ispendr));
    g.write(icactiver, mask_of(timer));
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    g.cpu().end(timer);
    CHECK(g.cpu().take() == spurious);
    CHECK_FALSE(g.cpu().timer_active);
}

TEST_CASE("vgic timer: software makes it pending once more while it is handled", "[vgic]")
{
    Guest g;
    g.cpu().set_timer(true);
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    g.write(ispendr, mask_of(timer));
    CHECK_FALSE(g.cpu().timer_active); // the end will be no hardware's
    CHECK(g.is_set(isactiver, timer));
    g.cpu().set_timer(true);
    g.cpu().end(timer);
    CHECK(g.cpu().acknowledge() == timer);
    g.cpu().set_timer(false);
    g.cpu().end(timer);
    CHECK(g.cpu().take() == spurious);
}

TEST_CASE("vgic timer: one that is not the hardware's is a line like others", "[vgic]")
{
    Guest g;
    g.set_private_line(0, timer, true);
    CHECK_FALSE(g.cpu().best()->has_hardware());
    CHECK(g.cpu().acknowledge() == timer);
    g.set_private_line(0, timer, false);
    g.cpu().end(timer);
    CHECK_FALSE(g.cpu().deliverable());
}
