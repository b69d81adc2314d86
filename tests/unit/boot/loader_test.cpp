// SPDX-License-Identifier: Apache-2.0
// Where a guest's images go: nothing overlaps, everything is where the boot protocol wants it.
#include "bundle_builder.hpp"
#include <algorithm>
#include <boot/device_tree.hpp>
#include <boot/loader.hpp>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vambrace/abi.h>

using namespace vambrace;
using namespace vambrace::test;

namespace {

void put(Blob &blob, u32 at, u32 value) { std::memcpy(blob.data() + at, &value, 4); }

/// A zImage whose table says how large it becomes.
Blob zimage(u32 size, u32 unpacked, u32 bss)
{
    Blob blob(size, 0x5a);
    put(blob, 0x24, 0x016f2818);
    put(blob, 0x28, 0);
    put(blob, 0x2c, size);
    put(blob, 0x34, 0x45454545);
    put(blob, 0x38, 0x100);
    put(blob, 0x100, 6);
    put(blob, 0x104, 0x5a534c4b);
    put(blob, 0x108, 0x200);
    put(blob, 0x10c, bss);
    put(blob, 0x200, unpacked);
    return blob;
}

/// What a bundle may say beside the images.
struct Extras {
    u32 load = 0, entry = load;
    bool firmware = false;
};

struct Guest {
    Blob kernel;
    Blob ramdisk;
    Extras extras;
    Blob ram;
    Boot_result<Loaded> loaded;

    Guest(Blob const &with_kernel, Blob const &with_ramdisk, u32 megabytes, Extras with = {})
        : kernel {with_kernel}, ramdisk {with_ramdisk}, extras {with},
          ram(megabytes * mib, 0xee), loaded {load()}
    {
    }

    Boot_result<Loaded> load()
    {
        static constexpr u8 firmware[4] {};
        Image const k {kernel.data(), static_cast<u32>(kernel.size()), extras.load, extras.entry};
        Image const r {ramdisk.data(), static_cast<u32>(ramdisk.size())};
        Image const f {firmware, extras.firmware ? u32 {sizeof firmware} : 0};
        Guest_config const config {"linux", 0, 64, k, r, "console=ttyAMA0", f};
        return load_guest(config, ram.data(), static_cast<u32>(ram.size()), {"arm,arm926ej-s", true});
    }
    u32 kernel_at() const { return loaded->kernel.value - VAMBRACE_RAM_IPA; }
    u32 tree_at() const { return loaded->start.device_tree.value - VAMBRACE_RAM_IPA; }
    Device_tree tree() const
    {
        REQUIRE(Device_tree::valid(ram.data() + tree_at(), static_cast<u32>(ram.size()) - tree_at()));
        return Device_tree {ram.data() + tree_at()};
    }
    u32 chosen(char const *name) const
    {
        return tree().cells(tree().node("/chosen"), name, 0) - VAMBRACE_RAM_IPA;
    }
    bool holds(u32 at, Blob const &what) const
    {
        return contains(0, static_cast<u32>(ram.size()), at, static_cast<u32>(what.size())) &&
               std::memcmp(ram.data() + at, what.data(), what.size()) == 0;
    }
};

} // namespace

TEST_CASE("a zImage stands behind the place it unpacks to, ramdisk and tree behind it")
{
    u32 const unpacked = 7 * mib + 12345, bss = 300 * kib;
    Guest const guest {zimage(3 * mib + 77, unpacked, bss), Blob(mib + 3, 0x11), 64};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.kernel_at() >= 0x8000 + unpacked + bss);
    CHECK(guest.holds(guest.kernel_at(), guest.kernel));
    u32 const ramdisk = guest.chosen("linux,initrd-start");
    CHECK(is_aligned(ramdisk, page_size));
    CHECK(guest.chosen("linux,initrd-end") == ramdisk + mib + 3);
    CHECK(guest.holds(ramdisk, guest.ramdisk));
    // The decompressor's heap and stack lie behind the zImage.
    CHECK(ramdisk >= guest.kernel_at() + guest.kernel.size() + 128 * kib);
    CHECK(guest.tree_at() >= ramdisk + guest.ramdisk.size());
}

