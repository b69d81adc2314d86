// SPDX-License-Identifier: Apache-2.0
// A guest's last words, and its next life.
#include <base/log.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

Domain::Domain(unsigned id, char const *label, Memory memory, Guest_kind const &kind, Vcpu &vcpu)
    : id {id}, memory {memory}, kind {kind}, vcpus {&vcpu}
{
    for (u32 n = 0; n != max_label && label[n]; ++n)
        label_[n] = label[n];
}

void Domain::end_delay(Time_ns)
{
    for (Vcpu *const vcpu : vcpus)
        this_cpu().wake(*vcpu);
}

/// It does not run any more.
void stop(Domain &d)
{
    Cpu &cpu = this_cpu();
    for (Vcpu *const vcpu : d.vcpus)
        cpu.remove(*vcpu);
    cpu.timers.cancel(d.delay_);
    d.kind.stop(d);
    cpu.host.console.guest_stopped(d.id);
    cpu.input_starts_over(d);
}

void power_off(Domain &d)
{
    d.state = Domain::State::powered_off;
    log("vambrace: guest %u (%s): powered off\n", d.id + 1, d.label());
    stop(d);
}

void end(Domain &d, char const *why)
{
    if (!d.runs())
        return;
    d.state = Domain::State::ended;
    log("vambrace: guest %u (%s): ended: %s\n", d.id + 1, d.label(), why);
    d.kind.dump(d);
    stop(d);
}

void restart(Domain &d)
{
    Cpu &cpu = this_cpu();
    Time_ns const before = cpu.now(), due = d.restarts.wait(before);
    if (due == never) {
        end(d, "it restarted too often");
        return;
    }
    d.counters.count(Counter::restart);
    if (d.restarts.in_a_row() == 1)
        log("vambrace: guest %u (%s): restarted\n", d.id + 1, d.label());
    else
        log("vambrace: guest %u (%s): restarted, %u times in a row: it waits %u ms\n", d.id + 1, d.label(),
            d.restarts.in_a_row(), d.restarts.wait_ms());
    if (!d.origin->load(d, *d.origin)) {
        end(d, "its images cannot be loaded again");
        return;
    }
    // Nobody else could run meanwhile: a guest that restarts without end may not have more than its share.
    Time_ns const after = cpu.now(), fair = cpu.host.domains.count() * (after - before);
    Time_ns const start = after + (due < fair ? fair : due);
    for (Vcpu *const vcpu : d.vcpus)
        cpu.block(*vcpu);
    cpu.timers.set(d.delay_, start);
    d.restarts.started(start);
    cpu.input_starts_over(d);
}

} // namespace vambrace
