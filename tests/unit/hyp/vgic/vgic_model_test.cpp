// SPDX-License-Identifier: Apache-2.0
// Random guests, devices and timers: what interrupts each VCPU is always what a simple GIC would show it.
#include <array>
#include <chrono>
#include <hyp/vgic/guest_bench.hpp>
#include <hyp/vgic/reference_gic.hpp>
#include <random>
#include <seed.hpp>

using namespace vambrace;
using namespace vambrace::vgic_test;

namespace {

/// No guest's priority mask lets this one through.
constexpr unsigned never_taken = 0xf8;
constexpr u32 timer_bit = mask_of(Vgic::virtual_timer);

class Model {
  public:
    Model(unsigned seed, unsigned vcpus)
        : random_ {seed}, vcpus_ {vcpus}, machine_ {vcpus}, reference_ {vcpus}, handlers_(vcpus)
    {
        for (unsigned n = 0; n != vcpus; ++n)
            machine_.gic.set_online(n, true);
        for (unsigned intid = 32; vcpus == 1 && intid != Vgic::intid_count; ++intid)
            reference_.at(0, intid).targets = {0};
        write_control();
        for (unsigned vcpu = 0; vcpu != vcpus; ++vcpu)
            for (unsigned intid = 0; intid != Vgic::intid_count; ++intid)
                if (intid < 32 || vcpu == 0) {
                    set_priority(vcpu, intid);
                    set_enabled(vcpu, intid, true);
                    set_targets(intid);
                }
    }

    void step()
    {
        unsigned const vcpu = below(vcpus_), kind = below(100);
        if (kind < 30)
            device(vcpu);
        else if (kind < 65)
            handle(vcpu);
        else if (kind < 75)
            send(vcpu);
        else
            access(vcpu);
        check();
    }

  private:
    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
    unsigned any_intid() { return below(4) ? below(Vgic::intid_count) : intids_[below(6)]; }
    Reference_gic::Interrupt &at(unsigned vcpu, unsigned intid) { return reference_.at(vcpu, intid); }
    bool is_handled(unsigned vcpu, unsigned intid)
    {
        for (unsigned n = 0; n != vcpus_; ++n)
            if (intid >= 32 || n == vcpu)
                for (u32 iar : handlers_[n])
                    if (bits(iar, 9, 0) == intid)
                        return true;
        return false;
    }

    void device(unsigned vcpu)
    {
        unsigned const intid = any_intid();
        bool const high = below(2);
        if (intid < 16)
            return;
        reference_.set_line(vcpu, intid, high);
        if (intid == Vgic::virtual_timer)
            machine_.cpu(vcpu).set_timer(high);
        else if (intid < 32)
            machine_.gic.set_private_line(vcpu, intid, high);
        else
            machine_.gic.set_line(intid, high);
        machine_.enter_all();
    }

    /// Takes an interrupt, or ends the one that it has taken last.
    void handle(unsigned vcpu)
    {
        auto &handlers = handlers_[vcpu];
        Virtual_cpu &cpu = machine_.cpu(vcpu);
        if (below(2)) {
            u32 const iar = cpu.acknowledge();
            if (iar == spurious)
                return;
            handlers.push_back(iar);
            REQUIRE(reference_.acknowledge(vcpu, bits(iar, 9, 0), iar >> 10));
        } else if (!handlers.empty()) {
            u32 const iar = handlers.back();
            handlers.pop_back();
            at(vcpu, bits(iar, 9, 0)).active = false;
            cpu.end(iar);
        }
        machine_.enter_all();
    }

    void send(unsigned vcpu)
    {
        unsigned const sgi = below(16), targets = below(1u << vcpus_);
        for (unsigned n = 0; n != vcpus_; ++n)
            if (bit(targets, n))
                at(n, sgi).sources.insert(vcpu);
        machine_.send(vcpu, sgi, targets);
    }

