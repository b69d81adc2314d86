# SPDX-License-Identifier: Apache-2.0
"""Bare-metal guests on the real hypervisor in QEMU. Each promise that a guest tests is a test here."""

import pytest

from runs import GUESTS, HOSTILE, promises

PROMISES = [(name, promise) for name in GUESTS for promise in promises(name)]


@pytest.mark.parametrize("name, promise", PROMISES, ids=[f"{name}: {promise}" for name, promise in PROMISES])
def test_promise(outcomes, name, promise):
    """What the guest's own check says."""
    problem = outcomes[name].verdict(promise)
    assert problem is None, problem


@pytest.mark.parametrize("name", GUESTS)
def test_run_ends_in_order(outcomes, name):
    """The guest comes to the end that it should; beside a hostile guest the witness goes on, whole."""
    outcome = outcomes[name]
    assert not outcome.problems, "\n".join([*outcome.problems, outcome.tail()])


@pytest.mark.parametrize("name", GUESTS)
def test_hypervisor_is_unchanged(outcomes, name):
    """After the run its code and constants in memory are those of the image."""
    assert outcomes[name].image == ""


def test_every_guest_makes_a_promise():
    assert [name for name in GUESTS if not promises(name) and name not in HOSTILE] == []
