// SPDX-License-Identifier: Apache-2.0
// Traps into the guest kernel: one frame on its stack, and RETURN, which takes it back.
#include <pv/shadow/shadow.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

constexpr u32 frame_words = VAMBRACE_FRAME_SIZE / 4;

/// A fault in guest memory that the hypervisor met: can it be repaired?
bool repair(Running g, Va va)
{
    if (arch::is_reserved(va.value))
        return false;
    Fill const fill = g->shadow.fill(va, Guest_mode::kernel);
    if (g->shadow.has_kernel_only())
        g->vcpu.context.look_before_return();
    return fill.kind == Fill::Kind::filled;
}

/// Goes on after each fault that can be repaired.
template <typename Word>
Error each_word(Running g, Va va, Word *words, u32 count, arch::Guest_access (*access)(Va, Word *, u32))
{
    if (!is_aligned(va.value, 4) || arch::is_reserved(va.value, 4 * count))
        return Error::address;
    for (u32 repaired = ~va.value;;) {
        arch::Guest_access const a = access(va, words, count);
        if (a.ok)
            return Error::none;
        if (a.value == repaired || !repair(g, Va {a.value})) // no address is repaired twice in a row
            return Error::address;
        repaired = a.value;
        u32 const done = (a.value - va.value) / 4;
        va.value = a.value;
        words += done;
        count -= done;
    }
}

/// \param mode the one that goes on
[[gnu::noinline]] void refill_as(Running g, Guest_mode mode)
{
    Va const va = g->vcpu.context.pending.take_refill();
    if (g->shadow.refill(va, mode))
        g->counters.count(Counter::filled_entry);
}

u32 virtual_psr(Pv_vcpu const &v)
{
    u32 const flags = v.context.regs.psr & arch::psr_kept;
    if (v.in_user())
        return flags | VAMBRACE_PSR_USER;
    return flags | VAMBRACE_PSR_KERNEL | (arch::shared().irq_mask & VAMBRACE_IRQ_MASKED);
}

void enter_at(Pv_vcpu &v, u32 entry, u32 frame)
{
    v.context.regs.sp = frame;
    v.context.regs.pc = entry & ~3u;
    v.context.regs.psr = psr::user;
    v.context.set_mode(Guest_mode::kernel);
}

void double_fault(Running g, u32 const *frame, u32 where)
{
    Pv_vcpu &v = g->vcpu;
    g->counters.count(Counter::double_fault);
    u32 const at = v.vectors.emergency_stack - VAMBRACE_FRAME_SIZE;
    if (!v.has_vectors || !v.vectors.double_fault ||
        write_guest(g, Va {at}, frame, frame_words) != Error::none) {
        end(*g, "double fault: no frame can be stored on the guest kernel's stack");
        return;
    }
    if (write_guest(g, Va {where}, frame, 1) == Error::none) // it fails on the frame's second page
        where = align_down(where + VAMBRACE_FRAME_SIZE - 1, page_size);
    u32 const status = g->shadow.walk(Va {where}).fault;
    g->page.to_write().irq_mask = VAMBRACE_IRQS_MASKED;
    enter_at(v, v.vectors.double_fault, at);
    v.context.regs.r[0] = where;
    v.context.regs.r[1] = status ? status : arch::fsr::permission | arch::fsr::page;
    v.context.regs.r[2] = at;
}

/// Stores the frame. Returns its address; if there is none the guest is in a double fault, or over.
Result<u32> store_frame(Running g)
{
    Pv_vcpu &v = g->vcpu;
    if (!v.has_vectors) {
        end(*g, "a trap before SET_VECTORS");
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
    if (write_guest(g, Va {at}, regs.r, frame_words) != Error::none) {
        double_fault(g, regs.r, at);
        return Error::address;
    }
    return at;
}

} // namespace

Error write_guest(Running g, Va va, u32 const *words, u32 count)
{
    return each_word(g, va, words, count, arch::store_words);
}

Error read_guest(Running g, Va va, u32 *words, u32 count)
{
    return each_word(g, va, words, count, arch::load_words);
}