TEST_CASE("an Image stands at 32 KB with room for its bss behind it")
{
    Guest const guest {Blob(2 * mib, 0x5a), Blob(5000, 0x11), 16};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.loaded->start.entry.value == VAMBRACE_RAM_IPA + 0x8000);
    CHECK(guest.holds(0x8000, guest.kernel));
    CHECK(guest.chosen("linux,initrd-start") >= 0x8000 + 2 * mib + 4 * mib);
    CHECK(guest.holds(guest.chosen("linux,initrd-start"), guest.ramdisk));
}

TEST_CASE("the tree is 8-byte aligned and within one megabyte, whatever the ramdisk's size")
{
    for (u32 size : {0u, 1u, 4096u, mib - 512 * kib, mib - 4096, mib - 1, mib, mib + 1}) {
        Guest const guest {Blob(4096, 0x5a), Blob(size, 0x11), 16};
        REQUIRE(problem_of(guest.loaded) == "");
        u32 const end = guest.tree_at() + static_cast<u32>(fdt_totalsize(guest.ram.data() + guest.tree_at()));
        CHECK(is_aligned(guest.tree_at(), 8));
        CHECK(align_down(guest.tree_at(), mib) == align_down(end - 1, mib));
    }
}

TEST_CASE("nothing but the images and the tree is written")
{
    Guest const guest {Blob(4096, 0x5a), {}, 16};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.ram[0x7fff] == 0xee);
    CHECK(guest.ram[0x8000 + 4096] == 0xee);
    CHECK(guest.ram[guest.tree_at() - 1] == 0xee);
    CHECK(guest.ram.back() == 0xee);
}

TEST_CASE("a guest that is too small hears how much it needs, and that is enough")
{
    Blob const kernel = zimage(3 * mib, 7 * mib, 0);
    Blob const ramdisk(2 * mib, 0x11);
    Guest const small {kernel, ramdisk, 4};
    REQUIRE(problem_of(small.loaded) == "guest memory too small for its kernel and ramdisk: linux");
    unsigned const needed = small.loaded.problem().value;
    CHECK(needed > 12);
    CHECK(problem_of(Guest {kernel, ramdisk, needed}.loaded) == "");
    CHECK_FALSE(Guest {kernel, ramdisk, needed - 1}.loaded);
    CHECK(std::all_of(small.ram.begin(), small.ram.end(), [](u8 byte) { return byte == 0xee; }));
}

TEST_CASE("a zImage without a table is given five times its size")
{
    Blob kernel = zimage(mib, 0, 0);
    put(kernel, 0x34, 0);
    CHECK(Guest(kernel, {}, 32).kernel_at() >= 5 * mib);
}

TEST_CASE("a zImage's table that leads out of it is not followed")
{
    for (u32 at : {0x38u, 0x108u}) {
        for (u32 value : {0xffffffffu, 0xfffffffcu, u32 {mib}, mib - 3}) {
            Blob kernel = zimage(mib, 0, 0);
            put(kernel, at, value);
            CHECK(Guest(kernel, {}, 32).kernel_at() >= 5 * mib);
        }
    }
}

TEST_CASE("a zImage that claims to become huge is refused, not wrapped round")
{
    std::string const problem = "kernel and ramdisk are too large for any guest: linux";
    CHECK(problem_of(Guest(zimage(mib, 0xffffffff, 0xffffffff), {}, 32).loaded) == problem);
    CHECK(problem_of(Guest(zimage(mib, 0xffffffff, 0), {}, 32).loaded) == problem);
    CHECK(problem_of(Guest(zimage(mib, 128 * mib, 0), {}, 32).loaded) == problem);
}

TEST_CASE("a zImage that is cut off is refused")
{
    Blob kernel = zimage(mib, 4 * mib, 0);
    put(kernel, 0x2c, mib + 1);
    CHECK(problem_of(Guest(kernel, {}, 32).loaded) == "a guest's zImage is cut off: linux");
    put(kernel, 0x2c, 0);
    CHECK(problem_of(Guest(kernel, {}, 32).loaded) == "a guest's zImage is cut off: linux");
}