    void access(unsigned vcpu)
    {
        unsigned const intid = any_intid();
        switch (below(13)) {
        case 0: return set_priority(vcpu, intid);
        case 1: return set_enabled(vcpu, intid, true);
        case 2: return set_enabled(vcpu, intid, below(2));
        case 3: return set_pending(vcpu, intid, true);
        case 4: return set_pending(vcpu, intid, false);
        case 5: return set_active(vcpu, intid);
        case 6: return set_targets(intid);
        case 7: return set_group(vcpu, intid);
        case 8: return set_edge(intid);
        case 9: return set_sources(vcpu, intid % 16);
        case 10: return set_online(vcpu);
        case 11: return below(8) ? void() : write_control();
        default: return set_interface(vcpu);
        }
    }

    /// One that is handled keeps its own, as the interface would not know the running priority else.
    void set_priority(unsigned vcpu, unsigned intid)
    {
        if (is_handled(vcpu, intid))
            return;
        at(vcpu, intid).priority = at(vcpu, intid).active ? never_taken : 0x10 * below(12);
        machine_.write(ipriorityr + intid, at(vcpu, intid).priority | below(8), 1, vcpu);
    }
    void set_enabled(unsigned vcpu, unsigned intid, bool on)
    {
        at(vcpu, intid).enabled = on || intid < 16;
        machine_.write(word_of(on ? isenabler : icenabler, intid), mask_of(intid), 4, vcpu);
    }
    void set_pending(unsigned vcpu, unsigned intid, bool on)
    {
        at(vcpu, intid).latched = on && intid >= 16;
        machine_.write(word_of(on ? ispendr : icpendr, intid), mask_of(intid), 4, vcpu);
    }
    /// By software: it is of the lowest priority then, or what ends that is in no list register is another.
    void set_active(unsigned vcpu, unsigned intid)
    {
        Reference_gic::Interrupt &i = at(vcpu, intid);
        if (is_handled(vcpu, intid))
            return;
        if (!i.active) {
            i.priority = never_taken;
            machine_.write(ipriorityr + intid, never_taken, 1, vcpu);
        }
        i.active = !i.active;
        machine_.write(word_of(i.active ? isactiver : icactiver, intid), mask_of(intid), 4, vcpu);
    }
    void set_targets(unsigned intid)
    {
        if (intid < 32 || vcpus_ == 1)
            return;
        u32 const value = below(0x100) & below(0x100);
        auto &targets = at(0, intid).targets;
        targets.clear();
        for (unsigned n = 0; n != vcpus_; ++n)
            if (bit(value, n))
                targets.insert(n);
        machine_.write(itargetsr + intid, value, 1, below(vcpus_));
    }
    void set_group(unsigned vcpu, unsigned intid)
    {
        u32 const offset = word_of(igroupr, intid), before = machine_.read(offset, 4, vcpu);
        at(vcpu, intid).group ^= 1;
        machine_.write(offset, before ^ mask_of(intid), 4, vcpu);
    }
    /// While neither pending nor active: IHI 0048B leaves open what becomes of it else.
    void set_edge(unsigned intid)
    {
        Reference_gic::Interrupt &i = at(0, intid);
        if (intid < 32 || i.pending() || i.active || i.line)
            return;
        i.edge = !i.edge;
        u32 const offset = icfgr + intid / 16 * 4;
        machine_.write(offset, machine_.read(offset) ^ 2u << intid % 16 * 2);
    }
    void set_sources(unsigned vcpu, unsigned sgi)
    {
        unsigned const source = below(vcpus_);
        bool const on = below(2);
        if (on)
            at(vcpu, sgi).sources.insert(source);
        else
            at(vcpu, sgi).sources.erase(source);
        machine_.write((on ? spendsgir : cpendsgir) + sgi, 1u << source, 1, vcpu);
    }
    void write_control()
    {
        unsigned const value = below(3) ? 3 : below(4);
        for (unsigned group : {0u, 1u})
            reference_.groups[group] = bit(value, group);
        machine_.write(ctlr, value);
    }
    void set_online(unsigned vcpu)
    {
        bool const online = below(3);
        reference_.online[vcpu] = online;
        machine_.cpu(vcpu).fold();
        machine_.gic.set_online(vcpu, online);
        machine_.enter_all();
    }
    void set_interface(unsigned vcpu) { machine_.cpu(vcpu).vmcr = (1 + below(30)) << 27 | 3; }

