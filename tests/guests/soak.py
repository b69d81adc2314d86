# SPDX-License-Identifier: Apache-2.0
"""./test soak: the instruction fuzzer for hours, a fresh seed every few minutes, until the first failure."""

import argparse
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import fuzz  # noqa: E402
import runs  # noqa: E402
from harness.steps import BUILD, Problem, duration  # noqa: E402
from machine import Images  # noqa: E402

LIFE = 300  # seconds with one seed
LOGS = BUILD / "test" / "soak"


def options():
    parser = argparse.ArgumentParser(
        prog="test soak",
        description="Runs random instructions in a guest beside the witness, with fresh seeds, and stops "
        "at the first failure. Several cores may be soaked at the same time, each by its own process.",
        allow_abbrev=False,
    )
    parser.add_argument("--core", choices=list(fuzz.CORES), default="arm926", help="default: %(default)s")
    parser.add_argument("--hours", type=float, default=1, help="default: %(default)s")
    parser.add_argument("--seed", type=int, help="the first seed, to repeat a run (default: from the date)")
    parser.add_argument(
        "--life", type=float, default=LIFE, metavar="SECONDS", help="with one seed (default: %(default)s)"
    )
    return parser.parse_args()


def soak(core, name, seed, seconds, life):
    """Returns the exit status."""
    totals, seeds, start = fuzz.Totals(), 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        board = Images(core.platform, folder)
        while (rest := start + seconds - time.monotonic()) > 0:
            outcome, more, end = fuzz.live(core, board, seed, min(life, rest))
            totals += more
            seeds += 1
            problems = outcome.problems + ([outcome.image] if outcome.image else [])
            print(f"{name}: seed {seed}: {more}; {end}", flush=True)
            if problems:
                log = LOGS / f"{name}-{seed}.log"
                log.write_text("\n".join([*problems, outcome.console]))
                print(f"{name}: FAILED with seed {seed}: {'; '.join(problems)}: {log}\n{outcome.tail()}")
                break
            seed = (seed + 1) & 0xFFFFFFFF
    print(f"{name}: {seeds} seeds in {duration(time.monotonic() - start)}: {totals}; {len(problems)} failed")
    return 1 if problems else 0


def main():
    chosen = options()
    core = fuzz.CORES[chosen.core]
    LOGS.mkdir(parents=True, exist_ok=True)
    seed = fuzz.fresh_seed() if chosen.seed is None else chosen.seed
    try:
        runs.build(core.platform)
    except Problem as problem:
        return problem.report("test soak")
    return soak(core, chosen.core, seed, chosen.hours * 3600, chosen.life)


if __name__ == "__main__":
    sys.exit(main())
