// SPDX-License-Identifier: Apache-2.0
// What stands on the board's console when several guests and the hypervisor write to it.
#include <catch2/catch.hpp>
#include <core/console.hpp>
#include <string>

using namespace vambrace;

namespace {

std::string screen;
std::string keys; ///< "1:a" for key a to guest 1 ...
unsigned counters_printed;

struct Fixture {
    Console console {{[](char c) { screen += c; },
                      [](unsigned guest, char c) { keys += std::to_string(guest + 1) + ':' + c + ' '; },
                      [] { ++counters_printed; }}};

    explicit Fixture(unsigned guests)
    {
        static char const *const labels[max_guests] = {"one",  "two", "three", "four",
                                                       "five", "six", "seven", "eight"};
        screen.clear();
        keys.clear();
        counters_printed = 0;
        for (unsigned i = 0; i < guests; ++i) {
            console.guest_started(i, labels[i]);
        }
    }
    void write(unsigned guest, std::string const &text)
    {
        for (char c : text) {
            console.write(guest - 1, c);
        }
    }
    void log(std::string const &text)
    {
        for (char c : text) {
            console.write_log(c);
        }
    }
    void type(std::string const &text)
    {
        for (char c : text) {
            console.key(c);
        }
    }
};

} // namespace

TEST_CASE("a single guest's output goes out as it comes")
{
    Fixture f {1};
    f.write(1, "login: ");
    CHECK(screen == "login: ");
    f.write(1, "\x1b[1mroot\r\n# ");
    CHECK(screen == "login: \x1b[1mroot\r\n# ");
}

TEST_CASE("a guest in the background is printed in whole lines with its label")
{
    Fixture f {2};
    f.write(2, "boot");
    CHECK(screen == "");
    f.write(2, "ing\r\nnext");
    CHECK(screen == "[two] booting\r\n");
}

TEST_CASE("a background line never cuts the foreground's: it gets a line of its own")
{
    Fixture f {2};
    f.write(1, "# ");
    f.write(2, "news\n");
    f.write(1, "ls\r\n");
    f.write(2, "more\n");
    CHECK(screen == "# \r\n[two] news\r\nls\r\n[two] more\r\n");
}

TEST_CASE("the hypervisor's lines come whole, between the guests'")
{
    Fixture f {2};
    f.write(1, "half");
    f.log("vambrace: guest 2 ");
    f.write(1, " a line\r\n");
    f.log("stopped\n");
    CHECK(screen == "half a line\r\nvambrace: guest 2 stopped\r\n");
}

TEST_CASE("before any guest runs the log is printed line by line")
{
    Fixture f {0};
    f.log("vambrace: booting\nvambrace: half");
    CHECK(screen == "vambrace: booting\r\n");
    f.console.flush_log();
    CHECK(screen == "vambrace: booting\r\nvambrace: half\r\n");
    f.console.flush_log();
    CHECK(screen == "vambrace: booting\r\nvambrace: half\r\n");
}

TEST_CASE("keys go to the foreground guest only")
{
    Fixture f {2};
    f.type("ls");
    CHECK(keys == "1:l 1:s ");
    f.type("\x16"
           "2x");
    CHECK(keys == "1:l 1:s 2:x ");
}

TEST_CASE("keys before any guest runs are dropped")
{
    Fixture f {0};
    f.type("x\x16\x16");
    CHECK(keys == "");
}

TEST_CASE("switching names the guest and shows the prompt it has written")
{
    Fixture f {2};
    f.write(1, "# ");
    f.write(2, "done\r\nlogin: ");
    screen.clear();
    f.type("\x16"
           "2");
    CHECK(screen == "vambrace: console: guest 2 (two)\r\nlogin: ");
    f.write(2, "!");
    f.write(1, "x\n");
    CHECK(screen == "vambrace: console: guest 2 (two)\r\nlogin: !\r\n[one] x\r\n");
    f.write(2, "\n");
    screen.clear();
    f.type("\x16"
           "1");
    CHECK(screen == "vambrace: console: guest 1 (one)\r\n");
}

TEST_CASE("switching leaves the old guest's unfinished line")
{
    Fixture f {2};
    f.write(1, "# ");
    f.type("\x16"
           "2");
    CHECK(screen == "# \r\nvambrace: console: guest 2 (two)\r\n");
}

