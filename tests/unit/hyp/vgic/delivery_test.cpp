// SPDX-License-Identifier: Apache-2.0
// What is forwarded interrupts the VCPU that it is for, and what is not is kept.
#include <hyp/vgic/guest_bench.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

TEST_CASE("vgic: the fields of a list register are where IHI 0048B 5.3 has them", "[vgic]")
{
    CHECK(List_register {33, 0xa0, 0}.pending().word() == 0x1a000021);
    CHECK(List_register {27, 0x08, 1}.with_hardware(27).active().word() == 0xe0806c1b);
    CHECK(List_register {5, 0xf8, 0}.from(7).pending().active().word() == 0x3f801c05);
    CHECK(List_register {95, 0, 0}.telling_its_end().word() == 0x0008005f);
    List_register const lr {0xd0901c05};
    CHECK(lr.intid() == 5);
    CHECK(lr.source() == 7);
    CHECK(lr.priority() == 0x08 * 0x21 % 0x100);
    CHECK(lr.group() == 1);
    CHECK(lr.has_hardware());
    CHECK(lr.is_pending());
    CHECK_FALSE(lr.is_active());
    CHECK_FALSE(lr.tells_its_end());
}

TEST_CASE("vgic: a line that gets high interrupts, and an exit without news has no work", "[vgic]")
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
    g.gic.set_line(33, true); // as often as the device likes
    CHECK_FALSE(g.gic.needs_fill(0));
    CHECK(g.gic.take_wakeups() == 0);
    CHECK(g.cpu().deliverable());
    CHECK(g.cpu().acknowledge() == 33);
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic: an interrupt that is disabled is kept until it is enabled", "[vgic]")
{
    Guest g {2};
    unsigned const intid = GENERATE(30u, 48u);
    bool const private_line = intid < 32;
    g.disable(intid);
    if (private_line)
        g.set_private_line(0, intid, true);
    else
        g.make_edge(intid);
    if (!private_line)
        g.pulse(intid);
    CHECK(g.gic.take_wakeups() == 0);
    CHECK_FALSE(g.cpu().deliverable());
    CHECK(g.is_set(ispendr, intid));
    g.enable(intid);
    CHECK(g.gic.take_wakeups() == 1);
    CHECK(g.cpu().deliverable());
    CHECK(g.cpu().acknowledge() == intid);
}

TEST_CASE("vgic: one that is disabled while it waits in a list register is taken out", "[vgic]")
{
    Guest g;
    g.make_edge(50);
    g.pulse(50);
    CHECK(g.cpu().interrupted());
    g.disable(50);
    CHECK_FALSE(g.cpu().interrupted());
    CHECK(g.is_set(ispendr, 50));
    g.enable(50);
    CHECK(g.cpu().take_all() == Taken {50});
}

TEST_CASE("vgic: one that is disabled while it is active ends, and comes again when it is enabled", "[vgic]")
{
    Guest g;
    bool const edge = GENERATE(false, true);
    if (edge)
        g.make_edge(50);
    g.set_line(50, true);
    CHECK(g.cpu().acknowledge() == 50);
    g.disable(50);
    if (edge)
        g.set_line(50, false);
    if (edge)
        g.set_line(50, true);
    CHECK(g.is_set(isactiver, 50));
    g.cpu().end(50);
    CHECK_FALSE(g.is_set(isactiver, 50));
    CHECK_FALSE(g.cpu().deliverable());
    g.enable(50);
    CHECK(g.cpu().acknowledge() == 50);
}

TEST_CASE("vgic: the distributor's control and the group decide what is forwarded", "[vgic]")
{
    Guest g;
    unsigned const group = GENERATE(0u, 1u), control = GENERATE(0u, 1u, 2u, 3u);
    g.write(ctlr, control);
    g.write(igroupr + 4, group ? mask_of(40) : 0);
    g.make_edge(40);
    g.pulse(40);
    CHECK(g.cpu().deliverable() == bit(control, group));
    g.cpu().vmcr = 0xf8000000 | 1u << group;
    CHECK(g.cpu().deliverable() == bit(control, group));
    CHECK(g.cpu().interrupted() == bit(control, group));
    g.cpu().vmcr = 0xf8000000 | 2u >> group;
    CHECK_FALSE(g.cpu().deliverable());
    g.cpu().vmcr = 0xf8000003;
    g.write(ctlr, 0);
    CHECK_FALSE(g.cpu().deliverable());
    g.write(ctlr, 3);
    CHECK(g.cpu().best()->group() == group);
}

TEST_CASE("vgic: what the guest's priority mask hides does not wake it", "[vgic]")
{
    Guest g;
    g.set_priority(40, 0x80);
    g.gic.set_line(40, true);
    for (u32 mask : {0u, 0x78u, 0x80u}) {
        g.cpu().vmcr = mask << 24 | 1;
        CHECK_FALSE(g.cpu().deliverable());
    }
    g.cpu().vmcr = 0x88000001;
    CHECK(g.cpu().deliverable()); // from memory
    g.cpu().enter();
    CHECK(g.cpu().deliverable()); // from a list register
    g.cpu().vmcr = 0x80000001;
    CHECK_FALSE(g.cpu().deliverable());
}

