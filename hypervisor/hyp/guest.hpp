// SPDX-License-Identifier: Apache-2.0
// A guest that runs in the modes that it was written for, under the virtualization extensions.
#pragma once
#include <device/standard_devices.hpp>
#include <hyp/processor.hpp>
#include <hyp/stage2.hpp>
#include <hyp/vcpu.hpp>
#include <hyp/vgic/vgic.hpp>
#include <kernel/domain.hpp>

namespace vambrace {

class Hyp_guest : public Domain {
  public:
    static Guest_kind const kind;

    Hyp_guest(unsigned id, char const *label, Memory memory, Hyp_processor &processor);

    /// Once. Error::denied: the arena is used up.
    Error init(Firmware firmware, Arena &arena, u32 ram);

    Hyp_vcpu vcpu;
    Hyp_processor &processor;

  private:
    u64 vttbr_ {}; ///< before what is large: these are near enough for one instruction

  public:
    Stage2 stage2 {};
    Vgic gic;
    alignas(256) Standard_devices standard; // where one instruction adds the offset

  private:
    static void start(Domain &d, Start start);
    static void use_own_table(Domain &) {}
    static u8 *open_memory(Domain &d);
    static void close_memory(Domain &) {} // we reach it all the time
    static void enter(Vcpu &v);
    static void fill_before_entry(Hyp_vcpu &v);
    static void leave(Vcpu &v);
    static void clock_changed(Vcpu &) {}
    static void set_irq(Domain &d, unsigned irq, bool high);
    static void stop(Domain &d);
    static void dump(Domain const &d);
    static Counters counters_of(Domain &d);

    u8 vmid() const { return static_cast<u8>(id + 1); }
};

inline Hyp_guest &hyp_guest(Domain &d) { return static_cast<Hyp_guest &>(d); }
inline Hyp_guest &guest_of(Hyp_vcpu &v) { return static_cast<Hyp_guest &>(v.domain); }

} // namespace vambrace
