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

TEST_CASE("characters of UTF-8 reach the screen whole, in the background too")
{
    Fixture f {2};
    f.write(2, "Gr\u00fc\u00dfe \u00c4\u00db \u20ac \U0001f600\n");
    CHECK(screen == "[two] Gr\u00fc\u00dfe \u00c4\u00db \u20ac \U0001f600\r\n");
}

TEST_CASE("C1 controls of a guest in the background do not reach the terminal, in neither of their forms")
{
    Fixture f {2};
    for (unsigned c1 = 0x80; c1 <= 0x9f; ++c1) {
        std::string const raw {static_cast<char>(c1)}, utf8 {'\xc2', static_cast<char>(c1)};
        f.write(2, "a" + raw + "b\nc" + utf8 + "d\n");
    }
    for (char c : screen) {
        CHECK((static_cast<u8>(c) < 0x80 && (c >= ' ' || c == '\r' || c == '\n')));
    }
    CHECK(screen.substr(0, 22) == "[two] a.b\r\n[two] c.d\r\n");
}

TEST_CASE("a C1 control that begins a sequence is left out with it")
{
    Fixture f {2};
    f.write(2, "a\xc2\x9b"
               "6nb\x9b"
               "2Jc\xc2\x9d"
               "0;title\x07"
               "d\x1b]0;title\x1b\\e\x1bP$q\xc2\x9c"
               "f\x1b(Bg\n");
    CHECK(screen == "[two] abcdefg\r\n");
}

TEST_CASE("a byte that is part of no character is shown as a dot")
{
    auto const bad = GENERATE(table<char const *, char const *>({
        {"\xff", "."},
        {"\xa4", "."},
        {"\xc3!", ".!"},              // a lead byte alone
        {"\xe2\x82!", "..!"},         // half a character; 82 is one of C1
        {"\xc0\xaf", ".."},           // too long
        {"\xe0\x82\xac", "..."},      // too long: a C1 control
        {"\xf0\x80\x82\xac", "...."}, // too long
        {"\xed\xa0\xa1", "..."},      // a surrogate
        {"\xf4\xa0\xa1\xa1", "...."}, // above 10ffff
        {"\xc3\xc3\xa4", ".\xc3\xa4"},
        {"\xe2\x80\xae!", ".!"}, // U+202e: right to left
        {"\xe2\x80\xa8!", ".!"}, // U+2028: a new line
        {"\xe2\x81\xa7!", ".!"}, // U+2067
    }));
    Fixture f {2};
    f.write(2, std::get<0>(bad) + std::string {"\n"});
    CHECK(screen == "[two] " + std::string {std::get<1>(bad)} + "\r\n");
}

TEST_CASE("half a character does not meet the text behind it, and goes on after a switch")
{
    Fixture f {2};
    f.write(2, "x\xc3");
    f.log("vambrace: news\n");
    CHECK(screen == "vambrace: news\r\n");
    f.type("\x16"
           "2");
    f.write(2, "\xa4");
    CHECK(screen == "vambrace: news\r\nvambrace: console: guest 2 (two)\r\nx\xc3\xa4");
    screen.clear();
    f.write(1, "y\xc3");
    f.console.guest_stopped(0);
    CHECK(screen == "\r\n[one] y.\r\n");
}

TEST_CASE("a character is not cut where a long line is")
{
    Fixture f {2};
    f.write(2, std::string(255, 'x') + "\xc3\x9b"
                                       "2J\n");
    CHECK(screen == "[two] " + std::string(255, 'x') +
                        "\r\n[two] \xc3\x9b"
                        "2J\r\n");
}

TEST_CASE("a sequence that the foreground guest leaves open swallows nothing of what others write")
{
    auto const open =
        GENERATE(as<std::string> {}, "\x1b", "\x1b[1;", "\x1b]0;a", "\x1bP$q", "\x1b]0;a\r\n", "\x9b",
                 "\xc2\x9b"
                 "1",
                 "\xc2\x9d"
                 "0;\xc3\x9b",
                 "\xc3", "\xe2\x82", "\x1b(", "\x1b_a\x1b");
    Fixture f {2};
    f.write(1, open);
    f.write(2, "news\n");
    CHECK(screen == open + "\x18\r\n[two] news\r\n");
    screen.clear();
    f.write(1, "m");
    f.type("\x16"
           "2");
    f.write(2, "2");
    CHECK(screen == "m\r\nvambrace: console: guest 2 (two)\r\n2");
}

TEST_CASE("a sequence that is complete needs no cancelling")
{
    auto const closed = GENERATE(as<std::string> {}, "\x1b[0m",
                                 "\x1b"
                                 "7",
                                 "\x1b]0;a\x07", "\x1b]0;a\x1b\\", "\x1b(B", "\x1b[\x18", "\xc3\xa4",
                                 "\x1bP$q\xc2\x9c", "\x1b[6n");
    Fixture f {2};
    f.write(1, closed);
    f.write(2, "news\n");
    CHECK(screen == closed + "\r\n[two] news\r\n");
}

TEST_CASE("what a sequence was in the background does not matter in the foreground")
{
    Fixture f {2};
    f.write(2, "\x1b[1;");
    f.type("\x16"
           "2");
    screen.clear();
    f.write(2, "31m");
    f.write(1, "x\n");
    CHECK(screen == "31m\r\n[one] x\r\n");
}
