// SPDX-License-Identifier: Apache-2.0
// What a guest is told of the core, for each core that the project runs on.
#include "cores.hpp"
#include <catch2/catch.hpp>
#include <string>

using namespace vambrace;

TEST_CASE("the words of the instructions are the assembler's")
{
    CHECK(mrc(0, 1, 0, 0) == 0xee110f10);  // mrc p15, 0, r0, c1, c0, 0
    CHECK(mcr(2, 0, 0, 0) == 0xee400f10);  // mcr p15, 2, r0, c0, c0, 0
    CHECK(mrc(0, 7, 10, 6) == 0xee170fda); // mrc p15, 0, r0, c7, c10, 6
}

TEST_CASE("what is not offered to a guest does not show in its features")
{
    auto const [core, real] = GENERATE(table<char const *, Cp15_identity>({
        {"ARM1136", arm1136},
        {"ARM1176", arm1176},
        {"ARM11 MPCore", arm11_mpcore},
        {"Cortex-A8", cortex_a8},
        {"Cortex-A9", cortex_a9},
        {"Cortex-A7", cortex_a7},
        {"Cortex-A15", cortex_a15},
    }));
    Cp15_identity const id = masked(real);
    CAPTURE(core);
    CHECK(id.tcmtr == 0);
    CHECK(id.dfr0 == 0);
    CHECK(id.afr0 == 0);
    CHECK(bits(id.pfr[0], 15, 8) == 0);
    CHECK(bits(id.pfr[1], 31, 4) == 0);
    CHECK(bits(id.isar[1], 31, 28) == 0);
    CHECK(bits(id.isar[3], 31, 28) == 0);
    CHECK(bits(id.isar[4], 15, 12) == 0);
    CHECK(bits(id.mmfr[0], 19, 16) == 0);
    CHECK(bits(id.mmfr[0], 27, 24) == 0);
    CHECK((id.cpacr & ~0x00f00000u) == 0);
}

TEST_CASE("what the core can do is told as it is")
{
    auto const [core, real] = GENERATE(table<char const *, Cp15_identity>({
        {"ARM1136", arm1136},
        {"ARM1176", arm1176},
        {"ARM11 MPCore", arm11_mpcore},
        {"Cortex-A8", cortex_a8},
        {"Cortex-A9", cortex_a9},
        {"Cortex-A7", cortex_a7},
        {"Cortex-A15", cortex_a15},
    }));
    Cp15_identity const id = masked(real);
    CAPTURE(core);
    CHECK(id.midr == real.midr);
    bool const says_lines = real.ctr >> 29 == 4; // ARMv7's format: 4 KB lines for the guest
    CHECK(id.ctr == (says_lines ? (real.ctr & ~0x000f000fu) | 0x000a000a : real.ctr));
    CHECK(id.actlr == real.actlr);
    CHECK(id.pfr[0] == (real.pfr[0] & 0xff));
    u32 const vmsa = real.mmfr[0] & 0xf;
    u32 const without_pxn = vmsa < 4 ? vmsa : 3; // nor long descriptors (DDI 0406C B4.1.89)
    CHECK((id.mmfr[0] & 0xf) == without_pxn);
    CHECK(id.mmfr[1] == real.mmfr[1]);
    CHECK(id.isar[0] == real.isar[0]);
    CHECK(id.isar[1] == (real.isar[1] & 0x0fffffff));
    CHECK(id.isar[2] == real.isar[2]);
}

TEST_CASE("a guest's processor has no siblings")
{
    auto const [real, mpidr] = GENERATE(table<Cp15_identity, u32>({
        {arm11_mpcore, 0},
        {cortex_a8, 0},
        {cortex_a9, 0xc0000000}, // Multiprocessing Extensions, U
        {cortex_a7, 0xc0000000},
        {cortex_a15, 0xc0000000},
    }));
    CHECK(masked(real).mpidr == mpidr);
    CHECK(bits(masked(real).mmfr[3], 15, 12) == 0);
}

TEST_CASE("an ARMv7 guest's data cache is one line at one level; its instruction cache keeps its form")
{
    auto const [real, data, instruction] = GENERATE(table<Cp15_identity, u32, u32>({
        {cortex_a8, 0xe0000002, 0x2007e01a}, // 64-byte lines
        {cortex_a9, 0xe0000001, 0x200fe019}, // 32-byte lines
        {cortex_a7, 0x70000002, 0x201fe00a},
        {cortex_a15, 0x70000002, 0x201fe00a},
    }));
    Cp15_identity const id = masked(real);
    CHECK(id.clidr == 0x09000003);
    CHECK(id.ccsidr_data == data);
    CHECK(id.ccsidr_instruction == instruction);
}

TEST_CASE("an ARMv6 core has no cache hierarchy registers to invent")
{
    Cp15_identity real = GENERATE(arm1136, arm1176, arm11_mpcore);
    real.clidr = real.ccsidr_data = real.ccsidr_instruction = 0xffffffff;
    CHECK(masked(real).clidr == 0);
    CHECK(masked(real).ccsidr_data == 0);
    CHECK(masked(real).ccsidr_instruction == 0);
}

TEST_CASE("a core is called what device trees call it")
{
    auto const [midr, ctr, name] = GENERATE(table<u32, u32, char const *>({
        {0x4117b363, 0x01dd20d2, "arm,arm1136jf-s"},
        {0x410fb767, 0x01dd20d2, "arm,arm1176jzf-s"},
        {0x410fb022, 0x1d192992, "arm,arm11mpcore"},
        {0x410fc051, 0x83338003, "arm,cortex-a5"},
        {0x410fc075, 0x84448003, "arm,cortex-a7"},
        {0x413fc082, 0x82048004, "arm,cortex-a8"},
        {0x412fc09a, 0x83338003, "arm,cortex-a9"},
        {0x414fc0f0, 0x8444c004, "arm,cortex-a15"},
        {0x410fc0d1, 0x84448003, "arm,armv7"}, // a Cortex-A12
        {0x410fb567, 0x01dd20d2, "arm,armv6"}, // an ARM1156
    }));
    Cp15_identity id {};
    id.midr = midr;
    id.ctr = ctr;
    CHECK(core_name(id) == std::string {name});
    CHECK(core_name(masked(id)) == std::string {name});
}
