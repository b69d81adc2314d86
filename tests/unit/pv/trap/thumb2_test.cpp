// SPDX-License-Identifier: Apache-2.0
// A Thumb-2 guest: instructions of two halfwords, wherever they lie, are emulated and stepped over as one.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 code = Trap_guest::code, other = Trap_guest::other;
constexpr u32 undefined_kernel = Trap_guest::entry(5), data_abort_kernel = Trap_guest::entry(7);
/// mrc p15, 0, r5, c0, c0, 0; hvc #0
constexpr u32 read_midr = 0xee105f10, hvc = 0xf7e08000;
constexpr u32 it_eq_then_more = 0x04, z_flag = 1u << 30;

Trap_bench thumb2(Isa isa = Isa::v7)
{
    Trap_bench b;
    hardware.isa = isa;
    b.regs().psr |= psr::t;
    return b;
}

/// At any address of the linear map, the first halfword first.
void place(Trap_bench &b, u32 va, u32 opcode)
{
    for (u32 half : {opcode >> 16, opcode & 0xffff}) {
        u32 &word = b.g().word(align_down(va, 4));
        word = va & 2 ? (word & 0xffff) | half << 16 : (word & 0xffff0000) | half;
        va += 2;
    }
    b.regs().pc = va - 4;
}

/// A core stops 2 bytes behind the beginning, however long the instruction is (DDI 0406C table B1-7).
void undefined(Trap_bench &b)
{
    b.regs().pc += 2;
    handle_undefined(b.r());
    b.resume();
}

} // namespace

TEST_CASE("an MRC of a Thumb-2 kernel is emulated, in one word, across two, and across two pages")
{
    u32 const at = GENERATE(as<u32> {}, code, code + 2, code + page_size - 2);
    Trap_bench b = thumb2();
    place(b, at, read_midr);
    undefined(b);
    CHECK(b.regs().pc == at + 4);
    CHECK(b.regs().r[5] == arch::identity().midr);
    CHECK(b.regs().thumb());
}

TEST_CASE("an instruction whose second half cannot be read is the guest's own")
{
    Trap_bench b = thumb2();
    u32 const at = other + page_size - 2;
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(Trap_guest::data, 1));
    b.g().ram.word(Trap_guest::data + page_size - 4) = (read_midr >> 16) << 16;
    b.regs().pc = at;
    undefined(b);
    CHECK(b.regs().pc == undefined_kernel);
    CHECK(b.g().frame_at(b.regs().sp).pc == at);
    CHECK(b.d().runs());
}

TEST_CASE("a Thumb-2 kernel calls by HVC")
{
    Trap_bench b = thumb2();
    place(b, code, hvc);
    b.regs().r[0] = 0x84000000; // PSCI_VERSION
    undefined(b);
    CHECK(b.regs().pc == code + 4);
    CHECK(b.regs().r[0] == 0x00010000);
}

TEST_CASE("in an IT block the condition decides, and the block goes on")
{
    bool const equal = GENERATE(false, true);
    Trap_bench b = thumb2();
    place(b, code, read_midr);
    b.regs().r[5] = 5;
    b.regs().psr |= it_eq_then_more >> 2 << 10 | (equal ? z_flag : 0);
    undefined(b);
    CHECK(b.regs().pc == code + 4);
    CHECK(b.regs().r[5] == (equal ? arch::identity().midr : 5));
    CHECK((b.regs().psr & psr::it) == 2u << 10); // 0b00001000
}

TEST_CASE("without Thumb-2 the same halfwords are the guest's own")
{
    Trap_bench b = thumb2(GENERATE(Isa::v5, Isa::v6));
    u32 const opcode = GENERATE(read_midr, hvc);
    place(b, code, opcode);
    undefined(b);
    CHECK(b.regs().pc == undefined_kernel);
    CHECK(b.g().frame_at(b.regs().sp).pc == code);
}

TEST_CASE("a Thumb-2 load from the UART's page reads its register")
{
    u32 const at = GENERATE(as<u32> {}, code, code + 2);
    Trap_bench b = thumb2();
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(VAMBRACE_PL011_IPA, 1));
    place(b, at, 0xf8d05018); // ldr.w r5, [r0, #0x18]
    b.regs().r[0] = other;
    REQUIRE_FALSE(b.touch(other + 0x18, false));
    b.data_abort();
    b.resume();
    CHECK(b.regs().pc == at + 4);
    CHECK(b.regs().r[5] == (0x90u | 7));
}

TEST_CASE("from ARMv6 on an unaligned access to the UART is an alignment fault")
{
    Isa const isa = GENERATE(Isa::v6, Isa::v7);
    Trap_bench b;
    hardware.isa = isa;
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(VAMBRACE_PL011_IPA, 1));
    b.g().word(b.regs().pc) = 0xe5905001; // ldr r5, [r0, #1]
    b.regs().r[0] = other;
    REQUIRE_FALSE(b.touch(other + 1, false));
    b.data_abort();
    b.resume();
    CHECK(b.regs().pc == data_abort_kernel);
    CHECK(b.regs().r[0] == other + 1);
    CHECK(b.regs().r[1] == arch::fsr::alignment);
}
