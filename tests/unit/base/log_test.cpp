// SPDX-License-Identifier: Apache-2.0
// What the log's conversions print.
#include <base/log.hpp>
#include <catch2/catch.hpp>
#include <string>

using namespace vambrace;

namespace {

std::string printed;

template <typename... Arguments>
std::string logged(Arguments... arguments)
{
    printed.clear();
    log_to([](char c) { printed += c; });
    log(arguments...);
    log_to(nullptr);
    return printed;
}

} // namespace

TEST_CASE("the log prints every conversion it promises")
{
    CHECK(logged("plain\n") == "plain\n");
    CHECK(logged("%s is %c, 100%%", "it", 'x') == "it is x, 100%");
    CHECK(logged("%d %d %d", 0, 42, -42) == "0 42 -42");
    CHECK(logged("%u %x", 4294967295u, 0xdeadbeefu) == "4294967295 deadbeef");
    CHECK(logged("%lu %lx", 7ul, 255ul) == "7 ff");
}

TEST_CASE("the log prints the smallest number there is")
{
    CHECK(logged("%d", -2147483647 - 1) == "-2147483648");
    CHECK(logged("%d", 2147483647) == "2147483647");
}

TEST_CASE("a width pads with spaces or zeros and never cuts")
{
    CHECK(logged("%08x|%8x|%3u", 0x1fu, 0x1fu, 12345u) == "0000001f|      1f|12345");
    CHECK(logged("%5d|%05d", -42, -42) == "  -42|-0042");
    CHECK(logged("%6s|%2s", "abc", "abc") == "   abc|abc");
}

TEST_CASE("a missing string is printed as such")
{
    char const *volatile none = nullptr; // volatile: the compiler would see it and refuse
    char const *const text = none;
    CHECK(logged("%s", text) == "(none)");
}

TEST_CASE("a format that ends in a conversion's middle ends there")
{
    char const *const cut = "50%";
    CHECK(logged(cut, 0) == "50");
}

TEST_CASE("without a sink the log drops everything")
{
    printed.clear();
    log_to(nullptr);
    log("lost %d", 1);
    CHECK(printed.empty());
}
