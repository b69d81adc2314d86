// SPDX-License-Identifier: Apache-2.0
// Conditions and IT blocks (DDI 0406C A8.3, A2.5.2).
#include <arch/arm/model/psr.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;

namespace {

constexpr u32 bits_of_it(u32 it) { return it >> 2 << 10 | (it & 3) << 25; }

/// The manual's ConditionPassed(), by the four flags.
bool expected(unsigned condition, bool n, bool z, bool c, bool v)
{
    bool result = true;
    switch (condition >> 1) {
    case 0: result = z; break;
    case 1: result = c; break;
    case 2: result = n; break;
    case 3: result = v; break;
    case 4: result = c && !z; break;
    case 5: result = n == v; break;
    case 6: result = n == v && !z; break;
    default: return true;
    }
    return condition & 1 ? !result : result;
}

} // namespace

TEST_CASE("each condition holds for just the flags that the manual says")
{
    for (unsigned condition = 0; condition != 16; ++condition)
        for (u32 nzcv = 0; nzcv != 16; ++nzcv) {
            CAPTURE(condition, nzcv);
            bool const holds = expected(condition, nzcv & 8, nzcv & 4, nzcv & 2, nzcv & 1);
            CHECK(condition_holds(condition, nzcv << 28) == holds);
            CHECK(condition_holds(condition, nzcv << 28 | 0x0fffffff) == holds);
            CHECK(condition_holds(condition | 0xfffffff0, nzcv << 28) == holds); // no index out of range
        }
}

TEST_CASE("an IT block of any length ends after its last instruction")
{
    // ITET NE, then its first, second and third instruction
    u32 const others = 0xf90f03f3;
    u32 psr = others | bits_of_it(0b0001'0110);
    CHECK(it_state(psr) == 0b0001'0110);
    CHECK(it_condition(psr) == 1); // NE
    psr = advance_it(psr);
    CHECK(it_state(psr) == 0b0000'1100);
    CHECK(it_condition(psr) == 0); // EQ: the state's lowest condition bit comes from the mask
    psr = advance_it(psr);
    CHECK(it_state(psr) == 0b0001'1000);
    CHECK(it_condition(psr) == 1);
    psr = advance_it(psr);
    CHECK(it_state(psr) == 0);
    CHECK(it_condition(psr) == condition_always);
    CHECK(psr == others);
    CHECK(advance_it(psr) == others);
}

TEST_CASE("any ITSTATE ends after four instructions at the most, and touches no other bit")
{
    for (u32 it = 0; it != 256; ++it) {
        CAPTURE(it);
        u32 psr = bits_of_it(it);
        CHECK(it_state(psr) == it);
        CHECK(with_it_state(0xffffffff, it) == (0xf9ff03ff | bits_of_it(it)));
        CHECK(it_condition(psr) <= 15);
        for (unsigned n = 0; n != 4; ++n)
            psr = advance_it(psr);
        CHECK(psr == 0);
        CHECK((advance_it(0xffffffff & ~psr::it) | psr::it) == 0xffffffff);
    }
}
