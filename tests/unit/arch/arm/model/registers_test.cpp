// SPDX-License-Identifier: Apache-2.0
// Registers' fields, and the words that the hypervisor makes of them, worked out by hand from DDI 0406C B4.1.
#include <arch/arm/model/registers.hpp>
#include <catch2/catch.hpp>
#include <concepts>

using namespace vambrace::arm;
using vambrace::u32;

namespace {

template <typename Value, typename Field>
concept Has = requires(Value value, Field field)
{
    value.with(field);
};

using Cpacr_value = Cpacr_fields::Value;

} // namespace

static_assert(Has<Cpacr_value, decltype(Cpacr_fields::cp10)>);
static_assert(!Has<Cpacr_value, decltype(Sctlr_fields::a)>, "another register's field does not fit");

TEST_CASE("a field is where its bits are, and touches no other")
{
    Cpacr_value const all {~0u};
    CHECK(all.without(Cpacr_fields::cp11).word() == 0xff3fffff);
    CHECK(all.with(Cpacr_fields::cp10, 1).get(Cpacr_fields::cp10) == 1);
    CHECK(all.with(Cpacr_fields::cp10, 1).word() == 0xffdfffff);
    CHECK(Cpacr_value {}.with(Cpacr_fields::cp10, 2).word() == 0x00200000);
    CHECK(Cpacr_value {}.with(Cpacr_fields::asedis).word() == 0x80000000);
    CHECK(Cpacr_value {0x00500000}.get(Cpacr_fields::cp11) == 1);
    CHECK(Cpacr_value {}.with_all(Cpacr_fields::cp10, Cpacr_fields::cp11).word() == 0x00f00000);
    CHECK(Register_field<Sctlr_fields, 31, 0>::mask == ~0u);
}

TEST_CASE("HCR, HCPTR and HSTR trap what no guest has to itself")
{
    // TAC, TIDCP, TSC, TID3, TID1; TWE, TWI; BSU = 01; FB; AMO, IMO, FMO, PTW, SWIO, VM
    CHECK(Hcr_fields::guest.word() == 0x003d663f);
    CHECK(Hcptr_fields::vfp_closed.word() == 0x3fff);
    CHECK(Hcptr_fields::vfp_open.word() == 0x33ff);
    CHECK(Hstr_fields::guest(false).word() == 0x00038000);
    CHECK(Hstr_fields::guest(true).word() == 0x00028000);
    CHECK(Cnthctl_fields::guest.word() == 0);
}

TEST_CASE("HDCR keeps the number of event counters that it has at reset")
{
    CHECK(Hdcr_fields::guest(Hdcr_fields::Value {6}).word() == 0x0e66); // Cortex-A15
    CHECK(Hdcr_fields::guest(Hdcr_fields::Value {4}).word() == 0x0e64); // Cortex-A7
    CHECK(Hdcr_fields::guest(Hdcr_fields::Value {~0u}).word() == 0x0e7f);
}

TEST_CASE("a timer interrupts while it is enabled and not masked, whatever its status says")
{
    using Control = Timer_control_fields;
    for (u32 word = 0; word != 8; ++word) {
        Control::Value const control {word};
        CHECK(Control::listens(control) == ((word & 3) == 1));
        CHECK(Control::writable(control).word() == (word & 3));
    }
    CHECK(Control::writable(Control::Value {~0u}).word() == 3);
}
