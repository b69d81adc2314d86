// SPDX-License-Identifier: Apache-2.0
// The board's firmware is called by the instruction that reaches it.
#include <catch2/catch.hpp>
#include <drivers/psci/psci.hpp>
#include <support/recorder.hpp>

using namespace vambrace;

namespace {

enum class Conduit : u8 { smc, hvc };
using Calls = Record<Conduit>;

struct Port {
    Calls *calls;

    void smc(u32 function) const { calls->push_back({Conduit::smc, function}); }
    void hvc(u32 function) const { calls->push_back({Conduit::hvc, function}); }
};

} // namespace

TEST_CASE("PSCI: the board is reset by SMC from HYP mode, by HVC from below")
{
    Calls calls;
    Psci<Port> {Core_mode::hyp, {&calls}}.system_reset();
    Psci<Port> {Core_mode::pl1, {&calls}}.system_reset();
    CHECK(calls == Calls {{Conduit::smc, 0x84000009}, {Conduit::hvc, 0x84000009}});
}