TEST_CASE("what is no kernel is called by its name")
{
    auto const starting = [](std::initializer_list<u8> with) {
        Blob blob(4096);
        std::copy(with.begin(), with.end(), blob.begin());
        return problem_of(Guest(blob, {}, 16).loaded);
    };
    std::string const neither = "a guest's kernel is neither a zImage nor an Image: ";
    CHECK(starting({0x7f, 'E', 'L', 'F'}) == neither + "it is an ELF file");
    CHECK(starting({0x27, 0x05, 0x19, 0x56}) == neither + "it is a uImage");
    CHECK(starting({0xd0, 0x0d, 0xfe, 0xed}) == neither + "it is a FIT or a device tree");
    CHECK(starting({0x1f, 0x8b, 0x08, 0x00}) == neither + "it is a gzip file");
    CHECK(problem_of(Guest(Blob(63), {}, 16).loaded) == neither + "it is too short to be a kernel");
}

TEST_CASE("a kernel that says its address stands there and starts where it says, the tree before it")
{
    u32 const load = GENERATE(VAMBRACE_RAM_IPA + 8 * kib, 0x40010000u, 0x42345678u);
    Guest const guest {Blob(mib, 0x5a), Blob(5000, 0x11), 64, {load, load + 0x40}};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.kernel_at() == load - VAMBRACE_RAM_IPA);
    CHECK(guest.holds(guest.kernel_at(), guest.kernel));
    CHECK(guest.loaded->start.entry.value == load + 0x40);
    CHECK(guest.tree_at() == 0);
    CHECK(guest.tree_at() + fdt_totalsize(guest.ram.data()) <= guest.kernel_at());
    CHECK(guest.chosen("linux,initrd-start") >= guest.kernel_at() + mib + 4 * mib);
    CHECK(guest.holds(guest.chosen("linux,initrd-start"), guest.ramdisk));
}

TEST_CASE("a kernel that leaves no room before it has the tree behind it")
{
    u32 const load = GENERATE(u32 {VAMBRACE_RAM_IPA}, VAMBRACE_RAM_IPA + 8 * kib - 4);
    Guest const guest {Blob(mib, 0x5a), {}, 16, {load}};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.holds(guest.kernel_at(), guest.kernel));
    CHECK(guest.tree_at() >= guest.kernel_at() + mib + 4 * mib);
    CHECK(guest.tree().node("/chosen") > 0);
}

TEST_CASE("a kernel that says its address may begin like anything, and be short")
{
    Guest const elf {Blob {0x7f, 'E', 'L', 'F', 0, 0, 0xa0, 0xe3}, {}, 16, {0x40010000, 0x40010004}};
    REQUIRE(problem_of(elf.loaded) == "");
    CHECK(elf.holds(0x10000, elf.kernel));
    CHECK(elf.loaded->start.pc() == 0x40010004);
    Guest const one {Blob(4, 0), {}, 16, {0x40010000}};
    CHECK(problem_of(one.loaded) == "");
}

TEST_CASE("an entry point with bit 0 starts in Thumb state")
{
    Guest const guest {Blob(4096, 0x5a), {}, 16, {0x40010000, 0x40010021}};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.loaded->start.in_thumb());
    CHECK(guest.loaded->start.pc() == 0x40010020);
    Guest const arm {Blob(4096, 0x5a), {}, 16, {0x40010000, 0x40010020}};
    CHECK_FALSE(arm.loaded->start.in_thumb());
    CHECK(arm.loaded->start.pc() == 0x40010020);
}

TEST_CASE("a zImage is placed as any other, whatever is said of it")
{
    Blob const kernel = zimage(mib, 4 * mib, 0);
    u32 const load = GENERATE(0x8000u, 0x40008000u, 0xffffffffu);
    Guest const guest {kernel, {}, 32, {load, 3}}, plain {kernel, {}, 32};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.kernel_at() == plain.kernel_at());
    CHECK(guest.loaded->start.entry.value == plain.loaded->start.entry.value);
    CHECK(guest.tree_at() == plain.tree_at());
}

