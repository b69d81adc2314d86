// SPDX-License-Identifier: Apache-2.0
// A guest's loads and stores where its second stage maps nothing: devices, the interrupt controller, or
// nobody.
#include <hyp/trap/bus_target.hpp>

namespace vambrace {

namespace {

u32 mask_of(unsigned size) { return size == 4 ? ~0u : size == 2 ? 0xffff : 0xff; }

u32 sign_extended(u32 value, unsigned size)
{
    unsigned const unused = 32 - 8 * size;
    return static_cast<u32>(static_cast<int>(value << unused) >> unused);
}

/// The instruction's own registers and its length are in the syndrome.
void access_by_syndrome(Hyp_vcpu &v, Hsr hsr, Bus_target &target, u32 offset)
{
    Data_abort_syndrome const s = hsr.data_abort();
    bool const swapped = v.context.psr & psr::e;
    if (s.write) {
        u32 const value = read_register(v, s.rt);
        target.write(offset, s.size, swapped ? in_other_order(value, s.size) : value & mask_of(s.size));
        if (!target.settle())
            return;
    } else {
        u32 value = target.read(offset, s.size);
        (void)target.settle(); // nothing takes longer for a load
        value = swapped ? in_other_order(value, s.size) : value;
        write_register(v, s.rt, s.sign_extend ? sign_extended(value, s.size) : value);
    }
    skip_instruction(v, hsr.length());
}

/// perform()'s bus: a page of the target's at the guest's virtual address. perform() knows the byte order.
class Page_of_target {
  public:
    Page_of_target(Bus_target &target, Va va) : target_ {target}, page_ {align_down(va.value, page_size)} {}

    Result<u32> read(u32 address, unsigned size)
    {
        if (align_down(address, page_size) != page_)
            return Error::address;
        return target_.read(address & (page_size - 1), size);
    }
    Error write(u32 address, unsigned size, u32 value)
    {
        if (align_down(address, page_size) != page_)
            return Error::address;
        target_.write(address & (page_size - 1), size, value & mask_of(size));
        return Error::none;
    }

  private:
    Bus_target &target_;
    u32 const page_;
};

/// Nothing answers, or not to this.
void refuse(Hyp_vcpu &v, Fault_kind kind, bool write, Va va) { inject_data_abort(v, {kind, 1, write}, va); }

/// Those of the syndrome say nothing: several registers, writeback, an exclusive access.
void access_by_instruction(Hyp_vcpu &v, Bus_target &target, Va va, bool write)
{
    if (v.context.psr & psr::j)
        return refuse(v, Fault_kind::external, write, va); // ThumbEE's encodings are its own
    Result<Instruction> const instruction = fetch(v);
    if (!instruction)
        return; // the guest has changed its tables meanwhile: it executes what is there now
    Trap_regs regs = trap_registers(v);
    Result<Transfer> const transfer = decode(*instruction, regs, Isa::v7);
    if (!transfer) {
        bool const unaligned = transfer.error() == Error::inval;
        return refuse(v, unaligned ? Fault_kind::alignment : Fault_kind::external, write, va);
    }
    Page_of_target page {target, va};
    Performed const done = perform(*transfer, regs, page);
    bool const finished = target.settle();
    if (!done.ok())
        return refuse(v, Fault_kind::external, !transfer->load, Va {done.address});
    if (finished)
        set_trap_registers(v, regs, transfer->changed());
}

/// \param ipa where it goes; an error: to where nobody is
void access(Hyp_vcpu &v, Hsr hsr, Va va, Result<Ipa> ipa)
{
    Data_abort_syndrome const s = hsr.data_abort();
    Bus_target target {v, ipa ? *ipa : Ipa {~0u}};
    if (!target.exists())
        return refuse(v, Fault_kind::external, s.write, va);
    if (s.valid && !is_aligned(va.value, s.size))
        return refuse(v, Fault_kind::alignment, s.write, va);
    if (s.valid)
        access_by_syndrome(v, hsr, target, va.value & (page_size - 1));
    else
        access_by_instruction(v, target, va, s.write);
}

/// What is not simply where the second stage maps nothing. Out of line: it is seldom.
[[gnu::noinline]] void access_oddly(Hyp_vcpu &v, Hsr hsr, Va va)
{
    Data_abort_syndrome const s = hsr.data_abort();
    bool const is_mapping_fault = s.kind() == Fault_kind::translation || s.kind() == Fault_kind::permission;
    if (s.on_stage1_walk)
        return refuse(v, Fault_kind::external_on_walk, s.write, va);
    if (!is_mapping_fault || s.cache_maintenance)
        return refuse(v, Fault_kind::external, s.write, va);
    Result<Ipa> const ipa = fault_address(s, va);
    if (!ipa && ipa.error() == Error::again)
        return; // the guest has changed its tables meanwhile: it executes the instruction again
    access(v, hsr, va, ipa);
}

} // namespace

void access_device(Hyp_vcpu &v, Hsr hsr)
{
    v.domain.counters.count(Counter::mmio);
    Va const va {armv7ve::Hdfar::read()};
    if (hsr.is_unmapped_access()) [[likely]]
        access(v, hsr, va, fault_ipa(armv7ve::Hpfar::read(), va.value));
    else
        access_oddly(v, hsr, va);
}

} // namespace vambrace
