// SPDX-License-Identifier: Apache-2.0
// Input for guests that read fast, slowly, later, or never.
#include <board.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <kernel/console_input.hpp>
#include <string>

using namespace vambrace;

namespace {

constexpr u32 fifo = 1024;
constexpr Time_ns ms = 1'000'000;

std::deque<char> waiting[2]; ///< in the guests' UARTs
unsigned lost[2];

/// Two guests, the first in the foreground.
struct Fixture {
    Console console {{[](char c) { fake_board.output += c; },
                      [](unsigned guest, char c) {
                          if (waiting[guest].size() == fifo)
                              ++lost[guest];
                          else
                              waiting[guest].push_back(c);
                      },
                      [] {}}};
    Console_input input {console,
                         {[](unsigned guest) { return fifo - static_cast<u32>(waiting[guest].size()); },
                          [](unsigned guest) { return waiting[guest].empty(); }}};
    Time_ns now = 1000 * ms;

    Fixture()
    {
        fake_board = {};
        fake_board.rx_interrupt = true;
        for (unsigned guest = 0; guest != 2; ++guest) {
            waiting[guest].clear();
            lost[guest] = 0;
            console.guest_started(guest, guest ? "two" : "one");
        }
    }
    void send(std::string const &text)
    {
        fake_board.input.insert(fake_board.input.end(), text.begin(), text.end());
        interrupt();
    }
    void interrupt()
    {
        while (fake_board.rx_interrupt && !fake_board.input.empty())
            input.read(now);
    }
    /// Time passes in which the hypervisor is always on time.
    void pass(Time_ns time)
    {
        for (Time_ns const end = now + time; now < end;) {
            now = input.due() < end ? input.due() : end;
            if (now >= input.due())
                input.expire(now);
            interrupt();
        }
    }
    std::string take(unsigned guest, unsigned most)
    {
        std::string text;
        for (; most && !waiting[guest].empty(); --most) {
            text += waiting[guest].front();
            waiting[guest].pop_front();
            if (input.taken(guest))
                input.pause(now);
        }
        return text;
    }
};

std::string paste(unsigned size)
{
    std::string text;
    for (unsigned n = 0; n != size; ++n)
        text += static_cast<char>('a' + n * n % 23);
    return text;
}

} // namespace

TEST_CASE("what a guest has room for reaches it at once")
{
    Fixture f;
    f.send("hello");
    CHECK(f.take(0, 9) == "hello");
    CHECK_FALSE(f.input.holds());
    CHECK(f.input.due() == never);
    CHECK(fake_board.rx_interrupt);
}

TEST_CASE("what it has no room for stays in the UART, whose interrupt is off")
{
    Fixture f;
    f.send(paste(fifo + 5));
    CHECK(waiting[0].size() == fifo);
    CHECK(fake_board.input.size() == 5);
    CHECK(f.input.holds());
    CHECK_FALSE(fake_board.rx_interrupt);
}

TEST_CASE("a guest that goes on reading loses nothing, however long that takes")
{
    auto const [most, pause] =
        GENERATE(table<unsigned, Time_ns>({{1, 900 * ms}, {7, 900 * ms}, {300, 999 * ms}, {5000, 30 * ms}}));
    Fixture f;
    std::string const text = paste(20'000);
    f.send(text);
    std::string got;
    while (got.size() != text.size()) {
        f.pass(pause);
        std::string const more = f.take(0, most);
        REQUIRE_FALSE(more.empty());
        got += more;
    }
    CHECK(got == text);
    CHECK(lost[0] == 0);
    CHECK(fake_board.rx_interrupt);
    CHECK_FALSE(f.input.holds());
}

TEST_CASE("a guest that reads nothing holds back the keys for a second, and no longer")
{
    Fixture f;
    f.send(paste(fifo + 5000) + "\x16" + "2x");
    f.pass(900 * ms);
    CHECK(f.console.foreground() == 0);
    CHECK(lost[0] == 0);
    f.pass(200 * ms);
    CHECK(lost[0] == 5000);
    CHECK(f.console.foreground() == 1);
    CHECK(f.take(1, 9) == "x");
    CHECK_FALSE(f.input.holds());
    CHECK(fake_board.rx_interrupt);
}

TEST_CASE("keys for a guest that is known to read nothing are held back no more")
{
    Fixture f;
    f.send(paste(fifo + 1));
    f.pass(1100 * ms);
    REQUIRE(lost[0] == 1);
    f.send(paste(100) + "\x16" + "2");
    CHECK(f.console.foreground() == 1);
    CHECK(lost[0] == 101);
}

TEST_CASE("a guest that reads again is waited for again")
{
    Fixture f;
    f.send(paste(fifo + 1));
    f.pass(1100 * ms);
    REQUIRE(lost[0] == 1);
    CHECK(f.take(0, 1).size() == 1);
    f.send(paste(100));
    CHECK(waiting[0].size() == fifo);
    CHECK(f.input.holds());
    f.pass(900 * ms);
    CHECK(lost[0] == 1);
    CHECK(f.take(0, 2 * fifo).size() == fifo);
    f.pass(1100 * ms);
    CHECK(f.take(0, 2 * fifo).size() == 99);
}

TEST_CASE("a time in which nobody ran does not count against the guest")
{
    Fixture f;
    f.send(paste(fifo + 1));
    f.now += 30'000 * ms; // another guest was loaded, or QEMU did not run
    f.input.expire(f.now);
    CHECK(f.input.holds());
    CHECK(f.take(0, 2 * fifo).size() == fifo);
    f.pass(100 * ms);
    CHECK(f.take(0, 2 * fifo).size() == 1);
    CHECK(lost[0] == 0);
}

TEST_CASE("a guest that has taken all gets more when it has had as long for what it took, and no later than "
          "in 100 ms")
{
    auto const [took, pause] =
        GENERATE(table<Time_ns, Time_ns>({{3 * ms, 3 * ms}, {70 * ms, 70 * ms}, {900 * ms, 100 * ms}}));
    Fixture f;
    f.send(paste(fifo + 10));
    f.take(0, fifo - 1);
    f.now += took;
    CHECK(f.take(0, 1).size() == 1);
    CHECK(f.input.due() == f.now + pause);
    f.pass(pause - 1);
    CHECK(waiting[0].empty());
    f.pass(1);
    CHECK(waiting[0].size() == 10);
    CHECK_FALSE(f.input.holds());
}

TEST_CASE("what another guest reads does not prolong the wait")
{
    Fixture f;
    f.send(paste(fifo + 1));
    for (unsigned n = 0; n != 12; ++n) {
        waiting[1].push_back('x');
        CHECK_FALSE(f.input.taken(1));
        f.pass(100 * ms);
    }
    CHECK(lost[0] == 1);
}

TEST_CASE("when the guest stops, or starts again, what was held back goes on without a wait")
{
    bool const stops = GENERATE(false, true);
    Fixture f;
    std::string const text = paste(fifo + 100);
    f.send(text);
    if (stops)
        f.console.guest_stopped(0);
    else
        waiting[0].clear();
    f.input.start_over(0);
    CHECK(f.input.due() <= f.now);
    f.pass(1);
    CHECK(f.take(stops, 9999) == text.substr(fifo));
    CHECK_FALSE(f.input.holds());
}

TEST_CASE("a flood that nobody is there for is taken in parts")
{
    Fixture f;
    f.console.guest_stopped(0);
    f.console.guest_stopped(1);
    fake_board.input.assign(10'000, 'x');
    f.input.read(f.now);
    CHECK(fake_board.input.size() == 10'000 - Console_input::most);
    CHECK(fake_board.rx_interrupt);
}
