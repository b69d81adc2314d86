// SPDX-License-Identifier: Apache-2.0
// A guest that is RAM and interrupt lines and nothing else, for tests of what works on a guest's memory.
#pragma once
#include <fake/faults.hpp>
#include <kernel/domain.hpp>
#include <set>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace vambrace {

/// A guest's RAM on the host, twice: as the test sees it, and as the hypervisor does, which faults while it
/// is closed. Nothing is mapped within 4 GB of either.
class Guarded_ram {
  public:
    explicit Guarded_ram(u32 size) : size_ {size}, file_ {memfd_create("ram", 0)}
    {
        if (file_ < 0 || ftruncate(file_, size))
            throw Hypervisor_fault {"no memory", size};
        own_ = map(PROT_READ | PROT_WRITE);
        view_ = map(PROT_NONE);
    }
    ~Guarded_ram()
    {
        munmap(own_ - reach, 2 * reach);
        munmap(view_ - reach, 2 * reach);
        close(file_);
    }
    Guarded_ram(Guarded_ram const &) = delete;

    u8 *own() const { return own_; }
    u8 *view() const { return view_; }
    u32 size() const { return size_; }
    void open(bool on) { mprotect(view_, size_, on ? PROT_READ | PROT_WRITE : PROT_NONE); }

  private:
    static constexpr std::size_t reach = std::size_t {4} << 30;

    u8 *map(int protection) const
    {
        constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void *const around = mmap(nullptr, 2 * reach, PROT_NONE, flags, -1, 0);
        if (around == MAP_FAILED)
            throw Hypervisor_fault {"the host has no room", 0};
        u8 *const middle = static_cast<u8 *>(around) + reach;
        if (mmap(middle, size_, protection, MAP_SHARED | MAP_FIXED, file_, 0) == MAP_FAILED)
            throw Hypervisor_fault {"the host has no memory left", 0};
        return middle;
    }

    u32 const size_;
    int const file_;
    u8 *own_, *view_;
};

class Device_guest : public Domain {
  public:
    static constexpr u32 usual_size = 2 * mib;

    explicit Device_guest(u32 ram_size = usual_size)
        : Domain {0, "guest", {Frame {0x02300}, ram_size}, functions, vcpu_}, vcpu_ {*this}, ram_ {ram_size}
    {
    }
    u32 ram_end() const { return VAMBRACE_RAM_IPA + memory.size(); }

    template <typename T>
    T &at(u32 ipa)
    {
        if (!memory.owns(Ipa {ipa}, sizeof(T)))
            throw Hypervisor_fault {"the test looks outside of RAM", ipa};
        return *reinterpret_cast<T *>(ram_.own() + (ipa - VAMBRACE_RAM_IPA));
    }
    /// All of it, as it is now.
    /// Compare it in parentheses of its own: a reporter writes down what it is shown, and this is megabytes.
    std::vector<u8> contents() const { return {ram_.own(), ram_.own() + ram_.size()}; }
    u8 *bytes(u32 ipa, u32 size)
    {
        if (!memory.owns(Ipa {ipa}, size))
            throw Hypervisor_fault {"the test looks outside of RAM", ipa};
        return ram_.own() + (ipa - VAMBRACE_RAM_IPA);
    }
    bool line(unsigned irq) const { return lines_.count(irq) != 0; }
    bool is_open() const { return open_; }

  private:
    static Device_guest &of(Domain &d) { return static_cast<Device_guest &>(d); }
    static u8 *open_memory(Domain &d)
    {
        if (of(d).open_)
            throw Hypervisor_fault {"a guest's memory is opened twice", 0};
        of(d).ram_.open(of(d).open_ = true);
        return of(d).ram_.view();
    }
    static void close_memory(Domain &d) { of(d).ram_.open(of(d).open_ = false); }
    static void set_irq(Domain &d, unsigned irq, bool high)
    {
        if (high)
            of(d).lines_.insert(irq);
        else
            of(d).lines_.erase(irq);
    }
    static constexpr Guest_kind functions {.interface = Guest_interface::paravirtual,
                                           .start = nullptr,
                                           .use_own_table = nullptr,
                                           .open_memory = open_memory,
                                           .close_memory = close_memory,
                                           .enter = nullptr,
                                           .leave = nullptr,
                                           .clock_changed = nullptr,
                                           .set_irq = set_irq,
                                           .stop = nullptr,
                                           .dump = nullptr,
                                           .counters = nullptr};

    Vcpu vcpu_;
    Guarded_ram ram_;
    std::set<unsigned> lines_;
    bool open_ {};
};

} // namespace vambrace
