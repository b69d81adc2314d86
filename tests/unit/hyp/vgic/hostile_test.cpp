// SPDX-License-Identifier: Apache-2.0
// Whatever a guest writes to its distributor: list registers stay sound, and nothing goes on for ever.
#include <hyp/vgic/guest_bench.hpp>
#include <random>
#include <seed.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

TEST_CASE("vgic: every offset, size and pattern is taken by every number of VCPUs", "[vgic]")
{
    unsigned const vcpus = GENERATE(1u, 3u, 8u);
    Guest g {vcpus};
    u32 const patterns[] = {0, ~0u, 1, 0x80000000, 0xa5a5a5a5, 0x5a5a5a5a, 0x00ff00ff, 0x02ff000f};
    unsigned const sizes[] = {1, 2, 4, 0, 3, 8, ~0u};
    unsigned n = 0;
    for (u32 pattern : patterns)
        for (unsigned size : sizes)
            for (u32 offset = 0; offset < Vgic::size + 16; ++offset) {
                unsigned const vcpu = n++ % vcpus;
                u32 const before = g.gic.read(vcpu, offset, size);
                if (size < 4 && size << 3 && before >> 8 * size)
                    FAIL("more than was asked at " << offset);
                g.gic.write(vcpu, offset, size, pattern);
                if (n % 16 == 0)
                    g.enter_all();
            }
    for (u32 offset : {~0u, 0x80000000u, 0x1000u, 0xfffffffcu}) {
        CHECK(g.gic.read(0, offset, 4) == 0);
        g.gic.write(0, offset, 4, ~0u);
    }
    g.enter_all();
}

TEST_CASE("vgic: random accesses while interrupts come and are taken", "[vgic]")
{
    unsigned const vcpus = GENERATE(1u, 2u, 8u);
    std::mt19937 random {run_seed() + vcpus};
    INFO("VAMBRACE_SEED=" << run_seed());
    Guest g {vcpus};
    for (unsigned n = 0; n != 20'000; ++n) {
        unsigned const vcpu = static_cast<unsigned>(random() % vcpus);
        u32 const value = static_cast<u32>(random() & random()), offset = random() % Vgic::size;
        switch (random() % 8) {
        case 0:
        case 1: g.write(offset & ~3u, value, 4, vcpu); break;
        case 2: g.write(offset, value, 1u << random() % 3, vcpu); break;
        case 3: g.set_line(32 + random() % 64, random() % 2); break;
        case 4: g.cpu(vcpu).set_timer(random() % 2); break;
        case 5: (void)g.cpu(vcpu).acknowledge(); break;
        case 6: g.cpu(vcpu).end(random() % 1024); break; // whatever it is
        case 7: g.gic.set_online(vcpu, random() % 2); break;
        }
        g.enter_all();
    }
    // It works for a guest that sets it up again.
    for (unsigned vcpu = 0; vcpu != vcpus; ++vcpu) {
        g.gic.set_online(vcpu, true);
        for (u32 word : {0u, 4u, 8u}) {
            g.write(icenabler + word, ~0u, 4, vcpu);
            g.write(icpendr + word, ~0u, 4, vcpu);
            g.write(icactiver + word, ~0u, 4, vcpu);
        }
    }
    g.set_line(40, false);
    g.make_edge(40);
    g.write(igroupr + 4, 0);
    g.write(ctlr, 1);
    g.set_priority(40, 0);
    g.write(itargetsr + 40, 1, 1);
    g.enable(40);
    g.pulse(40);
    CHECK(g.cpu().deliverable());
}
