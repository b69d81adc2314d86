/* SPDX-License-Identifier: MIT */
/*
 * The interface between Vambrace and a paravirtual guest, for C99, C++ and assembly.
 * docs/abi.md explains it; the numbers of the calls come from hypercalls.def, those of the counters from
 * counters.def. calls.h has the calls as C functions.
 */
#ifndef VAMBRACE_ABI_H
#define VAMBRACE_ABI_H

#define VAMBRACE_ABI_VERSION 1
/*
 * The revision's minor number. 1: the UART and the clock moved to where QEMU's board "virt" has them.
 * 2: irq_mask is always written as VAMBRACE_IRQS_OPEN or VAMBRACE_IRQS_MASKED, and the word at
 * VAMBRACE_SHARED_NOTHING may be stored to; svc_user gives up r10 and r11; system calls are not counted;
 * TIMER_START is new. 3: ports and regions that guests share (EVENT_SEND, EVENT_MASK, EVENT_TAKE), virtio.
 */
#define VAMBRACE_ABI_MINOR 3

/* SMC Calling Convention (ARM DEN 0028): fast call, SMC32, vendor specific hypervisor service. */
#define VAMBRACE_FUNCTION_BASE 0x86000000
/* The function identifier of a call of hypercalls.def, as in VAMBRACE_FUNCTION(TLB_FLUSH). */
#define VAMBRACE_FUNCTION(NAME) (VAMBRACE_FUNCTION_BASE + VAMBRACE_NR_##NAME)
#define VAMBRACE_CALL_COUNT 0x8600ff00
#define VAMBRACE_CALL_UID 0x8600ff01
#define VAMBRACE_REVISION 0x8600ff03

/* What VAMBRACE_CALL_UID returns in r0..r3. */
#define VAMBRACE_UID_0 0x62d8c1e5
#define VAMBRACE_UID_1 0x4f0e9a37
#define VAMBRACE_UID_2 0x9b61d4a2
#define VAMBRACE_UID_3 0x7635f08c

/* Results in r0; every error is negative (PSCI's numbers, ARM DEN 0022 5.2.2). */
#define VAMBRACE_SUCCESS 0
#define VAMBRACE_NOT_SUPPORTED (-1)
#define VAMBRACE_INVALID_PARAMETERS (-2)
#define VAMBRACE_DENIED (-3)
#define VAMBRACE_INVALID_ADDRESS (-9)
/* A bounded call did part of its work: r2 and r3 hold the arguments for the rest; call again. */
#define VAMBRACE_AGAIN (-11)

/* Virtual addresses that are the hypervisor's in every address space of a PV guest: [base, end). */
#define VAMBRACE_WINDOW_BASE 0xff000000
#define VAMBRACE_WINDOW_END 0xff800000
/* Within it, for the guest kernel only: the shared page (read, write) ... */
#define VAMBRACE_SHARED_VA 0xff000000
/* ... and the board's free-running counter (read only), where clock_flags says that it is there. */
#define VAMBRACE_COUNTER_VA 0xff001000

/* The guest's machine: RAM and devices in intermediate physical addresses, those of QEMU's board "virt". */
#define VAMBRACE_RAM_IPA 0x40000000
#define VAMBRACE_PL011_IPA 0x09000000
#define VAMBRACE_PL031_IPA 0x09010000 /* where the board has a clock: docs/abi.md section 1 */

/* With hardware interfaces, too: the interrupt controller, a GICv2 (docs/guest-machine.md). */
#define VAMBRACE_GICD_IPA 0x08000000
#define VAMBRACE_GICC_IPA 0x08010000
#define VAMBRACE_GIC_SIZE 0x10000
#define VAMBRACE_SPI_PL011 1
#define VAMBRACE_SPI_PL031 2
#define VAMBRACE_SPI_PORTS 8
#define VAMBRACE_SPI_VIRTIO 16 /* of the first device; each has its own */

/* virtio devices, as many as the guest's description names: a page and an interrupt each. */
#define VAMBRACE_VIRTIO_IPA 0x0a000000
#define VAMBRACE_VIRTIO_DEVICES 8

