// SPDX-License-Identifier: Apache-2.0
// Timeouts come in the order of their times, each once, and only those that are due.
#include <catch2/catch.hpp>
#include <kernel/timer_queue.hpp>
#include <memory>
#include <random>
#include <seed.hpp>
#include <string>
#include <vector>

using namespace vambrace;

namespace {

/// Notes its name when it comes.
struct Noted {
    explicit Noted(char name) : name {name} {}

    void come(Time_ns now)
    {
        log += name;
        last = now;
        if (again != never)
            queue->set(timeout, again);
    }

    char name;
    Time_ns again = never;
    Timeout_of<Noted, &Noted::come> timeout {*this};

    static inline std::string log;
    static inline Time_ns last;
    static inline Timer_queue *queue;
};

struct Queue : Timer_queue {
    Queue()
    {
        Noted::log.clear();
        Noted::queue = this;
    }
};

} // namespace

TEST_CASE("nothing is due in an empty queue")
{
    Queue queue;
    CHECK(queue.earliest() == never);
    queue.expire(never - 1);
    CHECK(Noted::log.empty());
}

TEST_CASE("timeouts come in the order of their times; of the same time as they were set")
{
    Queue queue;
    Noted a {'a'}, b {'b'}, c {'c'}, d {'d'};
    queue.set(b.timeout, 20);
    queue.set(a.timeout, 10);
    queue.set(d.timeout, 30);
    queue.set(c.timeout, 20);
    CHECK(queue.earliest() == 10);
    queue.expire(9);
    CHECK(Noted::log.empty());
    queue.expire(20);
    CHECK(Noted::log == "abc");
    CHECK(Noted::last == 20);
    CHECK(a.timeout.when() == never);
    CHECK(queue.earliest() == 30);
    queue.expire(100);
    CHECK(Noted::log == "abcd");
    CHECK(queue.earliest() == never);
}

TEST_CASE("a timeout that is set again, or cancelled, comes at its last time alone")
{
    Queue queue;
    Noted a {'a'}, b {'b'};
    queue.set(a.timeout, 10);
    queue.set(b.timeout, 15);
    queue.set(a.timeout, GENERATE(20, 15, 5));
    Time_ns const when = a.timeout.when();
    queue.cancel(b.timeout);
    queue.cancel(b.timeout);
    CHECK(queue.earliest() == when);
    queue.expire(20);
    CHECK(Noted::log == "a");
}

TEST_CASE("a handler may set its own timeout: for later it waits, for now it comes again at once")
{
    Queue queue;
    Noted a {'a'};
    a.again = 30;
    queue.set(a.timeout, 10);
    queue.expire(20);
    CHECK(Noted::log == "a");
    CHECK(queue.earliest() == 30);
    a.again = never;
    queue.expire(30);
    CHECK(Noted::log == "aa");
    CHECK(queue.earliest() == never);
}

TEST_CASE("random timeouts: the queue is what a sorted list would be")
{
    Queue queue;
    std::vector<std::unique_ptr<Noted>> all;
    for (char name = 'a'; name != 'a' + 12; ++name)
        all.push_back(std::make_unique<Noted>(name));
    std::mt19937 random {run_seed()};
    INFO("VAMBRACE_SEED=" << run_seed());
    bool sound = true;
    for (Time_ns now = 0; now != 20'000; ++now) {
        Noted &one = *all[random() % all.size()];
        queue.set(one.timeout, random() % 4 ? now + random() % 50 : never);
        Time_ns first = never;
        for (auto const &other : all)
            first = std::min(first, other->timeout.when());
        sound = sound && queue.earliest() == first;
        queue.expire(now);
        for (auto const &other : all)
            sound = sound && other->timeout.when() > now;
    }
    CHECK(sound);
}
