// SPDX-License-Identifier: Apache-2.0
// How a boot problem reads on the console.
#include <base/log.hpp>
#include <boot/problem.hpp>

namespace vambrace {

void report(Problem const &problem)
{
    log("vambrace: FATAL: %s", problem.cause);
    if (*problem.subject) {
        log(": %s", problem.subject);
    }
    log("\nvambrace: cure: ");
    log(problem.cure, problem.value);
    log("\n");
}

} // namespace vambrace