/* What guests share, where the description names something: ports to other guests, and regions of memory. */
#define VAMBRACE_PORTS_IPA 0x0a100000 /* the ports' registers, a page */
#define VAMBRACE_PORTS 32             /* that a guest may have */
#define VAMBRACE_REGION_IPA 0x20000000 /* of the first region */
#define VAMBRACE_REGION_SPACING 0x01000000
#define VAMBRACE_REGIONS 8

/*
 * Offsets of the ports' registers. A bit is a port; the interrupt is high while one is pending and not
 * masked.
 */
#define VAMBRACE_PORTS_PENDING 0x00 /* read: ports that something came in by */
#define VAMBRACE_PORTS_ACK 0x04     /* write: they are not pending any more */
#define VAMBRACE_PORTS_MASK 0x08    /* read, write: ports that do not interrupt; at a start, none */
#define VAMBRACE_PORTS_BOUND 0x0c   /* read: ports that lead to a guest */
#define VAMBRACE_PORTS_SEND 0x10    /* write: the number of a port; the other end of it is pending */

/* Virtual interrupts: bit numbers in irq_pending, interrupt specifiers in the device tree. */
#define VAMBRACE_IRQ_TIMER 0
#define VAMBRACE_IRQ_PL011 1
#define VAMBRACE_IRQ_PORTS 2
#define VAMBRACE_IRQ_PL031 3
#define VAMBRACE_IRQ_VIRTIO 8 /* of the first device; each has its own */
#define VAMBRACE_IRQ_COUNT 32

/* Offsets in the shared page (struct vambrace_shared). */
#define VAMBRACE_SHARED_IRQ_MASK 0x00
#define VAMBRACE_SHARED_IRQ_PENDING 0x04
#define VAMBRACE_SHARED_ABI_VERSION 0x08
#define VAMBRACE_SHARED_CLOCK_FLAGS 0x0c
#define VAMBRACE_SHARED_CLOCK_SEQUENCE 0x10
#define VAMBRACE_SHARED_CLOCK_TICKS 0x14
#define VAMBRACE_SHARED_CLOCK_NS 0x18
#define VAMBRACE_SHARED_CLOCK_MULT 0x20
#define VAMBRACE_SHARED_CLOCK_SHIFT 0x24
#define VAMBRACE_SHARED_CLOCK_HZ 0x28
#define VAMBRACE_SHARED_CLOCK_OFFSET 0x2c

/* What is stored here is never looked at. */
#define VAMBRACE_SHARED_NOTHING 0x80

/* irq_mask: the place of CPSR.I, so that the word can stand for a saved CPSR. */
#define VAMBRACE_IRQ_MASKED 0x80
/*
 * What the hypervisor writes to irq_mask. A guest that writes nothing else restores a mask by one store of
 * the word to the address that the word is: it opens, or it changes nothing.
 */
#define VAMBRACE_IRQS_OPEN VAMBRACE_SHARED_VA
#define VAMBRACE_IRQS_MASKED (VAMBRACE_SHARED_VA + VAMBRACE_IRQ_MASKED)
/* clock_flags */
#define VAMBRACE_CLOCK_MAPPED 1 /* the counter is readable at VAMBRACE_COUNTER_VA + clock_offset */

/* Offsets in a trap frame (struct vambrace_frame); r0..r12 stand at 0..48. */
#define VAMBRACE_FRAME_SP 52
#define VAMBRACE_FRAME_LR 56
#define VAMBRACE_FRAME_PC 60
#define VAMBRACE_FRAME_PSR 64
#define VAMBRACE_FRAME_ORIG_R0 68
#define VAMBRACE_FRAME_SIZE 72

/* psr.M of a frame */
#define VAMBRACE_PSR_USER 0x10
#define VAMBRACE_PSR_KERNEL 0x13
#define VAMBRACE_PSR_MODE_MASK 0x1f

/* TLB_FLUSH: the table base that means every table of the guest, and the size that means all of it. */
#define VAMBRACE_ALL_TABLES 0xffffffff
#define VAMBRACE_ALL_ADDRESSES 0xffffffff

