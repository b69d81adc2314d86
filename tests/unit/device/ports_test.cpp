// SPDX-License-Identifier: Apache-2.0
// Ports between guests: what is sent arrives at the other end, is seen once, and interrupts unless masked.
#include <catch2/catch.hpp>
#include <device/ports.hpp>
#include <random>
#include <seed.hpp>
#include <support/device_guest.hpp>

using namespace vambrace;

namespace {

constexpr u32 pending = VAMBRACE_PORTS_PENDING, ack = VAMBRACE_PORTS_ACK, mask = VAMBRACE_PORTS_MASK,
              bound = VAMBRACE_PORTS_BOUND, send = VAMBRACE_PORTS_SEND;

struct End {
    Device_guest guest {};
    Guest_ports ports {guest};

    bool line() const { return guest.line(VAMBRACE_IRQ_PORTS); }
    void write(u32 offset, u32 value)
    {
        ports.write(offset, value);
        CHECK(ports.settle());
    }
};

/// Port 3 of a is port 31 of b; port 0 of a is port 1 of c.
struct Three_guests {
    End a {}, b {}, c {};

    Three_guests()
    {
        Guest_ports::connect(a.ports, 3, b.ports, 31);
        Guest_ports::connect(c.ports, 1, a.ports, 0);
    }
};

} // namespace

TEST_CASE("ports: what is sent is pending at the other end, and there alone")
{
    Three_guests g;
    CHECK(g.a.ports.send(3) == Error::none);
    CHECK(g.b.ports.pending() == 1u << 31);
    CHECK(g.b.line());
    CHECK(g.a.ports.pending() == 0);
    CHECK(g.c.ports.pending() == 0);
    CHECK_FALSE(g.a.line());
    CHECK_FALSE(g.c.line());
    CHECK(g.b.ports.send(31) == Error::none); // and back
    CHECK(g.a.ports.pending() == 1u << 3);
    CHECK(g.c.ports.send(1) == Error::none);
    CHECK(g.a.ports.pending() == 9);
}

TEST_CASE("ports: there are 32, and what leads nowhere is denied")
{
    Three_guests g;
    CHECK(g.a.ports.send(GENERATE(32u, 33u, 0x80000003u, 0xffffffffu)) == Error::inval);
    CHECK(g.a.ports.send(GENERATE(1u, 2u, 4u, 31u)) == Error::denied);
    CHECK(g.a.ports.mask(GENERATE(32u, 0xffffffffu), 0) == Error::inval);
    CHECK(g.a.ports.mask(3, GENERATE(2u, 3u, 0xffffffffu)) == Error::inval);
    CHECK(g.a.ports.read(mask) == 0);
    CHECK((g.b.ports.pending() | g.c.ports.pending()) == 0);
}

TEST_CASE("ports: a port that leads nowhere may be masked, and stays silent")
{
    Three_guests g;
    CHECK(g.a.ports.mask(7, 1) == Error::none);
    CHECK(g.a.ports.read(mask) == 1u << 7);
    CHECK(g.a.ports.mask(7, 0) == Error::none);
    CHECK(g.a.ports.read(mask) == 0);
}

TEST_CASE("ports: what was sent is taken once, however often it was sent")
{
    Three_guests g;
    for (unsigned n = 0; n != 3; ++n)
        CHECK(g.a.ports.send(3) == Error::none);
    CHECK(g.b.ports.take() == 1u << 31);
    CHECK_FALSE(g.b.line());
    CHECK(g.b.ports.take() == 0);
    CHECK(g.a.ports.send(3) == Error::none);
    CHECK(g.b.line());
    CHECK(g.b.ports.take() == 1u << 31);
}

TEST_CASE("ports: a masked port is pending, does not interrupt, and is not taken")
{
    Three_guests g;
    CHECK(g.b.ports.mask(31, 1) == Error::none);
    CHECK(g.a.ports.send(3) == Error::none);
    CHECK_FALSE(g.b.line());
    CHECK(g.b.ports.pending() == 1u << 31);
    CHECK(g.b.ports.take() == 0);
    CHECK(g.b.ports.pending() == 1u << 31);
    CHECK(g.b.ports.mask(31, 0) == Error::none);
    CHECK(g.b.line());
    CHECK(g.b.ports.mask(31, 1) == Error::none); // of one that is high
    CHECK_FALSE(g.b.line());
    CHECK(g.b.ports.mask(31, 0) == Error::none);
    CHECK(g.b.ports.take() == 1u << 31);
}

