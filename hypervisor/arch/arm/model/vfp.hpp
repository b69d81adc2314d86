// SPDX-License-Identifier: Apache-2.0
// VFP and NEON for guests: one register bank, which changes hands when another guest uses it.
#pragma once
#include <arch/arm/model/decoder.hpp>

namespace vambrace {

/// A guest's registers while another guest has the bank,
/// as after reset. Of the owner's only FPEXC.EN is valid.
struct Vfp_state {
    u32 fpexc = 0, fpscr = 0;
    u32 fpinst = 0, fpinst2 = 0; ///< VFPv2, of an instruction that waits for the guest's handler
    alignas(8) u32 d[64] {};     ///< d0 to d31, the lower words first
};

/// DDI 0406C B4.1.57; EX and FP2V: DDI 0274H 3.3.3.
namespace fpexc {
constexpr u32 ex = 1u << 31, en = 1u << 30, fp2v = 1u << 28;
}

/// System registers by the number that VMRS and VMSR have for them (DDI 0406C B9.3.20).
enum class Vfp_register : u8 {
    fpsid = 0,
    fpscr = 1,
    mvfr1 = 6,
    mvfr0 = 7,
    fpexc = 8,
    fpinst = 9,
    fpinst2 = 10
};

/// What the core has. DDI 0406C B4.1.58, B6.1.42.
struct Vfp_identity {
    bool present;
    u32 fpsid, mvfr0, mvfr1;

    /// Before VFPv3: exceptions are left to a handler, with FPINST and FPINST2.
    constexpr bool has_fpinst() const { return bits(fpsid, 19, 16) < 2; }
    constexpr bool has_32_registers() const { return bits(mvfr0, 3, 0) == 2; }
};

/// The bank and its one owner. FPEXC.EN is set in the hardware only while the owner runs and has set it
/// itself; all else of FPEXC is the owner's, and so is a bounced instruction that waits (EX).
/// Port: `Vfp_identity probe()`, `u32 read(Vfp_register)`, `void write(Vfp_register, u32)`, and
/// `void save(u32 *d, bool all)`, `void load(u32 const *d, bool all)`, which need EN. VFP is closed when
/// probe() returns.
template <typename Port>
class Vfp_unit {
  public:
    explicit Vfp_unit(Port port = {}) : port_ {port} {}

    void probe() { identity_ = port_.probe(); }

    /// Another guest runs from now on, or this one's right to the coprocessor has changed.
    /// \param access CPACR, the guest's own, lets it use VFP
    void run(Vfp_state const &guest, bool access)
    {
        access_ = access && identity_.present;
        open(access_ && owner_ == &guest && guest.fpexc & fpexc::en);
    }

    /// Has the running guest enabled VFP without getting it? Then an instruction that was undefined is to be
    /// tried again after take().
    bool is_due(Vfp_state const &guest) const { return access_ && !open_ && guest.fpexc & fpexc::en; }

    /// \pre is_due(): the running guest owns the bank from now on.
    void take(Vfp_state &guest)
    {
        ASSERT(is_due(guest));
        if (owner_ != &guest) {
            put_away();
            load(guest);
        }
        open_ = true;
        write_fpexc((owner_fpexc() & ~fpexc::en) | fpexc::en);
    }

    /// The guest is over, or starts again: nothing of it stays.
    void forget(Vfp_state &guest)
    {
        if (owner_ == &guest) {
            open(false);
            owner_ = nullptr;
        }
        guest = Vfp_state {};
    }

    /// VMRS by the guest kernel. Error::not_supported: undefined there
    Result<u32> read(Vfp_state const &guest, Vfp_register r)
    {
        if (!access_)
            return Error::not_supported;
        switch (r) {
        case Vfp_register::fpsid: return identity_.fpsid;
        case Vfp_register::mvfr0: return identity_.mvfr0;
        case Vfp_register::mvfr1: return identity_.mvfr1;
        case Vfp_register::fpexc: return fpexc_of(guest);
        case Vfp_register::fpinst: return read_waiting(guest, r, guest.fpinst);
        case Vfp_register::fpinst2: return read_waiting(guest, r, guest.fpinst2);
        default: return Error::not_supported;
        }
    }

