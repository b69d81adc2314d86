// SPDX-License-Identifier: Apache-2.0
// The processor of a guest in HYP mode's care: what the core holds of it while it runs, and what does not
// stay.
#pragma once
#include <arch.hpp>
#include <hyp/physical_timer.hpp>
#include <hyp/virtual_interface.hpp>
#include <hyp/virtual_timer.hpp>
#include <kernel/vcpu.hpp>

namespace vambrace {

/// What a start of the guest makes anew. All but `context` is in the core while the vcpu has the processor.
struct Hyp_state {
    Hyp_context context {}; ///< SP_hyp while the guest runs
    armv7ve::Banked_registers banked {};
    armv7ve::System_registers system {};
    armv7ve::Thumbee_registers thumbee {}; ///< if Hyp_processor::has_thumbee()
    Interface_registers interface {
    };
    Vfp_state vfp {}; ///< while another guest has VFP
};

class Hyp_vcpu : public Vcpu, public Hyp_state {
  public:
    Hyp_vcpu(Domain &domain, unsigned number) : Vcpu {domain}, number {number} {}

    unsigned const number; ///< of the guest's
    Virtual_timer timer {*this};
    Physical_timer physical_timer {*this};
};

} // namespace vambrace
