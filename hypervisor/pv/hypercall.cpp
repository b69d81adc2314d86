// SPDX-License-Identifier: Apache-2.0
// One handler for each call of hypercalls.def, and PSCI. Arguments are hostile: all are checked first.
#include <kernel/cpu.hpp>
#include <pv/calls.hpp>
#include <pv/shadow/shadow.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace call {

Answer return_from_trap(Running g)
{
    Error const error = vambrace::return_from_trap(g);
    if (error == Error::none)
        return elsewhere;
    for (unsigned n = 1; debug && n != 13; ++n) // it has given them up
        g->vcpu.context.regs.r[n] = poison;
    return error;
}

Answer irq_deliver(Running) { return Error::none; } // prepare() does it on the way out

Answer idle(Running g, u32 unmask)
{
    if (unmask > 1)
        return Error::inval;
    if (unmask)
        g->page.to_write().irq_mask = VAMBRACE_IRQS_OPEN; // nothing is delivered before the guest goes on
    wait_for_interrupt(g);
    return Error::none;
}

Answer yield(Running g)
{
    this_cpu().yield(g->vcpu);
    return Error::none;
}

namespace {

bool is_entry(u32 va) { return va != 0 && is_aligned(va, 4) && !arch::is_reserved(va, 4); }
bool is_stack(u32 end)
{
    return is_aligned(end, 8) && end >= VAMBRACE_FRAME_SIZE &&
           !arch::is_reserved(end - VAMBRACE_FRAME_SIZE, VAMBRACE_FRAME_SIZE);
}

} // namespace

Answer set_vectors(Running g, u32 va)
{
    constexpr u32 words = sizeof(vambrace_vectors) / 4, entries = 9;
    vambrace_vectors v;
    u32 *const raw = reinterpret_cast<u32 *>(&v);
    if (Error const e = read_guest(g, Va {va}, raw, words); e != Error::none)
        return e;
    for (u32 n = 0; n != entries; ++n)
        if (!is_entry(raw[n]))
            return Error::inval;
    if (v.double_fault && (!is_entry(v.double_fault) || !is_stack(v.emergency_stack)))
        return Error::inval;
    if (!v.user_frame || !is_stack(v.user_frame + VAMBRACE_FRAME_SIZE))
        return Error::inval;
    g->vcpu.vectors = v;
    g->vcpu.has_vectors = true;
    g->vcpu.context.svc_entry = v.svc_user;
    g->vcpu.context.data_abort_entry = v.data_abort_user;
    g->vcpu.context.prefetch_abort_entry = v.prefetch_abort_user;
    return Error::none;
}

Answer irq_enable(Running g, u32 irq, u32 on) { return g->vcpu.irqs.enable(irq, on); }

namespace {

void set_timer(Running g, Time_ns now, Time_ns when)
{
    if (when <= now)
        raise(*g, VAMBRACE_IRQ_TIMER);
    this_cpu().timers.set(g->vcpu.timer, when <= now ? never : when);
    this_cpu().program_timer(now);
}

} // namespace

/// For size: Linux uses the other one, which is inlined into its upcall as all fast ones are.
[[gnu::cold, gnu::noinline]] Error timer_set(Running g, u32 low, u32 high)
{
    set_timer(g, this_cpu().now(), u64 {high} << 32 | low);
    return Error::none;
}

Error timer_start(Running g, u32 ns)
{
    Time_ns const now = this_cpu().now();
    set_timer(g, now, now + ns);
    return Error::none;
}

Error time_get(Running, Results results)
{
    Time_ns const now = this_cpu().now();
    results.r[0] = static_cast<u32>(now);
    results.r[1] = static_cast<u32>(now >> 32);
    return Error::none;
}

Error event_send(Running g, u32 port) { return g->standard.ports.send(port); }

Error event_mask(Running g, u32 port, u32 on) { return g->standard.ports.mask(port, on); }

Error event_take(Running g, Results results)
{
    results.r[0] = g->standard.ports.take();
    results.r[1] = g->standard.ports.pending();
    return Error::none;
}

Answer counters_read(Running g, u32 va, u32 words)
{
    u32 const count = words < counter_count ? words : counter_count;
    if (count == 0)
        return value(0);
    Error const error = write_guest(g, Va {va}, g->kind.counters(*g).value, count);
    return error == Error::none ? value(count) : Answer {error};
}

namespace {

/// Calls a handler with as many registers as it has parameters.
template <typename R, typename... A>
R apply(R (*handler)(Running, A...), Running g, u32 *, u32 r1, u32 r2, u32 r3)
{
    if constexpr (sizeof...(A) == 0)
        return handler(g);
    else if constexpr (sizeof...(A) == 1)
        return handler(g, r1);
    else if constexpr (sizeof...(A) == 2)
        return handler(g, r1, r2);
    else
        return handler(g, r1, r2, r3);
}

template <typename R, typename... A>
R apply(R (*handler)(Running, Results, A...), Running g, u32 *r, u32 r1, u32 r2, u32 r3)
{
    if constexpr (sizeof...(A) == 0)
        return handler(g, {r});
    else
        return handler(g, {r}, r1, r2, r3);
}

/// A call as the guest's own SVC makes it, of one that came by another way.
Answer make(Call_upcall &upcall, Running g, u32 *r)
{
    return value(static_cast<u32>(upcall(&g->vcpu.context, r[0], r[1], r[2])));
}

Answer make(Direct_upcall &upcall, Running g, u32 *r) { return value(upcall(&g->vcpu.context, r[0])); }

} // namespace

} // namespace call

