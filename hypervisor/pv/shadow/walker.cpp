// SPDX-License-Identifier: Apache-2.0
// The guest's own tables: the walk of both levels.
#include <pv/shadow/walker.hpp>

namespace vambrace {

namespace {

arch::Mapping walk_second_level(Walker const &guest, arch::L1_entry e, Va va)
{
    if (e.is_section())
        return arch::section_mapping(e, va.value, guest.rights);
    if (!e.is_table())
        return arch::no_mapping(arch::fsr::translation | e.domain() << 4, true);
    Result<u32> const word = guest.read(Ipa {e.table() + arch::l2_offset(va.value)});
    if (!word)
        return arch::no_mapping(arch::fsr::external_l2 | e.domain() << 4, false);
    return arch::page_mapping(*word, e, va.value, guest.rights);
}

} // namespace

[[gnu::noinline]] Result<u32> Walker::read_aliased(Ipa ipa) const
{
    Result<Frame> const frame = memory.frame_of(ipa);
    if (!frame)
        return frame.error();
    return arch::load_alias(*frame, ipa.value & (page_size - 1));
}

arch::Mapping Walker::walk(u32 base, Va va) const
{
    if (base == mmu_off)
        return arch::identity_mapping(va.value);
    Result<u32> const word = first_level(base, va);
    if (!word)
        return arch::no_mapping(arch::fsr::external_l1, true);
    return walk_second_level(*this, arch::L1_entry {*word}, va);
}

Result<Frame> Walker::frame_behind(u32 base, Va va) const
{
    arch::Mapping const m = walk(base, va);
    return m.fault ? Result<Frame> {Error::address} : memory.frame_of(m.page);
}

} // namespace vambrace
