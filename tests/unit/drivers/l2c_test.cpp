// SPDX-License-Identifier: Apache-2.0
// The outer cache's driver against a controller that obeys
// the rules of ARM DDI 0246 and records what it is told.
#include <algorithm>
#include <catch2/catch.hpp>
#include <drivers/l2c/l2c.hpp>
#include <map>
#include <support/recorder.hpp>
#include <vector>

using namespace vambrace;

namespace {

constexpr u32 l310_r1p0 = 0x410000c2, l310_r2p0 = 0x410000c4, l310_r3p1 = 0x410000c6, l310_r3p2 = 0x410000c8;
constexpr u32 l220 = 0x41000086;

constexpr u32 control = 0x100, auxiliary = 0x104, tag = 0x108, data = 0x10c, cache_sync = 0x730,
              invalidate = 0x77c;
constexpr u32 clean = 0x7bc, prefetch = 0xf60;

using Write = Operation<u32>;
using Writes = Record<u32>;

struct Controller {
    std::map<u32, u32> registers;
    Writes writes;
    bool obeys = true;   ///< to accesses of this security state
    u32 busy = 0;        ///< reads until an operation is done
    u32 operation = 0;   ///< that is under way
    u32 pending = 0;     ///< what it reads as meanwhile
    bool broken = false; ///< a rule was broken

    u32 read(u32 offset)
    {
        if (!busy || offset != operation)
            return registers[offset];
        return --busy ? pending : 0;
    }
    void write(u32 offset, u32 value)
    {
        writes.push_back({offset, value});
        bool const set_up = offset == auxiliary || offset == tag || offset == data || offset == prefetch;
        bool const is_on = registers[control] & 1;
        broken |= busy != 0 || (set_up && is_on) || (offset == invalidate && is_on);
        if (offset == cache_sync || offset == invalidate || offset == clean) {
            operation = offset;
            pending = offset == cache_sync ? 1 : value & ~1u; // the first way is done
            busy = 3;
        } else if (obeys) {
            registers[offset] = value;
        }
    }
};

Controller controller;

struct Port {
    explicit Port(std::uintptr_t) {}
    u32 read(L2c_offset offset) const { return controller.read(static_cast<u32>(offset)); }
    void write(L2c_offset offset, u32 value) const { controller.write(static_cast<u32>(offset), value); }
};

L2c<Port> board_with(u32 id, u32 aux, bool is_on = false)
{
    controller = {};
    controller.registers[0x000] = id;
    controller.registers[auxiliary] = aux;
    controller.registers[control] = is_on;
    return L2c<Port> {0};
}

constexpr L2c_settings imx6 {{4, 2, 3}, {4, 2, 3}, 0, 0x3000000f};
constexpr L2c_settings zynq {{2, 2, 2}, {3, 2, 2}, 0, 0};

} // namespace

TEST_CASE("outer cache: one that is off is not told to go off")
{
    board_with(l310_r3p2, 0x02020000).turn_off();
    CHECK(controller.writes.empty());
}

TEST_CASE("outer cache: one that is on is written back, all of its ways, and then goes off")
{
    auto const [id, aux, ways] = GENERATE(table<u32, u32, u32>({
        {l310_r3p2, 0x00010000, 0xffff},
        {l310_r2p0, 0x02060000, 0xff},
        {l220, 0x00010000, 0xff}, // 8 ways
        {l220, 0x00008000, 0x0f}, // 4
    }));
    board_with(id, aux, true).turn_off();
    Writes const expected {{clean, ways}, {cache_sync, 0}, {control, 0}};
    CHECK(controller.writes == expected);
    CHECK_FALSE(controller.broken);
}

TEST_CASE("outer cache: the RAMs' cycles come first, then it forgets what it held, and then goes on")
{
    auto const [id, aux, ways] = GENERATE(table<u32, u32, u32>({
        {l310_r3p1, 0x02070000, 0xffff},
        {l310_r3p2, 0x72760000, 0xff},
    }));
    CHECK(board_with(id, aux).turn_on(imx6));
    Writes const expected {{tag, 0x132},       {data, 0x132},   {prefetch, 0x3000000f},
                           {invalidate, ways}, {cache_sync, 0}, {control, 1}};
    CHECK(controller.writes == expected);
    CHECK_FALSE(controller.broken);
    CHECK(controller.registers[auxiliary] == aux);
}

