// SPDX-License-Identifier: Apache-2.0
// Undefined instructions: the guest kernel's CP15, SMC and HVC are emulated, the rest is the guest's.
#include <core/machine.hpp>
#include <core/trap.hpp>

namespace vambrace {

namespace {

void emulate_cache(Cp15_action const &action)
{
    auto caches = arch::caches();
    if (action.kind == Cp15_action::Kind::cache_line && !arch::is_reserved(action.address.value)) {
        u32 const line = align_down(action.address.value, arch::cache_line);
        switch (action.cache) {
        case Cp15_action::Cache::invalidate_i: return caches.sync_code(line, 1);
        case Cp15_action::Cache::clean_d: return caches.clean(line, 1);
        default: return caches.clean_invalidate(line, 1);
        }
    }
    if (action.kind == Cp15_action::Kind::cache_all) {
        if (action.cache == Cp15_action::Cache::invalidate_i)
            caches.invalidate_code();
        else
            caches.clean_invalidate_all();
    }
}

void act(Domain &d, Cp15_action const &action)
{
    using Kind = Cp15_action::Kind;
    switch (action.kind) {
    case Kind::mmu_changed:
    case Kind::domains_changed:
    case Kind::table_changed: update_mmu(d); break;
    case Kind::alignment_changed: arch::set_alignment_check(d.vcpu.cp15.alignment_check()); break;
    case Kind::tlb_all: d.shadow.drop_all(); break;
    case Kind::tlb_address: d.shadow.drop(align_down(action.address.value, page_size), page_size); break;
    case Kind::cache_all:
    case Kind::cache_line: emulate_cache(action); break;
    case Kind::wait_for_interrupt: wait_for_interrupt(d); break;
    case Kind::cache_range:
    case Kind::translate:
    case Kind::thread_register:
    case Kind::drain:
    case Kind::none:
    case Kind::undefined: break;
    }
}

/// Returns false if the instruction is the guest's own business.
bool emulate_coprocessor(Domain &d, u32 opcode)
{
    Result<Coprocessor_op> const op = decode_coprocessor(opcode);
    if (!op || op->coprocessor != 15)
        return false;
    Trap_regs &regs = d.vcpu.context.regs;
    d.counters.count(Counter::cp15);
    Cp15_action const action = access(d.vcpu.cp15, *op, op->load ? 0 : regs[op->rt], arch::identity());
    if (action.kind == Cp15_action::Kind::undefined)
        return false;
    complete(*op, regs, action.value);
    act(d, action);
    return true;
}

} // namespace

void handle_undefined(Domain &d)
{
    Trap_regs &regs = d.vcpu.context.regs;
    d.counters.count(Counter::undefined);
    regs.pc -= regs.thumb() ? 2 : 4;
    if (d.vcpu.in_user() || regs.thumb()) {
        deliver_undefined(d);
        return;
    }
    Result<u32> const opcode = read_guest(d, Va {regs.pc});
    if (!opcode) {
        deliver_undefined(d);
        return;
    }
    if (!condition_passed(*opcode, regs.psr)) {
        skip(regs);
        return;
    }
    if (is_smc(*opcode) || is_hvc(*opcode)) {
        skip(regs);
        handle_hypercall(d);
        return;
    }
    if (!emulate_coprocessor(d, *opcode))
        deliver_undefined(d);
}

} // namespace vambrace
