// SPDX-License-Identifier: Apache-2.0
// What stands on the board's console when several guests and the hypervisor write to it; who has the keys.
#include <catch2/catch.hpp>
#include <kernel/console_bench.hpp>

using namespace vambrace;

TEST_CASE("a single guest's output goes out as it comes")
{
    Console_bench f {1};
    f.write(1, "login: ");
    CHECK(screen == "login: ");
    f.write(1, "\x1b[1mroot\r\n# ");
    CHECK(screen == "login: \x1b[1mroot\r\n# ");
}

TEST_CASE("a guest in the background is printed in whole lines with its label")
{
    Console_bench f {2};
    f.write(2, "boot");
    CHECK(screen == "");
    f.write(2, "ing\r\nnext");
    CHECK(screen == "[two] booting\r\n");
}

TEST_CASE("a background line never cuts the foreground's: it gets a line of its own")
{
    Console_bench f {2};
    f.write(1, "# ");
    f.write(2, "news\n");
    f.write(1, "ls\r\n");
    f.write(2, "more\n");
    CHECK(screen == "# \r\n[two] news\r\nls\r\n[two] more\r\n");
}

TEST_CASE("the hypervisor's lines come whole, between the guests'")
{
    Console_bench f {2};
    f.write(1, "half");
    f.log("vambrace: guest 2 ");
    f.write(1, " a line\r\n");
    f.log("stopped\n");
    CHECK(screen == "half a line\r\nvambrace: guest 2 stopped\r\n");
}

TEST_CASE("before any guest runs the log is printed line by line")
{
    Console_bench f {0};
    f.log("vambrace: booting\nvambrace: half");
    CHECK(screen == "vambrace: booting\r\n");
    f.console.flush_log();
    CHECK(screen == "vambrace: booting\r\nvambrace: half\r\n");
    f.console.flush_log();
    CHECK(screen == "vambrace: booting\r\nvambrace: half\r\n");
}

TEST_CASE("keys go to the foreground guest only")
{
    Console_bench f {2};
    f.type("ls");
    CHECK(keys == "1:l 1:s ");
    f.type("\x16"
           "2x");
    CHECK(keys == "1:l 1:s 2:x ");
}

TEST_CASE("keys before any guest runs are dropped")
{
    Console_bench f {0};
    f.type("x\x16\x16");
    CHECK(keys == "");
}

TEST_CASE("switching names the guest and shows the prompt it has written")
{
    Console_bench f {2};
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
    Console_bench f {2};
    f.write(1, "# ");
    f.type("\x16"
           "2");
    CHECK(screen == "# \r\nvambrace: console: guest 2 (two)\r\n");
}

TEST_CASE("a guest that is not there cannot be switched to")
{
    Console_bench f {2};
    f.type("\x16"
           "3");
    CHECK(screen == "vambrace: console: guest 3 does not run\r\n");
    f.type("a");
    CHECK(keys == "1:a ");
}

TEST_CASE("Ctrl-V twice sends one Ctrl-V")
{
    Console_bench f {1};
    f.type("\x16\x16x");
    CHECK(keys == "1:\x16 1:x ");
}

TEST_CASE("Ctrl-V c prints the counters, on a line of their own")
{
    Console_bench f {1};
    f.write(1, "# ");
    f.type("\x16"
           "c");
    CHECK(counters_printed == 1);
    CHECK(screen == "# \r\n");
    CHECK(keys == "");
}

TEST_CASE("Ctrl-V h and every unknown key print the help")
{
    Console_bench f {1};
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
    Console_bench f {3};
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
    Console_bench f {2};
    f.write(2, "Kernel panic");
    f.console.guest_stopped(1);
    CHECK(screen == "[two] Kernel panic\r\n");
    CHECK(f.console.foreground() == 0);
}

TEST_CASE("a guest that starts when nobody runs gets the foreground")
{
    Console_bench f {1};
    f.console.guest_stopped(0);
    f.console.guest_started(0, "again");
    CHECK(f.console.foreground() == 0);
    f.write(1, "x");
    CHECK(screen == "x");
}
