// SPDX-License-Identifier: Apache-2.0
// The Hyp Syndrome Register, by words put together by hand from DDI 0406C B3.13.6. What a core reports and
// QEMU does not (conditions that fail, ITSTATE, HPFAR) is here, too.
#include <arch/arm/model/hsr.hpp>
#include <catch2/catch.hpp>

using namespace vambrace;

namespace {

constexpr u32 thumb = psr::t | psr::svc, arm = psr::svc;
constexpr u32 z_flag = 1u << 30;
constexpr u32 bits_of_it(u32 it) { return it >> 2 << 10 | (it & 3) << 25; }

} // namespace

TEST_CASE("the exception class and the instruction's length are where the manual has them")
{
    auto const [word, ec, il] = GENERATE(table<u32, Ec, bool>({
        {0x00000000, Ec::unknown, false},
        {0x07e00000, Ec::wfx, true},
        {0x0fe20461, Ec::cp15_word, true},
        {0x13e11484, Ec::cp15_pair, true},
        {0x17e00001, Ec::cp14_word, true},
        {0x1be00000, Ec::cp14_load_store, true},
        {0x1fe0000a, Ec::coprocessor, true},
        {0x23e1c001, Ec::cp10_id, true},
        {0x2be00003, Ec::bxj, true},
        {0x33e00c43, Ec::cp14_pair, true},
        {0x44000000, Ec::svc, false},
        {0x4a00beef, Ec::hvc, true},
        {0x4e000000, Ec::smc, true},
        {0x8000000f, Ec::guest_prefetch_abort, false},
        {0x86000007, Ec::own_prefetch_abort, true},
        {0x93800047, Ec::guest_data_abort, true},
        {0x96000021, Ec::own_data_abort, true},
    }));
    Hsr const hsr {word};
    CHECK(hsr.ec() == ec);
    CHECK(hsr.il() == il);
    CHECK(hsr.iss() == (word & 0x01ffffff));
    CHECK(hsr.word() == word);
}

TEST_CASE("a trapped coprocessor access names the register and where its value is")
{
    auto const [instruction, word, cp, pair, read, opc1, crn, crm, opc2, rt, rt2] =
        GENERATE(table<char const *, u32, int, bool, bool, int, int, int, int, int, int>({
            {"mrc p15, 0, r3, c1, c0, 1", 0x0fe20461, 15, false, true, 0, 1, 0, 1, 3, 0},
            {"mcr p15, 0, r12, c7, c14, 2", 0x0fe41d9c, 15, false, false, 0, 7, 14, 2, 12, 0},
            {"mrc p15, 1, r14, c9, c0, 2", 0x0fe465c1, 15, false, true, 1, 9, 0, 2, 14, 0},
            {"mcr p15, 7, r0, c15, c15, 7", 0x0feffc1e, 15, false, false, 7, 15, 15, 7, 0, 0},
            {"mrc p15, 0, APSR_nzcv, c0, c0, 0", 0x0fe001e1, 15, false, true, 0, 0, 0, 0, 15, 0},
            {"mcrr p15, 1, r4, r5, c2", 0x13e11484, 15, true, false, 1, 0, 2, 0, 4, 5},
            {"mrrc p15, 0, r2, r3, c14", 0x13e00c5d, 15, true, true, 0, 0, 14, 0, 2, 3},
            {"mrrc p15, 15, r14, r12, c15", 0x13ef31df, 15, true, true, 15, 0, 15, 0, 14, 12},
            {"mrc p14, 0, r0, c0, c0, 0", 0x17e00001, 14, false, true, 0, 0, 0, 0, 0, 0},
            {"mcr p14, 6, r1, c1, c0, 0", 0x17e18420, 14, false, false, 6, 1, 0, 0, 1, 0},
            {"mrrc p14, 0, r2, r3, c1", 0x33e00c43, 14, true, true, 0, 0, 1, 0, 2, 3},
            {"vmrs r5, mvfr0", 0x23e1dca1, 10, false, true, 7, 7, 0, 0, 5, 0},
        }));
    CAPTURE(instruction);
    Hsr const hsr {word};
    REQUIRE(hsr.is_coprocessor_access());
    Coprocessor_access const access = hsr.coprocessor_access();
    CHECK(access.coprocessor == cp);
    CHECK(access.pair == pair);
    CHECK(access.read == read);
    CHECK(access.opc1 == opc1);
    CHECK(access.crn == crn);
    CHECK(access.crm == crm);
    CHECK(access.opc2 == opc2);
    CHECK(access.rt == rt);
    CHECK(access.rt2 == rt2);
}

