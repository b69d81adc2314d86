// SPDX-License-Identifier: Apache-2.0
// The VFP's registers between guests: each sees a VFP of its own.
#include <catch2/catch.hpp>
#include <fake/vfp.hpp>

using namespace vambrace;
using R = Vfp_register;

namespace {

struct Bench {
    Fake_vfp vfp;
    Vfp_unit<Fake_vfp_port> unit {Fake_vfp_port {&vfp}};
    Vfp_state a, b;

    explicit Bench(Vfp_identity identity)
    {
        vfp.identity = identity;
        for (u32 &word : vfp.d)
            word = 0x5ec4e700;
        unit.probe();
        unit.run(a, true);
    }
    ~Bench() { CHECK(vfp.mistake == nullptr); }

    /// An instruction of the running guest. False: undefined there.
    bool executes(Vfp_state &guest)
    {
        if (!vfp.executes() && unit.is_due(guest))
            unit.take(guest);
        return vfp.executes();
    }
    void enable(Vfp_state &guest) { CHECK(unit.write(guest, R::fpexc, fpexc::en) == Error::none); }
};

} // namespace

TEST_CASE("VFP is closed until a guest enables it, and then holds zeros")
{
    Bench t {GENERATE(vfp11, neon)};
    CHECK_FALSE(t.executes(t.a));
    t.enable(t.a);
    CHECK(t.executes(t.a));
    unsigned const words = t.vfp.identity.has_32_registers() ? 64 : 32;
    for (unsigned n = 0; n != words; ++n)
        CHECK(t.vfp.d[n] == 0);
    CHECK(t.vfp.fpscr == 0);
}

TEST_CASE("registers stay with their guest, and move only when another one uses VFP")
{
    Bench t {GENERATE(vfp11, neon)};
    unsigned const last = t.vfp.identity.has_32_registers() ? 63 : 31;
    t.enable(t.a);
    t.vfp.d[0] = 0xa0, t.vfp.d[last] = 0xa1, t.vfp.fpscr = 0x03000000;
    t.unit.run(t.b, true);
    CHECK_FALSE(t.executes(t.b));
    t.unit.run(t.a, true);
    CHECK(t.executes(t.a));
    CHECK(t.vfp.loads == 1);
    t.unit.run(t.b, true);
    t.enable(t.b);
    CHECK((t.vfp.d[0] == 0 && t.vfp.d[last] == 0 && t.vfp.fpscr == 0));
    t.vfp.d[0] = 0xb0;
    t.unit.run(t.a, true);
    CHECK_FALSE(t.vfp.executes());
    CHECK(t.vfp.loads == 2);
    CHECK(t.executes(t.a));
    CHECK((t.vfp.d[0] == 0xa0 && t.vfp.d[last] == 0xa1 && t.vfp.fpscr == 0x03000000));
    t.unit.run(t.b, true);
    CHECK(t.executes(t.b));
    CHECK(t.vfp.d[0] == 0xb0);
}

TEST_CASE("a guest that has closed VFP keeps its registers and gets undefined instructions")
{
    Bench t {neon};
    t.enable(t.a);
    t.vfp.d[5] = 0xa5;
    CHECK(t.unit.write(t.a, R::fpexc, 0) == Error::none);
    CHECK_FALSE(t.executes(t.a));
    CHECK(*t.unit.read(t.a, R::fpexc) == 0);
    t.enable(t.a);
    CHECK(t.executes(t.a));
    CHECK(t.vfp.d[5] == 0xa5);
    CHECK(t.vfp.loads == 1);
}