TEST_CASE("a guest that is not there cannot be switched to")
{
    Fixture f {2};
    f.type("\x16"
           "3");
    CHECK(screen == "vambrace: console: guest 3 does not run\r\n");
    f.type("a");
    CHECK(keys == "1:a ");
}

TEST_CASE("Ctrl-V twice sends one Ctrl-V")
{
    Fixture f {1};
    f.type("\x16\x16x");
    CHECK(keys == "1:\x16 1:x ");
}

TEST_CASE("Ctrl-V c prints the counters, on a line of their own")
{
    Fixture f {1};
    f.write(1, "# ");
    f.type("\x16"
           "c");
    CHECK(counters_printed == 1);
    CHECK(screen == "# \r\n");
    CHECK(keys == "");
}

TEST_CASE("Ctrl-V h and every unknown key print the help")
{
    Fixture f {1};
    f.type("\x16h");
    CHECK(screen.rfind("vambrace: console: Ctrl-V", 0) == 0);
    std::string const help = screen;
    for (char unknown : {'9', '0', 'z', '\n', '\xff'}) {
        screen.clear();
        f.type({'\x16', unknown});
        CHECK(screen == help);
    }
    CHECK(keys == "");
}

TEST_CASE("when the foreground guest stops, the next one that runs takes over")
{
    Fixture f {3};
    f.type("\x16"
           "2");
    f.console.guest_stopped(2);
    screen.clear();
    f.write(2, "bye");
    f.console.guest_stopped(1);
    CHECK(screen == "bye\r\nvambrace: console: guest 1 (one)\r\n");
    CHECK(f.console.foreground() == 0);
    f.console.guest_stopped(0);
    CHECK(f.console.foreground() == Console::nobody);
    f.type("x\x16\x16");
    CHECK(keys == "");
}

TEST_CASE("a background guest that stops has its last words printed")
{
    Fixture f {2};
    f.write(2, "Kernel panic");
    f.console.guest_stopped(1);
    CHECK(screen == "[two] Kernel panic\r\n");
    CHECK(f.console.foreground() == 0);
}

TEST_CASE("a guest that starts when nobody runs gets the foreground")
{
    Fixture f {1};
    f.console.guest_stopped(0);
    f.console.guest_started(0, "again");
    CHECK(f.console.foreground() == 0);
    f.write(1, "x");
    CHECK(screen == "x");
}

TEST_CASE("a line that is too long comes in pieces, each with the label")
{
    Fixture f {2};
    f.write(2, std::string(592, 'x') + "\n");
    CHECK(screen == "[two] " + std::string(256, 'x') + "\r\n[two] " + std::string(256, 'x') + "\r\n[two] " +
                        std::string(80, 'x') + "\r\n");
    screen.clear();
    f.log(std::string(257, 'y') + "\n");
    CHECK(screen == std::string(256, 'y') + "\r\ny\r\n");
    screen.clear();
    f.write(2, "a\n\nb\n");
    CHECK(screen == "[two] a\r\n[two] \r\n[two] b\r\n");
}

TEST_CASE("escape sequences of a guest in the background are left out")
{
    Fixture f {2};
    f.write(2, "\x1b[1;31mred\x1b[0m / # \x1b[6n\x1b"
               "7x\x1b\x1b[2Jy\n");
    CHECK(screen == "[two] red / # xy\r\n");
}

TEST_CASE("an escape sequence without end hides nothing but its line's rest")
{
    Fixture f {2};
    f.write(2, "a\x1b[1;2;3\nb\x1b\nc\n");
    CHECK(screen == "[two] a\r\n[two] b\r\n[two] c\r\n");
}

TEST_CASE("a guest in the background cannot control the terminal or pass for the hypervisor")
{
    Fixture f {2};
    f.write(2, "\x07x\ty\x7f\b\rvambrace: FATAL\n");
    CHECK(screen == "[two] .x\ty..vambrace: FATAL\r\n");
}

TEST_CASE("a background line that just fills the buffer is not followed by an empty one")
{
    Fixture f {2};
    f.write(2, std::string(256, 'x') + "\nnext\n");
    CHECK(screen == "[two] " + std::string(256, 'x') + "\r\n[two] next\r\n");
}
