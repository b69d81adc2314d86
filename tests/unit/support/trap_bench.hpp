// SPDX-License-Identifier: Apache-2.0
// Whole guests for tests: domains that the machine schedules, with their MMU on, a kernel in a linear map and
// a page for guest user, and the traps that main.cpp would dispatch.
#pragma once
#include <array>
#include <board.hpp>
#include <boot/domain_builder.hpp>
#include <memory>
#include <new>
#include <pv/trap/trap.hpp>
#include <support/guest_bench.hpp>

namespace vambrace {

/// A guest with this memory:
///   0xc0000000  its RAM in sections, kernel only, registered as the linear map
///   0x00100000  user_page, read and write; user_page + 4 KB: read-only for user
///   0xd0000000  a megabyte of small pages for what a test maps there
class Trap_guest {
  public:
    static constexpr u32 ram_size = 8 * mib, pool_size = 64 * kib;
    static constexpr u32 ram_ipa = VAMBRACE_RAM_IPA, linear = 0xc0000000, user_page = 0x00100000,
                         other = 0xd0000000;
    static constexpr u32 base = ram_ipa + 0x4000, user_table = ram_ipa + 0x10000,
                         other_table = ram_ipa + 0x10400;
    static constexpr u32 data = ram_ipa + 0x100000;                         ///< free pages
    static constexpr u32 stack = linear + 0x80000, code = linear + 0x20000; ///< kernel virtual addresses

    static constexpr u8 kernel[4 * kib] {0x12, 0x34}; ///< an Image, for load()

    Trap_guest(u32 n, Pv_processor &processor)
        : fixed {n}, ram {0x02300000 + n * 16 * mib, ram_size},
          origin {{load_again}, {name(n), ram_size, pool_size / kib, {kernel, sizeof kernel}, {}, ""}, 0},
          domain {n, name(n), ram.memory(), processor}
    {
        u32 const pool_physical = 0x08000000 + n * mib;
        u32 *const pool = hardware.add_memory(pool_physical, pool_size, true);
        Arena arena {arena_.data(), arena_.data() + arena_.size()};
        for (u32 k = 1; k != 8; ++k)
            host_l1[(layout::window_base >> 20) + k] = fixed.window[k];
        u32 const page = Fixed_memory::shared_page + n * page_size;
        Pv_memory const place {fixed.guest_part,
                               hardware.memory(page),
                               hardware.physical(fixed.guest_part),
                               page,
                               {pool, pool_physical, pool_size, 1, 252},
                               arch::vectors_table(0)};
        if (domain.init(place, arena) != Error::none)
            throw Hypervisor_fault {"init", 0};
        domain.origin = &origin;
        start();
        make_tables();
        this_cpu().add(domain);
    }
    static char const *name(u32 n) { return n ? "second" : "first"; }
    static bool load_again(Domain &d, Origin const &origin)
    {
        return load(d, static_cast<Bundle_origin const &>(origin)).ok();
    }

    /// What load() leaves, without an image.
    void start()
    {
        this_cpu().leave();
        Pv_guest::kind.start(domain, {Ipa {code}, Ipa {ram_ipa}});
        regs().sp = stack;
        shared().irq_mask = VAMBRACE_IRQS_MASKED;
    }
    vambrace_shared &shared()
    {
        return *reinterpret_cast<vambrace_shared *>(
            hardware.memory(Fixed_memory::shared_page + domain.id * page_size));
    }

    void make_tables()
    {
        for (u32 n = 0; n != ram_size / mib; ++n)
            ram.set_l1(base, linear + n * mib, Guest_ram::section(ram_ipa + n * mib, 1));
        ram.set_l1(base, user_page, Guest_ram::table(user_table));
        ram.set_l2(user_table, user_page, Guest_ram::page(data, 3));
        ram.set_l2(user_table, user_page + page_size, Guest_ram::page(data + page_size, 2));
        ram.set_l1(base, other, Guest_ram::table(other_table));
    }

    /// \pre it runs
    void mmu_on()
    {
        domain.vcpu.cp15.set_table(base);
        domain.vcpu.cp15.dacr = 0x55555555;
        domain.vcpu.cp15.sctlr |= arch::guest_sctlr::m;
        domain.update_mmu();
        domain.shadow.set_linear_map({linear, ram_ipa, ram_size});
    }

    static constexpr u32 entry(u32 n) { return code + 0x1000 + n * 0x100; }
    static vambrace_vectors some_vectors()
    {
        return {entry(0), entry(1), entry(2), entry(3), entry(4),         entry(5),
                entry(6), entry(7), entry(8), entry(9), linear + 0x90000, linear + 0x88000};
    }
    void set_vectors(vambrace_vectors const &v)
    {
        domain.vcpu.vectors = v;
        domain.vcpu.has_vectors = true;
        domain.vcpu.context.svc_entry = v.svc_user;
        domain.vcpu.context.data_abort_entry = v.data_abort_user;
        domain.vcpu.context.prefetch_abort_entry = v.prefetch_abort_user;
    }

    Trap_regs &regs() { return domain.vcpu.context.regs; }
    u32 &word(u32 linear_va) { return ram.word(linear_va - linear + ram_ipa); }
    vambrace_frame &frame_at(u32 linear_va) { return *reinterpret_cast<vambrace_frame *>(&word(linear_va)); }

