// SPDX-License-Identifier: Apache-2.0
// Plans where a guest's images go, then puts them there.
#include <boot/guest_tree.hpp>
#include <boot/loader.hpp>
#include <cstring>
#include <vambrace/abi.h>

namespace vambrace {

namespace {

/// Linux documentation arch/arm/booting: the kernel runs at 32 KB, its first page table lies below.
constexpr u32 text_offset = 0x8000;
/// A zImage does not say where it unpacks to: some configurations leave up to 3 MB free below the kernel
/// (arch/arm/Makefile, textofs-y), Debian's among them. If it met itself there it would move out of its way,
/// over the ramdisk.
constexpr u32 most_text_offset = 0x308000;
/// A zImage finds the start of RAM by rounding its own address down to 128 MB, and unpacks there.
constexpr u64 decompressor_reach = 128 * mib;
/// What the decompressor uses behind itself: 64 KB heap, stack, bss, alignment.
constexpr u64 decompressor_scratch = 256 * kib;
constexpr u64 least_bss = 4 * mib; // of an Image
/// Low memory of every Linux configuration: the device tree and ramdisk have to be in it.
constexpr u64 low_memory = 512 * mib;

/// Words of a zImage's header (arch/arm/boot/compressed/head.S) ...
constexpr u32 zimage_magic_at = 0x24, zimage_start_at = 0x28, zimage_end_at = 0x2c;
constexpr u32 zimage_table_magic_at = 0x34, zimage_table_at = 0x38, zimage_header_size = 0x3c;
constexpr u32 zimage_magic = 0x016f2818, zimage_table_magic = 0x45454545;
/// ... and of the table it points to (vmlinux.lds.S): size in words, tag, offset of the unpacked size, bss.
constexpr u32 table_words = 6, table_tag = 0x5a534c4b;

/// Offsets in the guest's memory. 64 bits, so that no image size can make a sum wrap.
struct Plan {
    u64 kernel;
    u64 ramdisk;
    u64 device_tree;
    u64 end;
};

u64 round_up(u64 value, u64 to) { return (value + to - 1) & ~(to - 1); }

u64 in_megabytes(u64 bytes) { return round_up(bytes, mib) / mib; }

/// \pre at + 4 <= image.size
u32 word(Image image, u32 at)
{
    ASSERT(at + 4 <= image.size);
    u32 value;
    std::memcpy(&value, image.data + at, sizeof value);
    return value;
}

bool is_zimage(Image kernel)
{
    return kernel.size >= zimage_header_size && word(kernel, zimage_magic_at) == zimage_magic;
}

/// Is it made for one address? A zImage runs anywhere, whatever is said of it.
bool is_placed(Image kernel) { return kernel.load && !is_zimage(kernel); }

/// Names a format that is neither zImage nor Image; nullptr if it may be one of them.
char const *foreign_format(Image kernel)
{
    if (kernel.size < 64) {
        return "it is too short to be a kernel";
    }
    switch (word(kernel, 0)) {
    case 0x464c457f: return "it is an ELF file";
    case 0x56190527: return "it is a uImage";
    case 0xedfe0dd0: return "it is a FIT or a device tree";
    default: break;
    }
    return (word(kernel, 0) & 0xffff) == 0x8b1f ? "it is a gzip file" : nullptr;
}

/// Bytes the kernel takes when it is unpacked, with its bss.
u64 unpacked_size(Image kernel)
{
    u64 const guess = u64 {kernel.size} * 5; // for kernels before 4.15, which do not say
    u32 const table = word(kernel, zimage_table_at);
    bool const has_table = word(kernel, zimage_table_magic_at) == zimage_table_magic;
    if (!has_table || !contains(0, kernel.size, table, 4 * table_words)) {
        return guess;
    }
    u32 const size_at = word(kernel, table + 8);
    bool const has_tag = word(kernel, table) >= 4 && word(kernel, table + 4) == table_tag;
    if (!has_tag || !contains(0, kernel.size, size_at, 4)) {
        return guess;
    }
    return u64 {word(kernel, size_at)} + word(kernel, table + 12);
}

/// An Image does not say how large its bss is: half of its size, and at least this, is far more than any has.
u64 room_of_image(u64 size) { return size + (size / 2 > least_bss ? size / 2 : least_bss); }

/// A zImage stands behind the place it unpacks to, so that it need not move itself out of its own way first.
Plan plan_zimage(Guest_config const &config)
{
    Plan plan {};
    plan.kernel = round_up(most_text_offset + unpacked_size(config.kernel), mib);
    plan.ramdisk = round_up(plan.kernel + config.kernel.size + decompressor_scratch, page_size);
    return plan;
}

/// Of a kernel that is not compressed. \param at its offset
Plan plan_image(Guest_config const &config, u64 at)
{
    Plan plan {};
    plan.kernel = at;
    plan.ramdisk = round_up(at + room_of_image(config.kernel.size), mib);
    return plan;
}

/// The device tree comes last, in a place of its own size that no megabyte boundary cuts. Firmware looks for
/// it where RAM begins, and so do programs with an address of their own: it is there if they leave room.
Boot_result<Plan> make_plan(Guest_config const &config, u32 size)
{
    static_assert(mib % guest_tree_size == 0 && text_offset >= guest_tree_size);
    bool const zimage = is_zimage(config.kernel), placed = is_placed(config.kernel);
    u64 const at = placed ? config.kernel.load - VAMBRACE_RAM_IPA : text_offset;
    Plan plan = zimage ? plan_zimage(config) : plan_image(config, at);
    plan.device_tree = round_up(plan.ramdisk + config.ramdisk.size, guest_tree_size);
    plan.end = plan.device_tree + guest_tree_size;
    if (!placed && (plan.end > low_memory || (zimage && plan.ramdisk > decompressor_reach))) {
        return Problem {"kernel and ramdisk are too large for any guest", config.label,
                        "use a smaller kernel or ramdisk"};
    }
    if ((config.firmware.size || placed) && plan.kernel >= guest_tree_size) {
        plan.device_tree = 0;
        plan.end = plan.ramdisk + config.ramdisk.size;
    } else if (config.firmware.size) {
        return Problem {"a kernel lies where firmware looks for the device tree", config.label,
                        "move it %u KB or more behind the start of RAM",
                        static_cast<unsigned>(guest_tree_size / kib)};
    }
    if (plan.end > size) {
        return Problem {"guest memory too small for its kernel and ramdisk", config.label,
                        "give it at least %u MB", static_cast<unsigned>(in_megabytes(plan.end))};
    }
    return plan;
}

/// It has to be in the guest's RAM, and to start in itself.
Boot_result<bool> check_place(Guest_config const &config, u32 size)
{
    Image const kernel = config.kernel;
    if (!contains(VAMBRACE_RAM_IPA, size, kernel.load, kernel.size)) {
        return Problem {"a kernel is made for addresses where its guest has no memory", config.label,
                        "there are %u MB from 0x40000000 on: give it more, or link it to them",
                        static_cast<unsigned>(size / mib)};
    }
    constexpr u32 thumb = 1, halfword = 2;
    if (!contains(kernel.load, kernel.size, kernel.entry & ~thumb, halfword) || (kernel.entry & 3) == 2) {
        return Problem {"a kernel's entry point is not in it", config.label,
                        "correct the image's entry: an address of its code, plus 1 in Thumb state"};
    }
    return true;
}

/// \pre there is one
Boot_result<bool> check_kernel(Guest_config const &config, u32 size)
{
    Image const kernel = config.kernel;
    if (is_placed(kernel)) {
        return check_place(config, size);
    }
    if (char const *const format = foreign_format(kernel)) {
        return Problem {"a guest's kernel is neither a zImage nor an Image", format,
                        "use arch/arm/boot/zImage or Image of the kernel's build"};
    }
    if (is_zimage(kernel)) {
        u32 const start = word(kernel, zimage_start_at);
        u32 const end = word(kernel, zimage_end_at);
        if (end <= start || end - start > kernel.size) {
            return Problem {"a guest's zImage is cut off", config.label,
                            "make the bundle again from the whole file"};
        }
    }
    return true;
}

void place(Image image, u8 *at)
{
    if (image.size) {
        std::memcpy(at, image.data, image.size);
    }
}

Ipa in_ram(u64 offset) { return {VAMBRACE_RAM_IPA + static_cast<u32>(offset)}; }

} // namespace

Boot_result<Loaded> load_guest(Guest_config const &config, u8 *ram, u32 size, Guest_hardware hardware)
{
    if (config.kernel.size) {
        if (Boot_result<bool> const kernel = check_kernel(config, size); !kernel) {
            return kernel.problem();
        }
    }
    Boot_result<Plan> const plan = make_plan(config, size);
    if (!plan) {
        return plan.problem();
    }
    Guest_machine const machine {
        size,           config.bootargs,    in_ram(plan->ramdisk),     config.ramdisk.size, hardware.cpu,
        hardware.clock, hardware.interface, config.firmware.size != 0, config.parts};
    Boot_result<u32> const tree = make_guest_tree(machine, ram + plan->device_tree, guest_tree_size);
    if (!tree) {
        return tree.problem();
    }
    place(config.kernel, ram + plan->kernel);
    place(config.ramdisk, ram + plan->ramdisk);
    Ipa const kernel = in_ram(plan->kernel);
    Ipa const entry = config.firmware.size       ? Ipa {0}
                      : is_placed(config.kernel) ? Ipa {config.kernel.entry}
                                                 : kernel;
    return Loaded {{entry, in_ram(plan->device_tree)}, kernel, in_ram(plan->ramdisk)};
}

} // namespace vambrace
