// SPDX-License-Identifier: Apache-2.0
// The cache maintenance of ARM1136, ARM1176 and ARM11 MPCore, operation by operation (DDI 0211 and DDI 0301
// 3.2.22).
#include <arch/armv6/cache.hpp>
#include <catch2/catch.hpp>
#include <support/recorder.hpp>
#include <vector>

using namespace vambrace;
using namespace vambrace::armv6;
using M = Maintenance;

namespace {

using Operations = Record<M>;

/// A range is recorded as its two ends.
constexpr M as_recorded(Range_maintenance r) { return static_cast<M>(100 + static_cast<unsigned>(r)); }

struct Port : Recorder<M> {
    bool ranges; ///< the core has them
    bool has_ranges() const { return ranges; }
    using Recorder<M>::operator();
    void operator()(Range_maintenance what, u32 first, u32 last) const
    {
        (*this)(as_recorded(what), first);
        (*this)(as_recorded(what), last);
    }
};

template <typename F>
Operations recorded(F f, bool ranges = false)
{
    return record_of<M>([&](auto recorder) {
        Caches<Port> caches {{recorder, ranges}};
        f(caches);
    });
}

Operations const barrier {{M::dsb, 0}};
/// Four invalidations for erratum 411920, then the predictor, all complete before the next fetch.
Operations const forget_code {{M::invalidate_icache, 0},    {M::invalidate_icache, 0},
                              {M::invalidate_icache, 0},    {M::invalidate_icache, 0},
                              {M::invalidate_predictor, 0}, {M::dsb, 0},
                              {M::prefetch_flush, 0}};

} // namespace

TEST_CASE("v6: a range is cleaned by every line that it touches, and complete at the barrier behind it")
{
    auto const [va, size, first, count] = GENERATE(table<u32, u32, u32, u32>({
        {0x1000, 1, 0x1000, 1},
        {0x101f, 2, 0x1000, 2},
        {0x1004, 32, 0x1000, 2},
        {0x1000, 96, 0x1000, 3},
        {0xffffffe0, 32, 0xffffffe0, 1}, // to the top of the address space
        {0xffffffff, 1, 0xffffffe0, 1},
        {0xfffff000, 4096, 0xfffff000, 128},
    }));
    CHECK(recorded([&](auto &c) { c.clean(va, size); }) ==
          on_lines(M::clean_dcache_line, first, count) + barrier);
    CHECK(recorded([&](auto &c) { c.clean_invalidate(va, size); }) ==
          on_lines(M::clean_invalidate_line, first, count) + barrier);
    CHECK(recorded([&](auto &c) { c.clean(va, 0); }).empty());
}

TEST_CASE("v6: a core that has operations on ranges does each in one, from the first line to the last")
{
    using R = Range_maintenance;
    auto const [va, size, first, last] = GENERATE(table<u32, u32, u32, u32>({
        {0x1000, 1, 0x1000, 0x1000},
        {0x101f, 2, 0x1000, 0x1020},
        {0xfffff000, 4096, 0xfffff000, 0xffffffe0},
    }));
    auto const range = [&](R what) {
        return Operations {{as_recorded(what), first}, {as_recorded(what), last}};
    };
    CHECK(recorded([&](auto &c) { c.clean(va, size); }, true) == range(R::clean_dcache) + barrier);
    CHECK(recorded([&](auto &c) { c.clean_invalidate(va, size); }, true) ==
          range(R::clean_invalidate_dcache) + barrier);
    CHECK(recorded([&](auto &c) { c.sync_code(va, size); }, true) ==
          range(R::clean_dcache) + barrier + range(R::invalidate_icache) + barrier +
              Operations {{M::invalidate_predictor, 0}, {M::prefetch_flush, 0}});
    CHECK(recorded([&](auto &c) { c.clean(va, 0); }, true).empty());
    CHECK(recorded([](auto &c) { c.invalidate(0x1010, 0x40); }, true) ==
          Operations {{M::clean_invalidate_line, 0x1000}, {M::clean_invalidate_line, 0x1040}} +
              Operations {{as_recorded(R::invalidate_dcache), 0x1000},
                          {as_recorded(R::invalidate_dcache), 0x1040}} +
              barrier);
}

TEST_CASE("v6: a line that the range cuts is cleaned before it is invalidated, a whole one is not")
{
    auto const [va, size, cut, first, count] = GENERATE(table<u32, u32, std::vector<u32>, u32, u32>({
        {0x1000, 64, {}, 0x1000, 2},
        {0xffffffe0, 32, {}, 0xffffffe0, 1},
        {0x1010, 0x30, {0x1000}, 0x1000, 2},
        {0x1000, 0x30, {0x1020}, 0x1000, 2},
        {0x1010, 0x40, {0x1000, 0x1040}, 0x1000, 3},
        {0xfffffff0, 16, {0xffffffe0}, 0xffffffe0, 1},
    }));
    Operations expected;
    for (u32 line : cut)
        expected.push_back({M::clean_invalidate_line, line});
    expected = expected + on_lines(M::invalidate_dcache_line, first, count) + barrier;
    CHECK(recorded([va = va, size = size](auto &c) { c.invalidate(va, size); }) == expected);
    CHECK(recorded([](auto &c) { c.invalidate(0x1010, 0); }).empty());
}

TEST_CASE(
    "v6: code has left the data cache before instruction cache and predictor forget, and the prefetcher last")
{
    CHECK(recorded([](auto &c) { c.sync_code(0x101c, 8); }) ==
          on_lines(M::clean_dcache_line, 0x1000, 2) + barrier +
              on_lines(M::invalidate_icache_line, 0x1000, 2) + barrier +
              Operations {{M::invalidate_predictor, 0}, {M::prefetch_flush, 0}});
    CHECK(recorded([](auto &c) { c.invalidate_code(); }) == forget_code);
}

TEST_CASE("v6: everything is cleaned by the core's own operation, and code is forgotten after it")
{
    CHECK(recorded([](auto &c) { c.clean_invalidate_all(); }) ==
          Operations {{M::clean_invalidate_dcache, 0}} + forget_code);
    CHECK(recorded([](auto &c) { c.clean_invalidate_data(); }) ==
          Operations {{M::clean_invalidate_dcache, 0}} + barrier);
}