TEST_CASE("what WFE, BXJ, HVC, SVC and HCPTR's traps say of the instruction")
{
    CHECK_FALSE(Hsr {0x07e00000}.is_wfe());
    CHECK(Hsr {0x07e00001}.is_wfe());
    CHECK(Hsr {0x2be00003}.bxj_register() == 3);
    CHECK(Hsr {0x4a00beef}.immediate() == 0xbeef);
    CHECK(Hsr {0x4600ffff}.immediate() == 0xffff);
    CHECK_FALSE(Hsr {0x1fe0000a}.hcptr_access().advanced_simd); // VFP
    CHECK(Hsr {0x1fe0000a}.hcptr_access().coprocessor == 10);
    CHECK(Hsr {0x1fe00020}.hcptr_access().advanced_simd); // NEON
}

TEST_CASE("a data abort with syndrome says what the access was")
{
    auto const [instruction, word, size, extend, rt, write] =
        GENERATE(table<char const *, u32, int, bool, int, bool>({
            {"str r0, [..]", 0x93800047, 4, false, 0, true},
            {"ldr lr, [..]", 0x938e0007, 4, false, 14, false},
            {"ldrsh r5, [..]", 0x93650007, 2, true, 5, false},
            {"strb r7, [..], in Thumb state", 0x91070046, 1, false, 7, true},
            {"ldrsb r12, [..]", 0x932c0005, 1, true, 12, false},
        }));
    CAPTURE(instruction);
    Data_abort_syndrome const abort = Hsr {word}.data_abort();
    CHECK(abort.valid);
    CHECK(abort.size == size);
    CHECK(abort.sign_extend == extend);
    CHECK(abort.rt == rt);
    CHECK(abort.write == write);
    CHECK(abort.kind() == Fault_kind::translation);
    CHECK_FALSE(abort.cache_maintenance);
    CHECK_FALSE(abort.on_stage1_walk);
    CHECK_FALSE(abort.external);
}

TEST_CASE("a data abort without syndrome, or with one that cannot be, is not believed")
{
    auto const [what, word] = GENERATE(table<char const *, u32>({
        {"ISV = 0: STM, in ARM state with IL = 0", 0x90000047},
        {"ISV = 0 with the other fields set", 0x92ff0047},
        {"SAS = 3", 0x93c00047},
        {"SRT = 15", 0x938f0007},
    }));
    CAPTURE(what);
    CHECK_FALSE(Hsr {word}.data_abort().valid);
    CHECK(Hsr {word}.data_abort().write == (word >> 6 & 1));
}

TEST_CASE("an access is plain if the syndrome tells all of it")
{
    auto const [what, hsr, plain] = GENERATE(table<char const *, u32, bool>({
        {"LDR r2, translation fault of level 2", 0x93820006, true},
        {"STRH r1 in Thumb state", 0x91410046, true},
        {"STRB r12", 0x930c0047, true},
        {"sign extension", 0x93a20006, false},
        {"no syndrome", 0x92820006, false},
        {"permission fault", 0x9382000e, false},
        {"access flag fault", 0x9382000a, false},
        {"external abort", 0x93820010, false},
        {"implementation's external abort", 0x93820206, false},
        {"cache maintenance", 0x93820146, false},
        {"on a stage 1 walk", 0x93820086, false},
        {"from HYP mode itself", 0x97820006, false},
        {"a prefetch abort", 0x83820006, false},
    }));
    CAPTURE(what);
    CHECK(Hsr {hsr}.is_plain_access() == plain);
}

