// SPDX-License-Identifier: Apache-2.0
// How a boot problem reads on the console.
#include <base/log.hpp>
#include <boot/problem.hpp>
#include <catch2/catch.hpp>
#include <string>

using namespace vambrace;

namespace {

std::string printed;

std::string reported(Problem const &problem)
{
    printed.clear();
    log_to([](char c) { printed += c; });
    report(problem);
    log_to(nullptr);
    return printed;
}

} // namespace

TEST_CASE("a problem is printed with its cause, its subject and its cure")
{
    CHECK(reported({"guest memory too small", "linux", "give it at least %u MB", 12}) ==
          "vambrace: FATAL: guest memory too small: linux\n"
          "vambrace: cure: give it at least 12 MB\n");
}

TEST_CASE("a problem without a subject has no empty place for it")
{
    CHECK(reported({"no boot bundle", "", "pass it"}) ==
          "vambrace: FATAL: no boot bundle\nvambrace: cure: pass it\n");
}

TEST_CASE("a subject is never taken for a format")
{
    CHECK(reported({"label", "%s%x%u", "change it"}) ==
          "vambrace: FATAL: label: %s%x%u\nvambrace: cure: change it\n");
}