TEST_CASE("outer cache: cycles are written as one less, in the L2C-310's order")
{
    CHECK(board_with(l310_r3p2, 0x72360000).turn_on(zynq));
    CHECK(controller.registers[tag] == 0x111);
    CHECK(controller.registers[data] == 0x121);
    CHECK(board_with(l310_r3p2, 0x72360000).turn_on(L2c_settings {}));
    CHECK(controller.registers[tag] == 0);
    CHECK(controller.registers[data] == 0);
}

TEST_CASE("outer cache: no double line fills on any release, and no prefetch register before r2p0")
{
    u32 const id = GENERATE(l310_r1p0, l310_r2p0, l310_r3p1, l310_r3p2);
    auto const cache = board_with(id, 0x02020000);
    controller.registers[prefetch] = 0x70800000; // a loader's
    CHECK(cache.turn_on(zynq));
    CHECK(controller.registers[prefetch] == (id == l310_r1p0 ? 0x70800000 : 0));
}

TEST_CASE("outer cache: a size that the board knows replaces what the controller shows, and nothing else")
{
    auto const [id, aux, way_kib, now, ways] = GENERATE(table<u32, u32, u32, u32, u32>({
        {l310_r3p2, 0x720f0001, 16, 0x72020001, 0xff}, // PBX-A9: 8 ways of 16 KB
        {l310_r3p2, 0x02000000, 512, 0x020c0000, 0xff},
        {l220, 0x00220fff, 128, 0x00290fff, 0xff}, // EB MPCore: 8 ways of 128 KB; latencies and parity stay
        {l220, 0x0001efff, 16, 0x00030fff, 0xff},
    }));
    L2c_settings const sized {.tag = {}, .data = {}, .way_kib = way_kib};
    CHECK(board_with(id, aux).turn_on(sized));
    CHECK(controller.registers[auxiliary] == now);
    Write const size {auxiliary, now}, forget {invalidate, ways};
    CHECK(controller.writes[0] == size);
    CHECK(std::count(controller.writes.begin(), controller.writes.end(), forget) == 1);
    CHECK_FALSE(controller.broken);
}

TEST_CASE("outer cache: the L220 is only told its size and to forget, before it goes on")
{
    CHECK(board_with(l220, 0x00030fff).turn_on(imx6));
    Writes const expected {{invalidate, 0xff}, {cache_sync, 0}, {control, 1}};
    CHECK(controller.writes == expected);
}

TEST_CASE(
    "outer cache: one that takes no orders is reported, off; on, it goes on serving and forgets nothing")
{
    auto const off = board_with(l310_r3p2, 0x02020000);
    controller.obeys = false;
    CHECK_FALSE(off.turn_on(zynq));
    auto const on = board_with(l310_r3p2, 0x02020000, true);
    controller.obeys = false;
    on.turn_off();
    controller.writes.clear();
    CHECK(on.turn_on(zynq));
    CHECK(controller.writes.empty());
}

TEST_CASE("outer cache: where there is no controller nothing is written and nothing reported")
{
    auto const nothing = board_with(0, 0);
    nothing.turn_off();
    CHECK(nothing.turn_on(zynq));
    CHECK(controller.writes.empty());
}

TEST_CASE("outer cache: off and on again is how a loader's is taken over")
{
    auto const cache = board_with(l310_r3p2, 0x02020000, true);
    cache.turn_off();
    CHECK(cache.turn_on(zynq));
    std::vector<u32> order;
    for (Write const &w : controller.writes)
        order.push_back(w.what);
    std::vector<u32> const expected {clean,    cache_sync, control,    tag,    data,
                                     prefetch, invalidate, cache_sync, control};
    CHECK(order == expected);
    CHECK_FALSE(controller.broken);
}
