# SPDX-License-Identifier: Apache-2.0
"""Runs the guests that the chosen tests ask for, each once on each core."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import fuzz  # noqa: E402
import runs  # noqa: E402


@pytest.fixture(scope="session")
def outcomes(request):
    """{(core, guest): its Outcome}, of a fuzzer what fuzz.run() returns; on a bare core (core, cpu, guest)"""
    chosen = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    wanted = dict.fromkeys((p["core"], p["name"]) for p in chosen if "name" in p)
    bare = [(p["core"], p["cpu"], p["program"]) for p in chosen if "program" in p]
    made = runs.Runs(wanted, bare, fuzz.run)
    yield made
    made.close()


@pytest.fixture(scope="session")
def boards(outcomes):
    """{a core's image: its Board}"""
    return outcomes.boards


def pytest_collection_modifyitems(items):
    """First those that start their own machines: meanwhile the guests run whose outcomes the others judge."""
    items.sort(key=lambda item: "boards" not in item.fixturenames)


FUZZED = pytest.StashKey()


@pytest.fixture(scope="session")
def fuzzed(request):
    """Lines for the end of the run: what has been fuzzed, and with which seed."""
    return request.config.stash.setdefault(FUZZED, [])


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(FUZZED, []):
        terminalreporter.write_line(line)
