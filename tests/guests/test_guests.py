# SPDX-License-Identifier: Apache-2.0
"""Bare-metal guests on the hypervisor in QEMU, on every core: each promise that a guest tests is a test."""

import pytest

from harness import kernel_image

import cores
from fuzz import CORES, NAME
from runs import (
    FUZZERS,
    HOSTILE,
    HYP_NAMES,
    NAMES,
    NEIGHBOURS,
    PV_NAMES,
    arches_of,
    guests_of,
    promises,
    says,
)

RUNS = [(core, name) for core in cores.ALL for name in guests_of(core)]
PROMISES = [
    (core, name, promise)
    for core, name in RUNS
    for promise in promises(name, core.arch)
    if promise not in core.not_in_qemu
]


def ids(parameters):
    return [f"{core}: {': '.join(rest)}" for core, *rest in parameters]


@pytest.mark.parametrize("core, name, promise", PROMISES, ids=ids(PROMISES))
def test_promise(outcomes, core, name, promise):
    """What the guest's own check says."""
    problem = outcomes[core, name].verdict(promise)
    assert problem is None, problem


@pytest.mark.parametrize("core, name", RUNS, ids=ids(RUNS))
def test_run_ends_in_order(outcomes, core, name):
    """The guest comes to the end that it should; beside a hostile guest the witness goes on, whole."""
    outcome = outcomes[core, name]
    assert not outcome.problems, "\n".join([*outcome.problems, outcome.tail()])


@pytest.mark.parametrize("core, name", RUNS, ids=ids(RUNS))
def test_hypervisor_is_unchanged(outcomes, core, name):
    """After the run its code and constants in memory are those of the image."""
    assert outcomes[core, name].image == ""


@pytest.mark.parametrize("core, name", [run for run in RUNS if run[1] == "clock"], ids=str)
def test_clock_is_the_boards(outcomes, core, name):
    """Guests have a clock exactly on boards that have one."""
    article = "a" if "pl031" in core.platform["drivers"] else "no"
    assert f"\nclock: the board has {article} wall clock\n" in outcomes[core, name].console


FIRST = {core.arch: core for core in reversed(cores.ALL)}
BARE = [
    (core, cpu, name)
    for arch, core in FIRST.items()
    for cpu in cores.BARE[arch]
    for name in NAMES
    if says(name, "native") == "yes" and arch in arches_of(name)
]


@pytest.mark.parametrize("core, cpu, program", BARE, ids=[f"{cpu}: {name}" for _, cpu, name in BARE])
def test_bare_core_agrees(outcomes, core, cpu, program):
    """A core without a hypervisor keeps the guest's promises too: they are what the architecture says."""
    outcome = outcomes[core, cpu, program]
    broken = {p: outcome.verdict(p) for p in promises(program, core.arch, without="NOT_NATIVE")}
    assert not {p: why for p, why in broken.items() if why}


@pytest.mark.parametrize("core, name", [(core, NAME) for core in CORES.values()], ids=list(CORES))
def test_fuzzed_instructions_harm_nobody(outcomes, fuzzed, core, name):
    """Random instructions in both modes: no FATAL, the witness goes on, the code is unchanged."""
    outcome, totals, seed = outcomes[core, name]
    fuzzed.append(f"fuzzed on {core}, seeds up to {seed}: {totals}")
    assert not outcome.problems and outcome.image == "", "\n".join(
        [f"seed {seed}", *outcome.problems, outcome.image, outcome.tail()]
    )
    assert totals.instructions, f"seed {seed}: nothing was fuzzed\n{outcome.tail()}"


OF_EACH_KIND = [*FIRST.values(), next(core for core in cores.ALL if core.hyp)]


@pytest.mark.parametrize("core", OF_EACH_KIND, ids=str)
def test_run_takes_every_guest_for_a_kernel(boards, core):
    """./run refuses what is no kernel, and a bare-metal guest is one."""
    made = boards[core.image].made()
    for name in HYP_NAMES if core.hyp else PV_NAMES:
        if core.arch in arches_of(name):
            kernel_image.check(made.folder / "guests" / f"{name}.bin", core.platform)


def test_every_guest_makes_a_promise():
    assert [
        name
        for name in NAMES
        if not promises(name) and name not in HOSTILE and name not in NEIGHBOURS + FUZZERS
    ] == []
