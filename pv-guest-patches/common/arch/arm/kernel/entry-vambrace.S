/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trap entries of a Vambrace guest, part of entry-armv.S.
 *
 * The hypervisor has stored a whole struct pt_regs, sp points at it, and
 * interrupts are masked. System calls come in at vambrace_swi.
 */

	/* Load what the handlers expect of the trapped context. */
	.macro	trap_entry
 UNWIND(.fnstart	)
	ldr	r4, [sp, #S_PC]
	ldr	r5, [sp, #S_PSR]
	.endm

	.macro	trap_entry_usr
	trap_entry
 UNWIND(.cantunwind	)		@ don't unwind the user space
	zero_fp
	ct_user_exit
	.endm

	.macro	trap_entry_svc
	trap_entry
 UNWIND(.save	{r0 - pc}	)
	.endm

	@ System calls return with interrupts open (vambrace_ret_fast, six
	@ instructions). One that comes on this way may set flags that have been
	@ looked at: the return is done again, from its beginning, or by
	@ ret_to_user if r0 is in its frame already. r4: pc
	.macro	restart_return
#if !(IS_ENABLED(CONFIG_CONTEXT_TRACKING_USER) || IS_ENABLED(CONFIG_DEBUG_RSEQ))
	ldr	r0, =vambrace_ret_fast
	sub	r1, r4, r0
	cmp	r1, #20
	bls	1f
	.subsection 1
1:	cmp	r1, #12
	ldrhi	r0, =ret_to_user
	str	r0, [sp, #S_PC]
	b	2f
	.previous
2:
#endif
	.endm

	@ r0: address, r1: fault status, r2: pt_regs, r4: pc, r5: psr
	.macro	trap_dabt
#ifdef CONFIG_CPU_ABRT_EV5TJ
	bl	v5tj_early_abort_status		@ has no write bit
#else
	bl	do_DataAbort
#endif
	.endm

	.align	5
ENTRY(vambrace_dabt_usr)
	trap_entry_usr
	mov	r6, r0
	kuser_cmpxchg_check			@ clobbers r0, r7, r8
	mov	r0, r6
	trap_dabt
	b	ret_from_exception
 UNWIND(.fnend		)
ENDPROC(vambrace_dabt_usr)

	.align	5
ENTRY(vambrace_irq_usr)
	trap_entry_usr
	kuser_cmpxchg_check
	irq_handler from_user=1
	get_thread_info tsk
	mov	why, #0
	b	ret_to_user_from_irq
 UNWIND(.fnend		)
ENDPROC(vambrace_irq_usr)

	.ltorg

	.align	5
ENTRY(vambrace_und_usr)
	trap_entry_usr
	pv_enable_irq
	mov	r3, r5
	tst	r3, #PSR_T_BIT			@ pc: as the core would have set lr
	addeq	r2, r4, #4
	addne	r2, r4, #2
	str	r2, [sp, #S_PC]
	badr	r9, ret_from_exception
	b	__und_usr_read
 UNWIND(.fnend		)
ENDPROC(vambrace_und_usr)

	.align	5
ENTRY(vambrace_pabt_usr)
	trap_entry_usr
	bl	do_PrefetchAbort
	b	ret_from_exception
 UNWIND(.fnend		)
ENDPROC(vambrace_pabt_usr)

	.align	5
ENTRY(vambrace_dabt_svc)
	trap_entry_svc
	trap_dabt
	b	vambrace_svc_exit
 UNWIND(.fnend		)
ENDPROC(vambrace_dabt_svc)

	.align	5
ENTRY(vambrace_irq_svc)
	trap_entry_svc
	restart_return
	irq_handler from_user=0
#ifdef CONFIG_PREEMPTION
	get_thread_info tsk
	ldr	r8, [tsk, #TI_PREEMPT]		@ get preempt count
	ldr	r0, [tsk, #TI_FLAGS]		@ get flags
	teq	r8, #0				@ if preempt count != 0
	movne	r0, #0				@ force flags to 0
	tst	r0, #_TIF_NEED_RESCHED
	blne	svc_preempt
#endif
vambrace_svc_exit:
	vambrace_return
 UNWIND(.fnend		)
ENDPROC(vambrace_irq_svc)

	.align	5
ENTRY(vambrace_und_svc)
	trap_entry_svc
	mov	r0, sp
	bl	do_undefinstr
	b	vambrace_svc_exit
 UNWIND(.fnend		)
ENDPROC(vambrace_und_svc)

	.align	5
ENTRY(vambrace_pabt_svc)
	trap_entry_svc
	bl	do_PrefetchAbort
	b	vambrace_svc_exit
 UNWIND(.fnend		)
ENDPROC(vambrace_pabt_svc)

	.align	5
ENTRY(vambrace_bad_stack)
	trap_entry_svc
	bl	vambrace_double_fault		@ does not return
 UNWIND(.fnend		)
ENDPROC(vambrace_bad_stack)

	@ The first trap after vambrace_alignment_off() comes in here.
	.irp	entry, swi, und_usr, pabt_usr, dabt_usr, irq_usr, und_svc, pabt_svc, dabt_svc, irq_svc
ENTRY(vambrace_\entry\()_unchecked)
 UNWIND(.fnstart	)
 UNWIND(.cantunwind	)
	stmdb	sp!, {r0 - r3, ip, lr}
	bl	vambrace_alignment_on
	ldmia	sp!, {r0 - r3, ip, lr}
	b	vambrace_\entry
 UNWIND(.fnend		)
ENDPROC(vambrace_\entry\()_unchecked)
	.endr
