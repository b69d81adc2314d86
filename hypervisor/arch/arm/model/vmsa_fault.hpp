// SPDX-License-Identifier: Apache-2.0
// Fault status of ARMv6 and ARMv7: what the hardware says of an abort, and what a guest is told of it.
#pragma once
#include <base/types.hpp>

namespace vambrace::vmsa {

/// Fault status, DDI 0406C table B3-23. The page form of an MMU fault is the section form + 2.
namespace fsr {
constexpr u32 alignment = 0x1, translation = 0x5, domain = 0x9, permission = 0xd;
constexpr u32 access_flag_section = 0x3, access_flag_page = 0x6;
constexpr u32 external_l1 = 0xc, external_l2 = 0xe, page = 0x2;
constexpr u32 fs4 = 1 << 10, write = 1 << 11;
/// An external abort that is none of a table walk's.
constexpr u32 external(bool) { return 0x8; }
constexpr bool is_mmu(u32 status)
{
    return !(status & fs4) && ((status & 0x5) == 0x5 || (status & 0xd) == 0x9);
}
constexpr bool is_translation(u32 status) { return !(status & fs4) && (status & 0xd) == 0x5; }
constexpr bool is_permission(u32 status) { return !(status & fs4) && (status & 0xd) == 0xd; }
/// An external abort or a parity error that no instruction is to blame for. FAR says nothing then.
constexpr bool is_asynchronous(u32 status)
{
    return (status & fs4) && ((status & 0xf) == 0x6 || (status & 0xf) == 0x8);
}
/// What the guest's own DFSR says of the access, beside the fault: was it a write?
constexpr u32 access_bits(u32 status) { return status & write; }
/// IFSR has no domain (DDI 0406C B4.1.96).
constexpr u32 instruction(u32 status) { return status & (fs4 | 0xf); }
/// Of a fault that is not the MMU's, for the guest.
constexpr u32 forwarded(u32 status) { return status & (fs4 | 0xf); }
} // namespace fsr

} // namespace vambrace::vmsa
