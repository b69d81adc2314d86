# SPDX-License-Identifier: Apache-2.0
"""Runs the guests that the chosen tests ask for, each once."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import qemu  # noqa: E402
import runs  # noqa: E402


@pytest.fixture(scope="session")
def outcomes(request):
    """{guest: its Outcome}"""
    wanted = [item.callspec.params["name"] for item in request.session.items if hasattr(item, "callspec")]
    made = runs.Runs(qemu.load_platform("versatilepb"), dict.fromkeys(wanted))
    yield made
    made.close()
