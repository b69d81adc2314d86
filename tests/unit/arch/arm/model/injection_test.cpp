// SPDX-License-Identifier: Apache-2.0
// Exceptions given to a guest in HYP mode's care, by words worked out by hand from DDI 0406C B1.9.
#include <arch/arm/model/injection.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;

namespace {

constexpr u32 v = 1 << 13, ee = 1 << 25, te = 1u << 30, eae = 1u << 31;
constexpr u32 vbar = 0xc0100000;
constexpr Abort data = Abort::data, prefetch = Abort::prefetch;
constexpr Exception_control plain {.sctlr = 0x00c5187d, .vbar = vbar, .ttbcr = 0};

Exception_control with(u32 sctlr_bits) { return {plain.sctlr | sctlr_bits, vbar, 0}; }

/// N, Z, Q and GE set, in user mode; in Thumb state within an IT block, big-endian.
constexpr u32 arm_user = 0xc80f0010, thumb_user = 0xce0ffe30;
/// SVC mode, F masked, A not.
constexpr u32 arm_svc = 0x60000053;

} // namespace

TEST_CASE("an undefined instruction is taken in Undefined mode, A and F as they were")
{
    auto const [what, sctlr, pc, psr, lr, cpsr, vector] =
        GENERATE(table<char const *, u32, u32, u32, u32, u32, u32>({
            {"ARM state", 0, 0x80001000, arm_user, 0x80001004, 0xc80f009b, vbar + 4},
            {"Thumb state: IT, T, E go", 0, 0x80001002, thumb_user, 0x80001004, 0xc80f009b, vbar + 4},
            {"from SVC", 0, 0xc0008000, arm_svc, 0xc0008004, 0x600000db, vbar + 4},
            {"A masked", 0, 0x80001000, arm_user | psr::a, 0x80001004, 0xc80f019b, vbar + 4},
            {"TE", te, 0x80001000, arm_user, 0x80001004, 0xc80f00bb, vbar + 4},
            {"EE", ee, 0x80001000, arm_user, 0x80001004, 0xc80f029b, vbar + 4},
            {"high vectors", v, 0x80001000, arm_user, 0x80001004, 0xc80f009b, 0xffff0004},
            {"Jazelle state", 0, 0x80001000, arm_user | psr::j, 0x80001004, 0xc80f009b, vbar + 4},
            {"the last word", 0, 0xfffffffc, arm_user, 0, 0xc80f009b, vbar + 4},
        }));
    CAPTURE(what);
    Exception_entry const entry = inject_undefined(with(sctlr), {pc, psr});
    CHECK(entry == Exception_entry {lr, psr, cpsr, vector});
}

TEST_CASE("an abort is taken in Abort mode with A and I masked")
{
    auto const [what, abort, sctlr, pc, psr, lr, cpsr, vector] =
        GENERATE(table<char const *, Abort, u32, u32, u32, u32, u32, u32>({
            {"ARM state", data, 0, 0x80001000, arm_user, 0x80001008, 0xc80f0197, vbar + 16},
            {"Thumb state", data, 0, 0x80001002, thumb_user, 0x8000100a, 0xc80f0197, vbar + 16},
            {"from SVC", data, 0, 0xc0008000, arm_svc, 0xc0008008, 0x600001d7, vbar + 16},
            {"all of SCTLR", data, v | te | ee, 0x80001000, arm_user, 0x80001008, 0xc80f03b7, 0xffff0010},
            {"ARM state", prefetch, 0, 0x80001000, arm_user, 0x80001004, 0xc80f0197, vbar + 12},
            {"Thumb state", prefetch, 0, 0x80001002, thumb_user, 0x80001006, 0xc80f0197, vbar + 12},
            {"high vectors", prefetch, v, 0x80001000, arm_user, 0x80001004, 0xc80f0197, 0xffff000c},
        }));
    CAPTURE(what);
    Abort_entry const taken = inject_abort(abort, {}, {0x12345678}, with(sctlr), {pc, psr});
    CHECK(taken.entry == Exception_entry {lr, psr, cpsr, vector});
    CHECK(taken.address == 0x12345678);
}

TEST_CASE("VBAR's lowest bits are no address")
{
    Exception_control const control {.sctlr = 0, .vbar = 0xc010003f, .ttbcr = 0};
    CHECK(inject_undefined(control, {0, arm_user}).pc == 0xc0100024);
}

TEST_CASE("a fault's status is in the format of the guest's tables")
{
    using K = Fault_kind;
    auto const [what, fault, short_dfsr, long_dfsr] = GENERATE(table<char const *, Injected_fault, u32, u32>({
        {"external, read", {K::external, 1, false}, 0x008, 0x210},
        {"external, write", {K::external, 1, true}, 0x808, 0xa10},
        {"translation, level 1", {K::translation, 1, false}, 0x005, 0x205},
        {"translation, level 2", {K::translation, 2, true}, 0x807, 0xa06},
        {"translation, level 3", {K::translation, 3, false}, 0x007, 0x207},
        {"a table outside RAM, level 1", {K::external_on_walk, 1, false}, 0x00c, 0x215},
        {"a table outside RAM, level 2", {K::external_on_walk, 2, false}, 0x00e, 0x216},
        {"a table outside RAM, level 3", {K::external_on_walk, 3, true}, 0x80e, 0xa17},
        {"alignment", {K::alignment, 1, true}, 0x801, 0xa21},
        {"what a guest cannot be told", {K::permission, 2, false}, 0x008, 0x210},
    }));
    CAPTURE(what);
    CHECK(injected_status(Abort::data, fault, 0) == short_dfsr);
    CHECK(injected_status(Abort::data, fault, eae) == long_dfsr);
    CHECK(injected_status(Abort::prefetch, fault, 7) == (short_dfsr & ~0x800u)); // IFSR has no WnR
    CHECK(injected_status(Abort::prefetch, fault, eae | 0x2500) == (long_dfsr & ~0x800u));
}

TEST_CASE("an abort goes by the guest's TTBCR")
{
    Exception_control control = plain;
    Injected_fault const store {.write = true};
    CHECK(inject_abort(Abort::data, store, {0}, control, {0, arm_user}).status == 0x808);
    control.ttbcr = eae;
    CHECK(inject_abort(Abort::data, store, {0}, control, {0, arm_user}).status == 0xa10);
}
