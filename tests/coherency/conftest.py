# SPDX-License-Identifier: Apache-2.0
"""Runs guests under the checker, some at a time; each core's once, when the first of them is asked for."""

import concurrent.futures
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "guests"))

import machine  # noqa: E402
import runs  # noqa: E402

from coherency import checker, symbols  # noqa: E402
from harness.steps import BUILD  # noqa: E402

LOGS = BUILD / "test" / "coherency"
WORKERS = 4  # most wait for something


class Checked:
    """A guest's run: what the console showed, and what the checker has written."""

    def __init__(self, core, images, name, without=None):
        folder = LOGS / str(core)
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / f"{name.replace('/', '-')}{'' if without is None else f'-{without:x}'}.txt"
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


@pytest.fixture(scope="session")
def checked(request, tmp_path_factory):
    """{(core, guest): the future of its Checked}"""
    items = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    wanted = dict.fromkeys((p["core"], p["name"]) for p in items if "core" in p)
    boards = {}
    for core, _ in wanted:
        if core.image not in boards:
            runs.build(core.platform)
            checker.build(core.platform)
            boards[core.image] = machine.Images(core.platform, tmp_path_factory.mktemp(core.board))
    pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
    yield {(core, name): pool.submit(Checked, core, boards[core.image], name) for core, name in wanted}
    pool.shutdown(wait=True, cancel_futures=True)
