// SPDX-License-Identifier: Apache-2.0
// Undefined instructions: the guest kernel's CP15, SMC and HVC are emulated, the rest is the guest's.
#include <kernel/cpu.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

void emulate_cache(Running g, Cp15_action const &action)
{
    using Cache = Cp15_action::Cache;
    auto caches = arch::caches();
    bool const line = action.kind == Cp15_action::Kind::cache_line;
    u32 const from = line ? align_down(action.address.value, arch::guest_line) : action.address.value;
    u32 const size = line ? arch::guest_line : action.value;
    if (action.kind == Cp15_action::Kind::cache_all || size > arch::whole_cache) {
        if (action.cache == Cache::invalidate_i)
            caches.invalidate_code();
        else
            caches.clean_invalidate_all();
        return;
    }
    if (arch::is_reserved(from, size))
        return;
    for_maintenance(g, from, size, [&](u32 at, u32 bytes) {
        switch (action.cache) {
        case Cache::invalidate_i: return caches.sync_code(at, bytes);
        case Cache::clean_d: return caches.clean(at, bytes);
        default: return caches.clean_invalidate(at, bytes);
        }
    });
}

/// VA to PA, as the guest's tables say it.
void translate(Running g, Cp15_action const &action)
{
    using As = Cp15_action::As;
    u32 const va = action.address.value;
    Guest_mode const mode =
        action.as == As::kernel_read || action.as == As::kernel_write ? Guest_mode::kernel : Guest_mode::user;
    bool const write = action.as == As::kernel_write || action.as == As::user_write;
    arch::Mapping const m = g->shadow.walk(Va {va});
    arch::Rights_context const context = g->vcpu.cp15.rights();
    u32 status = m.fault ? m.fault : arch::rights_fault(m, va, mode, context);
    arch::Rights const rights = arch::rights_of(arch::ap_at(m, va), m.domain, context);
    if (!status && write && arch::effective(rights, mode) != arch::Access::write)
        status = arch::fsr::permission | (m.section ? 0 : arch::fsr::page);
    g->vcpu.cp15.record_translation(m.page, status);
}

void act(Running g, Cp15_action const &action)
{
    using Kind = Cp15_action::Kind;
    switch (action.kind) {
    case Kind::mmu_changed:
    case Kind::domains_changed:
    case Kind::table_changed: g->update_mmu(); break;
    case Kind::alignment_changed: arch::set_alignment_check(g->vcpu.cp15.alignment_check()); break;
    case Kind::tlb_all: g->shadow.drop_all(); break;
    case Kind::tlb_address:
        g->shadow.drop(Va {align_down(action.address.value, page_size)}, page_size);
        break;
    case Kind::cache_all:
    case Kind::cache_line:
    case Kind::cache_range: emulate_cache(g, action); break;
    case Kind::translate: translate(g, action); break;
    case Kind::thread_register:
        (void)arch::set_thread_pointer([&](Va va) { return g->shadow.frame_behind(va); }, action.value);
        break;
    case Kind::coprocessors_changed:
        g->vcpu.processor->vfp.run(g->vcpu.vfp, arch::vfp_access(g->vcpu.cp15));
        break;
    case Kind::wait_for_interrupt: wait_for_interrupt(g); break;
    case Kind::drain:
    case Kind::none:
    case Kind::undefined: break;
    }
}

/// Each returns false if the instruction is the guest's own business.
bool emulate_transfer(Running g, Coprocessor_op const &op)
{
    Trap_regs &regs = g->vcpu.context.regs;
    Cp15_action const action = access(g->vcpu.cp15, op, op.load ? 0 : regs[op.rt], arch::identity());
    if (action.kind == Cp15_action::Kind::undefined)
        return false;
    complete(op, regs, action.value);
    act(g, action);
    return true;
}

