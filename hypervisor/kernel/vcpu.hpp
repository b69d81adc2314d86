// SPDX-License-Identifier: Apache-2.0
// A guest's processor, as the scheduler knows it. The guest's kind derives from it what the processor holds.
#pragma once
#include <kernel/scheduler.hpp>

namespace vambrace {

class Domain;

class Vcpu : public Runnable {
  public:
    constexpr explicit Vcpu(Domain &domain) : domain {domain} {}

    Domain &domain;
};

} // namespace vambrace
