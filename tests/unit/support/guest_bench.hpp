// SPDX-License-Identifier: Apache-2.0
// A guest for tests: RAM, a shadow pool and the hypervisor's fixed mappings on simulated hardware, and its
// page tables, written as a guest would write them.
#pragma once
#include <guest_format.hpp>
#include <pv/shadow/shadow.hpp>
#include <vector>

namespace vambrace {

/// The core has ASIDs, or has none, while this lives.
struct With_asids {
    explicit With_asids(bool on) { Hardware::has_asids = on || walk::always_has_asids; }
    ~With_asids() { Hardware::has_asids = walk::always_has_asids; }
    With_asids(With_asids const &) = delete;
};
/// A core of this format may have none.
constexpr int least_asids = walk::always_has_asids ? 1 : 0;

/// Page 0 is not a guest's if the exception vectors are there.
constexpr bool in_vectors_page(u32 va) { return arch::low_vectors && va < page_size; }
/// For GENERATE(filter(...)): addresses that are bad also where page 0 is the guest's.
constexpr bool bad_everywhere(u32 va) { return arch::low_vectors || va >= page_size; }

/// They are where the core looks for them.
inline bool has_its_vectors()
{
    return !arch::low_vectors ||
           hardware.access(0x18, false, Hardware::Mode::privileged).physical == arch::vectors_frame + 0x18;
}

/// What every guest finds in its tables without asking.
struct Fixed_memory {
    static constexpr u32 shared_page = 0x00030000, counter_page = 0x10000000, image = 0x00100000;
    u32 window[8];
    u32 *guest_part; ///< the window's table for the guest

    /// \param n the guest's number: each has a shared page of its own
    explicit Fixed_memory(u32 n = 0)
    {
        using Entry = arch::Shadow_entry;
        if (n == 0) {
            u32 *const vectors = hardware.add_memory(arch::own_tables, arch::own_tables_size, true);
            vectors[0] = arch::vectors_page();
            hardware.add_memory(arch::vectors_frame, page_size);
            hardware.add_memory(counter_page, page_size);
        }
        hardware.add_memory(shared_page + n * page_size, page_size);
        guest_part = hardware.memory(arch::own_tables) + (n + 1) * 256;
        guest_part[0] =
            Entry::window_page(Frame {(shared_page >> 12) + n}, arch::Access::write, Entry::cached);
        guest_part[1] = Entry::window_page(Frame {counter_page >> 12}, arch::Access::read, Entry::device);
        window[0] = Entry::table(hardware.physical(guest_part), arch::Dacr_domain::kernel);
        for (u32 megabyte = 1; megabyte != 8; ++megabyte)
            window[megabyte] = Entry::private_section(image + megabyte * mib, Entry::cached, Own_use::data);
        hardware.drain();
    }
};

/// A guest's own RAM and the tables in it.
class Guest_ram : public Guest_format {
  public:
    Guest_ram(u32 physical, u32 size)
        : physical_ {physical}, size_ {size}, words_ {hardware.add_memory(physical, size)}
    {
    }

    Memory memory() const { return {Frame {physical_ >> 12}, size_}; }
    u32 &word(u32 ipa) { return words_[(ipa - VAMBRACE_RAM_IPA) / 4]; }
    u32 physical(u32 ipa) const { return physical_ + (ipa - VAMBRACE_RAM_IPA); }
    u32 end() const { return VAMBRACE_RAM_IPA + size_; }

    void set_l1(u32 base, u32 va, u32 value) { word(base + (va >> 20) * 4) = value; }
    void set_l2(u32 table_ipa, u32 va, u32 value) { word(table_ipa + (va >> 12 & 255) * 4) = value; }
    void set_large(u32 table_ipa, u32 va, u32 value)
    {
        for (u32 n = 0; n != 16; ++n)
            set_l2(table_ipa, (va & 0xffff0000) + n * page_size, value);
    }

  private:
    u32 physical_, size_;
    u32 *words_;
};

/// One guest whose Shadow is driven directly.
class Shadow_bench {
  public:
    static constexpr u32 ram_physical = 0x02300000, ram_size = 8 * mib, pool_physical = 0x08000000;
    static constexpr u32 ram_ipa = VAMBRACE_RAM_IPA;
    static constexpr u32 linear_va = 0xc0000000;

    explicit Shadow_bench(u32 pool_size = 64 * kib, bool linear = true)
        : clean_ {(hardware.reset(), 0)}, ram {ram_physical, ram_size}, memory {ram.memory()}
    {
        u32 *const pool = hardware.add_memory(pool_physical, pool_size, true);
        Arena arena {arena_.data(), arena_.data() + arena_.size()};
        if (shadow.init({pool, pool_physical, pool_size, 1, 252}, memory, fixed.window,
                        arch::vectors_table(0), arena) != Error::none)
            throw Hypervisor_fault {"init", 0};
        hardware.dacr = arch::dacr_kernel;
        shadow.set_rights({0x55555555, false, false});
        if (linear)
            shadow.set_linear_map({linear_va, ram_ipa, ram_size});
        use();
    }

    /// As SWITCH_TABLE does.
    void activate(u32 base)
    {
        shadow.activate(base);
        use();
    }
    void use()
    {
        if (hardware.ttbr != shadow.hardware_table().physical)
            arch::use_table(shadow.hardware_table());
    }
    /// As main.cpp does on the way to the guest.
    void resume(Guest_mode mode)
    {
        if (mode == Guest_mode::user)
            shadow.remove_kernel_only();
        hardware.dacr = mode == Guest_mode::kernel ? arch::dacr_kernel : arch::dacr_user;
    }
    void trap() { hardware.dacr = arch::dacr_kernel; }

    /// A guest's access, with the faults that the hypervisor hides. True: it was done.
    bool access(u32 va, walk::Kind kind, Guest_mode mode, unsigned most = 4)
    {
        for (unsigned n = 0; n != most; ++n) {
            resume(mode);
            auto const outcome = hardware.access(va, kind, Hardware::Mode::usr);
            trap();
            if (outcome.ok())
                return true;
            if (shadow.fill(Va {va}, mode).kind != Fill::Kind::filled)
                return false;
        }
        throw No_progress {};
    }
    bool access(u32 va, bool write, Guest_mode mode)
    {
        return access(va, write ? walk::Kind::store : walk::Kind::load, mode);
    }
    bool fetches(u32 va, Guest_mode mode = Guest_mode::kernel) { return access(va, walk::Kind::fetch, mode); }
    bool loads(u32 va, Guest_mode mode = Guest_mode::kernel) { return access(va, false, mode); }
    bool stores(u32 va, Guest_mode mode = Guest_mode::kernel) { return access(va, true, mode); }
    /// Without help from the hypervisor: does the hardware let this through as things are?
    u32 reached(u32 va, bool write = false, Guest_mode mode = Guest_mode::kernel)
    {
        resume(mode);
        auto const outcome = hardware.access(va, write, Hardware::Mode::usr);
        trap();
        return outcome.ok() ? outcome.physical : 0;
    }

    int clean_;
    Fixed_memory fixed {};
    Guest_ram ram;
    Memory memory;
    Shadow shadow {};

  private:
    std::vector<u8> arena_ = std::vector<u8>(mib);
};

} // namespace vambrace
