// SPDX-License-Identifier: Apache-2.0
// Catch2's main(), compiled once for all unit tests, which notes how long each test case takes; with --alone,
// each in a process of its own.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

/// Writes "SECONDS NAME" for each test case to the file that VAMBRACE_TIMES names. Of one that GENERATE
/// repeats, Catch2's own results have the last round's time only.
struct Times : Catch::TestEventListenerBase {
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(Catch::TestCaseInfo const &) override { timer_.start(); }
    void testCaseEnded(Catch::TestCaseStats const &stats) override
    {
        out_ << timer_.getElapsedSeconds() << ' ' << stats.testInfo.name << std::endl;
    }

  private:
    Catch::Timer timer_ {};
    std::ofstream out_ {std::getenv("VAMBRACE_TIMES") ? std::getenv("VAMBRACE_TIMES") : ""};
};
CATCH_REGISTER_LISTENER(Times)

int run_one(char const *program, std::string const &pattern)
{
    char const *const arguments[] = {program, pattern.c_str(), "-w", "NoTests"};
    return Catch::Session().run(4, arguments);
}

void show(std::FILE *output)
{
    std::rewind(output);
    for (int c = std::getc(output); c != EOF; c = std::getc(output))
        std::putchar(c);
}

/// In a child, so that nothing is there but what the test itself has made. True: it has passed. Without the
/// handlers of fork() and exit(): the sanitizer's touch a thousand pages, each of which is copied then.
bool passes_alone(char const *program, std::string const &pattern)
{
    std::FILE *const output = std::tmpfile();
    if (pid_t const child = output ? _Fork() : -1; child == 0) {
        dup2(fileno(output), STDOUT_FILENO);
        dup2(fileno(output), STDERR_FILENO);
        int const status = run_one(program, pattern);
        std::cout.flush();
        std::fflush(nullptr);
        _exit(status);
    } else if (int status = -1; child > 0 && waitpid(child, &status, 0) == child && status == 0) {
        std::fclose(output);
        return true;
    }
    std::printf("ALONE %s\n", pattern.c_str());
    if (output) {
        show(output);
        std::fclose(output);
    }
    std::fflush(stdout);
    return false;
}

/// The tests whose patterns are the lines of standard input.
int run_alone(char const *program)
{
    std::vector<std::string> patterns;
    for (std::string line; std::getline(std::cin, line);)
        patterns.push_back(line);
    // Catch2 sorts them once: before there are children, which would each do it.
    Catch::getRegistryHub().getTestCaseRegistry().getAllTestsSorted(Catch::Config());
    int failed = 0;
    for (std::string const &pattern : patterns)
        failed += !passes_alone(program, pattern);
    return failed != 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && std::strcmp(argv[1], "--alone") == 0)
        return run_alone(argv[0]);
    return Catch::Session().run(argc, argv);
}
