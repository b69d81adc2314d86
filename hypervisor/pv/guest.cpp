// SPDX-License-Identifier: Apache-2.0
// What the kernel asks of a paravirtual guest: Guest_kind's functions.
#include <base/log.hpp>
#include <kernel/cpu.hpp>
#include <pv/running.hpp>

namespace vambrace {

namespace {

Pv_guest &pv(Domain &d) { return static_cast<Pv_guest &>(d); }
Pv_vcpu &pv(Vcpu &v) { return static_cast<Pv_vcpu &>(v); }

/// The first word of the window that shows a guest's pool.
constexpr unsigned pool_word = (layout::pool - layout::window_base) / mib;

} // namespace

Guest_kind const Pv_guest::kind {.interface = Guest_interface::paravirtual,
                                 .start = start,
                                 .use_own_table = use_own_table,
                                 .open_memory = open_memory,
                                 .close_memory = close_memory,
                                 .enter = enter,
                                 .leave = leave,
                                 .clock_changed = clock_changed,
                                 .set_irq = set_irq,
                                 .stop = stop,
                                 .dump = dump,
                                 .counters = counters_of};

[[gnu::cold]] Pv_guest::Pv_guest(unsigned id, char const *label, Memory memory, Pv_processor &processor)
    : Domain {id, label, memory, kind, vcpu}, vcpu {*this}, standard {*this}
{
    vcpu.processor = &processor;
    standard.connect(*this, this_cpu().host.wall_clock);
}

[[gnu::cold]] Error Pv_guest::init(Pv_memory const &place, Arena &arena)
{
    using Entry = arch::Shadow_entry;
    window_[0] = Entry::table(place.guest_table_physical, arch::Dacr_domain::kernel);
    for (unsigned n = 1; n != pool_word; ++n)
        window_[n] = host_l1[(layout::window_base >> 20) + n];
    u32 const first = align_down(place.pool.physical, mib), end = place.pool.physical + place.pool.size;
    for (unsigned n = 0; n != layout::pool_size / mib && first + n * mib < end; ++n)
        window_[pool_word + n] = Entry::private_section(first + n * mib, Entry::uncached, Own_use::data);
    show_pool();
    page.init(place.guest_table, place.shared_page, Frame::of(place.shared_page_physical));
    if constexpr (board::counter_mapped)
        place.guest_table[1] =
            Entry::window_page(Frame::of(board::counter_page), arch::Access::read, Entry::device);
    if (windows.any())
        shadow.show(windows);
    return shadow.init(place.pool, memory, window_, place.vectors, arena);
}

[[gnu::cold]] void Pv_guest::show_pool() const
{
    for (unsigned n = 0; n != layout::pool_size / mib; ++n) {
        u32 *const entry = &host_l1[(layout::pool >> 20) + n];
        *entry = window_[pool_word + n];
        arch::publish_entry(entry, Va {layout::pool + n * mib});
    }
}

[[gnu::cold]] void Pv_guest::start(Domain &domain, Start start)
{
    Pv_guest &d = pv(domain);
    ASSERT(!this_cpu().current());
    d.show_pool();
    d.settle_counters();
    arch::await_aborts(); // of the loading, and of an earlier life
    (void)arch::take_asynchronous_abort();
    Pv_state fresh {};
    fresh.context.dacr_kernel = arch::dacr_kernel;
    fresh.context.dacr_user = arch::dacr_user;
    fresh.context.look_before_return();
    fresh.context.regs.psr = psr::user | (start.in_thumb() ? psr::t : 0);
    fresh.context.regs.pc = start.pc();
    fresh.context.regs.r[1] = ~0u;
    fresh.context.regs.r[2] = start.device_tree.value;
    d.vcpu.processor->vfp.forget(d.vcpu.vfp);
    static_cast<Pv_state &>(d.vcpu) = fresh;
    this_cpu().timers.cancel(d.vcpu.timer);
    d.standard.bus.reset();
    d.page.clear();
    d.published_ = 0;
    d.shadow.set_linear_map({});
    d.shadow.restart();
    d.shadow.set_rights(arch::rights_off);
}

void Pv_guest::use_own_table(Domain &d) { pv(d).vcpu.processor->use_own_table(); }

u8 *Pv_guest::open_memory(Domain &d)
{
    ASSERT(this_cpu().current() == &pv(d).vcpu);
    use_own_table(d);
    return pv(d).vcpu.processor->memory_at(d.memory.first());
}

void Pv_guest::close_memory(Domain &d) { pv(d).use_table(); }

void Pv_guest::use_table() const
{
    arch::use_table(shadow.hardware_table());
    // What is global and not every guest's: its shared page, and its pool.
    arch::tlb_invalidate(Va {VAMBRACE_SHARED_VA}, 0);
    for (u32 at = 0; at != layout::pool_size; at += mib)
        arch::tlb_invalidate(Va {layout::pool + at}, 0);
}

void Pv_guest::enter(Vcpu &vcpu)
{
    Pv_vcpu &v = pv(vcpu);
    Pv_guest &d = pv(v.domain);
    arch::restore(v.thread);
    v.processor->vfp.run(v.vfp, arch::vfp_access(v.cp15));
    d.use_table();
    arch::set_alignment_check(v.cp15.alignment_check());
    d.publish_clock();
}

void Pv_guest::leave(Vcpu &vcpu)
{
    Pv_vcpu &v = pv(vcpu);
    ASSERT(this_cpu().current() == &vcpu);
    if (arch::has_data_aliases && v.domain.windows.any()) // another guest reads what this one has written
        arch::caches().clean_invalidate_data();
    arch::await_aborts(); // of what the guest has done: they are not the next one's
    if (u32 const abort = arch::take_asynchronous_abort())
        v.asynchronous_abort = abort;
    arch::save(v.thread);
}

void Pv_guest::clock_changed(Vcpu &vcpu) { pv(vcpu.domain).publish_clock(); }

void Pv_guest::publish_clock()
{
    Clock const &clock = this_cpu().host.clock;
    if (published_ == clock.generation() + 1)
        return;
    published_ = clock.generation() + 1;
    vambrace_shared &shared = page.to_write();
    shared.clock_ticks = clock.base_ticks();
    shared.clock_ns[0] = static_cast<u32>(clock.base_ns());
    shared.clock_ns[1] = static_cast<u32>(clock.base_ns() >> 32);
    shared.clock_mult = clock.mult();
    shared.clock_shift = clock.shift();
    shared.clock_sequence = shared.clock_sequence + 2;
}

void Pv_guest::set_irq(Domain &d, unsigned irq, bool high)
{
    if (high)
        vambrace::raise(pv(d), irq);
    else
        vambrace::lower(pv(d), irq);
}

void Pv_guest::stop(Domain &d)
{
    this_cpu().timers.cancel(pv(d).vcpu.timer);
    pv(d).standard.clock.reset();
}

[[gnu::cold]] void Pv_guest::dump(Domain const &domain)
{
    auto const &v = static_cast<Pv_guest const &>(domain).vcpu;
    Trap_regs const &r = v.context.regs;
    log("vambrace:   pc %08x lr %08x sp %08x psr %08x (guest %s)\n", r.pc, r.lr, r.sp, r.psr,
        v.in_user() ? "user" : "kernel");
}

void Pv_guest::settle_counters()
{
    arch::Context &context = vcpu.context;
    counters.count(Counter::data_abort, context.data_aborts);
    counters.count(Counter::prefetch_abort, context.prefetch_aborts);
    counters.count(Counter::forwarded_fault, context.data_aborts + context.prefetch_aborts);
    context.data_aborts = context.prefetch_aborts = 0;
}

[[gnu::cold]] Counters Pv_guest::counters_of(Domain &domain)
{
    Pv_guest &d = pv(domain);
    d.settle_counters();
    Counters c = d.counters;
    u32 counted_apart = 0; // a call that has a counter of its own is a hypercall, too
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    if (Counter::counter != Counter::hypercall)                                                              \
        counted_apart += c[Counter::counter];
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
    c.count(Counter::hypercall, counted_apart);
    c.count(Counter::resynced_entry, d.shadow.resynced());
    c.count(Counter::shadow_l1_evicted, d.shadow.l1_evictions());
    c.count(Counter::shadow_l2_evicted, d.shadow.l2_evictions());
    return c;
}

void Pv_guest::update_mmu()
{
    ASSERT(this_cpu().current() == &vcpu);
    arch::Cp15_state const &cp15 = vcpu.cp15;
    shadow.set_rights(cp15.rights());
    shadow.activate(cp15.mmu_on() ? cp15.table() : Shadow::mmu_off);
    arch::use_table(shadow.hardware_table());
    arch::set_alignment_check(cp15.alignment_check());
}

void Pv_vcpu::raise_timer(Time_ns) { raise(pv(domain), VAMBRACE_IRQ_TIMER); }

} // namespace vambrace
