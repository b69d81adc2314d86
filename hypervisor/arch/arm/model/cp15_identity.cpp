// SPDX-License-Identifier: Apache-2.0
// Masks a real core's identification registers, field by field (DDI 0406C B4.1, B7.1).
#include <arch/arm/model/cp15_identity.hpp>

namespace vambrace {
namespace {

constexpr u32 without(u32 word, u32 high, u32 low) { return word & ~(bits(~0u, high, low) << low); }

/// CTR.Format (DDI 0406C B4.1.42); without the ARMv7 format there is no CLIDR.
constexpr bool has_cache_hierarchy(u32 ctr) { return bits(ctr, 31, 29) == 4; }

/// CTR.DminLine and IminLine: log2 of a line's words.
constexpr u32 with_guest_lines(u32 ctr)
{
    constexpr u32 words = 10;
    static_assert(4u << words == guest_cache_line);
    return without(without(ctr, 19, 16), 3, 0) | words << 16 | words;
}

/// DDI 0406C B4.1.20: level 1 has separate caches, nothing lies behind it.
constexpr u32 one_level = 3 | 1 << 24 | 1 << 27;

/// DDI 0406C B4.1.19: NumSets and Associativity, each less one, are 0. LineSize stays.
constexpr u32 one_set_one_way(u32 ccsidr) { return without(ccsidr, 27, 3); }

/// A uniprocessor in a core with the Multiprocessing Extensions (DDI 0406C B4.1.106).
constexpr u32 mpidr_format = 1u << 31, mpidr_uniprocessor = 1u << 30;
constexpr u32 uniprocessor(u32 mpidr) { return mpidr & mpidr_format ? mpidr_format | mpidr_uniprocessor : 0; }

void mask_features(Cp15_identity &id)
{
    id.pfr[0] = without(id.pfr[0], 15, 8); // ThumbEE, Jazelle
    id.pfr[1] &= 0xf;                      // M profile, Security, Virtualization, Generic Timer
    id.dfr0 = 0;                           // debug, trace, performance monitors
    id.afr0 = 0;
    id.isar[1] = without(id.isar[1], 31, 28); // Jazelle
    id.isar[3] = without(id.isar[3], 31, 28); // ThumbEE
    id.isar[4] = without(id.isar[4], 15, 12); // SMC
}

/// ID_MMFR0.VMSA: 4 adds PXN, 5 long descriptors (DDI 0406C B4.1.89). A guest's tables have neither.
constexpr u32 without_pxn(u32 mmfr0) { return bits(mmfr0, 3, 0) > 3 ? without(mmfr0, 3, 0) | 3 : mmfr0; }

void mask_memory_model(Cp15_identity &id)
{
    id.mmfr[0] = without_pxn(id.mmfr[0]);
    id.mmfr[0] = without(id.mmfr[0], 27, 24); // FCSE
    id.mmfr[0] = without(id.mmfr[0], 19, 16); // TCM and DMA
    id.mmfr[2] = without(id.mmfr[2], 31, 28); // hardware access flag
    id.mmfr[3] = without(id.mmfr[3], 15, 12); // maintenance is not broadcast
    id.tcmtr = 0;
    id.tlbtr &= 1; // nothing can be locked
    id.mpidr = uniprocessor(id.mpidr);
}

} // namespace

char const *core_name(Cp15_identity const &id)
{
    switch (id.part()) {
    case part::arm1136: return "arm,arm1136jf-s";
    case part::arm1176: return "arm,arm1176jzf-s";
    case part::arm11_mpcore: return "arm,arm11mpcore";
    case part::cortex_a5: return "arm,cortex-a5";
    case part::cortex_a7: return "arm,cortex-a7";
    case part::cortex_a8: return "arm,cortex-a8";
    case part::cortex_a9: return "arm,cortex-a9";
    case part::cortex_a15: return "arm,cortex-a15";
    default: return has_cache_hierarchy(id.ctr) ? "arm,armv7" : "arm,armv6";
    }
}

Cp15_identity masked(Cp15_identity const &real)
{
    Cp15_identity id = real;
    mask_features(id);
    mask_memory_model(id);
    bool const hierarchy = has_cache_hierarchy(id.ctr);
    id.ctr = hierarchy ? with_guest_lines(id.ctr) : id.ctr;
    id.clidr = hierarchy ? one_level : 0;
    id.ccsidr_data = hierarchy ? one_set_one_way(id.ccsidr_data) : 0;
    id.ccsidr_instruction = hierarchy ? id.ccsidr_instruction : 0;
    id.cpacr &= 0x00f00000; // cp11, cp10
    return id;
}

} // namespace vambrace
