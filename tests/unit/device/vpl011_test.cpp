// SPDX-License-Identifier: Apache-2.0
// The emulated PL011 behaves as ARM DDI 0183 says, as far as a driver can see.
#include <catch2/catch.hpp>
#include <device/vpl011.hpp>
#include <string>

using namespace vambrace;

namespace {

constexpr u32 dr = 0x00, rsr = 0x04, fr = 0x18, ibrd = 0x24, fbrd = 0x28, lcr_h = 0x2c, cr = 0x30,
              ifls = 0x34, imsc = 0x38, ris = 0x3c, mis = 0x40, icr = 0x44, dmacr = 0x48;
constexpr u32 rx = 1 << 4, tx = 1 << 5, timeout = 1 << 6, overrun = 1 << 10;
constexpr u32 rx_empty = 1 << 4, tx_full = 1 << 5, rx_full = 1 << 6, tx_empty = 1 << 7, busy = 1 << 3;

struct Device : Vpl011 {
    std::string sent;

    void write(u32 offset, u32 value)
    {
        Vpl011::write(offset, value, [this](char c) { sent += c; });
    }
};

} // namespace

TEST_CASE("what the guest writes goes out at once, and the UART never fills")
{
    Device uart;
    for (char c : std::string {"Hello\n"}) {
        CHECK((uart.read(fr) & (tx_full | busy)) == 0);
        uart.write(dr, static_cast<u8>(c));
    }
    CHECK(uart.sent == "Hello\n");
    CHECK((uart.read(fr) & tx_empty));
}

TEST_CASE("only the low byte of DR is sent")
{
    Device uart;
    uart.write(dr, 0xffffff41);
    CHECK(uart.sent == "A");
}

TEST_CASE("the transmit interrupt comes with writing, stays while masked, and is cleared by ICR")
{
    Device uart;
    CHECK(uart.read(ris) == 0);
    uart.write(dr, 'x');
    CHECK((uart.read(ris) & tx));
    CHECK_FALSE(uart.line());
    uart.write(imsc, tx);
    CHECK(uart.line());
    CHECK(uart.read(mis) == tx);
    uart.write(dr, 'y');
    CHECK(uart.line());
    uart.write(icr, tx);
    CHECK_FALSE(uart.line());
    uart.write(dr, 'z');
    CHECK(uart.line());
    uart.write(imsc, 0);
    CHECK_FALSE(uart.line());
}

TEST_CASE("received characters come out in order, and the flags follow")
{
    Device uart;
    CHECK((uart.read(fr) & rx_empty));
    uart.receive('a');
    uart.receive('\xff');
    CHECK_FALSE((uart.read(fr) & rx_empty));
    CHECK(uart.read(dr) == 'a');
    CHECK(uart.read(dr) == 0xff);
    CHECK((uart.read(fr) & rx_empty));
    CHECK(uart.read(dr) == 0);
}

TEST_CASE("one character raises the receive timeout at once, and reading it lowers the line")
{
    Device uart;
    uart.write(lcr_h, 0x70);
    uart.write(imsc, rx | timeout);
    uart.receive('a');
    CHECK(uart.line());
    CHECK(uart.read(mis) == timeout);
    uart.read(dr);
    CHECK_FALSE(uart.line());
}

TEST_CASE("a driver that clears the timeout and reads a FIFO of 32 twice is told of what is left")
{
    Device uart; // as Linux's pl011_enable_interrupts() does
    uart.write(lcr_h, 0x70);
    for (unsigned n = 0; n != 100; ++n)
        uart.receive('x');
    uart.write(icr, rx | timeout);
    for (unsigned n = 0; n != 64; ++n)
        uart.read(dr);
    uart.write(imsc, rx | timeout);
    CHECK(uart.line());
    while (!(uart.read(fr) & rx_empty))
        uart.read(dr);
    CHECK_FALSE(uart.line());
}

