# SPDX-License-Identifier: Apache-2.0
"""The lists of calls and counters: C's functions, C's numbers and docs/abi.md's tables are theirs."""

import re

import lists
import pytest
from test_abi import ASSERT, COMPILERS, compile_text, language

ERRORS = {"INVALID_PARAMETERS", "DENIED", "INVALID_ADDRESS", "AGAIN"}
GUESTS = [name for name in COMPILERS if language(name) == "c" and not name.startswith("host")]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_call_and_counter_has_its_number(compiler):
    text = f"#include <vambrace/abi.h>\n{ASSERT[language(compiler)]}"
    for call in lists.calls():
        text += f"CHECK(VAMBRACE_NR_{call.name} == {call.number});\n"
        text += f"CHECK((unsigned)(VAMBRACE_FUNCTION({call.name})) == 0x86000000u + {call.number});\n"
    for counter in lists.counters():
        text += f"CHECK(VAMBRACE_COUNTER_{counter.name} == {counter.number});\n"
    text += f"CHECK(VAMBRACE_COUNTERS == {len(lists.counters())});\n"
    compile_text(COMPILERS[compiler], text + "int x;\n", ["-fsyntax-only"])


def test_no_number_is_used_twice_and_they_rise():
    for listed in (lists.calls(), lists.counters()):
        numbers = [entry.number for entry in listed]
        assert numbers and numbers == list(range(len(numbers)))


def test_a_call_lists_errors_that_there_are():
    for call in lists.calls():
        assert set(call.errors) <= ERRORS, call.name
        assert len(set(call.errors)) == len(call.errors) and len(call.arguments) <= 3


def test_every_call_and_counter_is_in_the_document():
    document = lists.DOCUMENT.read_text()
    assert lists.call_differences(lists.calls(), document) == []
    assert lists.counter_differences(lists.counters(), document) == []


@pytest.mark.parametrize(
    "old, new, difference",
    [
        ("| `0x8600000b` | `TIMER_SET`", "| `0x8600001b` | `TIMER_SET`", "TIMER_SET: identifier"),
        ("r1 = interrupt, r2 = 0 or 1 ", "r1 = interrupt ", "IRQ_ENABLE: arguments"),
        ("r0 = 0; r1, r2 = hypervisor", "r0 = 0; r1 = hypervisor", "TIME_GET: results"),
        ("`INVALID_PARAMETERS` (misaligned, not", "(misaligned, not", "SWITCH_TABLE: errors"),
        ("0. The guest frees this table | |", "0 | `DENIED` |", "FORGET_TABLE: errors"),
        ("`YIELD` |", "`PAUSE` |", "the calls, or their order"),
    ],
)
def test_a_document_that_says_something_else_of_a_call_is_found(old, new, difference):
    document = lists.DOCUMENT.read_text()
    assert old in document
    assert lists.call_differences(lists.calls(), document.replace(old, new)) == [difference]


def test_a_document_without_a_new_call_or_counter_is_found():
    document = lists.DOCUMENT.read_text()
    calls = lists.calls() + [lists.Call(15, "NEW", "new", [], "NONE", [], "SLOW", "hypercall")]
    assert lists.call_differences(calls, document) == ["the calls, or their order"]
    counters = lists.counters() + [lists.Counter(24, "NEW", "new things")]
    assert lists.counter_differences(counters, document) == ["the numbers", "NEW: not 'new things'"]


def test_a_document_that_calls_a_counter_something_else_is_found():
    document = lists.DOCUMENT.read_text().replace("| 9 | double faults |", "| 9 | triple faults |")
    assert lists.counter_differences(lists.counters(), document) == ["DOUBLE_FAULT: not 'double faults'"]


@pytest.mark.parametrize("compiler", GUESTS)
def test_every_call_but_return_is_a_function_with_its_arguments(compiler):
    text = "#include <vambrace/calls.h>\n#include <vambrace/calls.h>\n"
    for call in lists.calls():
        parameters = ", ".join(["uint32_t"] * len(call.arguments)) or "void"
        returned = "int" if call.results in ("NONE", "R0") else "struct vambrace_answer"
        if call.results != "R1_R12":
            text += f"{returned} (*const {call.function}_)({parameters}) = vambrace_call_{call.function};\n"
    assert text.count("(*const") == len(lists.calls()) - 1
    compile_text(COMPILERS[compiler], text, ["-fsyntax-only"])


def test_calls_h_leaves_no_macro_behind():
    text = (lists.HEADERS / "calls.h").read_text()
    defined = re.findall(r"^#define (\w+)", text, re.M)
    assert sorted(defined) == sorted(re.findall(r"^#undef (\w+)", text, re.M) + ["VAMBRACE_CALLS_H"])
