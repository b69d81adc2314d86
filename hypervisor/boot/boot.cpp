// SPDX-License-Identifier: Apache-2.0
// From the host's device tree and the boot bundle to guests that are ready to run.
#include <base/log.hpp>
#include <board.hpp>
#include <boot/boot.hpp>
#include <boot/host_tree.hpp>
#include <kernel/machine.hpp>
#include <new>

extern "C" vambrace::u8 __arena_start[], __arena_end[];

namespace vambrace {

namespace {

constexpr u32 largest_tree = 256 * kib;

[[noreturn]] void give_up(Problem const &problem)
{
    report(problem);
    halt();
}

u8 *ram_at(u32 physical) { return arch::ram_at(physical, machine.ram_base); }

void start_console()
{
    log_to([](char c) { machine.console.write_log(c); });
    log("\nvambrace: %s, %s\n", board::name, arch::cpu_compatible());
}

/// What the tree says has to fit to where we are and to what we can map.
void check_memory(Host_tree &host)
{
    u32 const ram = machine.ram_base;
    if (host.ram_base != ram)
        give_up({"the hypervisor is not in the first megabyte of the memory that the device tree names", "",
                 "load it 64 KB behind the start of RAM"});
    if (host.ram_size > layout::ram_map_size)
        host.ram_size = layout::ram_map_size;
    arch::trim_ram_map(host.ram_size);
    arch::publish_table();
    if (!contains(ram + mib, host.ram_size - mib, host.bundle_base, host.bundle_size))
        give_up({"the boot bundle is not in memory that is free", "",
                 "load it at least %u MB behind the start of RAM, and whole", 1});
}

/// The bundle goes to the end of RAM, where it is in no guest's way; it stays there for restarts.
u8 *move_bundle(Host_tree &host)
{
    u32 const end = host.ram_base + host.ram_size;
    u32 const to = align_down(end - host.bundle_size, page_size);
    __builtin_memmove(ram_at(to), ram_at(host.bundle_base), host.bundle_size);
    host.bundle_base = to;
    return ram_at(to);
}

u32 pool_bytes(Bundle const &bundle)
{
    static_assert(all_shadow_pools_kib * kib == layout::pools_size);
    static_assert(layout::pools_size / Shadow::l1_size <= 256, "each first-level table has its own ASID");
    u32 sum = 0;
    for (unsigned n = 0; n != bundle.count; ++n) {
        u32 const size = bundle.guests[n].shadow_pool_kib;
        if (size > layout::pools_size / kib || sum + size * kib > layout::pools_size)
            give_up({"the shadow pools do not fit", bundle.guests[n].label,
                     "all guests' shadow-pool-kib together may be at most %u", layout::pools_size / kib});
        sum += size * kib;
    }
    return sum;
}

/// Where the next guest's memory and tables come from.
struct Cursor {
    u32 memory; ///< physical
    u32 pool;   ///< offset in the pools
};

void make_window(Domain &d)
{
    using Entry = arch::Shadow_entry;
    u32 const ram = machine.ram_base;
    d.window[0] = Entry::table(arch::physical(d.guest_table, ram), arch::Dacr_domain::kernel);
    for (unsigned n = 1; n != 8; ++n)
        d.window[n] = host_l1[(layout::window_base >> 20) + n];
    d.shared_frame = arch::frame_of(d.shared_page, ram); // load() maps it
    if constexpr (board::counter_mapped)
        d.guest_table[1] =
            Entry::window_page(Frame {board::counter_page >> 12}, arch::Access::read, Entry::device);
}

void make_guest(unsigned id, Guest_config const &config, Cursor &cursor, Arena &arena)
{
    Problem const no_room {"no memory for the guest's tables", config.label,
                           "give it a smaller shadow-pool-kib"};
    Domain *const place = arena.take<Domain>(1);
    if (!place)
        give_up(no_room);
    Domain &d = *new (place) Domain {id, config, Memory {Frame {cursor.memory >> 12}, config.memory}};
    auto *const table = arena.take<arch::Aligned<kib>>(1);
    auto *const page = arena.take<arch::Aligned<page_size>>(1);
    if (!table || !page)
        give_up(no_room);
    d.guest_table = table->words;
    d.shared_page = page->words;
    make_window(d);
    u32 const size = config.shadow_pool_kib * kib;
    Shadow_pool const pool {reinterpret_cast<u32 *>(std::uintptr_t {layout::pools} + cursor.pool),
                            machine.ram_base + mib + cursor.pool, size, 1 + cursor.pool / Shadow::l1_size};
    if (d.shadow.init(pool, d.memory, d.window, arch::vectors_table(machine.ram_base), arena) != Error::none)
        give_up(no_room);
    cursor.memory += config.memory;
    cursor.pool += size;
    machine.add(d);
    log("vambrace: guest %u (%s): %u MB at %08x, %u KB of shadow tables\n", id + 1, d.label(),
        config.memory / mib, d.memory.first().physical(), size / kib);
    if (auto const loaded = machine.load(d); !loaded)
        give_up(loaded.problem());
}

void make_guests(Bundle const &bundle, Host_tree const &host, Arena &arena)
{
    u32 const pools = align_up(pool_bytes(bundle), mib);
    u32 const first = host.ram_base + mib + pools;
    u32 const end = align_down(host.bundle_base, mib);
    auto const shared = share_memory(bundle, end > first ? end - first : 0);
    if (!shared)
        give_up(shared.problem());
    Cursor cursor {first, 0};
    for (unsigned n = 0; n != shared->count; ++n)
        make_guest(n, shared->guests[n], cursor, arena);
}

} // namespace

void boot(u32 device_tree, u32 ram)
{
    machine.ram_base = ram;
    machine.host_table = arch::physical(host_l1, ram);
    arch::map_host(ram, board::device_pages, sizeof board::device_pages / sizeof board::device_pages[0]);
    machine.vfp.probe();
    board::start();
    machine.start_clock(board::counter_hz);
    start_console();
    if (!machine.start_wall_clock())
        log("vambrace: this board has no clock: guests get none, and begin in 1970\n");
    if (!board::start_outer_cache())
        log("vambrace: the outer cache stays off: its controller takes no orders\n");
    if (device_tree < ram || device_tree - ram >= layout::ram_map_size - largest_tree ||
        !is_aligned(device_tree, 8))
        give_up(
            {"no device tree in r2", "", "start the hypervisor with the board's device tree (QEMU: -dtb)"});
    auto tree = read_host_tree(ram_at(device_tree), largest_tree, board::uart_compatible);
    if (!tree)
        give_up(tree.problem());
    Host_tree host = *tree;
    check_memory(host);
    u8 *const fit = move_bundle(host);
    auto const bundle = read_bundle(fit, host.bundle_size);
    if (!bundle)
        give_up(bundle.problem());
    Arena arena {__arena_start, __arena_end};
    make_guests(*bundle, host, arena);
    machine.own_memory_left = arena.left();
    machine.print_own_memory();
    arena.seal();
    board::irq_chip().enable(board::timer_irq);
    board::irq_chip().enable(board::uart_irq);
    board::uart().enable_rx_interrupt();
}

} // namespace vambrace
