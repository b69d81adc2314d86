/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the parts of the hypervisor lie: 64 KB into the first megabyte of RAM, seen at layout::image. Code,
 * constants and data have pages of their own (start.S: image_parts).
 */
#include <asm_offsets.h>

ENTRY(_start)
OUTPUT_ARCH(arm)

PHDRS
{
    code PT_LOAD FLAGS(5);
    constants PT_LOAD FLAGS(4);
    data PT_LOAD FLAGS(6);
}

SECTIONS
{
    . = IMAGE + 0x10000;
    __image_start = .;
    .text : {
        KEEP(*(.text.start))
        *(.text.hot)
        *(.text.memory .text.crc32)
        /* Something small and constant: what is left of the page before the vectors is lost. */
        *libc.a:*memset*(.text .text.*) *libc.a:*memchr*(.text .text.*) *libc.a:*memcmp*(.text .text.*)
        . = ALIGN(4096);
        KEEP(*(.vectors))               /* where vectors are low, their page is seen at address 0 as well */
        *(.text .text.*)
    } :code
    __code_end = ALIGN(4096);
    __code_large_end = ABSOLUTE(__code_end) & 0xffff0000;
    .rodata : ALIGN(4096) {
        *(.rodata .rodata.*)
        . = ALIGN(4);
        __fixups_start = .;
        KEEP(*(.fixups))
        __fixups_end = .;
        __init_array_start = .;
        KEEP(*(SORT(.init_array.*)))
        KEEP(*(.init_array))
        __init_array_end = .;
    } :constants
    __constants_end = ALIGN(4096);
    .data : ALIGN(4096) { *(.data .data.*) . = ALIGN(8); } :data
    __image_end = .;
    __initialized_end = ALIGN(4096);
    .bss (NOLOAD) : ALIGN(4096) {
        . += 4096;                      /* never mapped */
        __stack_guard_end = .;
        __bss_start = .;
        *(.bss.stack)
        *(.bss .bss.* COMMON)
        . = ALIGN(8);
    } :data
    .tables (NOLOAD) : ALIGN(16384) {
        *(.tables)
        PROVIDE(hyp_tables = host_l1);  /* HYP mode's, where there is one: no SVC mode is used beside it */
        PROVIDE(hyp_first_level = host_l2);
        __bss_end = .;
    } :data
    __data_small_end = ALIGN(0x10000);
    __arena_start = __bss_end;
    __arena_end = IMAGE + 0x100000;
    ASSERT(__code_large_end <= __code_end, "large pages show more than code")
    ASSERT(__data_small_end < __arena_end, "the hypervisor does not fit in its megabyte")
    ASSERT((hypercall & SVC_OF_KERNEL) && !(trap_svc & SVC_OF_KERNEL), "whose SVC is it?")
    ASSERT(hypervisor_stack_end - 8192 == __stack_guard_end, "the stack is not behind its guard page")
    /DISCARD/ : { *(.ARM.exidx*) *(.ARM.extab*) *(.comment) *(.ARM.attributes) }
}
