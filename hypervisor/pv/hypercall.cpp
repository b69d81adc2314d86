// SPDX-License-Identifier: Apache-2.0
// One handler for each call of hypercalls.def, and PSCI. Arguments are hostile: all are checked first.
#include <kernel/machine.hpp>
#include <pv/shadow/entries.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

namespace call {

/// What r0 gets. A handler that resumes the guest elsewhere says `elsewhere`: no register is changed then.
struct Answer {
    u32 r0;
    bool elsewhere = false;
    constexpr Answer(Error error) : r0 {static_cast<u32>(error)} {}
    constexpr Answer(u32 value, bool elsewhere) : r0 {value}, elsewhere {elsewhere} {}
};
constexpr Answer value(u32 v) { return {v, false}; }
constexpr Answer elsewhere {0, true};

/// r1 to r3, for a handler that returns something in them.
struct Results {
    u32 *r; ///< r[0] is r1
};

Answer return_from_trap(Domain &d)
{
    Error const error = vambrace::return_from_trap(d);
    return error == Error::none ? elsewhere : Answer {error};
}

Answer irq_deliver(Domain &) { return Error::none; } // prepare() does it on the way out

Answer idle(Domain &d, u32 unmask)
{
    if (unmask > 1)
        return Error::inval;
    if (unmask)
        shared_of(d).irq_mask = 0; // nothing is delivered before the guest goes on
    wait_for_interrupt(d);
    return Error::none;
}

Answer yield(Domain &d)
{
    machine.yield(d);
    return Error::none;
}

bool is_entry(u32 va) { return va != 0 && is_aligned(va, 4) && !arch::is_reserved(va, 4); }
bool is_stack(u32 end)
{
    return is_aligned(end, 8) && end >= VAMBRACE_FRAME_SIZE &&
           !arch::is_reserved(end - VAMBRACE_FRAME_SIZE, VAMBRACE_FRAME_SIZE);
}

Answer set_vectors(Domain &d, u32 va)
{
    constexpr u32 words = sizeof(vambrace_vectors) / 4, entries = 9;
    vambrace_vectors v;
    u32 *const raw = reinterpret_cast<u32 *>(&v);
    if (Error const e = read_guest(d, Va {va}, raw, words); e != Error::none)
        return e;
    for (u32 n = 0; n != entries; ++n)
        if (!is_entry(raw[n]))
            return Error::inval;
    if (v.double_fault && (!is_entry(v.double_fault) || !is_stack(v.emergency_stack)))
        return Error::inval;
    if (!v.user_frame || !is_stack(v.user_frame + VAMBRACE_FRAME_SIZE))
        return Error::inval;
    d.vcpu.vectors = v;
    d.vcpu.has_vectors = true;
    d.vcpu.context.svc_entry = v.svc_user;
    d.vcpu.context.data_abort_entry = v.data_abort_user;
    d.vcpu.context.prefetch_abort_entry = v.prefetch_abort_user;
    return Error::none;
}

Answer set_linear_map(Domain &d, u32 va, u32 ipa, u32 size)
{
    if (!is_aligned(va | ipa | size, section_size) || size == 0 || arch::is_reserved(va, size) ||
        !d.memory.owns(Ipa {ipa}, size))
        return Error::inval;
    d.shadow.set_linear_map({va, ipa, size});
    return Error::none;
}

/// A table that was not in use a short while ago, or the MMU is off.
[[gnu::noinline]] Error switch_slowly(Domain &d, u32 ttbr)
{
    bool const mmu_on = d.vcpu.cp15.mmu_on();
    if (!d.memory.owns(Ipa {ttbr}, 16 * kib))
        return Error::inval;
    d.vcpu.cp15.set_table(ttbr);
    if (mmu_on) {
        d.shadow.activate(ttbr);
        machine.use_table(d.shadow.hardware_table());
    }
    return Error::none;
}

Error switch_table(Domain &d, u32 ttbr)
{
    d.counters.count(Counter::table_switch);
    if (!is_aligned(ttbr, 16 * kib))
        return Error::inval;
    if (!d.vcpu.cp15.mmu_on() || !d.shadow.activate_recent(ttbr))
        return switch_slowly(d, ttbr);
    d.vcpu.cp15.set_table(ttbr);
    machine.use_table(d.shadow.hardware_table());
    return Error::none;
}

Error forget_table(Domain &d, u32 ttbr)
{
    d.shadow.forget(align_down(ttbr, 16 * kib));
    return Error::none;
}

[[gnu::noinline]] Error flush_range(Domain &d, Results results, u32 base, u32 va, u32 size)
{
    if (base == VAMBRACE_ALL_TABLES) {
        d.shadow.drop(size == VAMBRACE_ALL_ADDRESSES ? 0 : va, size);
        return Error::none;
    }
    if (!is_aligned(base, 16 * kib))
        return Error::inval;
    u32 const start = size == VAMBRACE_ALL_ADDRESSES ? 0 : va;
    if (start != 0 && size > 0 - start) // it ends at the top of the address space
        size = 0 - start;
    u32 const left = d.shadow.resync(base, start, size);
    if (left == 0)
        return Error::none;
    results.r[1] = start + (size - left);
    results.r[2] = left;
    return Error::again;
}

Error tlb_flush(Domain &d, Results results, u32 base, u32 va, u32 size)
{
    d.counters.count(Counter::tlb_flush);
    if (d.vcpu.context
            .refill) // what refused an access may be gone now, and its successor mapped before RETURN
        d.vcpu.context.attention |= arch::Context::attention_refill;
    return flush_range(d, results, base, va, size);
}

/// One page, through the kernel's address and through one with the same cache lines as va.
Error cache_page(Domain &d, Ipa page, u32 va)
{
    Result<Frame> const frame = d.memory.frame_of(page);
    if (!frame || !is_aligned(page.value, page_size) ||
        arch::is_reserved(align_down(va, page_size), page_size))
        return Error::inval;
    if (Result<Va> const linear = d.shadow.linear_view(page))
        arch::clean_invalidate_page(*frame, linear->value, va);
    else // nobody knows where the guest has written it
        arch::caches().clean_invalidate_data();
    return Error::none;
}

Error cache_range(Domain &d, u32 op, u32 va, u32 size)
{
    auto caches = arch::caches();
    if (size > arch::whole_cache) {
        caches.clean_invalidate_all();
        return Error::none;
    }
    if (size == 0)
        return Error::none;
    if (arch::is_reserved(va, size))
        return Error::inval;
    for_maintenance(d, va, size, [&](u32 at, u32 bytes) {
        switch (op) {
        case VAMBRACE_CACHE_CLEAN: return caches.clean(at, bytes);
        case VAMBRACE_CACHE_INVALIDATE: return caches.invalidate(at, bytes);
        case VAMBRACE_CACHE_CLEAN_INVALIDATE: return caches.clean_invalidate(at, bytes);
        default: return caches.sync_code(at, bytes);
        }
    });
    return Error::none;
}

Error cache_op(Domain &d, u32 op, u32 va, u32 size)
{
    d.counters.count(Counter::cache_op);
    switch (op) {
    case VAMBRACE_CACHE_CLEAN:
    case VAMBRACE_CACHE_INVALIDATE:
    case VAMBRACE_CACHE_CLEAN_INVALIDATE:
    case VAMBRACE_CACHE_SYNC_CODE: return cache_range(d, op, va, size);
    case VAMBRACE_CACHE_ALL: arch::caches().clean_invalidate_all(); return Error::none;
    case VAMBRACE_CACHE_CODE_ALL: arch::caches().invalidate_code(); return Error::none;
    case VAMBRACE_CACHE_DATA_ALL: arch::caches().clean_invalidate_data(); return Error::none;
    case VAMBRACE_CACHE_PAGE: return cache_page(d, Ipa {va}, size);
    default: return Error::inval;
    }
}

Error set_tls(Domain &d, u32 tls)
{
    return arch::set_thread_pointer([&](Va va) { return d.shadow.frame_behind(va); }, tls);
}

Answer irq_enable(Domain &d, u32 irq, u32 on)
{
    if (irq >= VAMBRACE_IRQ_COUNT || on > 1)
        return Error::inval;
    u32 const mask = 1u << irq;
    d.vcpu.enabled = on ? d.vcpu.enabled | mask : d.vcpu.enabled & ~mask;
    return Error::none;
}

Error timer_set(Domain &d, u32 low, u32 high)
{
    machine.set_timer(d, u64 {high} << 32 | low);
    return Error::none;
}

Error time_get(Domain &, Results results)
{
    Time_ns const now = machine.now();
    results.r[0] = static_cast<u32>(now);
    results.r[1] = static_cast<u32>(now >> 32);
    return Error::none;
}

Answer counters_read(Domain &d, u32 va, u32 words)
{
    u32 const count = words < counter_count ? words : counter_count;
    if (count == 0)
        return value(0);
    Error const error = write_guest(d, Va {va}, counters_of(d).value, count);
    return error == Error::none ? value(count) : Answer {error};
}

/// A handler's parameters are the call's: their number has to be hypercalls.def's.
template <unsigned arguments, typename R, typename... A>
Answer spread(Domain &d, R (*handler)(Domain &, A...), u32 const *r)
{
    static_assert(sizeof...(A) == arguments);
    if constexpr (arguments == 0)
        return handler(d);
    else if constexpr (arguments == 1)
        return handler(d, r[0]);
    else if constexpr (arguments == 2)
        return handler(d, r[0], r[1]);
    else
        return handler(d, r[0], r[1], r[2]);
}

template <unsigned arguments, typename R, typename... A>
Answer invoke(R (*handler)(Domain &, A...), Domain &d, u32 *r)
{
    return spread<arguments>(d, handler, r);
}

template <unsigned arguments, typename R, typename... A>
Answer invoke(R (*handler)(Domain &, Results, A...), Domain &d, u32 *r)
{
    static_assert(sizeof...(A) == arguments);
    if constexpr (arguments == 0)
        return handler(d, {r});
    else
        return handler(d, {r}, r[0], r[1], r[2]);
}

} // namespace call

