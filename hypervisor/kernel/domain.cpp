// SPDX-License-Identifier: Apache-2.0
// A guest from start to end: its window, its start state, its interrupts, its last words.
#include <base/log.hpp>
#include <board.hpp>
#include <kernel/machine.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

/// Moves what entry.S has counted where it can reach it to the counters that last.
void settle(Domain &d)
{
    arch::Context &context = d.vcpu.context;
    d.counters.count(Counter::syscall, context.system_calls);
    d.counters.count(Counter::data_abort, context.data_aborts);
    d.counters.count(Counter::prefetch_abort, context.prefetch_aborts);
    d.counters.count(Counter::forwarded_fault, context.data_aborts + context.prefetch_aborts);
    context.system_calls = context.data_aborts = context.prefetch_aborts = 0;
}

} // namespace

Counters counters_of(Domain &d)
{
    settle(d);
    Counters c = d.counters;
    c.count(Counter::hypercall, c[Counter::table_switch] + c[Counter::tlb_flush] + c[Counter::cache_op]);
    c.count(Counter::resynced_entry, d.shadow.resynced());
    c.count(Counter::shadow_l1_evicted, d.shadow.l1_evictions());
    c.count(Counter::shadow_l2_evicted, d.shadow.l2_evictions());
    return c;
}

namespace {

void map_shared(Domain &d, arch::Access access)
{
    using Entry = arch::Shadow_entry;
    d.guest_table[0] = Entry::window_page(d.shared_frame, access, Entry::cached);
    d.guarded = access != arch::Access::write;
    arch::publish_entry(&d.guest_table[0], Va {VAMBRACE_SHARED_VA});
}

} // namespace

vambrace_shared &shared_of(Domain &d)
{
    if (d.guarded)
        map_shared(d, arch::Access::write);
    return arch::shared_to_write();
}

void guard_shared(Domain &d)
{
    if (!d.guarded)
        map_shared(d, arch::Access::read);
}

void raise(Domain &d, unsigned irq)
{
    d.vcpu.raised |= 1u << irq;
    d.vcpu.context.attention |= arch::Context::attention_slow;
    if (d.vcpu.enabled >> irq & 1)
        machine.wake(d);
}

void lower(Domain &d, unsigned irq)
{
    d.vcpu.raised &= ~(1u << irq);
    if (machine.current() != &d || !(arch::shared().irq_pending >> irq & 1))
        return;
    shared_of(d).irq_pending = arch::shared().irq_pending & ~(1u << irq);
    machine.look_round(); // others may wait still: the page is not guarded now
}

void power_off(Domain &d)
{
    d.state = Domain::State::powered_off;
    log("vambrace: guest %u (%s): powered off\n", d.id + 1, d.label());
    machine.stop(d);
}

void end(Domain &d, char const *why)
{
    if (!d.runs())
        return;
    d.state = Domain::State::ended;
    Trap_regs const &r = d.vcpu.context.regs;
    log("vambrace: guest %u (%s): ended: %s\n", d.id + 1, d.label(), why);
    log("vambrace:   pc %08x lr %08x sp %08x psr %08x (guest %s)\n", r.pc, r.lr, r.sp, r.psr,
        d.vcpu.in_user() ? "user" : "kernel");
    machine.stop(d);
}

void update_mmu(Domain &d)
{
    arch::Cp15_state const &cp15 = d.vcpu.cp15;
    d.shadow.set_rights(cp15.rights());
    d.shadow.activate(cp15.mmu_on() ? cp15.table() : Shadow::mmu_off);
    machine.use_table(d.shadow.hardware_table());
    arch::set_alignment_check(cp15.alignment_check());
}

void start_over(Domain &d, Entry entry)
{
    settle(d);
    Vcpu fresh {};
    fresh.context.dacr_kernel = arch::dacr_kernel;
    fresh.context.dacr_user = arch::dacr_user;
    fresh.context.attention = 1;
    fresh.context.regs.psr = psr::user;
    fresh.context.regs.pc = entry.kernel.value;
    fresh.context.regs.r[1] = ~0u;
    fresh.context.regs.r[2] = entry.device_tree.value;
    machine.vfp.forget(d.vcpu.vfp);
    d.vcpu = fresh;
    d.uart = Vpl011 {[](unsigned guest, char c) { machine.console.write(guest, c); }, d.id};
    d.rtc.reset();
    d.shadow.set_linear_map({});
    d.shadow.restart();
    d.shadow.set_rights(arch::rights_off);
}

Boot_result<Ipa> Machine::load(Domain &d)
{
    use_table({host_table, 0});
    current_ = nullptr;
    // What its former life has left in the caches, under other
    // addresses maybe, goes to memory while that is still its own.
    arch::caches().clean_invalidate_data();
    u8 *const ram = arch::ram_at(d.memory.first().physical(), ram_base);
    arch::clear_table(reinterpret_cast<u32 *>(ram), d.memory.size());
    Boot_result<Entry> const entry =
        load_guest(d.config, ram, d.memory.size(), {arch::cpu_compatible(), d.rtc.present()});
    if (!entry)
        return entry.problem();
    __builtin_memset(d.shared_page, 0, page_size);
    vambrace_shared &shared = *reinterpret_cast<vambrace_shared *>(d.shared_page);
    shared.irq_mask = VAMBRACE_IRQ_MASKED;
    shared.abi_version = VAMBRACE_ABI_VERSION;
    shared.clock_flags = board::counter_mapped ? VAMBRACE_CLOCK_MAPPED : 0;
    shared.clock_hz = board::counter_hz;
    shared.clock_offset = board::counter_offset;
    published_[d.id] = 0;
    map_shared(d, arch::Access::write);
    start_over(d, *entry);
    arch::caches().clean_invalidate_all();
    return entry->kernel;
}

void Machine::restart(Domain &d)
{
    Time_ns const before = now(), due = d.restarts.wait(before);
    if (due == never) {
        end(d, "it restarted too often");
        return;
    }
    d.counters.count(Counter::restart);
    if (d.restarts.in_a_row() == 1)
        log("vambrace: guest %u (%s): restarted\n", d.id + 1, d.label());
    else
        log("vambrace: guest %u (%s): restarted, %u times in a row: it waits %u ms\n", d.id + 1, d.label(),
            d.restarts.in_a_row(), d.restarts.wait_ms());
    if (Boot_result<Ipa> const entry = load(d); !entry) {
        report(entry.problem());
        end(d, "its images cannot be loaded again");
        return;
    }
    // Nobody else could run meanwhile: a guest that restarts without end may not have more than its share.
    Time_ns const after = now(), fair = domain_count * (after - before);
    scheduler_.block(d.id);
    d.held_until = after + (due < fair ? fair : due);
    d.restarts.started(d.held_until);
    input_.start_over(d.id);
    due_ = 0;
    reschedule_ = true;
}

} // namespace vambrace