    /// Guest user runs, at pc, with this frame for its next trap.
    void go_user(u32 frame, u32 pc = user_page)
    {
        domain.vcpu.context.user_frame = frame;
        domain.vcpu.context.set_mode(Guest_mode::user);
        regs().pc = pc;
        regs().sp = 0x00100800;
    }

    Fixed_memory fixed;
    Guest_ram ram;
    Bundle_origin origin;
    Pv_guest domain;

  private:
    std::vector<u8> arena_ = std::vector<u8>(64 * kib);
};

/// The machine with one guest or two; the first one runs.
class Trap_bench {
  public:
    /// \param wall_clock the board's, or an error: it has none
    explicit Trap_bench(unsigned count = 1, Result<u32> wall_clock = u32 {1'000'000'000})
    {
        hardware.reset();
        hardware.dacr = arch::dacr_kernel;
        fake_board = {};
        fake_board.wall_clock = wall_clock;
        Host &host = this_cpu().host;
        only_cpu.~Cpu();
        host.~Host();
        new (&only_cpu) Cpu {*new (&host) Host};
        this_cpu().start();
        for (unsigned n = 0; n != count; ++n)
            guests[n] = std::make_unique<Trap_guest>(n, processor);
        resume();
        g().mmu_on();
        g().set_vectors(Trap_guest::some_vectors());
        for (u32 n = 0; n != 13; ++n)
            regs().r[n] = 0x1000 + n;
        regs().lr = 0x2000;
        resume();
    }

    Trap_guest &g() { return *guests[0]; }
    Pv_guest &d() { return g().domain; }
    /// \pre it runs
    Running r() { return running(d()); }
    Trap_regs &regs() { return g().regs(); }
    vambrace_shared &shared() { return g().shared(); }

    /// The way out of on_trap().
    arch::Context *resume()
    {
        hardware.dacr = arch::dacr_kernel;
        hardware.spent = 0;
        return resume_next();
    }
    /// The guest's instruction at its pc.
    void place(u32 opcode) { g().word(regs().pc) = opcode; }
    void svc()
    {
        handle_svc(r());
        resume();
    }
    u32 call(u32 function, u32 r1 = 0, u32 r2 = 0, u32 r3 = 0)
    {
        regs().r[0] = function;
        regs().r[1] = r1;
        regs().r[2] = r2;
        regs().r[3] = r3;
        svc();
        return regs().r[0];
    }
    /// A load or store of the guest as it is: the core's
    /// fault status and address, as for handle_data_abort().
    bool touch(u32 va, bool write)
    {
        hardware.dacr = d().vcpu.in_user() ? arch::dacr_user : arch::dacr_kernel;
        auto const outcome = hardware.access(va, write, Hardware::Mode::usr);
        hardware.dacr = arch::dacr_kernel;
        if (!outcome.ok())
            hardware.data_abort(va, outcome.fault);
        return outcome.ok();
    }
    /// As pv/entry takes one.
    void data_abort()
    {
        u32 const told = d().vcpu.in_user() ? certain_data_abort(r()) : 0;
        if (!told)
            handle_data_abort(r());
        else if (stores_frame())
            enter(told, d().vcpu.context.data_aborts, d().vcpu.context.data_abort_entry);
        else
            deliver_certain_data_abort(r(), told);
    }
    void prefetch_abort()
    {
        u32 const told = d().vcpu.in_user() ? certain_prefetch_abort(r()) : 0;
        if (!told)
            handle_prefetch_abort(r());
        else if (stores_frame())
            enter(told, d().vcpu.context.prefetch_aborts, d().vcpu.context.prefetch_abort_entry);
        else
            deliver_certain_prefetch_abort(r(), told);
    }
    /// The instruction at pc until it is done (true) or the guest is somewhere else.
    bool run(u32 va, bool write)
    {
        u32 const pc = regs().pc;
        for (unsigned n = 0; n != 8; ++n) {
            if (touch(va, write))
                return true;
            data_abort();
            resume();
            if (regs().pc != pc || !d().runs())
                return false;
        }
        throw No_progress {};
    }

    std::unique_ptr<Pv_processor> owned = std::make_unique<Pv_processor>(0, 0);
    Pv_processor &processor {*owned};
    std::array<std::unique_ptr<Trap_guest>, 2> guests;

  private:
    /// pv/entry's two stores of the way of a fault to the guest; each may fault.
    bool stores_frame()
    {
        arch::Context &context = d().vcpu.context;
        context.orig_r0 = regs().r[0];
        if (!arch::store_frame(Va {context.user_frame}, regs().r))
            return false;
        auto const outcome = hardware.access(VAMBRACE_SHARED_VA, true, Hardware::Mode::privileged);
        if (!outcome.ok()) // guarded
            hardware.data_abort(VAMBRACE_SHARED_VA, outcome.fault);
        else
            arch::shared_to_write().irq_mask = VAMBRACE_IRQS_MASKED;
        return outcome.ok();
    }
    void enter(u32 told, u32 &counter, u32 entry)
    {
        arch::Context &context = d().vcpu.context;
        ++counter;
        regs().r[0] = context.pending.refill;
        regs().r[1] = told;
        regs().r[2] = regs().sp = context.user_frame;
        regs().psr = psr::user;
        regs().pc = entry;
        context.set_mode(Guest_mode::kernel);
    }
};

} // namespace vambrace
