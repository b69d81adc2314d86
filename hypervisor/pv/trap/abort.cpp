// SPDX-License-Identifier: Apache-2.0
// Aborts of the guest: filled from its tables, emulated,
// or given to it with the status it would see natively.
#include <kernel/cpu.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

/// The guest's shared page, which it may not store to just now.
struct Shared_bus {
    Running g;

    static u32 offset(u32 address) { return address & (page_size - 1); }
    static bool covers(u32 address) { return align_down(address, page_size) == VAMBRACE_SHARED_VA; }

    Result<u32> read(u32 address, unsigned size)
    {
        if (!covers(address) || !is_aligned(address, size))
            return Error::address;
        u32 value = 0;
        __builtin_memcpy(&value, reinterpret_cast<u8 const *>(&arch::shared()) + offset(address), size);
        return value;
    }
    Error write(u32 address, unsigned size, u32 value)
    {
        if (!covers(address) || !is_aligned(address, size))
            return Error::address;
        __builtin_memcpy(reinterpret_cast<u8 *>(&g->page.to_write()) + offset(address), &value, size);
        return Error::none;
    }
};

/// A store that only the core can do: a STREX, which fails now and
/// is tried again. Should it unmask, that is seen a little later.
bool pass_one_store(Running g)
{
    g->page.let_one_store_pass();
    this_cpu().enter_within(50'000);
    return true;
}

/// A store to the guarded page is done for the guest, so
/// that prepare() sees what it unmasks. False: it is none.
bool store_to_shared(Running g, Va va)
{
    if (!g->page.guarded() || g->vcpu.in_user() || !Shared_bus::covers(va.value))
        return false;
    Result<Transfer> const transfer = decode_at_pc(g);
    if (!transfer)
        return pass_one_store(g);
    Shared_bus bus {g};
    return perform(*transfer, g->vcpu.context.regs, bus).ok();
}

/// What the guest is told of a fault in the hypervisor's part of the address space, or in page 0: its tables'
/// own fault if they have one, else that nothing is mapped there.
u32 reserved_status(Running g, Va va)
{
    arch::Mapping const m = g->shadow.walk(va);
    u32 const form = m.section ? 0 : arch::fsr::page;
    return m.fault ? m.fault : arch::fsr::translation | form | u32 {m.domain} << 4;
}

/// The same instruction and address twice without a change of the shadow is not tried a third time.
bool first_time(Running g, Va va)
{
    Pv_vcpu &v = g->vcpu;
    if (v.retried_pc == v.context.regs.pc && v.retried == va)
        return false;
    v.retried_pc = v.context.regs.pc;
    v.retried = va;
    return true;
}

void handle_mmu_fault(Running g, Abort abort, Va va, u32 status)
{
    u32 const access = abort == Abort::prefetch ? 0 : arch::fsr::access_bits(status);
    if (arch::is_reserved(va.value)) {
        if (abort == Abort::data && store_to_shared(g, va)) {
            g->look_again = true;
            return;
        }
        deliver_abort(g, abort, va, reserved_status(g, va) | access);
        return;
    }
    Fill const fill = g->shadow.fill(va, g->vcpu.mode());
    if (g->shadow.has_kernel_only())
        g->vcpu.context.look_before_return();
    switch (fill.kind) {
    case Fill::Kind::filled: g->counters.count(Counter::hidden_fill); return;
    case Fill::Kind::fault: deliver_abort(g, abort, va, fill.status | access); return;
    case Fill::Kind::no_memory:
        if (abort == Abort::prefetch)
            deliver_abort(g, Abort::prefetch, va, arch::fsr::external(fill.section));
        else
            access_device(g, va, fill, access);
        return;
    case Fill::Kind::unchanged: // the entry is there: a store to a page that is read-only, or a stale TLB
        if (!arch::fsr::is_permission(status) && first_time(g, va)) {
            arch::tlb_invalidate_all();
            return;
        }
        deliver_abort(g, abort, va, fill.status | access);
        return;
    }
}

} // namespace

void handle_data_abort(Running g)
{
    u32 const status = arch::data_fault_status(); // once: what follows may fault itself
    Va const va = arch::fsr::is_asynchronous(status) ? Va {0} : arch::fault_address();
    g->counters.count(Counter::data_abort);
    if (!arch::fsr::is_mmu(status))
        deliver_abort(g, Abort::data, va, arch::fsr::forwarded(status) | arch::fsr::access_bits(status));
    else if (!access_device_again(g, va))
        handle_mmu_fault(g, Abort::data, va, status);
}

void handle_prefetch_abort(Running g)
{
    u32 const status = arch::prefetch_fault_status();
    u32 const pc = g->vcpu.context.regs.pc;
    bool const mmu = arch::fsr::is_mmu(status);
    // IFAR is UNKNOWN after a breakpoint: it may be what another guest has left there.
    Va const va = mmu ? arch::instruction_fault_address(pc) : Va {pc};
    g->counters.count(Counter::prefetch_abort);
    if (!mmu)
        deliver_abort(g, Abort::prefetch, va, arch::fsr::forwarded(status));
    else
        handle_mmu_fault(g, Abort::prefetch, va, status);
}

} // namespace vambrace
