// SPDX-License-Identifier: Apache-2.0
// Guest memory at the guest's own addresses; pv/entry has the functions that survive a fault.
#pragma once
#include <base/result.hpp>
#include <vambrace/abi.h>

extern "C" {
vambrace::u64 guest_store_words(vambrace::u32 va, vambrace::u32 const *from, vambrace::u32 count);
vambrace::u64 guest_load_words(vambrace::u32 va, vambrace::u32 *to, vambrace::u32 count);
vambrace::u32 guest_store_frame(vambrace::u32 va, vambrace::u32 const *words);
vambrace::u32 guest_load_frame(vambrace::u32 va, vambrace::u32 *words);
}

namespace vambrace::arm {

/// What became of an access to guest memory with the guest kernel's rights.
struct Guest_access {
    u32 value; ///< or the address that faulted
    bool ok;
};

inline Guest_access access_result(u64 result) { return {static_cast<u32>(result), result >> 32 == 0}; }

/// \pre va is a multiple of 4, the words are not reserved, count > 0
inline Guest_access store_words(Va va, u32 const *from, u32 count)
{
    ASSERT(is_aligned(va.value, 4) && count > 0);
    return access_result(guest_store_words(va.value, from, count));
}
inline Guest_access load_words(Va va, u32 *to, u32 count)
{
    ASSERT(is_aligned(va.value, 4) && count > 0);
    return access_result(guest_load_words(va.value, to, count));
}
/// One word, without a call. Error::address: it cannot be read. \pre as for store_words()
[[gnu::always_inline]] inline Result<u32> load_word(Va va)
{
    ASSERT(is_aligned(va.value, 4));
    u32 word;
    asm goto("1: ldrt %0, [%1]\n"
             ".pushsection .fixups, \"a\"\n"
             ".word 1b, %l2\n"
             ".popsection"
             : "=&r"(word) // LDRT writes its base back, which must be another register
             : "r"(va.value)
             : "memory"
             : faulted);
    return word;
faulted:
    return Error::address;
}
/// All 18 words of a frame; false: not all of them. \pre as for store_words()
inline bool store_frame(Va va, u32 const *words) { return guest_store_frame(va.value, words) != 0; }
inline bool load_frame(Va va, u32 *words) { return guest_load_frame(va.value, words) != 0; }

/// A word that the shadow is known to map as the guest's RAM. \pre aligned
inline u32 load_trusted(u32 va)
{
    ASSERT(is_aligned(va, 4));
    return *reinterpret_cast<u32 const *>(va);
}

/// The running guest's shared page, at the guest's own address (a cache may be virtually tagged).
inline vambrace_shared const &shared()
{
    return *reinterpret_cast<vambrace_shared const *>(VAMBRACE_SHARED_VA);
}
/// \pre it is not guarded: Shared_page::to_write() sees to that
inline vambrace_shared &shared_to_write() { return *reinterpret_cast<vambrace_shared *>(VAMBRACE_SHARED_VA); }

} // namespace vambrace::arm