    /// VMSR by the guest kernel. A guest that enables VFP has the bank at once: it is about to use it.
    Error write(Vfp_state &guest, Vfp_register r, u32 value)
    {
        if (!access_)
            return Error::not_supported;
        switch (r) {
        case Vfp_register::fpsid: return Error::none; // ignored (DDI 0406C B9.3.20)
        case Vfp_register::fpexc: enable(guest, value); return Error::none;
        case Vfp_register::fpinst: return write_waiting(guest, r, guest.fpinst, value);
        case Vfp_register::fpinst2: return write_waiting(guest, r, guest.fpinst2, value);
        default: return Error::not_supported;
        }
    }

  private:
    u32 owner_fpexc() { return port_.read(Vfp_register::fpexc); }
    void write_fpexc(u32 value) { port_.write(Vfp_register::fpexc, value); }

    u32 fpexc_of(Vfp_state const &guest)
    {
        if (owner_ != &guest)
            return guest.fpexc;
        return (owner_fpexc() & ~fpexc::en) | (guest.fpexc & fpexc::en);
    }

    void open(bool on)
    {
        if (on == open_)
            return;
        open_ = on;
        write_fpexc(on ? owner_fpexc() | fpexc::en : owner_fpexc() & ~fpexc::en);
    }

    void enable(Vfp_state &guest, u32 value)
    {
        guest.fpexc = value;
        if (owner_ == &guest) {
            open_ = value & fpexc::en;
            write_fpexc(value);
        } else if (value & fpexc::en) {
            take(guest);
        }
    }

    /// With EX the next instruction would bounce, even one that saves registers: EX is cleared first.
    void put_away()
    {
        if (!owner_) {
            write_fpexc(fpexc::en);
            return;
        }
        Vfp_state &old = *owner_;
        u32 const now = owner_fpexc();
        old.fpexc = (now & ~fpexc::en) | (old.fpexc & fpexc::en);
        write_fpexc(fpexc::en);
        old.fpscr = port_.read(Vfp_register::fpscr);
        port_.save(old.d, identity_.has_32_registers());
        if (identity_.has_fpinst()) {
            old.fpinst = port_.read(Vfp_register::fpinst);
            old.fpinst2 = port_.read(Vfp_register::fpinst2);
        }
        owner_ = nullptr;
    }

    /// \pre EN is set, EX is not
    void load(Vfp_state &guest)
    {
        port_.load(guest.d, identity_.has_32_registers());
        port_.write(Vfp_register::fpscr, guest.fpscr);
        if (identity_.has_fpinst()) {
            port_.write(Vfp_register::fpinst, guest.fpinst);
            port_.write(Vfp_register::fpinst2, guest.fpinst2);
        }
        owner_ = &guest;
        write_fpexc(guest.fpexc);
    }

    /// FPINST and FPINST2 answer with EN only. \param kept what it is if the guest does not own the bank
    Result<u32> read_waiting(Vfp_state const &guest, Vfp_register r, u32 kept)
    {
        if (!identity_.has_fpinst())
            return Error::not_supported;
        if (owner_ != &guest)
            return kept;
        u32 const now = owner_fpexc();
        write_fpexc(fpexc::en);
        u32 const value = port_.read(r);
        write_fpexc(now);
        return value;
    }

    Error write_waiting(Vfp_state &guest, Vfp_register r, u32 &kept, u32 value)
    {
        if (!identity_.has_fpinst())
            return Error::not_supported;
        kept = value;
        if (owner_ != &guest)
            return Error::none;
        u32 const now = owner_fpexc();
        write_fpexc(fpexc::en);
        port_.write(r, value);
        write_fpexc(now);
        return Error::none;
    }

    [[no_unique_address]] Port port_;
    Vfp_identity identity_ {};
    Vfp_state *owner_ {};
    bool access_ = false; ///< the running guest's CPACR
    bool open_ = false;   ///< FPEXC.EN in the hardware
};

/// A core without VFP: all of its instructions are undefined.
struct No_vfp_state {};
class No_vfp {
  public:
    void probe() {}
    void run(No_vfp_state const &, bool) {}
    bool is_due(No_vfp_state const &) const { return false; }
    void take(No_vfp_state &) {}
    void forget(No_vfp_state &) {}
    Result<u32> read(No_vfp_state const &, Vfp_register) { return Error::not_supported; }
    Error write(No_vfp_state &, Vfp_register, u32) { return Error::not_supported; }
};

} // namespace vambrace
