// SPDX-License-Identifier: Apache-2.0
// A GICv2 as simple as can be: no list registers, no bit masks, one record for each interrupt.
#pragma once
#include <base/types.hpp>
#include <set>
#include <vector>

namespace vambrace::vgic_test {

class Reference_gic {
  public:
    static constexpr unsigned none = 1023;

    struct Interrupt {
        bool enabled = false, edge = false, line = false, latched = false, active = false;
        unsigned priority = 0, group = 0;
        std::set<unsigned> targets {};
        std::set<unsigned> sources {}; ///< of an SGI that is pending

        bool pending() const { return latched || (line && !edge) || !sources.empty(); }
    };

    explicit Reference_gic(unsigned vcpus)
        : online(vcpus, true), private_(vcpus, std::vector<Interrupt>(32)), shared_(64)
    {
        for (auto &bank : private_)
            for (unsigned n = 0; n != 16; ++n)
                bank[n].enabled = bank[n].edge = true;
    }

    Interrupt &at(unsigned vcpu, unsigned intid)
    {
        return intid < 32 ? private_[vcpu][intid] : shared_[intid - 32];
    }

    void set_line(unsigned vcpu, unsigned intid, bool high)
    {
        Interrupt &i = at(vcpu, intid);
        i.latched = i.latched || (i.edge && high && !i.line);
        i.line = high;
    }

    /// The one that a VCPU's interface would be shown. \param below its priority has to be higher than this
    unsigned best(unsigned vcpu, unsigned below)
    {
        unsigned found = none, priority = below;
        for (unsigned intid = 0; intid != 96; ++intid) {
            Interrupt const &i = at(vcpu, intid);
            bool const here = intid < 32 || target(i) == vcpu;
            if (here && i.pending() && !i.active && i.enabled && groups[i.group] && i.priority < priority) {
                found = intid;
                priority = i.priority;
            }
        }
        return found;
    }

    /// \param source who sent it, if it is an SGI. \return false: it did not
    bool acknowledge(unsigned vcpu, unsigned intid, unsigned source)
    {
        Interrupt &i = at(vcpu, intid);
        i.active = true;
        i.latched = false;
        return intid >= 16 || i.sources.erase(source);
    }

    bool groups[2] {}; ///< forwarded
    std::vector<bool> online;

  private:
    /// Of several VCPUs that a line may interrupt, the first that is online, else the first.
    unsigned target(Interrupt const &i) const
    {
        for (unsigned vcpu : i.targets)
            if (online[vcpu])
                return vcpu;
        return i.targets.empty() ? none : *i.targets.begin();
    }

    std::vector<std::vector<Interrupt>> private_;
    std::vector<Interrupt> shared_;
};

} // namespace vambrace::vgic_test
