// SPDX-License-Identifier: Apache-2.0
// How a boot problem reads on the console.
#include <base/log.hpp>
#include <core/problem.hpp>

namespace vambrace {

void report(Problem const &problem)
{
    bool const has_subject = problem.subject && *problem.subject;
    log("vambrace: FATAL: %s%s%s\n", problem.cause, has_subject ? ": " : "", has_subject ? problem.subject : "");
    log("vambrace: cure: ");
    log(problem.cure, problem.value);
    log("\n");
}

} // namespace vambrace