/* CACHE_OP: r1 */
#define VAMBRACE_CACHE_CLEAN 0            /* data: clean [r2, r2 + r3) to memory */
#define VAMBRACE_CACHE_INVALIDATE 1       /* data: invalidate; lines cut by the ends are cleaned first */
#define VAMBRACE_CACHE_CLEAN_INVALIDATE 2 /* data: clean, then invalidate */
#define VAMBRACE_CACHE_SYNC_CODE 3        /* clean data, invalidate instructions: code was written */
#define VAMBRACE_CACHE_ALL 4              /* clean and invalidate everything; r2 and r3 are ignored */
#define VAMBRACE_CACHE_CODE_ALL 5         /* invalidate all instructions; r2 and r3 are ignored */
#define VAMBRACE_CACHE_DATA_ALL 6         /* clean and invalidate all data; r2 and r3 are ignored */
/* data: clean and invalidate the page at IPA r2, as the linear map shows it and a mapping at VA r3 would */
#define VAMBRACE_CACHE_PAGE 7

#ifndef __ASSEMBLER__

#ifdef __cplusplus
#include <cstdint>
#elif defined(__KERNEL__)
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define VAMBRACE_CALL(number, NAME, ...) VAMBRACE_NR_##NAME = number,
enum vambrace_call_number {
#include "hypercalls.def"
	VAMBRACE_NR_CALLS
};
#undef VAMBRACE_CALL

#define VAMBRACE_COUNTER(number, NAME, ...) VAMBRACE_COUNTER_##NAME = number,
enum vambrace_counter {
#include "counters.def"
	VAMBRACE_COUNTERS /* how many there are */
};
#undef VAMBRACE_COUNTER

/* What a trap stores on the guest kernel's stack, and RETURN takes back (Linux: struct pt_regs). */
struct vambrace_frame {
	uint32_t r[13];   /* r0..r12 */
	uint32_t sp;
	uint32_t lr;
	uint32_t pc;      /* where RETURN goes on */
	uint32_t psr;     /* flags, T; mode USR or SVC; I from irq_mask */
	uint32_t orig_r0; /* r0 at the time of the trap */
};

/* The page at VAMBRACE_SHARED_VA. */
struct vambrace_shared {
	uint32_t irq_mask;       /* VAMBRACE_IRQ_MASKED counts, other bits are ignored */
	uint32_t irq_pending;    /* hypervisor sets bits of enabled interrupts; guest takes them: swaps in 0 */
	uint32_t abi_version;    /* VAMBRACE_ABI_VERSION */
	uint32_t clock_flags;    /* VAMBRACE_CLOCK_MAPPED */
	uint32_t clock_sequence; /* odd while the next five are being changed */
	uint32_t clock_ticks;    /* counter value at clock_ns */
	uint32_t clock_ns[2];    /* low, high: hypervisor time at clock_ticks */
	uint32_t clock_mult;     /* ns = clock_ns + (((counter - clock_ticks) * clock_mult) >> clock_shift) */
	uint32_t clock_shift;
	uint32_t clock_hz;       /* of the counter: 32 bits, counts up, wraps */
	uint32_t clock_offset;   /* of the counter in its page, in bytes */
};

/* SET_VECTORS: entry points of the guest kernel (virtual addresses; ARM state) and its stacks. */
struct vambrace_vectors {
	uint32_t svc_user;
	uint32_t undefined_user;
	uint32_t prefetch_abort_user;
	uint32_t data_abort_user;
	uint32_t irq_user;
	uint32_t undefined_kernel;
	uint32_t prefetch_abort_kernel;
	uint32_t data_abort_kernel;
	uint32_t irq_kernel;
	uint32_t double_fault;    /* 0: a double fault ends the guest */
	uint32_t emergency_stack; /* its end (highest address); 8-byte aligned */
	uint32_t user_frame;      /* where a trap from guest user stores its frame before the first RETURN */
};

#else /* __ASSEMBLER__ */

#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter) \
	.equ VAMBRACE_NR_##NAME, number;
#include "hypercalls.def"
#undef VAMBRACE_CALL
#define VAMBRACE_COUNTER(number, NAME, name, text) .equ VAMBRACE_COUNTER_##NAME, number;
#include "counters.def"
#undef VAMBRACE_COUNTER

#endif /* __ASSEMBLER__ */

#endif /* VAMBRACE_ABI_H */
