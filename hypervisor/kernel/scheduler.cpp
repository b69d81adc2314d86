// SPDX-License-Identifier: Apache-2.0
// Round-robin: the queue holds the runnable vcpus in turn, the one that runs at its head.
#include <kernel/scheduler.hpp>

namespace vambrace {

void Scheduler::append(Runnable &vcpu)
{
    vcpu.next_ = &ends_;
    vcpu.previous_ = ends_.previous_;
    ends_.previous_->next_ = &vcpu;
    ends_.previous_ = &vcpu;
}

void Scheduler::take_out(Runnable &vcpu)
{
    if (!vcpu.next_)
        return;
    if (ends_.next_ == &vcpu)
        running_ = false;
    vcpu.previous_->next_ = vcpu.next_;
    vcpu.next_->previous_ = vcpu.previous_;
    vcpu.next_ = nullptr;
}

Error Scheduler::add(Runnable &vcpu)
{
    if (vcpu.known_)
        return Error::inval;
    vcpu.known_ = true;
    append(vcpu);
    return Error::none;
}

void Scheduler::remove(Runnable &vcpu)
{
    take_out(vcpu);
    vcpu.known_ = false;
}

void Scheduler::block(Runnable &vcpu) { take_out(vcpu); }

bool Scheduler::wake(Runnable &vcpu)
{
    bool const waits = vcpu.known_ && !runnable(vcpu);
    if (waits)
        append(vcpu);
    return waits;
}

void Scheduler::yield(Runnable &vcpu)
{
    if (!runnable(vcpu))
        return;
    take_out(vcpu);
    append(vcpu);
}

Runnable *Scheduler::pick(Time_ns now)
{
    Runnable *const first = ends_.next_;
    if (first == &ends_)
        return nullptr;
    if (running_ && (!several() || now < end_))
        return first;
    if (running_)
        yield(*first);
    running_ = true;
    end_ = now + slice_;
    return ends_.next_;
}

} // namespace vambrace
