// SPDX-License-Identifier: Apache-2.0
// What the ARM926's start writes so that USR mode reaches neither Jazelle nor a VFP9-S.
#include <arch/armv5/closing.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

using namespace vambrace;
using namespace vambrace::armv5;

namespace {

/// Jazelle as DDI 0388I 5.3.2 tells of JOSCR, VFP as DDI 0100I
/// C2.7 of FPEXC; a register that is not there ignores writes.
struct Core {
    std::map<Closing, u32> registers;

    void operator()(Closing where, u32 value)
    {
        if (registers.count(where))
            registers[where] = value;
    }
    bool user_configures_jazelle() const { return !(registers.at(Closing::joscr) & 1); }
    bool enters_jazelle() const { return registers.at(Closing::jmcr) & 1; }
    bool user_has_vfp() const
    {
        auto const fpexc = registers.find(Closing::fpexc);
        return fpexc != registers.end() && fpexc->second >> 30 & 1;
    }
};

} // namespace

TEST_CASE("ARM926: whatever a loader left, USR mode has neither Jazelle nor VFP")
{
    Core core {{{Closing::joscr, GENERATE(0u, 1u, 2u, 3u)}, {Closing::jmcr, GENERATE(0u, 1u, 0xfc000001u)}}};
    if (u32 const fpexc = GENERATE(0u, 0x40000000u, 0xc0000000u, 1u); fpexc != 1)
        core.registers[Closing::fpexc] = fpexc; // else there is no VFP9-S
    close_to_user([&](Closing where, u32 value) { core(where, value); });
    CHECK(!core.user_configures_jazelle());
    CHECK(!core.enters_jazelle());
    CHECK(!core.user_has_vfp());
    CHECK(core.registers[Closing::joscr] == 1); // CV = 0
}

TEST_CASE("ARM926: USR mode is shut out of Jazelle's registers before they are written")
{
    std::vector<Closing> order;
    close_to_user([&](Closing where, u32) { order.push_back(where); });
    CHECK(order == std::vector {Closing::joscr, Closing::jmcr, Closing::fpexc});
}
