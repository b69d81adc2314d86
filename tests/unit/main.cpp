// SPDX-License-Identifier: Apache-2.0
// Catch2's main(), compiled once for all unit tests; with --alone, each test case in a process of its own.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

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

/// In a child, so that nothing is there but what the test itself has made. True: it has passed.
bool passes_alone(char const *program, std::string const &pattern)
{
    std::FILE *const output = std::tmpfile();
    if (pid_t const child = output ? fork() : -1; child == 0) {
        dup2(fileno(output), STDOUT_FILENO);
        dup2(fileno(output), STDERR_FILENO);
        std::exit(run_one(program, pattern));
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