TEST_CASE("a plain access has the register, direction and size that it has")
{
    for (u32 sas = 0; sas != 3; ++sas)
        for (u32 rt = 0; rt != 15; ++rt)
            for (u32 write : {0u, 1u}) {
                Hsr const hsr {0x93000006 | sas << 22 | rt << 16 | write << 6};
                Data_abort_syndrome const s = hsr.data_abort();
                REQUIRE((hsr.is_plain_access() && s.valid));
                REQUIRE(hsr.access_register() == s.rt);
                REQUIRE(hsr.is_write() == s.write);
                REQUIRE(hsr.access_size() == s.size);
                REQUIRE(hsr.access_mask() == (sas == 2 ? ~0u : (1u << 8 * s.size) - 1));
            }
}

TEST_CASE("an abort's other bits")
{
    CHECK(Hsr {0x92000147}.data_abort().cache_maintenance); // DCCMVAC of a page that is not there
    CHECK(Hsr {0x92000147}.data_abort().write);
    CHECK(Hsr {0x92000087}.data_abort().on_stage1_walk);
    CHECK(Hsr {0x92000210}.data_abort().external);
    CHECK(Hsr {0x82000087}.prefetch_abort().on_stage1_walk);
    CHECK(Hsr {0x82000210}.prefetch_abort().external);
    CHECK(Hsr {0x8000000f}.prefetch_abort().status == 0xf); // execute-never
    CHECK(Hsr {0x8000000f}.prefetch_abort().level() == 3);
}

TEST_CASE("a fault's status has a kind, and HPFAR is believed where a Cortex-A15 sets it")
{
    auto const [status, kind, valid, valid_on_walk] = GENERATE(table<u8, Fault_kind, bool, bool>({
        {0x05, Fault_kind::translation, true, true}, // of the first level
        {0x06, Fault_kind::translation, true, true},
        {0x07, Fault_kind::translation, true, true},
        {0x09, Fault_kind::access_flag, true, true},
        {0x0b, Fault_kind::access_flag, true, true},
        {0x0d, Fault_kind::permission, false, true},
        {0x0f, Fault_kind::permission, false, true},
        {0x10, Fault_kind::external, false, false},
        {0x18, Fault_kind::external, false, false}, // parity
        {0x11, Fault_kind::asynchronous, false, false},
        {0x19, Fault_kind::asynchronous, false, false},
        {0x15, Fault_kind::external_on_walk, false, false},
        {0x1f, Fault_kind::external_on_walk, false, false},
        {0x21, Fault_kind::alignment, false, false},
        {0x22, Fault_kind::debug, false, false},
        {0x30, Fault_kind::other, false, false}, // TLB conflict
        {0x00, Fault_kind::other, false, false},
        {0x34, Fault_kind::other, false, false}, // implementation defined
    }));
    CAPTURE(status);
    CHECK(Abort_syndrome {status, false, false}.kind() == kind);
    CHECK(Abort_syndrome {status, false, false}.hpfar_is_valid() == valid);
    CHECK(Abort_syndrome {status, false, true}.hpfar_is_valid() == valid_on_walk);
}