/// No register has 64 bits: all that is known are operations.
bool emulate_transfer(Running g, Coprocessor_pair const &op)
{
    Trap_regs &regs = g->vcpu.context.regs;
    Cp15_action const action = access(g->vcpu.cp15, op, regs[op.rt], regs[op.rt2], arch::identity());
    if (action.kind == Cp15_action::Kind::undefined)
        return false;
    skip(regs, 4);
    act(g, action);
    return true;
}

/// VMRS and VMSR of what USR mode has no access to (DDI 0406C B9.3.19, B9.3.20).
bool emulate_vfp(Running g, Coprocessor_op const &op)
{
    if (op.opc1 != 7 || op.crm || op.opc2 || op.rt == 15)
        return false;
    Trap_regs &regs = g->vcpu.context.regs;
    auto const r = static_cast<Vfp_register>(op.crn);
    if (!op.load && g->vcpu.processor->vfp.write(g->vcpu.vfp, r, regs[op.rt]) != Error::none)
        return false;
    Result<u32> const value = op.load ? g->vcpu.processor->vfp.read(g->vcpu.vfp, r) : Result<u32> {0u};
    if (!value)
        return false;
    complete(op, regs, *value);
    return true;
}

bool emulate_coprocessor(Running g, Instruction const &instruction)
{
    if (instruction.length != 4)
        return false;
    if (Result<Coprocessor_op> const op = decode_coprocessor(instruction.opcode)) {
        if (op->coprocessor == 10)
            return emulate_vfp(g, *op);
        g->counters.count(Counter::cp15);
        return emulate_transfer(g, *op);
    }
    Result<Coprocessor_pair> const pair = decode_coprocessor_pair(instruction.opcode);
    return pair && emulate_transfer(g, *pair);
}

/// An instruction of the guest kernel. Returns false if it is the guest's own business.
bool emulate(Running g, Instruction const &instruction)
{
    Trap_regs &regs = g->vcpu.context.regs;
    if (!condition_passed(instruction, regs.psr)) {
        skip(regs, instruction.length);
        return true;
    }
    if (is_smc(instruction) || is_hvc(instruction)) {
        skip(regs, instruction.length);
        handle_hypercall(g);
        return true;
    }
    return emulate_coprocessor(g, instruction);
}

} // namespace

Result<Instruction> fetch(Running g)
{
    Trap_regs const &regs = g->vcpu.context.regs;
    Result<u32> const word = read_guest(g, Va {align_down(regs.pc, 4)});
    if (!word)
        return word.error();
    if (!regs.thumb())
        return Instruction::arm(*word);
    bool const upper = regs.pc & 2;
    u16 const first = static_cast<u16>(upper ? *word >> 16 : *word);
    if (!Instruction::is_thumb32(first, arch::isa))
        return Instruction::thumb16(first);
    if (!upper)
        return Instruction::thumb32(first, static_cast<u16>(*word >> 16));
    Result<u32> const next = read_guest(g, Va {regs.pc + 2});
    if (!next)
        return next.error();
    return Instruction::thumb32(first, static_cast<u16>(*next));
}

void handle_undefined(Running g)
{
    Trap_regs &regs = g->vcpu.context.regs;
    g->counters.count(Counter::undefined);
    regs.pc -= regs.thumb() ? 2 : 4;
    bool const vfp_is_due = g->vcpu.processor->vfp.is_due(g->vcpu.vfp);
    if (g->vcpu.in_user() && !vfp_is_due) {
        deliver_undefined(g);
        return;
    }
    Result<Instruction> const instruction = fetch(g);
    if (instruction && vfp_is_due &&
        is_vfp(*instruction)) { // it is tried again, with the guest's own registers
        g->counters.count(Counter::vfp_switch);
        g->vcpu.processor->vfp.take(g->vcpu.vfp);
        return;
    }
    if (!instruction || g->vcpu.in_user() || !emulate(g, *instruction))
        deliver_undefined(g);
}

} // namespace vambrace