TEST_CASE("ports: the registers say which there are, which are pending, and which are masked")
{
    Three_guests g;
    CHECK(g.a.ports.read(bound) == 9);
    CHECK(g.b.ports.read(bound) == 1u << 31);
    CHECK(g.c.ports.read(bound) == 2);
    g.a.write(send, 3);
    g.c.write(send, 1);
    CHECK(g.b.ports.read(pending) == 1u << 31);
    CHECK(g.a.ports.read(pending) == 1);
    CHECK(g.a.line());
    g.a.write(mask, 0xfffffff1);
    CHECK(g.a.ports.read(mask) == 0xfffffff1);
    CHECK(g.a.ports.read(pending) == 1);
    CHECK_FALSE(g.a.line());
    g.a.write(mask, 0xfffffffe);
    CHECK(g.a.line());
    g.a.write(ack, 0xfffffffe);
    CHECK(g.a.ports.read(pending) == 1);
    CHECK(g.a.line());
    g.a.write(ack, 1);
    CHECK(g.a.ports.read(pending) == 0);
    CHECK_FALSE(g.a.line());
}

TEST_CASE("ports: other registers are 0, and nothing that is written there does anything")
{
    Three_guests g;
    g.c.write(send, 1);
    g.a.write(mask, 0x10);
    for (u32 offset = 0; offset != page_size; offset += 4) {
        if (offset != ack && offset != mask && offset != send)
            g.a.write(offset, 0xffffffff);
        if (offset != pending && offset != mask && offset != bound)
            CHECK(g.a.ports.read(offset) == 0);
    }
    g.a.write(send, GENERATE(1u, 32u, 0xffffffffu)); // one that leads nowhere
    CHECK(g.a.ports.read(pending) == 1);
    CHECK(g.a.ports.read(mask) == 0x10);
    CHECK(g.a.ports.read(bound) == 9);
    CHECK(g.b.ports.read(pending) == 0);
    CHECK(g.a.line());
}

TEST_CASE("ports: after a reset nothing is pending and nothing masked, and ports lead where they did")
{
    Three_guests g;
    g.a.write(send, 3);
    g.b.write(mask, 0xffff);
    g.b.ports.reset();
    CHECK(g.b.ports.read(pending) == 0);
    CHECK(g.b.ports.read(mask) == 0);
    CHECK(g.b.ports.read(bound) == 1u << 31);
    CHECK(g.b.ports.take() == 0);
    CHECK_FALSE(g.b.line());
    g.a.write(send, 3);
    CHECK(g.b.line());
    g.b.write(send, 31);
    CHECK(g.a.ports.read(pending) == 8);
}

TEST_CASE("ports: no order of what guests do is anything but bits")
{
    std::mt19937 random {run_seed()};
    INFO("VAMBRACE_SEED=" << run_seed());
    auto const below = [&](u32 n) { return static_cast<u32>(random() % n); };
    End ends[2];
    u32 peer[2][32], is_bound[2] {}, waits[2] {}, masked[2] {};
    for (u32 n = 0; n != 20; ++n) { // port n of one is port 3 * n of the other
        Guest_ports::connect(ends[0].ports, n, ends[1].ports, 3 * n % 32);
        peer[0][n] = 3 * n % 32, peer[1][3 * n % 32] = n;
        is_bound[0] |= 1u << n, is_bound[1] |= 1u << 3 * n % 32;
    }
    for (unsigned n = 0; n != 5000; ++n) {
        u32 const who = below(2), port = below(34), value = static_cast<u32>(random());
        Guest_ports &ports = ends[who].ports;
        bool const leads = port < 32 && bit(is_bound[who], port & 31);
        switch (below(6)) {
        case 0: ports.write(mask, masked[who] = value & static_cast<u32>(random())); break;
        case 1: ports.write(ack, value), waits[who] &= ~value; break;
        case 2:
            REQUIRE(ports.take() == (waits[who] & ~masked[who]));
            waits[who] &= masked[who];
            break;
        case 3:
            REQUIRE((ports.mask(port, value & 1) == Error::none) == (port < 32));
            if (port < 32)
                masked[who] = (masked[who] & ~(1u << port)) | (value & 1) << port;
            break;
        default:
            REQUIRE((ports.send(port) == Error::none) == leads);
            if (leads)
                waits[1 - who] |= 1u << peer[who][port];
        }
        for (u32 k = 0; k != 2; ++k) {
            REQUIRE(ends[k].ports.read(pending) == waits[k]);
            REQUIRE(ends[k].ports.read(mask) == masked[k]);
            REQUIRE(ends[k].line() == ((waits[k] & ~masked[k]) != 0));
        }
    }
}
