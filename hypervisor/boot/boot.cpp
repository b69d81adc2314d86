// SPDX-License-Identifier: Apache-2.0
// From the host's device tree and the boot bundle to guests that are ready to run.
#include <arch.hpp>
#include <base/log.hpp>
#include <board.hpp>
#include <boot/boot.hpp>
#include <boot/domain_builder.hpp>
#include <boot/host_tree.hpp>
#include <kernel/cpu.hpp>

extern "C" vambrace::u8 __arena_start[], __arena_end[];

namespace vambrace {

namespace {

constexpr u32 largest_tree = mib; // as large as QEMU's own says that it is

[[noreturn]] void give_up(Problem const &problem)
{
    report(problem);
    halt();
}

void start_console(Way const &way)
{
    log_to([](char c) { this_cpu().host.console.write_log(c); });
    log("\nvambrace: %s, %s, %s\n", board::name, arch::cpu_compatible(), way.name());
}

/// What the tree says has to fit to where we are and to what we can map.
void check_memory(Host_tree &host, u32 ram, Way &way)
{
    if (host.ram_base != ram)
        give_up({"the hypervisor is not in the first megabyte of the memory that the device tree names", "",
                 "load it 64 KB behind the start of RAM"});
    if (host.ram_size > layout::ram_map_size)
        host.ram_size = layout::ram_map_size;
    way.trim_ram_map(host.ram_size);
    if (!contains(ram + mib, host.ram_size - mib, host.bundle_base, host.bundle_size))
        give_up({"the boot bundle is not in memory that is free", "",
                 "load it at least %u MB behind the start of RAM, and whole", 1});
}

/// The bundle goes to the end of RAM, where it is in no guest's way; it stays there for restarts.
u8 *move_bundle(Host_tree &host)
{
    u32 const end = host.ram_base + host.ram_size;
    u32 const to = align_down(end - host.bundle_size, page_size);
    u8 *const fit = arch::ram_at(to, host.ram_base);
    __builtin_memmove(fit, arch::ram_at(host.bundle_base, host.ram_base), host.bundle_size);
    host.bundle_base = to;
    return fit;
}

/// Out of line: its copy of the bundle is not on the stack beside those that were made before.
[[gnu::noinline]] void make_guests(Bundle const &bundle, Host_tree const &host, Way &way, Arena &arena)
{
    u32 const granule = way.granule();
    u32 const begin = host.ram_base + mib, end = align_down(host.bundle_base, granule);
    Boot_result<u32> const reserved = way.reserve(bundle, end > begin ? end - begin : 0);
    if (!reserved)
        give_up(reserved.problem());
    Region_map const regions {bundle, align_up(begin + *reserved, granule)};
    u32 const first = align_up(regions.first() + regions.size(), granule);
    auto const shared = share_memory(bundle, end > first ? end - first : 0, granule);
    if (!shared)
        give_up(shared.problem());
    arch::clear_table(reinterpret_cast<u32 *>(arch::ram_at(regions.first(), host.ram_base)), regions.size());
    Domain_builder builder {host.ram_base, first, regions, way, arena};
    for (unsigned n = 0; n != shared->count; ++n)
        if (auto const made = builder.make(n, shared->guests[n]); !made)
            give_up(made.problem());
    connect_channels(bundle, this_cpu().host.domains.begin());
}

Host_tree read_tree(u32 device_tree, u32 ram, Way &way)
{
    if (device_tree < ram || device_tree - ram >= layout::ram_map_size - largest_tree ||
        !is_aligned(device_tree, 8))
        give_up(
            {"no device tree in r2", "", "start the hypervisor with the board's device tree (QEMU: -dtb)"});
    auto const tree = read_host_tree(arch::ram_at(device_tree, ram), largest_tree, board::uart_compatible);
    if (!tree)
        give_up(tree.problem());
    Host_tree host = *tree;
    if (auto const mode = check_mode(host.bootargs, way.interface()); !mode)
        give_up(mode.problem());
    check_memory(host, ram, way);
    return host;
}

} // namespace

void boot(u32 device_tree, u32 ram, Way &way)
{
    Host &host = this_cpu().host;
    Arena arena {__arena_start, __arena_end};
    static_assert(device_window == layout::devices);
    way.map_host();
    board::start();
    this_cpu().start();
    start_console(way);
    if (!host.wall_clock.known())
        log("vambrace: this board has no clock: guests get none, and begin in 1970\n");
    if (!board::start_outer_cache())
        log("vambrace: the outer cache stays off: its controller takes no orders\n");
    Host_tree tree = read_tree(device_tree, ram, way);
    u8 *const fit = move_bundle(tree);
    auto const bundle = read_bundle(fit, tree.bundle_size);
    if (!bundle)
        give_up(bundle.problem());
    way.start(arena);
    make_guests(*bundle, tree, way, arena);
    host.own_memory_left = arena.left();
    host.print_own_memory();
    arena.seal();
    board::irq_chip().enable(board::timer_irq);
    board::irq_chip().enable(board::uart_irq);
    board::uart().enable_rx_interrupt();
}

} // namespace vambrace