namespace {

bool is_known(u32 id);

/// PSCI 1.0 (ARM DEN 0022) and the general queries of the SMC Calling Convention (ARM DEN 0028).
namespace psci {
constexpr u32 version = 0x84000000, system_off = 0x84000008, system_reset = 0x84000009, features = 0x8400000a;
} // namespace psci

call::Answer dispatch_standard(Running g, u32 id)
{
    Trap_regs &r = g->vcpu.context.regs;
    switch (id) {
    case VAMBRACE_CALL_COUNT: return call::value(VAMBRACE_NR_CALLS);
    case VAMBRACE_CALL_UID:
        r.r[1] = VAMBRACE_UID_1;
        r.r[2] = VAMBRACE_UID_2;
        r.r[3] = VAMBRACE_UID_3;
        return call::value(VAMBRACE_UID_0);
    case VAMBRACE_REVISION: r.r[1] = VAMBRACE_ABI_MINOR; return call::value(VAMBRACE_ABI_VERSION);
    case psci::version: return call::value(0x10000);
    case psci::features: return is_known(r.r[1]) ? Error::none : Error::not_supported;
    case psci::system_off: power_off(*g); return call::elsewhere;
    case psci::system_reset: restart(*g); return call::elsewhere;
    default: return Error::not_supported;
    }
}

bool is_known(u32 id)
{
    return id - VAMBRACE_FUNCTION_BASE < VAMBRACE_NR_CALLS || id == psci::version || id == psci::features ||
           id == psci::system_off || id == psci::system_reset;
}

/// Is it counted by its upcall?
constexpr bool has_upcall(u32 number)
{
    enum { SLOW, FAST, FAST_IRQ, FAST_WAKE, DIRECT };
    switch (number) {
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    case number:                                                                                             \
        static_assert(class != SLOW || Counter::counter == Counter::hypercall, #NAME);                       \
        return class != SLOW;
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
    default: return false;
    }
}

/// Every call on the slow way.
call::Answer dispatch(Running g, u32 id, u32 *r)
{
    u32 const number = id - VAMBRACE_FUNCTION_BASE;
    if (!has_upcall(number))
        g->counters.count(Counter::hypercall);
    switch (number) {
#define MAKE_SLOW(function) call::apply(call::function, g, r, r[0], r[1], r[2])
#define MAKE_FAST(function) call::make(on_##function, g, r)
#define MAKE_FAST_IRQ MAKE_FAST
#define MAKE_FAST_WAKE MAKE_FAST
#define MAKE_DIRECT MAKE_FAST
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    case number:                                                                                             \
        return MAKE_##class(function);
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
#undef MAKE_SLOW
#undef MAKE_FAST
#undef MAKE_FAST_IRQ
#undef MAKE_FAST_WAKE
#undef MAKE_DIRECT
    default: return dispatch_standard(g, id);
    }
}

/// What an upcall gives to pv/entry/hypercall.S.
u64 returned(u32 r0, After_call then) { return u64 {static_cast<u32>(then)} << 32 | r0; }

} // namespace

void handle_hypercall(Running g)
{
    Trap_regs &r = g->vcpu.context.regs;
    call::Answer const answer = dispatch(g, r.r[0], &r.r[1]);
    if (!answer.elsewhere)
        r.r[0] = answer.r0;
}

void handle_svc(Running g)
{
    if (g->vcpu.in_user())
        deliver_svc(g);
    else
        handle_hypercall(g);
}

} // namespace vambrace

using namespace vambrace;

// The upcalls of the calls, by class. Each handler is inlined into its upcall, and there alone.
#define UPCALL_SLOW(NAME, function, counter)                                                                 \
    extern "C" u64 on_##function(arch::Context *, u32, u32, u32)                                             \
    {                                                                                                        \
        return returned(VAMBRACE_FUNCTION(NAME), After_call::as_any_trap);                                   \
    }
#define UPCALL_FAST(NAME, function, counter)                                                                 \
    extern "C" [[gnu::noinline]] u64 on_##function(arch::Context *c, u32 r1, u32 r2, u32 r3)                 \
    {                                                                                                        \
        Running const g = running(*c);                                                                       \
        g->counters.count(Counter::counter);                                                                 \
        return static_cast<u32>(call::apply(call::function, g, &c->regs.r[1], r1, r2, r3));                  \
    }
#define UPCALL_FAST_IRQ(NAME, function, counter)                                                             \
    extern "C" [[gnu::noinline]] u64 on_##function(arch::Context *c, u32 r1, u32 r2, u32 r3)                 \
    {                                                                                                        \
        Running const g = running(*c);                                                                       \
        g->counters.count(Counter::counter);                                                                 \
        u32 const r0 = static_cast<u32>(call::apply(call::function, g, &c->regs.r[1], r1, r2, r3));          \
        return returned(r0, g->vcpu.irqs.waiting() ? After_call::see_interrupt : After_call::back);          \
    }
#define UPCALL_FAST_WAKE(NAME, function, counter)                                                            \
    extern "C" [[gnu::noinline]] u64 on_##function(arch::Context *c, u32 r1, u32 r2, u32 r3)                 \
    {                                                                                                        \
        Running const g = running(*c);                                                                       \
        g->counters.count(Counter::counter);                                                                 \
        u32 const r0 = static_cast<u32>(call::apply(call::function, g, &c->regs.r[1], r1, r2, r3));          \
        return returned(r0, goes_on_as_it_is(g) ? After_call::back : After_call::see_interrupt);             \
    }
#define UPCALL_DIRECT(NAME, function, counter)                                                               \
    extern "C" [[gnu::noinline]] u32 on_##function(arch::Context *c, u32 r1)                                 \
    {                                                                                                        \
        Running const g = running(*c);                                                                       \
        g->counters.count(Counter::counter);                                                                 \
        return static_cast<u32>(call::function(g, r1));                                                      \
    }
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    UPCALL_##class(NAME, function, counter)
#include <vambrace/hypercalls.def>
