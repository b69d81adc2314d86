// SPDX-License-Identifier: Apache-2.0
// One handler for each call of hypercalls.def, and PSCI. Arguments are hostile: all are checked first.
#include <kernel/cpu.hpp>
#include <pv/calls.hpp>
#include <pv/shadow/shadow.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace call {

namespace {

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
        g->page.to_write().irq_mask = 0; // nothing is delivered before the guest goes on
    wait_for_interrupt(g);
    return Error::none;
}

Answer yield(Running g)
{
    this_cpu().yield(g->vcpu);
    return Error::none;
}

bool is_entry(u32 va) { return va != 0 && is_aligned(va, 4) && !arch::is_reserved(va, 4); }
bool is_stack(u32 end)
{
    return is_aligned(end, 8) && end >= VAMBRACE_FRAME_SIZE &&
           !arch::is_reserved(end - VAMBRACE_FRAME_SIZE, VAMBRACE_FRAME_SIZE);
}

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

Error timer_set(Running g, u32 low, u32 high)
{
    Time_ns const now = this_cpu().now(), when = u64 {high} << 32 | low;
    if (when <= now)
        raise(*g, VAMBRACE_IRQ_TIMER);
    this_cpu().timers.set(g->vcpu.timer, when <= now ? never : when);
    this_cpu().program_timer(now);
    return Error::none;
}

Error time_get(Running, Results results)
{
    Time_ns const now = this_cpu().now();
    results.r[0] = static_cast<u32>(now);
    results.r[1] = static_cast<u32>(now >> 32);
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

/// A handler's parameters are the call's: their number has to be hypercalls.def's.
template <unsigned arguments, typename R, typename... A>
Answer spread(Running g, R (*handler)(Running, A...), u32 const *r)
{
    static_assert(sizeof...(A) == arguments);
    if constexpr (arguments == 0)
        return handler(g);
    else if constexpr (arguments == 1)
        return handler(g, r[0]);
    else if constexpr (arguments == 2)
        return handler(g, r[0], r[1]);
    else
        return handler(g, r[0], r[1], r[2]);
}

template <unsigned arguments, typename R, typename... A>
Answer invoke(R (*handler)(Running, A...), Running g, u32 *r)
{
    return spread<arguments>(g, handler, r);
}

template <unsigned arguments, typename R, typename... A>
Answer invoke(R (*handler)(Running, Results, A...), Running g, u32 *r)
{
    static_assert(sizeof...(A) == arguments);
    if constexpr (arguments == 0)
        return handler(g, {r});
    else
        return handler(g, {r}, r[0], r[1], r[2]);
}

} // namespace

} // namespace call

namespace {

call::Answer dispatch(Running g, u32 number, u32 *r)
{
    switch (number) {
#define VAMBRACE_CALL(number, NAME, handler, arguments)                                                      \
    case number:                                                                                             \
        return call::invoke<arguments>(call::handler, g, r);
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
    default: return Error::not_supported;
    }
}

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
    case VAMBRACE_REVISION: r.r[1] = 0; return call::value(VAMBRACE_ABI_VERSION);
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

/// The usual calls that have a counter of their own: counters_of() adds it.
constexpr bool counts_itself(u32 number)
{
    return number == VAMBRACE_NR_SWITCH_TABLE || number == VAMBRACE_NR_TLB_FLUSH ||
           number == VAMBRACE_NR_CACHE_OP;
}

} // namespace

void handle_hypercall(Running g)
{
    Trap_regs &r = g->vcpu.context.regs;
    u32 const number = r.r[0] - VAMBRACE_FUNCTION_BASE;
    if (!counts_itself(number))
        g->counters.count(Counter::hypercall);
    call::Answer const answer =
        number < VAMBRACE_NR_CALLS ? dispatch(g, number, &r.r[1]) : dispatch_standard(g, r.r[0]);
    if (!answer.elsewhere)
        r.r[0] = answer.r0;
}

u32 switch_table(Running g, u32 base) { return static_cast<u32>(call::switch_table(g, base)); }
u32 forget_table(Running g, u32 base)
{
    g->counters.count(Counter::hypercall);
    return static_cast<u32>(call::forget_table(g, base));
}
/// \param r base, address and size, and what they become
[[gnu::noinline]] static u32 flush_more(Running g, u32 *r)
{
    return static_cast<u32>(call::tlb_flush(g, {r}, r[0], r[1], r[2]));
}
u32 tlb_flush(Running g, u32 *r, u32 base, u32 va, u32 size)
{
    if (size != page_size || !is_aligned(va, page_size) || !is_aligned(base, 16 * kib))
        return flush_more(g, r);
    g->counters.count(Counter::tlb_flush);
    if (g->vcpu.context.pending.is_expected_in(Va {va})) { // it was refused, and RETURN looks there
        g->vcpu.context.pending.expect_successor();
        g->shadow.drop_page(base, Va {va});
    } else {
        g->shadow.resync_page(base, Va {va});
    }
    return static_cast<u32>(Error::none);
}
u32 cache_op(Running g, u32 op, u32 va, u32 size)
{
    return static_cast<u32>(call::cache_op(g, op, va, size));
}
u32 set_tls(Running g, u32 value)
{
    g->counters.count(Counter::hypercall);
    return static_cast<u32>(call::set_tls(g, value));
}
u32 timer_set(Running g, u32 low, u32 high)
{
    g->counters.count(Counter::hypercall);
    return static_cast<u32>(call::timer_set(g, low, high));
}
u32 time_get(Running g, u32 *r)
{
    g->counters.count(Counter::hypercall);
    return static_cast<u32>(call::time_get(g, {r}));
}

void handle_svc(Running g)
{
    if (g->vcpu.in_user()) {
        g->counters.count(Counter::syscall);
        deliver_svc(g);
    } else {
        handle_hypercall(g);
    }
}

} // namespace vambrace