TEST_CASE("the receive interrupt comes at the level that IFLS sets")
{
    auto const level = GENERATE(table<u32, unsigned>({{0, 4}, {1, 8}, {2, 16}, {3, 24}, {4, 28}}));
    Device uart;
    uart.write(lcr_h, 0x70);
    uart.write(ifls, std::get<0>(level) << 3);
    for (unsigned i = 1; i < std::get<1>(level); ++i) {
        uart.receive('x');
        CHECK((uart.read(ris) & rx) == 0);
    }
    uart.receive('x');
    CHECK((uart.read(ris) & rx));
    uart.read(dr);
    CHECK((uart.read(ris) & rx) == 0);
}

TEST_CASE("without FIFO every character raises the receive interrupt")
{
    Device uart;
    uart.receive('x');
    CHECK((uart.read(ris) & rx));
    uart.read(dr);
    CHECK((uart.read(ris) & rx) == 0);
}

TEST_CASE("turning the FIFO on or off moves the level that counts")
{
    Device uart;
    uart.write(lcr_h, 0x70);
    uart.receive('x');
    CHECK((uart.read(ris) & rx) == 0);
    uart.write(lcr_h, 0x60);
    CHECK((uart.read(ris) & rx));
}

TEST_CASE("a guest that does not read loses what does not fit, and is told")
{
    Device uart;
    while (uart.room()) {
        uart.receive('x');
    }
    CHECK((uart.read(fr) & rx_full));
    CHECK((uart.read(ris) & overrun) == 0);
    uart.receive('y');
    CHECK((uart.read(ris) & overrun));
    CHECK((uart.read(rsr) & 8));
    CHECK(uart.read(dr) == (0x800u | 'x'));
    uart.write(rsr, 0);
    CHECK(uart.read(rsr) == 0);
    unsigned count = 1;
    for (; !(uart.read(fr) & rx_empty); ++count) {
        CHECK(uart.read(dr) == 'x');
    }
    CHECK(count == Vpl011::capacity);
    CHECK(uart.room() == Vpl011::capacity);
}

TEST_CASE("the FIFO goes round many times without mixing")
{
    Device uart;
    for (unsigned i = 0; i < 1000; ++i) {
        uart.receive(static_cast<char>(i));
        uart.receive(static_cast<char>(i + 1));
        REQUIRE(uart.read(dr) == (i & 0xff));
        REQUIRE(uart.read(dr) == ((i + 1) & 0xff));
    }
}

TEST_CASE("loopback brings back what is sent and keeps it in")
{
    Device uart;
    uart.write(cr, 0x381);
    uart.write(dr, 'q');
    CHECK(uart.sent == "");
    CHECK(uart.read(dr) == 'q');
}

TEST_CASE("configuration registers keep their bits and no others")
{
    auto const kept = GENERATE(table<u32, u32>({{ibrd, 0xffff},
                                                {fbrd, 0x3f},
                                                {lcr_h, 0xff},
                                                {cr, 0xff87},
                                                {ifls, 0x3f},
                                                {imsc, 0x7ff},
                                                {dmacr, 7}}));
    Device uart;
    uart.write(std::get<0>(kept), 0xffffffff);
    CHECK(uart.read(std::get<0>(kept)) == std::get<1>(kept));
    uart.write(std::get<0>(kept), 0);
    CHECK(uart.read(std::get<0>(kept)) == 0);
}

TEST_CASE("the identification is that of a PL011 whose FIFOs hold 32")
{
    Device uart;
    u32 peripheral = 0, cell = 0;
    for (unsigned i = 0; i < 4; ++i) {
        peripheral |= uart.read(0xfe0 + 4 * i) << (8 * i);
        cell |= uart.read(0xff0 + 4 * i) << (8 * i);
    }
    CHECK((peripheral & 0x000fffff) == 0x00041011);
    CHECK(((peripheral >> 20) & 0xf) >= 3);
    CHECK(cell == 0xb105f00d);
}

TEST_CASE("no offset and no value does harm")
{
    Device uart;
    for (u32 offset = 0; offset < 0x1100; ++offset) {
        uart.write(offset, 0xffffffff);
        uart.read(offset);
        if (offset > dmacr && offset < 0xfe0) {
            CHECK(uart.read(offset) == 0);
        }
    }
    CHECK(uart.read(0xffffffff) == 0);
    CHECK(uart.read(0x1000) == 0);
}
