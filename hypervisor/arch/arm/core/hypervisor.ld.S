/* SPDX-License-Identifier: Apache-2.0 */
/* Where the parts of the hypervisor lie: 64 KB into the first megabyte of RAM, seen at layout::image. */
#include <asm_offsets.h>

ENTRY(_start)
OUTPUT_ARCH(arm)

SECTIONS
{
    . = IMAGE + 0x10000;
    __image_start = .;
    .text : {
        KEEP(*(.text.start))
        *(.text.hot)
        *(.text .text.*)
    }
    .vectors : ALIGN(4096) {
        KEEP(*(.vectors))
        . = ALIGN(4096);
    }
    .rodata : {
        *(.rodata .rodata.*)
        . = ALIGN(4);
        __fixups_start = .;
        KEEP(*(.fixups))
        __fixups_end = .;
    }
    .init_array : {
        __init_array_start = .;
        KEEP(*(SORT(.init_array.*)))
        KEEP(*(.init_array))
        __init_array_end = .;
    }
    .data : { *(.data .data.*) . = ALIGN(8); }
    __image_end = .;
    .bss (NOLOAD) : ALIGN(16384) {
        __bss_start = .;
        *(.bss.tables)
        *(.bss .bss.* COMMON)
        . = ALIGN(8);
        __bss_end = .;
    }
    __arena_start = .;
    __arena_end = IMAGE + 0x100000;
    ASSERT(__arena_start < __arena_end, "the hypervisor does not fit in its megabyte")
    /DISCARD/ : { *(.ARM.exidx*) *(.ARM.extab*) *(.comment) *(.ARM.attributes) }
}
