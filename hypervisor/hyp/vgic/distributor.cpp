// SPDX-License-Identifier: Apache-2.0
// The registers of a guest's distributor (ARM IHI 0048B 4.3).
#include <hyp/vgic/vgic.hpp>

namespace vambrace {

namespace {

/// IHI 0048B table 4-1.
enum Offset : u32 {
    ctlr = 0x000,
    typer = 0x004,
    iidr = 0x008,
    ipriorityr = 0x400,
    itargetsr = 0x800,
    icfgr = 0xc00,
    sgir = 0xf00,
    cpendsgir = 0xf10,
    spendsgir = 0xf20,
    sgi_end = 0xf30,
    id_first = 0xfd0,
};

/// Registers with a bit for each interrupt: their offset / 0x80.
enum Region : unsigned {
    igroupr = 1,
    isenabler,
    icenabler,
    ispendr,
    icpendr,
    isactiver,
    icactiver,
};

/// ICPIDR4 to 7, ICPIDR0 to 3, ICCIDR0 to 3, and IIDR, of a GIC-400: GICv2, by ARM.
constexpr u8 identification[] = {0x04, 0x00, 0x00, 0x00, 0x90, 0xb4, 0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
constexpr u32 implementer = 0x0200143b;

/// GICD_CTLR: both groups' enables; GICD_TYPER.CPUNumber's place.
constexpr u32 writable_control = 3, cpu_number_shift = 5;
/// GICD_IPRIORITYR: as many bits as GICH_LRn has.
constexpr u32 priority_bits = 0xf8;

/// Those that the GIC allows to be accessed by bytes (IHI 0048B 4.1.4).
constexpr bool has_bytes(u32 offset)
{
    return (offset >= ipriorityr && offset < icfgr) || (offset >= cpendsgir && offset < sgi_end);
}

/// Of what has bytes.
constexpr bool is_access(u32 offset, unsigned size)
{
    return (size == 1 || size == 2 || size == 4) && is_aligned(offset, size);
}
constexpr bool is_word(u32 offset, unsigned size)
{
    return size == 4 && offset < Vgic::size && !(offset & 3);
}

} // namespace

u32 Vgic::read(unsigned vcpu, u32 offset, unsigned size) const
{
    ASSERT(vcpu < count_);
    if (!has_bytes(offset))
        return is_word(offset, size) ? read_word(vcpu, offset) : 0;
    if (!is_access(offset, size))
        return 0;
    u32 value = 0;
    for (unsigned n = 0; n != size; ++n)
        value |= read_byte(vcpu, offset + n) << 8 * n;
    return value;
}

u32 Vgic::read_word(unsigned vcpu, u32 offset) const
{
    unsigned const region = offset >> 7, index = bits(offset, 6, 2);
    if (region >= igroupr && region <= icactiver)
        return index < words ? read_bits(vcpu, region, index) : 0;
    if (offset >= id_first)
        return identification[(offset - id_first) / 4];
    switch (offset) {
    case ctlr: return control_;
    case typer: return (count_ - 1) << cpu_number_shift | (words - 1);
    case iidr: return implementer;
    default: return offset >= icfgr ? read_configuration((offset - icfgr) / 4) : 0;
    }
}

u32 Vgic::read_bits(unsigned vcpu, unsigned region, unsigned word) const
{
    Interrupt_bank const &b = bank(vcpus_[vcpu], word);
    switch (region) {
    case igroupr: return b.group;
    case isenabler:
    case icenabler: return b.enabled;
    case ispendr:
    case icpendr: return b.pending();
    default: return active(vcpu, word);
    }
}

/// \pre list registers were folded
u32 Vgic::active(unsigned vcpu, unsigned word) const
{
    if (!word)
        return vcpus_[vcpu].active[0];
    u32 found = 0;
    for (unsigned n = 0; n != count_; ++n)
        found |= vcpus_[n].active[word];
    return found;
}

/// Two bits for each interrupt, of which the upper one says that it is edge-triggered.
u32 Vgic::read_configuration(unsigned index) const
{
    if (index >= 2 * words)
        return 0;
    u32 const edge = bank(vcpus_[0], index / 2).edge >> 16 * (index % 2);
    u32 value = 0;
    for (unsigned n = 0; n != 16; ++n)
        value |= bits(edge, n, n) << (2 * n + 1);
    return value;
}

u32 Vgic::read_byte(unsigned vcpu, u32 offset) const
{
    Vcpu const &v = vcpus_[vcpu];
    unsigned const intid = offset % 0x400;
    if (offset >= cpendsgir)
        return v.sgi_sources[offset % sgi_count];
    if (intid >= intid_count)
        return 0;
    if (offset < itargetsr)
        return bank(v, intid / 32).priority[intid % 32];
    if (count_ == 1)
        return 0;
    return intid < private_count ? 1u << vcpu : targets_[intid - private_count];
}

void Vgic::write(unsigned vcpu, u32 offset, unsigned size, u32 value)
{
    ASSERT(vcpu < count_);
    if (!has_bytes(offset)) {
        if (is_word(offset, size))
            write_word(vcpu, offset, value);
        return;
    }
    if (!is_access(offset, size))
        return;
    for (unsigned n = 0; n != size; ++n)
        write_byte(vcpu, offset + n, value >> 8 * n & 0xff);
}

void Vgic::write_word(unsigned vcpu, u32 offset, u32 value)
{
    unsigned const region = offset >> 7, index = bits(offset, 6, 2);
    if (region >= igroupr && region <= icactiver) {
        if (index < words)
            write_bits(vcpu, region, index, value);
    } else if (offset == ctlr) {
        write_control(value);
    } else if (offset == sgir) {
        send_sgi(vcpu, value);
    } else if (offset >= icfgr && offset < icfgr + 4 * 2 * words) {
        write_configuration((offset - icfgr) / 4, value);
    }
}

void Vgic::write_control(u32 value)
{
    control_ = value & writable_control;
    for (unsigned n = 0; n != count_; ++n)
        for (unsigned word = 0; word != words; ++word) {
            forward(n, word);
            changed_for(n, word, ~0u, Change::other);
        }
}

void Vgic::write_bits(unsigned vcpu, unsigned region, unsigned word, u32 value)
{
    Interrupt_bank &b = bank(vcpus_[vcpu], word);
    u32 const lines = word ? value : value & ~sgis; // SGIs are enabled, and their pending bits are read-only
    switch (region) {
    case igroupr: return write_group(vcpu, word, value);
    case isenabler:
        value = lines & ~b.enabled;
        b.enabled |= value;
        break;
    case icenabler:
        value = lines & b.enabled;
        b.enabled &= ~value;
        break;
    case ispendr: b.latched |= lines; break;
    case icpendr: b.latched &= ~lines; break;
    case isactiver: return set_active(vcpu, word, value & ~active(vcpu, word));
    default: return clear_active(vcpu, word, value);
    }
    if (!value)
        return;
    if (region <= icenabler)
        forward(vcpu, word);
    changed(vcpu, word, value, Change::pending);
}

void Vgic::write_group(unsigned vcpu, unsigned word, u32 value)
{
    Interrupt_bank &b = bank(vcpus_[vcpu], word);
    u32 const differs = b.group ^ value;
    b.group = value;
    forward(vcpu, word);
    changed(vcpu, word, differs, Change::other);
}

/// \param mask interrupts that are not active
void Vgic::set_active(unsigned vcpu, unsigned word, u32 mask)
{
    for (u32 left = mask; left; left &= left - 1) {
        unsigned const n = static_cast<unsigned>(__builtin_ctz(left));
        u32 const one = 1u << n;
        unsigned const there = word ? concerned(word * 32 + n) : vcpu;
        Vcpu &v = vcpus_[there == count_ ? vcpu : there];
        v.active[word] |= one;
        v.held[word] |= one;
        bank(v, word).busy |= one;
        if (!word && one & sgis)
            v.sgi_active_source[n] = static_cast<u8>(vcpu);
    }
    changed(vcpu, word, mask, Change::other);
}

/// A private interrupt's configuration is fixed: SGIs are edge-triggered, PPIs level-sensitive.
void Vgic::write_configuration(unsigned index, u32 value)
{
    unsigned const word = index / 2, shift = 16 * (index % 2);
    if (!word)
        return;
    u32 edge = 0;
    for (unsigned n = 0; n != 16; ++n)
        edge |= bits(value, 2 * n + 1, 2 * n + 1) << n;
    Interrupt_bank &b = spis_[word - 1];
    b.edge = (b.edge & ~(0xffffu << shift)) | edge << shift;
    changed(0, word, 0xffffu << shift, Change::other);
}

void Vgic::write_byte(unsigned vcpu, u32 offset, u32 value)
{
    Vcpu &v = vcpus_[vcpu];
    unsigned const intid = offset % 0x400, sgi = offset % sgi_count;
    if (offset >= spendsgir) {
        v.pend_sgi(sgi, value & present());
        changed(vcpu, 0, mask_of(sgi), Change::pending);
    } else if (offset >= cpendsgir) {
        v.sgi_sources[sgi] &= static_cast<u8>(~value);
        if (!v.sgi_sources[sgi])
            v.bank.latched &= ~mask_of(sgi);
    } else if (intid < intid_count && offset < itargetsr) {
        u8 &priority = bank(v, intid / 32).priority[intid % 32];
        if (priority == (value & priority_bits))
            return;
        priority = value & priority_bits;
        changed(vcpu, intid / 32, mask_of(intid), Change::other);
    } else if (intid < intid_count && intid >= private_count && count_ != 1) {
        write_target(intid - private_count, value & present());
    }
}

void Vgic::write_target(unsigned spi, u32 value)
{
    if (targets_[spi] == value)
        return;
    targets_[spi] = static_cast<u8>(value);
    route(spi);
    forward(0, 1 + spi / 32);
    changed(0, 1 + spi / 32, mask_of(spi), Change::other);
}

void Vgic::send_sgi(unsigned vcpu, u32 value)
{
    u32 const self = 1u << vcpu, sgi = bits(value, 3, 0);
    u32 targets = 0;
    switch (bits(value, 25, 24)) { // TargetListFilter
    case 0: targets = bits(value, 23, 16) & present(); break;
    case 1: targets = present() & ~self; break;
    case 2: targets = self; break;
    }
    for (; targets; targets &= targets - 1) {
        unsigned const target = static_cast<unsigned>(__builtin_ctz(targets));
        vcpus_[target].pend_sgi(sgi, self);
        arrived(target, sgi);
    }
}

} // namespace vambrace
