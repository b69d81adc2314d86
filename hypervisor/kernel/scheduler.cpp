// SPDX-License-Identifier: Apache-2.0
// Round-robin: the queue holds the runnable vcpus in turn, the one that runs at its head.
#include <kernel/scheduler.hpp>

namespace vambrace {

bool Scheduler::runnable(unsigned id) const
{
    for (unsigned i = 0; i < count_; i++)
        if (queue_[i] == id)
            return true;
    return false;
}

void Scheduler::append(unsigned id) { queue_[count_++] = static_cast<u8>(id); }

void Scheduler::take_out(unsigned id)
{
    unsigned kept = 0;
    if (count_ && queue_[0] == id)
        running_ = false;
    for (unsigned i = 0; i < count_; i++)
        if (queue_[i] != id)
            queue_[kept++] = queue_[i];
    count_ = kept;
}

Error Scheduler::add(unsigned id)
{
    if (id >= max_vcpus || known(id))
        return Error::inval;
    known_ = static_cast<u8>(known_ | 1u << id);
    append(id);
    return Error::none;
}

void Scheduler::remove(unsigned id)
{
    if (!known(id))
        return;
    take_out(id);
    known_ = static_cast<u8>(known_ & ~(1u << id));
}

void Scheduler::block(unsigned id) { take_out(id); }

void Scheduler::wake(unsigned id)
{
    if (known(id) && !runnable(id))
        append(id);
}

void Scheduler::yield(unsigned id)
{
    if (!runnable(id))
        return;
    take_out(id);
    append(id);
}

Result<unsigned> Scheduler::pick(Time_ns now)
{
    if (!count_)
        return Error::again;
    unsigned const head = queue_[0];
    if (running_ && (count_ == 1 || now < start_ + slice_))
        return head;
    if (running_)
        yield(head);
    running_ = true;
    start_ = now;
    return unsigned {queue_[0]};
}

} // namespace vambrace