TEST_CASE("system registers of VFP read as the core's; FPEXC is the guest's")
{
    Bench t {neon};
    CHECK(*t.unit.read(t.a, R::fpsid) == 0x41033090);
    CHECK(*t.unit.read(t.a, R::mvfr0) == 0x10110222);
    CHECK(*t.unit.read(t.a, R::mvfr1) == 0x01111111);
    CHECK(*t.unit.read(t.a, R::fpexc) == 0);
    t.enable(t.a);
    CHECK(*t.unit.read(t.a, R::fpexc) == fpexc::en);
    t.unit.run(t.b, true);
    t.enable(t.b);
    t.unit.run(t.a, true);
    CHECK(*t.unit.read(t.a, R::fpexc) == fpexc::en); // though VFP is not its own now
    CHECK(t.unit.write(t.a, R::fpsid, 0) == Error::none);
    CHECK(*t.unit.read(t.a, R::fpsid) == 0x41033090);
    CHECK(t.unit.write(t.a, R::mvfr0, 0) == Error::not_supported);
    R const absent = GENERATE(R::fpinst, R::fpinst2, static_cast<R>(5), static_cast<R>(15));
    CHECK_FALSE(t.unit.read(t.a, absent));
    CHECK(t.unit.write(t.a, absent, 1) == Error::not_supported);
}

TEST_CASE("what the guest's CPACR closes stays closed")
{
    Bench t {vfp11};
    t.enable(t.a);
    t.vfp.d[0] = 0xa0;
    t.unit.run(t.a, false);
    CHECK_FALSE(t.executes(t.a));
    CHECK_FALSE(t.unit.read(t.a, R::fpexc));
    CHECK_FALSE(t.unit.read(t.a, R::fpsid));
    CHECK(t.unit.write(t.a, R::fpexc, fpexc::en) == Error::not_supported);
    t.unit.run(t.a, true);
    CHECK(t.executes(t.a));
    CHECK(t.vfp.d[0] == 0xa0);
}

TEST_CASE("a bounced instruction waits for its own guest's handler")
{
    Bench t {vfp11};
    t.enable(t.a);
    t.vfp.fpexc |= fpexc::ex | fpexc::fp2v | 7; // the hardware says so
    t.vfp.fpinst = 0xee000a00, t.vfp.fpinst2 = 0xee100a00;
    CHECK_FALSE(t.executes(t.a)); // undefined, to be forwarded
    t.unit.run(t.b, true);
    t.enable(t.b);
    CHECK(t.executes(t.b));
    CHECK(*t.unit.read(t.b, R::fpexc) == fpexc::en);
    CHECK(*t.unit.read(t.b, R::fpinst) == 0);
    t.unit.run(t.a, true);
    CHECK_FALSE(t.executes(t.a));
    CHECK(*t.unit.read(t.a, R::fpexc) == (fpexc::ex | fpexc::en | fpexc::fp2v | 7));
    CHECK(*t.unit.read(t.a, R::fpinst) == 0xee000a00);
    CHECK(*t.unit.read(t.a, R::fpinst2) == 0xee100a00);
    CHECK(*t.unit.read(t.a, R::fpexc) == (fpexc::ex | fpexc::en | fpexc::fp2v | 7));
    t.enable(t.a); // handled
    CHECK(t.executes(t.a));
}

TEST_CASE("a guest's handler may put another instruction into FPINST")
{
    Bench t {vfp11};
    R const r = GENERATE(R::fpinst, R::fpinst2);
    CHECK(t.unit.write(t.a, r, 0x11) == Error::none); // before it has the VFP
    CHECK(*t.unit.read(t.a, r) == 0x11);
    t.enable(t.a);
    CHECK(*t.unit.read(t.a, r) == 0x11);
    CHECK(t.unit.write(t.a, r, 0x22) == Error::none);
    CHECK(t.executes(t.a));
    t.unit.run(t.b, true);
    t.enable(t.b);
    CHECK(*t.unit.read(t.b, r) == 0);
    t.unit.run(t.a, true);
    CHECK(*t.unit.read(t.a, r) == 0x22);
}

TEST_CASE("nothing of a guest that is over stays")
{
    Bench t {neon};
    t.enable(t.a);
    t.vfp.d[7] = 0xa7;
    t.unit.forget(t.a);
    CHECK_FALSE(t.vfp.executes());
    CHECK(t.a.fpexc == 0);
    t.unit.run(t.a, true); // it starts again
    CHECK_FALSE(t.executes(t.a));
    t.enable(t.a);
    CHECK(t.vfp.d[7] == 0);
    t.unit.run(t.b, true);
    t.unit.forget(t.a);
    t.enable(t.b);
    CHECK(t.vfp.d[7] == 0);
    CHECK(t.a.d[7] == 0);
}

