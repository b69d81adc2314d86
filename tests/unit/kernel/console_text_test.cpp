// SPDX-License-Identifier: Apache-2.0
// What the console makes of a guest's text: long lines, escape sequences, controls, characters of UTF-8.
#include <catch2/catch.hpp>
#include <kernel/console_bench.hpp>

using namespace vambrace;

TEST_CASE("a line that is too long comes in pieces, each with the label")
{
    Console_bench f {2};
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
    Console_bench f {2};
    f.write(2, "\x1b[1;31mred\x1b[0m / # \x1b[6n\x1b"
               "7x\x1b\x1b[2Jy\n");
    CHECK(screen == "[two] red / # xy\r\n");
}

TEST_CASE("an escape sequence without end hides nothing but its line's rest")
{
    Console_bench f {2};
    f.write(2, "a\x1b[1;2;3\nb\x1b\nc\n");
    CHECK(screen == "[two] a\r\n[two] b\r\n[two] c\r\n");
}

TEST_CASE("a guest in the background cannot control the terminal or pass for the hypervisor")
{
    Console_bench f {2};
    f.write(2, "\x07x\ty\x7f\b\rvambrace: FATAL\n");
    CHECK(screen == "[two] .x\ty..vambrace: FATAL\r\n");
}

TEST_CASE("a background line that just fills the buffer is not followed by an empty one")
{
    Console_bench f {2};
    f.write(2, std::string(256, 'x') + "\nnext\n");
    CHECK(screen == "[two] " + std::string(256, 'x') + "\r\n[two] next\r\n");
}

TEST_CASE("characters of UTF-8 reach the screen whole, in the background too")
{
    Console_bench f {2};
    f.write(2, "Gr\u00fc\u00dfe \u00c4\u00db \u20ac \U0001f600\n");
    CHECK(screen == "[two] Gr\u00fc\u00dfe \u00c4\u00db \u20ac \U0001f600\r\n");
}

TEST_CASE("C1 controls of a guest in the background do not reach the terminal, in neither of their forms")
{
    Console_bench f {2};
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
    Console_bench f {2};
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
    Console_bench f {2};
    f.write(2, std::get<0>(bad) + std::string {"\n"});
    CHECK(screen == "[two] " + std::string {std::get<1>(bad)} + "\r\n");
}

TEST_CASE("half a character does not meet the text behind it, and goes on after a switch")
{
    Console_bench f {2};
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
    Console_bench f {2};
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
    Console_bench f {2};
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
    Console_bench f {2};
    f.write(1, closed);
    f.write(2, "news\n");
    CHECK(screen == closed + "\r\n[two] news\r\n");
}

TEST_CASE("what a sequence was in the background does not matter in the foreground")
{
    Console_bench f {2};
    f.write(2, "\x1b[1;");
    f.type("\x16"
           "2");
    screen.clear();
    f.write(2, "31m");
    f.write(1, "x\n");
    CHECK(screen == "31m\r\n[one] x\r\n");
}

TEST_CASE("what a stream lets pass is text to it and changes nothing, whatever came before")
{
    for (char const *const before :
         {"", "x", "\x1b", "\x1b[", "\x1b[1", "\x1b]", "\x1bP", "\xe2\x82", "\xc3", "\x9b"})
        for (unsigned c = 0; c != 256; ++c) {
            Terminal_stream stream;
            for (char const *p = before; *p; ++p)
                stream.take(*p, [](Terminal_stream::Piece) {});
            bool const open = stream.open();
            unsigned texts = 0, others = 0;
            bool const passes = !open && Terminal_stream::is_text(static_cast<char>(c));
            stream.take(static_cast<char>(c), [&](Terminal_stream::Piece piece) {
                ++(piece.kind == Terminal_stream::Kind::text && piece.count == 1 ? texts : others);
            });
            CAPTURE(before, c);
            if (passes)
                CHECK((texts == 1 && others == 0 && !open && !stream.open()));
            else if (!open && c >= 0x20 && c < 0x7f)
                FAIL("it takes the long way");
        }
}
