// SPDX-License-Identifier: Apache-2.0
// Traps into the guest kernel: one frame on its stack, and RETURN, which takes it back.
#include <pv/shadow/entries.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

constexpr u32 frame_words = VAMBRACE_FRAME_SIZE / 4;

/// A fault in guest memory that the hypervisor met: can it be repaired?
bool repair(Domain &d, Va va)
{
    if (arch::is_reserved(va.value))
        return false;
    Fill const fill = d.shadow.fill(va, true);
    if (d.shadow.has_kernel_only())
        d.vcpu.context.attention |= arch::Context::attention_slow;
    return fill.kind == Fill::Kind::filled;
}

/// Goes on after each fault that can be repaired.
template <typename Word>
Error each_word(Domain &d, Va va, Word *words, u32 count, arch::Guest_access (*access)(Va, Word *, u32))
{
    if (!is_aligned(va.value, 4) || arch::is_reserved(va.value, 4 * count))
        return Error::address;
    for (u32 repaired = ~va.value;;) {
        arch::Guest_access const a = access(va, words, count);
        if (a.ok)
            return Error::none;
        if (a.value == repaired || !repair(d, Va {a.value})) // no address is repaired twice in a row
            return Error::address;
        repaired = a.value;
        u32 const done = (a.value - va.value) / 4;
        va.value = a.value;
        words += done;
        count -= done;
    }
}

/// \param kernel whose rights: the mode that goes on
[[gnu::noinline]] void refill_as(Domain &d, bool kernel)
{
    Va const va {d.vcpu.context.refill};
    d.vcpu.context.refill = 0;
    if (d.shadow.refill(va, kernel))
        d.counters.count(Counter::filled_entry);
}

u32 virtual_psr(Vcpu const &v)
{
    u32 const flags = v.context.regs.psr & arch::psr_kept;
    if (v.in_user())
        return flags | VAMBRACE_PSR_USER;
    return flags | VAMBRACE_PSR_KERNEL | (arch::shared().irq_mask & VAMBRACE_IRQ_MASKED);
}

void enter_at(Vcpu &v, u32 entry, u32 frame)
{
    v.context.regs.sp = frame;
    v.context.regs.pc = entry & ~3u;
    v.context.regs.psr = psr::user;
    v.context.user_frame = 0;
}

void double_fault(Domain &d, u32 const *frame, u32 where)
{
    Vcpu &v = d.vcpu;
    d.counters.count(Counter::double_fault);
    u32 const at = v.vectors.emergency_stack - VAMBRACE_FRAME_SIZE;
    if (!v.has_vectors || !v.vectors.double_fault ||
        write_guest(d, Va {at}, frame, frame_words) != Error::none) {
        end(d, "double fault: no frame can be stored on the guest kernel's stack");
        return;
    }
    if (write_guest(d, Va {where}, frame, 1) == Error::none) // it fails on the frame's second page
        where = align_down(where + VAMBRACE_FRAME_SIZE - 1, page_size);
    u32 const status = d.shadow.walk(Va {where}).fault;
    shared_of(d).irq_mask = VAMBRACE_IRQ_MASKED;
    enter_at(v, v.vectors.double_fault, at);
    v.context.regs.r[0] = where;
    v.context.regs.r[1] = status ? status : arch::fsr::permission | arch::fsr::page;
    v.context.regs.r[2] = at;
}

/// Stores the frame. Returns its address; if there is none the guest is in a double fault, or over.
Result<u32> store_frame(Domain &d)
{
    Vcpu &v = d.vcpu;
    if (!v.has_vectors) {
        end(d, "a trap before SET_VECTORS");
        return Error::denied;
    }
    u32 const at =
        v.in_user() ? v.context.user_frame : align_down(v.context.regs.sp, 8) - VAMBRACE_FRAME_SIZE;
    static_assert(offsetof(arch::Context, orig_r0) - offsetof(arch::Context, regs) == VAMBRACE_FRAME_ORIG_R0);
    Trap_regs &regs = v.context.regs;
    regs.psr = virtual_psr(v); // the real one is the same for every entry
    v.context.orig_r0 = regs.r[0];
    bool const checked = v.in_user(); // by RETURN
    if ((checked || !arch::is_reserved(at, VAMBRACE_FRAME_SIZE)) && arch::store_frame(Va {at}, regs.r))
        return at;
    if (write_guest(d, Va {at}, regs.r, frame_words) != Error::none) {
        double_fault(d, regs.r, at);
        return Error::address;
    }
    return at;
}

} // namespace

Error write_guest(Domain &d, Va va, u32 const *words, u32 count)
{
    return each_word(d, va, words, count, arch::store_words);
}

Error read_guest(Domain &d, Va va, u32 *words, u32 count)
{
    return each_word(d, va, words, count, arch::load_words);
}

Result<u32> read_guest(Domain &d, Va va)
{
    u32 word = 0;
    Error const error = read_guest(d, va, &word, 1);
    return error == Error::none ? Result<u32> {word} : Result<u32> {error};
}

void deliver(Domain &d, Trap_entry entry, Trap_arguments const *arguments)
{
    bool const user = d.vcpu.in_user();
    Result<u32> const frame = store_frame(d);
    if (!frame)
        return;
    shared_of(d).irq_mask = VAMBRACE_IRQ_MASKED;
    Trap_regs &regs = d.vcpu.context.regs;
    regs.r[0] = arguments ? arguments->r0 : *frame;
    regs.r[1] = arguments ? arguments->r1 : 0;
    regs.r[2] = *frame;
    enter_at(d.vcpu, user ? entry.user : entry.kernel, *frame);
}

