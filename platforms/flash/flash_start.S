/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of the NOR flash: copies the hypervisor, its device tree and the boot bundle to RAM and enters
 * the hypervisor as the ARM Linux boot protocol says. Runs where it lies, at any address, and needs RAM that
 * works: QEMU's always does, on silicon ARM's boot monitor or U-Boot has set up the memory controller.
 *
 * platform.scons has the layout; the sizes of the three lie in front of the image:
 *   IMAGE_OFFSET - 16: sizes of the image, of the device tree, of the bundle; "VAMB"
 */

        .section .text, "ax"
        .arm
        .global flash_start
/* SVC mode, MMU off, any registers, no stack. Does not return. */
flash_start:
        mrs     r0, cpsr
        orr     r0, r0, #0xc0                   /* interrupts off */
        msr     cpsr_c, r0
        adr     r11, flash_start                /* the flash's base */
        ldr     r10, =IMAGE_OFFSET
        sub     r9, r10, #16
        add     r9, r11, r9                     /* the sizes */
        ldr     r3, [r9, #12]
        ldr     r4, =0x424d4156                 /* "VAMB" */
        cmp     r3, r4
stop:   bne     stop                            /* the flash does not hold what it should */

        add     r0, r11, r10
        ldr     r1, =LOAD_ADDRESS
        ldr     r2, [r9, #0]
        bl      copy
        ldr     r0, =DTB_OFFSET
        add     r0, r11, r0
        ldr     r1, =DTB_ADDRESS
        ldr     r2, [r9, #4]
        bl      copy
        ldr     r0, =BUNDLE_OFFSET
        add     r0, r11, r0
        ldr     r1, =BUNDLE_ADDRESS
        ldr     r2, [r9, #8]
        bl      copy

        mov     r0, #0                          /* the boot protocol: 0, machine, device tree; caches off */
        ldr     r1, =MACHINE_TYPE
        ldr     r2, =DTB_ADDRESS
        mcr     p15, 0, r0, c7, c5, 0           /* no stale instructions */
        mcr     p15, 0, r0, c7, c10, 4
        ldr     pc, =LOAD_ADDRESS

/* r0 = from, r1 = to, both word-aligned, r2 = bytes, not 0. Copies whole 32-byte lines. Clobbers r0-r8. */
copy:   ldmia   r0!, {r3-r8, r12}
        stmia   r1!, {r3-r8, r12}
        ldr     r3, [r0], #4
        str     r3, [r1], #4
        subs    r2, r2, #32
        bhi     copy
        mov     pc, lr

        .ltorg