TEST_CASE("vgic: priority drop and deactivation may be two steps", "[vgic]")
{
    Guest g;
    g.cpu().split_end = true;
    g.make_edge(40);
    g.make_edge(41);
    g.pulse(40);
    CHECK(g.cpu().take() == 40);
    g.pulse(40);
    g.pulse(41);
    CHECK(g.cpu().take() == 41); // 40 is active still
    CHECK(g.cpu().take() == spurious);
    g.cpu().deactivate(40);
    CHECK(g.cpu().take() == 40);
    g.cpu().deactivate(41);
    g.cpu().deactivate(40);
    CHECK(g.read(isactiver + 4) == 0);
}

TEST_CASE("vgic: software makes interrupts pending and active, and takes it back", "[vgic]")
{
    Guest g;
    unsigned const intid = GENERATE(17u, 27u, 45u);
    g.write(word_of(ispendr, intid), mask_of(intid));
    CHECK(g.cpu().interrupted());
    g.write(word_of(icpendr, intid), mask_of(intid));
    CHECK_FALSE(g.cpu().interrupted());
    g.write(word_of(isactiver, intid), mask_of(intid));
    g.write(word_of(ispendr, intid), mask_of(intid));
    CHECK_FALSE(g.cpu().deliverable());
    CHECK(g.is_set(isactiver, intid));
    CHECK(g.is_set(ispendr, intid));
    g.write(word_of(icactiver, intid), mask_of(intid));
    CHECK(g.cpu().take_all() == Taken {intid});
    CHECK_FALSE(g.is_set(ispendr, intid));
}

TEST_CASE("vgic: a shared line interrupts the first of its targets that is online", "[vgic]")
{
    Guest g {4};
    g.make_edge(70);
    g.write(itargetsr + 70, 0xe, 1);
    g.gic.set_online(1, false);
    (void)g.gic.take_wakeups();
    g.pulse(70);
    CHECK(g.gic.take_wakeups() == 4);
    CHECK(g.cpu(2).interrupted());
    g.gic.set_online(1, true);
    g.enter_all();
    CHECK(g.cpu(1).interrupted());
    g.write(itargetsr + 70, 0x8, 1);
    CHECK(g.cpu(3).interrupted());
    CHECK_FALSE(g.cpu(1).interrupted());
    g.write(itargetsr + 70, 0, 1);
    CHECK_FALSE(g.cpu(3).interrupted());
    CHECK(g.is_set(ispendr, 70));
    g.write(itargetsr + 70, 1, 1);
    CHECK(g.cpu(0).take_all() == Taken {70});
}

TEST_CASE("vgic: a shared line stays where it is active, and comes elsewhere afterwards", "[vgic]")
{
    Guest g {2};
    bool const edge = GENERATE(false, true);
    if (edge)
        g.make_edge(70);
    g.set_line(70, true);
    CHECK(g.cpu(0).acknowledge() == 70);
    g.write(itargetsr + 70, 2, 1);
    if (edge) {
        g.set_line(70, false);
        g.set_line(70, true);
    }
    CHECK(g.is_set(isactiver, 70, 1));
    CHECK_FALSE(g.cpu(1).deliverable());
    (void)g.gic.take_wakeups();
    g.cpu(0).end(70);
    CHECK(g.gic.take_wakeups() == 2);
    g.enter_all();
    CHECK_FALSE(g.cpu(0).interrupted());
    CHECK(g.cpu(1).acknowledge() == 70);
}

TEST_CASE("vgic: a VCPU that waits before its maintenance interrupt is taken is woken", "[vgic]")
{
    Guest g;
    g.set_line(40, true);
    u32 const iar = g.cpu().acknowledge();
    // Its end, and the exit for WFI first.
    g.cpu().lrs.lr[1] = List_register {g.cpu().lrs.lr[1].word() & ~(3u << 28)};
    CHECK(iar == 40);
    CHECK(g.cpu().ended() == 2);
    CHECK(g.cpu().deliverable());
}

TEST_CASE("vgic: after reset it is as new", "[vgic]")
{
    unsigned const vcpus = GENERATE(1u, 3u);
    Guest g {vcpus};
    for (u32 offset = 0; offset != Vgic::size; offset += 4)
        g.write(offset, 0xffffffff, 4, vcpus - 1);
    g.cpu().set_timer(true);
    g.set_line(40, true);
    g.gic.reset();
    Vgic const fresh {vcpus};
    for (unsigned n = 0; n != vcpus; ++n) {
        CHECK_FALSE(g.gic.needs_fill(n));
        for (u32 offset = 0; offset != Vgic::size; offset += 4)
            CHECK(g.gic.read(n, offset, 4) == fresh.read(n, offset, 4));
        List_registers lrs {};
        g.gic.fill(n, lrs);
        for (List_register lr : lrs.lr)
            CHECK(lr.word() == 0);
    }
    CHECK(g.gic.take_wakeups() == 0);
    CHECK(g.gic.listed_vcpus() == 0);
}