call::Answer dispatch(Domain &d, u32 number, u32 *r)
{
    switch (number) {
#define VAMBRACE_CALL(number, NAME, handler, arguments)                                                      \
    case number:                                                                                             \
        return call::invoke<arguments>(call::handler, d, r);
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

call::Answer dispatch_standard(Domain &d, u32 id)
{
    Trap_regs &r = d.vcpu.context.regs;
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
    case psci::system_off: power_off(d); return call::elsewhere;
    case psci::system_reset: machine.restart(d); return call::elsewhere;
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

void handle_hypercall(Domain &d)
{
    Trap_regs &r = d.vcpu.context.regs;
    u32 const number = r.r[0] - VAMBRACE_FUNCTION_BASE;
    if (!counts_itself(number))
        d.counters.count(Counter::hypercall);
    call::Answer const answer =
        number < VAMBRACE_NR_CALLS ? dispatch(d, number, &r.r[1]) : dispatch_standard(d, r.r[0]);
    if (!answer.elsewhere)
        r.r[0] = answer.r0;
}

u32 switch_table(Domain &d, u32 base) { return static_cast<u32>(call::switch_table(d, base)); }
u32 forget_table(Domain &d, u32 base)
{
    d.counters.count(Counter::hypercall);
    return static_cast<u32>(call::forget_table(d, base));
}
/// \param r base, address and size, and what they become
[[gnu::noinline]] static u32 flush_more(Domain &d, u32 *r)
{
    return static_cast<u32>(call::tlb_flush(d, {r}, r[0], r[1], r[2]));
}
u32 tlb_flush(Domain &d, u32 *r, u32 base, u32 va, u32 size)
{
    if (size != page_size || !is_aligned(va, page_size) || !is_aligned(base, 16 * kib))
        return flush_more(d, r);
    d.counters.count(Counter::tlb_flush);
    if ((d.vcpu.context.refill ^ va) < page_size) { // it was refused, and RETURN looks there
        d.vcpu.context.attention |= arch::Context::attention_refill;
        d.shadow.drop_page(base, Va {va});
    } else {
        d.shadow.resync_page(base, Va {va});
    }
    return static_cast<u32>(Error::none);
}
u32 cache_op(Domain &d, u32 op, u32 va, u32 size)
{
    return static_cast<u32>(call::cache_op(d, op, va, size));
}
u32 set_tls(Domain &d, u32 value)
{
    d.counters.count(Counter::hypercall);
    return static_cast<u32>(call::set_tls(d, value));
}
u32 timer_set(Domain &d, u32 low, u32 high)
{
    d.counters.count(Counter::hypercall);
    return static_cast<u32>(call::timer_set(d, low, high));
}
u32 time_get(Domain &d, u32 *r)
{
    d.counters.count(Counter::hypercall);
    return static_cast<u32>(call::time_get(d, {r}));
}

void handle_svc(Domain &d)
{
    if (d.vcpu.in_user()) {
        d.counters.count(Counter::syscall);
        deliver_svc(d);
    } else {
        handle_hypercall(d);
    }
}

} // namespace vambrace
