// SPDX-License-Identifier: Apache-2.0
// Builds a guest's second stage before it starts; nothing of it changes afterwards.
#include <cstring>
#include <hyp/stage2.hpp>

namespace vambrace {

using namespace lpae;

Stage2::Table *Stage2::second_level(Ipa ipa, Arena &arena, u32 ram)
{
    unsigned const n = l1_index(ipa.value);
    if (!l1_->tables[n]) {
        l1_->tables[n] = arena.take<Table>(1);
        if (l1_->tables[n])
            l1_->entries[n] = Stage2_entry::table(arm::frame_of(l1_->tables[n], ram));
    }
    return l1_->tables[n];
}

Error Stage2::init(Memory memory, Arena &arena, u32 ram)
{
    ASSERT(is_aligned(memory.first().number, block_2m_frames));
    l1_ = arena.take<First_level>(1);
    if (!l1_)
        return Error::denied;
    l1_physical_ = arm::physical(l1_, ram);
    for (u32 at = 0; at < align_down(memory.size(), block_2m); at += block_2m) {
        Ipa const ipa {VAMBRACE_RAM_IPA + at};
        Table *const table = second_level(ipa, arena, ram);
        if (!table)
            return Error::denied;
        Frame const frame {memory.first().number + (at >> 12)};
        table->entries[l2_index(ipa.value)] =
            Stage2_entry::block_2m(frame, Memory_type::normal, Access::write, Execution::allowed);
    }
    return map_rest(memory, arena, ram);
}

/// What is left of RAM behind its last whole block.
Error Stage2::map_rest(Memory memory, Arena &arena, u32 ram)
{
    u32 const at = align_down(memory.size(), block_2m);
    if (at == memory.size())
        return Error::none;
    Windows::Window const rest {
        {VAMBRACE_RAM_IPA + at}, memory.size() - at, {memory.first().number + (at >> 12)}, true};
    return map_pages(rest, Execution::allowed, arena, ram);
}

/// Normal memory in two megabytes where nothing is mapped yet. \param part begins at a multiple of them
Error Stage2::map_pages(Windows::Window const &part, Execution execution, Arena &arena, u32 ram)
{
    ASSERT(is_aligned(part.ipa.value, block_2m) && part.size <= block_2m);
    Table *const table = second_level(part.ipa, arena, ram), *const pages = arena.take<Table>(1);
    if (!table || !pages)
        return Error::denied;
    Access const access = part.writable ? Access::write : Access::read;
    for (u32 n = 0; n != part.size / page_size; ++n)
        pages->entries[n] =
            Stage2_entry::page({part.first.number + n}, Memory_type::normal, access, execution);
    table->entries[l2_index(part.ipa.value)] = Stage2_entry::table(arm::frame_of(pages, ram));
    return Error::none;
}

/// All of erased flash is one page.
Error Stage2::map_flash(Firmware firmware, Arena &arena, u32 ram)
{
    static_assert(flash_size <= block_1g);
    ASSERT(is_aligned(firmware.first.number, block_2m_frames) && firmware.size <= flash_size);
    struct alignas(page_size) Page {
        u8 bytes[page_size];
    };
    Table *const table = second_level({0}, arena, ram), *const erased = arena.take<Table>(1);
    Page *const page = arena.take<Page>(1);
    if (!table || !erased || !page)
        return Error::denied;
    std::memset(page, 0xff, sizeof *page);
    for (u64 &entry : erased->entries)
        entry =
            Stage2_entry::page(arm::frame_of(page, ram), Memory_type::normal, Access::read, Execution::never);
    for (u32 at = 0; at != flash_size; at += block_2m)
        table->entries[l2_index(at)] =
            at < firmware.size ? Stage2_entry::block_2m({firmware.first.number + (at >> 12)},
                                                        Memory_type::normal, Access::read, Execution::allowed)
                               : Stage2_entry::table(arm::frame_of(erased, ram));
    firmware_ = firmware;
    return Error::none;
}

/// Windows are apart from each other and from all else by more than a table's two megabytes.
Error Stage2::map_window(Windows::Window const &window, Arena &arena, u32 ram)
{
    static_assert(VAMBRACE_REGION_IPA % block_2m == 0 && VAMBRACE_REGION_SPACING % block_2m == 0);
    for (u32 at = 0; at < window.size; at += block_2m) {
        u32 const left = window.size - at;
        Windows::Window const part {{window.ipa.value + at},
                                    left < block_2m ? left : block_2m,
                                    {window.first.number + (at >> 12)},
                                    window.writable};
        if (Error const error = map_pages(part, Execution::never, arena, ram); error != Error::none)
            return error;
    }
    return Error::none;
}

Error Stage2::map_device(Ipa ipa, Frame frame, Arena &arena, u32 ram)
{
    Table *const table = second_level(ipa, arena, ram);
    if (!device_table_) {
        device_table_ = arena.take<Table>(1);
        device_block_ = align_down(ipa.value, block_2m);
    }
    if (!table || !device_table_)
        return Error::denied;
    ASSERT(align_down(ipa.value, block_2m) == device_block_);
    table->entries[l2_index(ipa.value)] = Stage2_entry::table(arm::frame_of(device_table_, ram));
    device_table_->entries[l3_index(ipa.value)] =
        Stage2_entry::page(frame, Memory_type::device, Access::write, Execution::never);
    return Error::none;
}

} // namespace vambrace
