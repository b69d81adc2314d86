// SPDX-License-Identifier: Apache-2.0
// Places a guest and what is kept about it, and loads it as often as it starts.
#include <arch.hpp>
#include <base/log.hpp>
#include <boot/domain_builder.hpp>
#include <boot/loader.hpp>
#include <device/standard_devices.hpp>
#include <kernel/cpu.hpp>
#include <new>

namespace vambrace {

namespace {

/// What to type to firmware that does not know where the kernel is: addresses and sizes as U-Boot takes them.
void log_places(Domain const &d, Guest_config const &config, Loaded const &loaded)
{
    log("vambrace: guest %u (%s): device tree at %08x", d.id + 1, d.label(), loaded.start.device_tree.value);
    if (config.kernel.size)
        log(", kernel at %08x", loaded.kernel.value);
    if (config.ramdisk.size)
        log(", ramdisk at %08x:%x", loaded.ramdisk.value, config.ramdisk.size);
    log("\n");
}

/// No guest runs, and the guest's memory is as we see it.
void take_memory(Domain &d)
{
    this_cpu().leave();
    d.kind.use_own_table(d);
}

/// \pre take_memory(), and no cache has anything of a former life of the guest's
Boot_result<Ipa> fill_memory(Domain &d, Bundle_origin const &origin)
{
    u8 *const memory = arch::ram_at(d.memory.first().physical(), origin.ram);
    arch::clear_table(reinterpret_cast<u32 *>(memory), d.memory.size());
    Guest_hardware const hardware {arch::cpu_compatible(), d.devices->clock.present(), d.kind.interface};
    Boot_result<Loaded> const loaded = load_guest(origin.config, memory, d.memory.size(), hardware);
    if (!loaded)
        return loaded.problem();
    if (origin.config.firmware.size)
        log_places(d, origin.config, *loaded);
    d.kind.start(d, loaded->start);
    arch::caches().clean_invalidate_all();
    return loaded->start.entry;
}

bool load_again(Domain &d, Origin const &origin)
{
    Boot_result<Ipa> const entry = load(d, static_cast<Bundle_origin const &>(origin));
    if (!entry)
        report(entry.problem());
    return entry.ok();
}

} // namespace

Boot_result<Ipa> load(Domain &d, Bundle_origin const &origin)
{
    take_memory(d);
    // What its former life has left in the caches, under other addresses maybe, goes to memory while that is
    // still its own.
    arch::caches().clean_invalidate_data();
    return fill_memory(d, origin);
}

Boot_result<Ipa> Domain_builder::make(unsigned id, Guest_config const &config)
{
    auto *const origin = arena_.take<Bundle_origin>(1);
    if (!origin)
        return Problem {"no memory for the guest's description", config.label, "use fewer guests"};
    Guest_place const place {id, {Frame::of(memory_), config.memory}, regions_.windows_of(config.parts)};
    Boot_result<Domain *> const made = way_.make(place, config, arena_);
    if (!made)
        return made.problem();
    Domain &d = **made;
    if (auto const added = add_devices(d, config.parts, arena_); !added)
        return added.problem();
    d.origin = new (origin) Bundle_origin {{load_again}, config, ram_};
    memory_ += align_up(config.memory, way_.granule());
    this_cpu().add(d);
    take_memory(d);
    return fill_memory(d, *origin);
}

} // namespace vambrace