TEST_CASE("an address outside the guest's memory is refused, and nothing is written")
{
    u32 const end = VAMBRACE_RAM_IPA + 16 * mib;
    u32 const load =
        GENERATE_COPY(1u, 0x8000u, VAMBRACE_RAM_IPA - 1, end - 4095, end, 0xfffff000u, 0xffffffffu);
    Guest const guest {Blob(4096, 0x5a), {}, 16, {load}};
    CHECK(problem_of(guest.loaded) == "a kernel is made for addresses where its guest has no memory: linux");
    CHECK(guest.loaded.problem().value == 16);
    CHECK(std::all_of(guest.ram.begin(), guest.ram.end(), [](u8 byte) { return byte == 0xee; }));
}

TEST_CASE("a kernel whose bss and tree would not fit hears how much it needs, and that is enough")
{
    u32 const load = VAMBRACE_RAM_IPA + 16 * mib - 4096;
    Guest const guest {Blob(4096, 0x5a), Blob(mib, 0x11), 16, {load}};
    REQUIRE(problem_of(guest.loaded) == "guest memory too small for its kernel and ramdisk: linux");
    unsigned const needed = guest.loaded.problem().value;
    CHECK(problem_of(Guest {Blob(4096, 0x5a), Blob(mib, 0x11), needed, {load}}.loaded) == "");
}

TEST_CASE("an entry point has to be an instruction of the kernel")
{
    u32 const load = 0x40010000;
    u32 const entry = GENERATE_COPY(0u, load - 4, load + 2, load + 4096, load + 4097, 0xffffffffu);
    CHECK(problem_of(Guest(Blob(4096, 0x5a), {}, 16, {load, entry}).loaded) ==
          "a kernel's entry point is not in it: linux");
}

TEST_CASE("firmware starts at 0, with the tree where RAM begins and the images where they always are")
{
    Blob const kernel = zimage(mib, 4 * mib, 0);
    Guest const guest {kernel, Blob(5000, 0x11), 32, {.firmware = true}}, plain {kernel, {}, 32};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.loaded->start.entry.value == 0);
    CHECK(guest.tree_at() == 0);
    CHECK(guest.kernel_at() == plain.kernel_at());
    CHECK(guest.holds(guest.kernel_at(), kernel));
    CHECK(guest.loaded->ramdisk.value - VAMBRACE_RAM_IPA == guest.chosen("linux,initrd-start"));
    CHECK(guest.holds(guest.chosen("linux,initrd-start"), guest.ramdisk));
}

TEST_CASE("firmware needs no kernel")
{
    Guest const guest {{}, {}, 8, {.firmware = true}};
    REQUIRE(problem_of(guest.loaded) == "");
    CHECK(guest.loaded->start.entry.value == 0);
    CHECK(guest.tree().node("/chosen") > 0);
    u32 const most_of_tree = 8 * kib;
    CHECK(
        std::all_of(guest.ram.begin() + most_of_tree, guest.ram.end(), [](u8 byte) { return byte == 0xee; }));
}

TEST_CASE("a kernel may not lie where firmware looks for the tree")
{
    Guest const guest {Blob(4096, 0x5a), {}, 16, {.load = VAMBRACE_RAM_IPA + 4096, .firmware = true}};
    CHECK(problem_of(guest.loaded) == "a kernel lies where firmware looks for the device tree: linux");
}

TEST_CASE("no load address or entry point does harm")
{
    std::mt19937 random {926};
    u32 const edges[] = {0, VAMBRACE_RAM_IPA, VAMBRACE_RAM_IPA + 8 * kib, VAMBRACE_RAM_IPA + 16 * mib,
                         ~u32 {0}};
    auto const below = [&](u32 limit) { return static_cast<u32>(random() % limit); };
    auto const near_an_edge = [&] { return edges[below(5)] + below(16385) - 8192; };
    Blob const kernel(5000, 0x5a), ramdisk(100, 0x11);
    unsigned loaded = 0;
    for (int round = 0; round < 100; ++round) {
        u32 const load = near_an_edge();
        Extras const extras {load, below(2) ? load + below(5001) : near_an_edge(), below(2) == 0};
        Guest const guest {kernel, ramdisk, 16, extras};
        if (!guest.loaded) {
            continue;
        }
        ++loaded;
        REQUIRE(guest.holds(guest.kernel_at(), kernel));
        REQUIRE(guest.holds(guest.chosen("linux,initrd-start"), ramdisk));
        REQUIRE(guest.tree_at() + 8 * kib <= guest.ram.size());
    }
    CHECK(loaded != 0);
}