TEST_CASE("without a VFP all of it is undefined")
{
    Bench t {Vfp_identity {}};
    CHECK(t.unit.write(t.a, R::fpexc, fpexc::en) == Error::not_supported);
    CHECK_FALSE(t.unit.read(t.a, R::fpsid));
    CHECK_FALSE(t.executes(t.a));
    t.unit.run(t.b, true);
    t.unit.forget(t.a);
    CHECK(t.vfp.fpexc == 0);
    No_vfp none;
    No_vfp_state state;
    CHECK_FALSE(none.is_due(state));
    CHECK_FALSE(none.read(state, R::fpsid));
    CHECK(none.write(state, R::fpexc, fpexc::en) == Error::not_supported);
}

namespace {

struct Random {
    u64 state = 0x9e3779b97f4a7c15;
    u32 next()
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<u32>(state >> 16);
    }
};

/// A guest with a VFP to itself.
struct Own_vfp {
    Fake_vfp vfp;
    bool access = true;
};

/// One step of a guest on both; what differs.
char const *step(Random &random, Bench &t, Vfp_state &guest, Own_vfp &own)
{
    u32 const value = random.next();
    unsigned const n = value % (t.vfp.identity.has_32_registers() ? 64 : 32);
    switch (random.next() % 8) {
    case 0:
        own.access = value & 3;
        t.unit.run(guest, own.access);
        return nullptr;
    case 1:
        if (t.unit.write(guest, R::fpexc, value) == Error::none)
            own.vfp.fpexc = value;
        return nullptr;
    case 2: {
        Result<u32> const read = t.unit.read(guest, R::fpexc);
        return read.ok() != own.access || (read && *read != own.vfp.fpexc) ? "FPEXC" : nullptr;
    }
    case 3: {
        Result<u32> const read = t.unit.read(guest, R::fpinst);
        return read && *read != own.vfp.fpinst ? "FPINST" : nullptr;
    }
    case 4:
        if (t.unit.write(guest, R::fpinst, value) == Error::none)
            own.vfp.fpinst = value;
        return nullptr;
    default: break;
    }
    bool const executes = t.executes(guest);
    if (executes != (own.access && own.vfp.executes()))
        return "what is undefined";
    if (!executes)
        return nullptr;
    if (t.vfp.d[n] != own.vfp.d[n] || t.vfp.fpscr != own.vfp.fpscr)
        return "a register";
    t.vfp.d[n] = own.vfp.d[n] = value;
    t.vfp.fpscr = own.vfp.fpscr = value & 0xf0000000;
    if (t.vfp.identity.has_fpinst() && value % 8 == 0) { // it bounces
        t.vfp.fpexc = own.vfp.fpexc |= fpexc::ex;
        t.vfp.fpinst = own.vfp.fpinst = value;
    }
    return nullptr;
}

} // namespace

TEST_CASE("whatever guests do with one VFP, each sees its own")
{
    Bench t {GENERATE(vfp11, neon)};
    Vfp_state states[3];
    Own_vfp own[3];
    for (Own_vfp &o : own)
        o.vfp.identity = t.vfp.identity;
    Random random;
    unsigned running = 0;
    t.unit.run(states[0], true);
    for (unsigned i = 0; i != 300'000; ++i) {
        if (random.next() % 16 == 0) {
            running = random.next() % 3;
            if (random.next() % 64 == 0) {
                t.unit.forget(states[running]);
                own[running].vfp = {.identity = t.vfp.identity};
            }
            t.unit.run(states[running], own[running].access);
        }
        if (char const *const wrong = step(random, t, states[running], own[running]))
            FAIL(wrong << " at step " << i);
        if (t.vfp.mistake)
            FAIL(t.vfp.mistake << " at step " << i);
    }
}
