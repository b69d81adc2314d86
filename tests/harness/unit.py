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

SEED, TIMES = "VAMBRACE_SEED", "VAMBRACE_TIMES"
SLOW = 1.0  # seconds: a test that takes longer is not run a second time
# The parts of a program that run beside each other: what their results' names end with, and which tests.
PARTS = {"-long": "[long]", "": "~[long]~[.]"}
# A reference to a local of a function that has returned is an error in any order.
SANITIZER = "detect_stack_use_after_return=1"
# The whole run has looked for leaks. Of a stack that has allocated, the depth costs a page for each, copied.
ALONE = ("detect_leaks=0", "malloc_context_size=2")


def environment(seed, *more):
    options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), SANITIZER, *more]))
    return dict(os.environ, ASAN_OPTIONS=options, **{SEED: str(seed)})


def times_of(results):
    """Where a run writes how long each test case has taken."""
    return pathlib.Path(results).with_suffix(".times")


def results_of(program, folder):
    """{a part of the program: the file of its results}"""
    return {spec: folder / f"{pathlib.Path(program).name}{part}.xml" for part, spec in PARTS.items()}


def run_part(program, spec, seed, results):
    line = [program, spec, "--order", "rand", "--rng-seed", str(seed), "-r", "junit", "-o", str(results)]
    subprocess.run(line, env=dict(environment(seed), **{TIMES: str(times_of(results))}))


def run_all(found, seed, parts):
    """The parts that take long begin first. found: {program: its results_of()}"""
    print(f"{SEED}={seed}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(parts) as pool:
        for spec in PARTS.values():
            for program, results in found.items():
                pool.submit(run_part, program, spec, seed, results[spec])


def quick_cases(program, results):
    """The names of the test cases that are no slower than SLOW."""
    texts = [times_of(file).read_text() for file in results.values()]
    lines = [line.partition(" ") for line in "".join(texts).splitlines()]
    slow = {name for seconds, _, name in lines if float(seconds) > SLOW}
    text = subprocess.run([program, "--list-test-names-only"], stdout=subprocess.PIPE, text=True).stdout
    return [name for name in text.splitlines() if name and name.strip('"') not in slow]


def run_alone(program, seed, names):
    """Runs each test by itself; returns "" if all pass, else what those that do not say."""
    patterns = [re.sub(r"([\\,\[\]])", r"\\\1", name.strip('"')) for name in names]
    done = subprocess.run(
        [program, "--alone"],
        env=environment(seed, *ALONE),
        input="".join(f"{pattern}\n" for pattern in patterns),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return "" if done.returncode == 0 else done.stdout or f"it ended with status {done.returncode}"


def run_each_alone(found, seed, parts):
    """Runs the quick test cases of each program one by one. found: {program: its results_of()}"""
    names = [(program, name) for program, results in found.items() for name in quick_cases(program, results)]

    def run_share(part):
        own = names[part::parts]
        return [
            run_alone(program, seed, [name for whose, name in own if whose == program]) for program in found
        ]

    with concurrent.futures.ThreadPoolExecutor(parts) as pool:
        problem = "\n".join(text for said in pool.map(run_share, range(parts)) for text in said if text)
    print(f"{len(names)} by themselves: {problem or 'passed'}")
    return problem


def main(folder, *programs):
    folder, parts = pathlib.Path(folder), os.cpu_count() or 1
    folder.mkdir(parents=True, exist_ok=True)
    found = {str(pathlib.Path(program).resolve()): results_of(program, folder) for program in programs}
    alone = folder / "alone.xml"
    for old in (alone, *(file for results in found.values() for file in results.values())):
        old.unlink(missing_ok=True)
    seed = int(os.environ.get(SEED) or time.time()) & 0xFFFFFFFF or 1
    run_all(found, seed, parts)
    status = 0
    for program, results in found.items():
        for spec, file in results.items():
            print(f"{file.stem}: ", end="")
            try:
                status |= junit.show(file)
            except (OSError, tree.ParseError):
                print(f"the tests did not come to their end; again: {SEED}={seed} {program} '{spec}'")
                return 1
    problem = run_each_alone(found, seed, parts)
    junit.write(alone, "alone", [("each test by itself", problem or None)])
    return 1 if status or problem else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