Result<u32> read_guest(Running g, Va va)
{
    u32 word = 0;
    Error const error = read_guest(g, va, &word, 1);
    return error == Error::none ? Result<u32> {word} : Result<u32> {error};
}

void deliver(Running g, Trap_entry entry, Trap_arguments const *arguments)
{
    bool const user = g->vcpu.in_user();
    Result<u32> const frame = store_frame(g);
    if (!frame)
        return;
    g->page.to_write().irq_mask = VAMBRACE_IRQS_MASKED;
    Trap_regs &regs = g->vcpu.context.regs;
    regs.r[0] = arguments ? arguments->r0 : *frame;
    regs.r[1] = arguments ? arguments->r1 : 0;
    regs.r[2] = *frame;
    enter_at(g->vcpu, user ? entry.user : entry.kernel, *frame);
}

void deliver_svc(Running g)
{
    if (Result<u32> const frame = store_frame(g))
        enter_at(g->vcpu, g->vcpu.vectors.svc_user, *frame);
}

void deliver_undefined(Running g)
{
    deliver(g, {g->vcpu.vectors.undefined_user, g->vcpu.vectors.undefined_kernel}, nullptr);
}

void deliver_abort(Running g, Abort abort, Va va, u32 status)
{
    Pv_vcpu &v = g->vcpu;
    v.context.pending.expect_mapping(va);
    if (abort == Abort::prefetch)
        status = arch::fsr::instruction(status);
    v.cp15.record_fault(abort, va, status);
    deliver_recorded_abort(g, abort, status);
}

void deliver_recorded_abort(Running g, Abort abort, u32 status)
{
    Pv_vcpu &v = g->vcpu;
    g->counters.count(Counter::forwarded_fault);
    Trap_arguments const arguments {v.context.pending.refill, status};
    if (abort == Abort::prefetch)
        deliver(g, {v.vectors.prefetch_abort_user, v.vectors.prefetch_abort_kernel}, &arguments);
    else
        deliver(g, {v.vectors.data_abort_user, v.vectors.data_abort_kernel}, &arguments);
}

/// Almost always the frame is there to be loaded.
static Error read_frame(Running g, Va at, vambrace_frame &frame)
{
    u32 *const words = reinterpret_cast<u32 *>(&frame);
    if (!arch::is_reserved(at.value, sizeof frame) && arch::load_frame(at, words))
        return Error::none;
    return read_guest(g, at, words, frame_words);
}

Error return_from_trap(Running g)
{
    Pv_vcpu &v = g->vcpu;
    u32 const at = v.context.regs.sp;
    vambrace_frame frame;
    if (!is_aligned(at, 8)) // the fast path of the next system call relies on it
        return Error::address;
    if (Error const e = read_frame(g, Va {at}, frame); e != Error::none)
        return e;
    u32 const mode = frame.psr & VAMBRACE_PSR_MODE_MASK;
    bool const user = (mode & 0xf) == 0; // M[4] is not looked at: the fast path need not either
    if (!user && mode != VAMBRACE_PSR_KERNEL && mode != VAMBRACE_PSR_MODE_MASK)
        return Error::inval;
    if (user && !v.has_vectors)
        return Error::denied;
    if (user && at == 0) // everywhere, whoever has page 0
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
    v.context.set_mode(user ? Guest_mode::user : Guest_mode::kernel);
    v.context.user_frame = at;
    g->page.to_write().irq_mask = VAMBRACE_IRQS_OPEN | (user ? 0 : frame.psr & VAMBRACE_IRQ_MASKED);
    if (v.context.pending.refill)
        refill_as(g, user ? Guest_mode::user : Guest_mode::kernel);
    return Error::none;
}

void refill(Running g)
{
    Pending_work &pending = g->vcpu.context.pending;
    pending.attention = 0;
    if (!g->shadow.refill_quickly(Va {pending.refill})) {
        refill_as(g, Guest_mode::user);
        return;
    }
    pending.refill = 0;
    g->counters.count(Counter::filled_entry);
}

} // namespace vambrace
