/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that do nothing and that no compiler makes: who counts instructions from outside (count.c)
 * sees where the measured part of a row begins and ends.
 */
#pragma once

#ifdef __arm__
/* teq sp, #imm8: sets flags only. */
#define MARK(imm) __asm__ volatile(".arm\n\tteq sp, #" #imm ::: "cc", "memory")
#else
#define MARK(imm) __asm__ volatile("" ::: "memory")
#endif

#define MARK_START() MARK(0xa1)
#define MARK_STOP() MARK(0xa2)
#define MARK_BASELINE_START() MARK(0xa3)
#define MARK_BASELINE_STOP() MARK(0xa4)
/* What an interrupt was to bring about has happened. */
#define MARK_EVENT() MARK(0xa5)
