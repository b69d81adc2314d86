# SPDX-License-Identifier: Apache-2.0
"""Runs guests and Linux under the checker, some at a time, when the first of them is asked for."""

import concurrent.futures
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "guests"))

import machine  # noqa: E402
import runs  # noqa: E402

from coherency import checker, linux, symbols  # noqa: E402
from harness.steps import BUILD  # noqa: E402

LOGS = BUILD / "test" / "coherency"
WORKERS = 4  # most wait for something


class Checked:
    """A guest's run: what the console showed, and what the checker has written."""

    def __init__(self, core, images, name, without=()):
        folder = LOGS / str(core)
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / f"{name.replace('/', '-')}-{min(without, default=0):x}.txt"
        out.unlink(missing_ok=True)
        self.outcome = runs.run(
            core, images, name, lambda line: checker.arguments(core.platform, line, out, without=without)
        )
        self.output = checker.Output(out)
        self.symbols = symbols.Symbols(
            images.folder / "vambrace.elf", load_address=core.platform["load_address"]
        )

    def text(self, report):
        return symbols.text_of(report, self.output.rules, self.symbols)


class Runs:
    """The guests that tests ask for, Linux first, which takes longest; run some at a time."""

    def __init__(self, wanted, scenarios, temporary):
        self.boards, self.pool = {}, concurrent.futures.ThreadPoolExecutor(WORKERS)
        for scenario in scenarios:
            linux.prepare(scenario)
        for core in dict.fromkeys(core for core, _ in wanted):
            runs.build(core.platform)
            checker.build(core.platform)
            self.boards[core] = machine.Images(core.platform, temporary.mktemp(str(core)))
        self.scenarios = {scenario: self.pool.submit(linux.Run, scenario) for scenario in scenarios}
        self.whole = {key: self.submit(*key) for key in wanted}

    def submit(self, core, name, without=()):
        return self.pool.submit(Checked, core, self.boards[core], name, without)

    def __getitem__(self, key):
        return self.whole[key].result()

    def linux(self, scenario):
        return self.scenarios[scenario].result()

    def without(self, core, name, sites):
        """Its runs, in each of which one site's operations are kept from the model."""
        return [run.result() for run in [self.submit(core, name, site.addresses) for site in sites]]


@pytest.fixture(scope="session")
def checked(request, tmp_path_factory):
    """{(core, guest): its Checked}; of Linux linux(scenario)"""
    items = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    guests = dict.fromkeys((p["core"], p["name"]) for p in items if "core" in p)
    scenarios = dict.fromkeys(p["scenario"] for p in items if "scenario" in p)
    made = Runs(guests, scenarios, tmp_path_factory)
    yield made
    made.pool.shutdown(wait=True, cancel_futures=True)