TEST_CASE("a trapped instruction whose condition fails is one that did not execute")
{
    // MCR, condition EQ, in ARM state: CV = 1, COND = 0
    CHECK(condition_of(Hsr {0x0f020460}, arm) == 0);
    CHECK(condition_passed(Hsr {0x0f020460}, arm | z_flag));
    CHECK_FALSE(condition_passed(Hsr {0x0f020460}, arm));
    // WFI in Thumb state with CV = 0, second of ITE NE: ITSTATE says EQ
    u32 const second = thumb | bits_of_it(0b0000'1000);
    CHECK(condition_of(Hsr {0x04000000}, second) == 0);
    CHECK(condition_passed(Hsr {0x04000000}, second | z_flag));
    CHECK_FALSE(condition_passed(Hsr {0x04000000}, second));
    // the same with CV = 1: what HSR says goes
    CHECK(condition_of(Hsr {0x05e00000}, second) == 14);
    CHECK(condition_of(Hsr {0x04000000}, thumb) == 14);            // in no block
    CHECK(condition_of(Hsr {0x04000000}, second & ~psr::t) == 14); // ARM state has no ITSTATE
}

TEST_CASE("an exception that is no conditional instruction's has none to fail")
{
    // EQ in the place of COND, and an ITSTATE that says EQ
    auto const word = GENERATE(0x01000000u, 0x4b000000u, 0x4f000000u, 0x93000007u, 0x83000007u, 0x45000000u);
    CHECK_FALSE(Hsr {word}.is_conditional());
    CHECK(condition_passed(Hsr {word}, arm));
    CHECK(condition_passed(Hsr {word}, thumb | bits_of_it(0b0000'1000)));
}

TEST_CASE("a guest goes on behind the instruction, in the IT block's next state")
{
    auto const [what, hsr, at, behind] = GENERATE(table<char const *, u32, Return_state, Return_state>({
        {"MRC in ARM state", 0x0fe20461, {0x80001000, arm}, {0x80001004, arm}},
        {"MRC in Thumb state", 0x0fe20461, {0x80001002, thumb}, {0x80001006, thumb}},
        {"WFI, 16 bits", 0x05e00000, {0x80001002, thumb}, {0x80001004, thumb}},
        {"STR, 16 bits", 0x91870047, {0x80001002, thumb}, {0x80001004, thumb}},
        {"ARM state, IL = 0", 0x91870047, {0x80001000, arm}, {0x80001004, arm}},
        {"STM in ARM state: ISV = 0, IL = 0", 0x90000047, {0x80001000, arm}, {0x80001004, arm}},
        {"the last word of memory", 0x0fe20461, {0xfffffffc, arm}, {0, arm}},
        {"first of ITT EQ",
         0x0fe20461,
         {0x80001002, thumb | bits_of_it(0b0000'0100)},
         {0x80001006, thumb | bits_of_it(0b0000'1000)}},
        {"last of ITT EQ", 0x05e00000, {0x80001002, thumb | bits_of_it(0b0000'1000)}, {0x80001004, thumb}},
    }));
    CAPTURE(what);
    Result<Return_state> const next = skip_instruction(at, Hsr {hsr});
    REQUIRE(next.ok());
    CHECK(*next == behind);
}

TEST_CASE("the length of a Thumb instruction without syndrome has to come from the instruction")
{
    CHECK(instruction_length(Hsr {0x90000047}, thumb).error() == Error::not_supported);
    CHECK(skip_instruction({0x80001002, thumb}, Hsr {0x90000047}).error() == Error::not_supported);
    Return_state const in_block {0x80001002, thumb | bits_of_it(0b0000'0100)};
    Return_state const behind {0x80001004, thumb | bits_of_it(0b0000'1000)};
    CHECK(skip_instruction(in_block, 2) == behind);
}

TEST_CASE("an abort's address is HPFAR's page with HDFAR's offset")
{
    CHECK(fault_ipa(0x00090000, 0xc1234018).value_or({0}) == Ipa {0x09000018});
    CHECK(fault_ipa(0x00fffff0, 0x00000fff).value_or({0}) == Ipa {0xffffffff});
    CHECK(fault_ipa(0x01000000, 0).error() == Error::address); // 4 GB
    CHECK(fault_ipa(0xfffffff0, 0).error() == Error::address);
    CHECK(fault_ipa(0x0009000f, 0).value_or({1}) == Ipa {0x09000000}); // bits 3:0 are no address
}

TEST_CASE("where HPFAR is not valid the guest's address is translated again")
{
    CHECK(translated_ipa(0xff00000009000b80, 0xc1234018).value_or({0}) == Ipa {0x09000018});
    CHECK(translated_ipa(0x080b, 0xc1234018).error() == Error::again); // F: the mapping is gone
    CHECK(translated_ipa(0xff00000109000b80, 0).error() == Error::address);
}

TEST_CASE("no word is too hostile to be taken apart", "[long]")
{
    for (u32 high = 0; high != 0x10000; high += 7)
        for (u32 low : {0x0000u, 0xffffu, 0x5a5au, 0xa5a5u}) {
            Hsr const hsr {high << 16 | low};
            Data_abort_syndrome const abort = hsr.data_abort();
            bool const fits = abort.rt < 16 && abort.size <= 8 && (!abort.valid || abort.size <= 4);
            bool const known = condition_of(hsr, low | psr::t) < 16;
            if (!fits || !known)
                FAIL_CHECK(hsr.word());
            if (hsr.is_coprocessor_access() && hsr.coprocessor_access().crn > 15)
                FAIL_CHECK(hsr.word());
        }
}
