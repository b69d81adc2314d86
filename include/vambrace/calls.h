/* SPDX-License-Identifier: MIT */
/*
 * The hypercalls as functions of a guest kernel, for C99 on ARM: vambrace_call_<function>(arguments) for
 * each call of hypercalls.def. Those that return no more than r0 return an int, the others all four
 * registers. RETURN is not among them: it gives up most registers, so the guest's assembly makes it.
 */
#ifndef VAMBRACE_CALLS_H
#define VAMBRACE_CALLS_H

#include "abi.h"

struct vambrace_answer {
	int r0; /* 0, a result or a negative error */
	uint32_t r1, r2, r3;
};

/* Any function of the SMC Calling Convention: PSCI's, the queries, the calls. */
static inline struct vambrace_answer vambrace_call(uint32_t function, uint32_t a, uint32_t b, uint32_t c)
{
	register uint32_t r0 __asm__("r0") = function;
	register uint32_t r1 __asm__("r1") = a;
	register uint32_t r2 __asm__("r2") = b;
	register uint32_t r3 __asm__("r3") = c;
	struct vambrace_answer answer;

	__asm__ volatile("svc	#0" : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3) : : "memory", "cc");
	answer.r0 = (int)r0;
	answer.r1 = r1;
	answer.r2 = r2;
	answer.r3 = r3;
	return answer;
}

/* What is no argument is passed as 0, so that a later version can give it a meaning. */
#define VAMBRACE_PARAMETERS_0() void
#define VAMBRACE_PARAMETERS_1(a) uint32_t a
#define VAMBRACE_PARAMETERS_2(a, b) uint32_t a, uint32_t b
#define VAMBRACE_PARAMETERS_3(a, b, c) uint32_t a, uint32_t b, uint32_t c
#define VAMBRACE_PASSED_0() 0, 0, 0
#define VAMBRACE_PASSED_1(a) a, 0, 0
#define VAMBRACE_PASSED_2(a, b) a, b, 0
#define VAMBRACE_PASSED_3(a, b, c) a, b, c

/* By a call's results. */
#define VAMBRACE_RETURNS_R0(NAME, function, arguments, names) \
	static inline int vambrace_call_##function(VAMBRACE_PARAMETERS_##arguments names) \
	{ \
		return vambrace_call(VAMBRACE_FUNCTION(NAME), VAMBRACE_PASSED_##arguments names).r0; \
	}
#define VAMBRACE_RETURNS_ALL(NAME, function, arguments, names) \
	static inline struct vambrace_answer vambrace_call_##function(VAMBRACE_PARAMETERS_##arguments names) \
	{ \
		return vambrace_call(VAMBRACE_FUNCTION(NAME), VAMBRACE_PASSED_##arguments names); \
	}
#define VAMBRACE_RETURNS_NONE VAMBRACE_RETURNS_R0
#define VAMBRACE_RETURNS_R1_R2 VAMBRACE_RETURNS_ALL
#define VAMBRACE_RETURNS_R2_R3 VAMBRACE_RETURNS_ALL
#define VAMBRACE_RETURNS_R1_R12(NAME, function, arguments, names)

#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, ...) \
	VAMBRACE_RETURNS_##results(NAME, function, arguments, names)
#include "hypercalls.def"
#undef VAMBRACE_CALL
#undef VAMBRACE_PARAMETERS_0
#undef VAMBRACE_PARAMETERS_1
#undef VAMBRACE_PARAMETERS_2
#undef VAMBRACE_PARAMETERS_3
#undef VAMBRACE_PASSED_0
#undef VAMBRACE_PASSED_1
#undef VAMBRACE_PASSED_2
#undef VAMBRACE_PASSED_3
#undef VAMBRACE_RETURNS_R0
#undef VAMBRACE_RETURNS_ALL
#undef VAMBRACE_RETURNS_NONE
#undef VAMBRACE_RETURNS_R1_R2
#undef VAMBRACE_RETURNS_R2_R3
#undef VAMBRACE_RETURNS_R1_R12

#endif /* VAMBRACE_CALLS_H */