void deliver_svc(Domain &d)
{
    if (Result<u32> const frame = store_frame(d))
        enter_at(d.vcpu, d.vcpu.vectors.svc_user, *frame);
}

void deliver_undefined(Domain &d)
{
    deliver(d, {d.vcpu.vectors.undefined_user, d.vcpu.vectors.undefined_kernel}, nullptr);
}

void deliver_abort(Domain &d, bool prefetch, Va va, u32 status)
{
    Vcpu &v = d.vcpu;
    v.context.refill = va.value;
    v.context.attention |= v.context.attention_refill;
    if (prefetch)
        status = arch::fsr::instruction(status);
    v.cp15.record_fault(prefetch, va, status);
    deliver_recorded_abort(d, prefetch, status);
}

void deliver_recorded_abort(Domain &d, bool prefetch, u32 status)
{
    Vcpu &v = d.vcpu;
    d.counters.count(Counter::forwarded_fault);
    Trap_arguments const arguments {v.context.refill, status};
    if (prefetch)
        deliver(d, {v.vectors.prefetch_abort_user, v.vectors.prefetch_abort_kernel}, &arguments);
    else
        deliver(d, {v.vectors.data_abort_user, v.vectors.data_abort_kernel}, &arguments);
}

/// Almost always the frame is there to be loaded.
static Error read_frame(Domain &d, Va at, vambrace_frame &frame)
{
    u32 *const words = reinterpret_cast<u32 *>(&frame);
    if (!arch::is_reserved(at.value, sizeof frame) && arch::load_frame(at, words))
        return Error::none;
    return read_guest(d, at, words, frame_words);
}

Error return_from_trap(Domain &d)
{
    Vcpu &v = d.vcpu;
    u32 const at = v.context.regs.sp;
    vambrace_frame frame;
    if (!is_aligned(at, 8)) // the fast path of the next system call relies on it
        return Error::address;
    if (Error const e = read_frame(d, Va {at}, frame); e != Error::none)
        return e;
    u32 const mode = frame.psr & VAMBRACE_PSR_MODE_MASK;
    bool const user = (mode & 0xf) == 0; // M[4] is not looked at: the fast path need not either
    if (!user && mode != VAMBRACE_PSR_KERNEL && mode != VAMBRACE_PSR_MODE_MASK)
        return Error::inval;
    if (user && !v.has_vectors)
        return Error::denied;
    if (user && at == 0) // user_frame = 0 says that the guest kernel runs
        return Error::address;
    Trap_regs &regs = v.context.regs;
    for (unsigned n = 0; n != 12; n += 4) // by load and store multiple
        __builtin_memcpy(__builtin_assume_aligned(regs.r + n, 4), __builtin_assume_aligned(frame.r + n, 4),
                         4 * sizeof(u32));
    regs.r[12] = frame.r[12];
    regs.sp = frame.sp;
    regs.lr = frame.lr;
    regs.psr = (frame.psr & arch::psr_kept) | psr::user;
    regs.pc = frame.pc & ~(frame.psr & psr::t ? 1u : 3u);
    v.context.user_frame = user ? at : 0;
    shared_of(d).irq_mask = user ? 0 : frame.psr & VAMBRACE_IRQ_MASKED;
    if (v.context.refill)
        refill_as(d, !user);
    return Error::none;
}

void refill(Domain &d)
{
    arch::Context &context = d.vcpu.context;
    context.attention = 0;
    if (!d.shadow.refill_quickly(Va {context.refill})) {
        refill_as(d, false);
        return;
    }
    context.refill = 0;
    d.counters.count(Counter::filled_entry);
}

/// An asynchronous abort that came while the hypervisor ran for the guest, or before another guest ran.
static void deliver_asynchronous_abort(Domain &d)
{
    Vcpu &v = d.vcpu;
    if (u32 const abort = arch::take_asynchronous_abort())
        v.asynchronous_abort = abort;
    if (u32 const abort = v.asynchronous_abort) {
        v.asynchronous_abort = 0;
        deliver_abort(d, false, Va {0}, arch::fsr::forwarded(abort) | arch::fsr::access_bits(abort));
    }
}

void prepare(Domain &d)
{
    Vcpu &v = d.vcpu;
    deliver_asynchronous_abort(d);
    if (u32 const shown = v.raised & v.enabled) {
        vambrace_shared &shared = shared_of(d);
        shared.irq_pending = shared.irq_pending | shown;
        v.raised &= ~shown;
    }
    bool const pending = arch::shared().irq_pending != 0;
    bool const masked = !v.in_user() && (arch::shared().irq_mask & VAMBRACE_IRQ_MASKED);
    if (pending && masked) {
        if (!d.store_passes)
            guard_shared(d);
    } else if (pending && v.has_vectors) { // not guarded: the guest takes irq_pending first of all
        d.counters.count(Counter::virtual_irq);
        deliver(d, {v.vectors.irq_user, v.vectors.irq_kernel}, nullptr);
    }
    d.store_passes = false;
    if (v.in_user())
        d.shadow.remove_kernel_only();
    bool const slow = pending || !v.has_vectors || d.shadow.has_kernel_only();
    v.context.attention = (slow ? v.context.attention_slow : 0) |
                          (v.context.refill ? v.context.attention & v.context.attention_refill : 0);
}

} // namespace vambrace
