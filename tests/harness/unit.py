# SPDX-License-Identifier: Apache-2.0
"""Runs the unit tests: all in random order, then each by itself: none relies on what another has left."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as tree

from . import junit

SEED = "VAMBRACE_SEED"
SLOW = 1.0  # seconds: a test that takes longer is not run a second time
# A reference to a local of a function that has returned is an error in any order.
SANITIZER = "detect_stack_use_after_return=1"


def environment(seed):
    options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), SANITIZER]))
    return dict(os.environ, ASAN_OPTIONS=options, **{SEED: str(seed)})


def run_all(program, seed, results):
    line = [program, "--order", "rand", "--rng-seed", str(seed), "-r", "junit", "-o", results]
    print(f"unit tests: {SEED}={seed}", flush=True)
    subprocess.run(line, env=environment(seed))


def quick_cases(program, results):
    """The names of the test cases that are no slower than SLOW; Catch2's results count sections apart."""
    slow = {}
    for case in tree.parse(results).getroot().iter("testcase"):
        name = case.get("name").partition("/")[0]
        slow[name] = slow.get(name, 0.0) + float(case.get("time"))
    text = subprocess.run([program, "--list-test-names-only"], stdout=subprocess.PIPE, text=True).stdout
    return [name for name in text.splitlines() if name and slow.get(name.partition("/")[0], 0.0) < SLOW]


def run_alone(program, seed, name):
    """None if the test passes by itself, else what it says."""
    pattern = re.sub(r"([\\,\[\]])", r"\\\1", name.strip('"'))
    done = subprocess.run(
        [program, pattern, "--rng-seed", str(seed)],
        env=environment(seed),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    ran = "No test cases matched" not in done.stdout
    return None if done.returncode == 0 and ran else done.stdout


def main(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in ("unit.xml", "alone.xml"):
        (folder / old).unlink(missing_ok=True)
    seed = int(os.environ.get(SEED) or time.time()) & 0xFFFFFFFF or 1
    program = str(pathlib.Path(program).resolve())
    run_all(program, seed, str(folder / "unit.xml"))
    try:
        status = junit.show(folder / "unit.xml")
    except (OSError, tree.ParseError):
        print(f"the unit tests did not come to their end; to see it again: {SEED}={seed}")
        return 1
    names = quick_cases(program, folder / "unit.xml")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        problems = list(pool.map(lambda name: run_alone(program, seed, name), names))
    failed = [f"{name}\n{problem}" for name, problem in zip(names, problems) if problem]
    cases = [("each test by itself", "\n".join(failed) or None)]
    junit.write(folder / "alone.xml", "alone", cases)
    print(f"{len(names)} by themselves, {len(failed)} failed", *failed, sep="\n")
    return status or bool(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
