// SPDX-License-Identifier: Apache-2.0
// The cache maintenance of Cortex-A8 and A9, operation by operation (DDI 0406C B2.2).
#include <arch/armv7/cache.hpp>
#include <catch2/catch.hpp>
#include <support/recorder.hpp>
#include <vector>

using namespace vambrace;
using namespace vambrace::armv7;
using M = Maintenance;

namespace {

using Operations = Record<M>;

struct Port : Recorder<M> {
    Cache_level const *levels; ///< up to one without sets
    Cache_level data_cache(u32 level) const
    {
        for (Cache_level const *l = levels; l->sets; ++l)
            if (l->level == level)
                return *l;
        return {};
    }
};

constexpr Cache_level no_cache[] = {{}};

template <typename F>
Operations recorded(F f, Cache_level const *levels = no_cache)
{
    return record_of<M>([&](auto recorder) {
        Caches<Port> caches {{recorder, levels}};
        f(caches);
    });
}

Operations const barrier {{M::dsb, 0}};
Operations const forget_code {{M::iciallu, 0}, {M::bpiall, 0}, {M::dsb, 0}, {M::isb, 0}};

} // namespace

TEST_CASE("v7: a range is cleaned by every line that it touches, and complete at the barrier behind it")
{
    auto const [va, size, first, count] = GENERATE(table<u32, u32, u32, u32>({
        {0x1000, 0, 0, 0},
        {0x1000, 1, 0x1000, 1},
        {0x101f, 2, 0x1000, 2},
        {0x1004, 32, 0x1000, 2},
        {0x1000, 96, 0x1000, 3},
        {0xffffffe0, 32, 0xffffffe0, 1}, // to the top of the address space
        {0xffffffff, 1, 0xffffffe0, 1},
        {0xfffff000, 4096, 0xfffff000, 128},
    }));
    CHECK(recorded([&](auto &c) { c.clean(va, size); }) == on_lines(M::dccmvac, first, count) + barrier);
    CHECK(recorded([&](auto &c) { c.clean_invalidate(va, size); }) ==
          on_lines(M::dccimvac, first, count) + barrier);
}

TEST_CASE("v7: invalidating whole lines of 64 bytes writes nothing back")
{
    auto const [va, size] =
        GENERATE(table<u32, u32>({{0x1000, 64}, {0x1000, 4096}, {0xffffffc0, 64}, {0xfffff000, 4096}}));
    CHECK(recorded([&](auto &c) { c.invalidate(va, size); }) ==
          on_lines(M::dcimvac, va, size / 32) + barrier);
    CHECK(recorded([](auto &c) { c.invalidate(0x1010, 0); }).empty());
}

TEST_CASE("v7: a line that the range cuts is cleaned before it is invalidated, be it 32 or 64 bytes long")
{
    auto const [va, size, cut] = GENERATE(table<u32, u32, std::vector<u32>>({
        {0x1010, 0x30, {0x1000}},
        {0x1020, 0x20, {0x1020}}, // half a line of the A8's
        {0x1000, 0x30, {0x1020}},
        {0x1030, 0x10, {0x1020}}, // the upper half of 64 bytes
        {0x1004, 0x20, {0x1000, 0x1020}},
        {0x1024, 0x1c, {0x1020}},
        {0x1000, 0x60, {0x1040}},
        {0x1010, 0x80, {0x1000, 0x1080}},
        {0x1008, 8, {0x1000}},
        {0xfffffff0, 16, {0xffffffe0}},
    }));
    Operations const done = recorded([va = va, size = size](auto &c) { c.invalidate(va, size); });
    for (u32 line : cut) {
        auto const is = [&](M what) {
            return
                [=](Operation<M> const &o) { return o.what == what && align_down(o.operand, 32u) == line; };
        };
        auto const cleaned = std::find_if(done.begin(), done.end(), is(M::dccimvac));
        REQUIRE(cleaned != done.end());
        CHECK(cleaned < std::find_if(done.begin(), done.end(), is(M::dcimvac)));
    }
    for (Operation<M> const &o : done) // no line that the range does not touch
        if (o.what == M::dcimvac)
            CHECK(align_down(o.operand, 32u) - align_down(va, 32u) <=
                  align_down(va + size - 1, 32u) - align_down(va, 32u));
    CHECK(done.back() == Operation<M> {M::dsb, 0});
}

TEST_CASE("v7: code reaches the point of unification before instruction caches and predictors forget")
{
    // DDI 0406C B2.2.9: clean, DSB, invalidate instructions and predictors, DSB, ISB.
    CHECK(recorded([](auto &c) { c.sync_code(0x101c, 8); }) ==
          on_lines(M::dccmvau, 0x1000, 2) + barrier + on_lines(M::icimvau, 0x1000, 2) +
              Operations {{M::bpiall, 0}, {M::dsb, 0}, {M::isb, 0}});
    CHECK(recorded([](auto &c) { c.sync_code(0xffffffe0, 32); }) ==
          on_lines(M::dccmvau, 0xffffffe0, 1) + barrier + on_lines(M::icimvau, 0xffffffe0, 1) +
              Operations {{M::bpiall, 0}, {M::dsb, 0}, {M::isb, 0}});
    CHECK(recorded([](auto &c) { c.invalidate_code(); }) == forget_code);
}

TEST_CASE(
    "v7: everything is cleaned by set and way in every level, nearest first, each before the next begins, "
    "and code is forgotten after it")
{
    // Two levels: 2 sets of 4 ways and 32 bytes, 3 sets of 1 way and 64 bytes. B4.2.1: the way in the top
    // bits.
    Cache_level const two[] = {{0, 2, 4, 5, 30}, {1, 3, 1, 6, 0}, {}};
    Operations expected;
    for (u32 set = 0; set != 2; ++set)
        for (u32 way = 0; way != 4; ++way)
            expected.push_back({M::dccisw, way << 30 | set << 5});
    expected.push_back({M::dsb, 0});
    for (u32 set = 0; set != 3; ++set)
        expected.push_back({M::dccisw, set << 6 | 1 << 1});
    CHECK(recorded([](auto &c) { c.clean_invalidate_all(); }, two) == expected + barrier + forget_code);
}

TEST_CASE("v7: a core without data caches gets no operation by set and way")
{
    CHECK(recorded([](auto &c) { c.clean_invalidate_all(); }) == barrier + forget_code);
}

TEST_CASE("v7: a level's geometry is what DDI 0406C B4.1.19 says of CCSIDR, and its ways stand at the "
          "operand's top")
{
    auto const [ccsidr, sets, ways, line_shift, way_shift] = GENERATE(table<u32, u32, u32, u32, u32>({
        {0x700fe019, 128, 4, 5, 30}, // Cortex-A9: 16 KB, 4 ways, lines of 32 bytes
        {0x701fe019, 256, 4, 5, 30}, // 32 KB
        {0x7007e01a, 64, 4, 6, 30},  // Cortex-A8: 16 KB, lines of 64 bytes
        {0xf03fe03a, 512, 8, 6, 29}, // its L2, 256 KB, 8 ways
        {0xe0000004, 1, 1, 8, 0},    // one way: no bits
        {0xe0000018, 1, 4, 4, 30},
        {0xe0000028, 1, 6, 4, 29}, // 6 ways take three bits
    }));
    Cache_level const c = cache_level(1, ccsidr);
    CHECK(c.level == 1);
    CHECK(c.sets == sets);
    CHECK(c.ways == ways);
    CHECK(c.line_shift == line_shift);
    CHECK(c.way_shift == way_shift);
}
