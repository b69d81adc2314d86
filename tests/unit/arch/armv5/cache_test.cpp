// SPDX-License-Identifier: Apache-2.0
// The ARM926EJ-S's cache maintenance, operation by operation (DDI 0198 2.3.8, 4.3 and 9.5).
#include <arch/armv5/cache.hpp>
#include <catch2/catch.hpp>
#include <support/recorder.hpp>

using namespace vambrace;
using namespace vambrace::armv5;
using M = Maintenance;

namespace {

using Operations = Record<M>;

template <typename F>
Operations recorded(F f)
{
    return record_of<M>([&](auto port) {
        Caches<Recorder<M>> caches {port};
        f(caches);
    });
}

Operations const drain {{M::drain_write_buffer, 0}};

} // namespace

TEST_CASE("leaving an address space cleans before it forgets, and empties the write buffer last")
{
    // DDI 0198 4.1: lines carry virtual tags and no address space.
    Operations const expected {
        {M::test_clean_invalidate, 0}, {M::invalidate_icache, 0}, {M::drain_write_buffer, 0}};
    CHECK(recorded([](auto &c) { c.leave_address_space(); }) == expected);
    CHECK(recorded([](auto &c) { c.clean_invalidate_all(); }) == expected);
}

TEST_CASE("a range is cleaned by every line that it touches, and then the write buffer is drained")
{
    auto const [va, size, first, count] = GENERATE(table<u32, u32, u32, u32>({
        {0x1000, 0, 0, 0},
        {0x1000, 1, 0x1000, 1},
        {0x101f, 1, 0x1000, 1},
        {0x101f, 2, 0x1000, 2},
        {0x1000, 32, 0x1000, 1},
        {0x1004, 32, 0x1000, 2},
        {0x1000, 96, 0x1000, 3},
        {0xffffffe0, 32, 0xffffffe0, 1}, // to the top of the address space
        {0xffffffff, 1, 0xffffffe0, 1},
        {0xffffffc0, 64, 0xffffffc0, 2},
    }));
    CHECK(recorded([&](auto &c) { c.clean(va, size); }) ==
          on_lines(M::clean_dcache_line, first, count) + drain);
    CHECK(recorded([&](auto &c) { c.clean_invalidate(va, size); }) ==
          on_lines(M::clean_invalidate_line, first, count) + drain);
}

TEST_CASE("a whole page is cleaned by 128 lines")
{
    CHECK(recorded([&](auto &c) { c.clean(0x7000, 4096); }).size() == 129);
}

TEST_CASE("invalidating whole lines writes nothing back")
{
    auto const [va, size] =
        GENERATE(table<u32, u32>({{0x1000, 32}, {0x1000, 4096}, {0xffffffe0, 32}, {0xfffff000, 4096}}));
    CHECK(recorded([&](auto &c) { c.invalidate(va, size); }) ==
          on_lines(M::invalidate_dcache_line, va, size / 32) + drain);
}

TEST_CASE(
    "a line that the range cuts is cleaned before it is invalidated: the rest of it is not the caller's")
{
    CHECK(recorded([](auto &c) { c.invalidate(0x1010, 0x30); }) == // its first line
          on_lines(M::clean_invalidate_line, 0x1000, 1) + on_lines(M::invalidate_dcache_line, 0x1000, 2) +
              drain);
    CHECK(recorded([](auto &c) { c.invalidate(0x1000, 0x30); }) == // its last line
          on_lines(M::clean_invalidate_line, 0x1020, 1) + on_lines(M::invalidate_dcache_line, 0x1000, 2) +
              drain);
    CHECK(recorded([](auto &c) { c.invalidate(0x1010, 0x40); }) == // both
          on_lines(M::clean_invalidate_line, 0x1000, 1) + on_lines(M::clean_invalidate_line, 0x1040, 1) +
              on_lines(M::invalidate_dcache_line, 0x1000, 3) + drain);
    CHECK(recorded([](auto &c) { c.invalidate(0xfffffff0, 16); }) == // the last line of all
          on_lines(M::clean_invalidate_line, 0xffffffe0, 1) +
              on_lines(M::invalidate_dcache_line, 0xffffffe0, 1) + drain);
    CHECK(recorded([](auto &c) { c.invalidate(0xffffffe0, 16); }) ==
          on_lines(M::clean_invalidate_line, 0xffffffe0, 1) +
              on_lines(M::invalidate_dcache_line, 0xffffffe0, 1) + drain);
}

TEST_CASE("within one cut line both ends are somebody else's, and it is cleaned first")
{
    Operations const done = recorded([](auto &c) { c.invalidate(0x1008, 8); });
    REQUIRE(done.size() >= 3);
    CHECK(done.front() == Operation<M> {M::clean_invalidate_line, 0x1000});
    for (Operation<M> const &o : done)
        CHECK((o == Operation<M> {M::drain_write_buffer, 0} || o.operand == 0x1000));
    CHECK(done.back() == Operation<M> {M::drain_write_buffer, 0});
}

TEST_CASE("nothing is invalidated for an empty range")
{
    CHECK(recorded([](auto &c) { c.invalidate(0x1010, 0); }).empty());
}

TEST_CASE("code leaves the data cache before the instruction cache forgets, line by line")
{
    Operations const expected {
        {M::clean_dcache_line, 0x1000}, {M::invalidate_icache_line, 0x1000},
        {M::clean_dcache_line, 0x1020}, {M::invalidate_icache_line, 0x1020},
        {M::drain_write_buffer, 0},
    };
    CHECK(recorded([](auto &c) { c.sync_code(0x101c, 8); }) == expected);
    CHECK(recorded([](auto &c) { c.sync_code(0x101c, 0); }) == drain);
    Operations const top {{M::clean_dcache_line, 0xffffffe0},
                          {M::invalidate_icache_line, 0xffffffe0},
                          {M::drain_write_buffer, 0}};
    CHECK(recorded([](auto &c) { c.sync_code(0xffffffe0, 32); }) == top);
}

TEST_CASE("all instructions are forgotten at once")
{
    Operations const expected {{M::invalidate_icache, 0}, {M::drain_write_buffer, 0}};
    CHECK(recorded([](auto &c) { c.invalidate_code(); }) == expected);
}