    void check()
    {
        for (unsigned vcpu = 0; vcpu != vcpus_; ++vcpu) {
            Virtual_cpu &cpu = machine_.cpu(vcpu);
            u32 const mask = bits(cpu.vmcr, 31, 27) << 3, running = cpu.running_priority();
            List_register const *const shown = cpu.best();
            u32 const is = shown ? shown->intid() : spurious;
            if (is != reference_.best(vcpu, std::min(mask, running)))
                FAIL("VCPU " << vcpu << " is shown " << is << ", not "
                             << reference_.best(vcpu, std::min(mask, running)));
            bool const woken = cpu.deliverable();
            if (woken ? reference_.best(vcpu, mask) == Reference_gic::none : is != spurious)
                FAIL("VCPU " << vcpu << " would" << (woken ? "" : " not") << " be woken");
        }
        if (below(16) == 0)
            check_registers(below(vcpus_));
    }

    void check_registers(unsigned vcpu)
    {
        for (unsigned word = 0; word != Vgic::intid_count / 32; ++word) {
            u32 pending = 0, active = 0, enabled = 0;
            for (unsigned n = 0; n != 32; ++n) {
                Reference_gic::Interrupt const &i = at(vcpu, 32 * word + n);
                pending |= static_cast<u32>(i.pending()) << n;
                active |= static_cast<u32>(i.active) << n;
                enabled |= static_cast<u32>(i.enabled) << n;
            }
            // While the timer's interrupt is active, only the hardware knows its line.
            u32 const known = word || !(active & timer_bit) ? ~0u : ~timer_bit;
            REQUIRE((machine_.read(ispendr + 4 * word, 4, vcpu) & known) == (pending & known));
            REQUIRE(machine_.read(isactiver + 4 * word, 4, vcpu) == active);
            REQUIRE(machine_.read(isenabler + 4 * word, 4, vcpu) == enabled);
        }
        for (unsigned sgi = 0; sgi != 16; ++sgi) {
            u32 sources = 0;
            for (unsigned source : at(vcpu, sgi).sources)
                sources |= 1u << source;
            REQUIRE(machine_.read(spendsgir + sgi, 1, vcpu) == sources);
        }
    }

    std::mt19937 random_;
    unsigned const vcpus_;
    Machine machine_;
    Reference_gic reference_;
    std::vector<std::vector<u32>> handlers_; ///< that run, of each VCPU
    std::array<unsigned, 6> const intids_ {27, 27, 33, 34, 48, 5};
};

void run_models(unsigned seed, unsigned steps)
{
    for (unsigned vcpus : {1u, 2u, 4u, 8u}) {
        INFO("VAMBRACE_SEED=" << seed << " VCPUs " << vcpus);
        Model model {seed * 31 + vcpus, vcpus};
        for (unsigned n = 0; n != steps; ++n) {
            INFO("step " << n);
            model.step();
        }
    }
}

} // namespace

TEST_CASE("vgic: what interrupts a VCPU is what a simple GIC would show it", "[vgic]")
{
    run_models(run_seed(), 10'000);
}

/// Seconds are VAMBRACE_SECONDS, 60 if it is not set.
TEST_CASE("vgic: what interrupts a VCPU is what a simple GIC would show it, for as long as one likes",
          "[.][soak]")
{
    using namespace std::chrono;
    auto const end = steady_clock::now() + seconds {number_from_environment("VAMBRACE_SECONDS", 60)};
    unsigned seed = run_seed();
    for (; steady_clock::now() < end; ++seed)
        run_models(seed, 10'000);
    WARN("seeds " << run_seed() << " to " << seed - 1);
}
