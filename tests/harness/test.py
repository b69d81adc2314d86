# SPDX-License-Identifier: Apache-2.0
"""./test: runs the suites, leaves JUnit XML in build/test and counts on the last line."""

import argparse
import os
import subprocess
import sys
import time

from . import junit, packages, unit
from .steps import BUILD, Problem, ROOT, build_directory, duration, say

RESULTS = BUILD / "test"
UNIT_RESULTS = ["floors", *(name + part for name in ("unit", "unit-vmsa") for part in unit.PARTS), "alone"]
SUITES = ("style", "unit", "harness", "abi", "bench", "guests", "coherency", "system")


def run_unit():
    """The unit tests are built and run by scons; returns the results files that have to be there."""
    subprocess.run(
        ["nice", "scons", "-Q", "-k", f"-j{os.cpu_count() or 1}", "unit"], cwd=ROOT, stdout=sys.stderr
    )
    return [RESULTS / f"{name}.xml" for name in UNIT_RESULTS]


def run_pytest(suite, chosen):
    """The other suites are pytest's."""
    command = [
        "/usr/bin/python3",
        "-B",
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-q",
        "--tb=short",
        "--strict-markers",
        f"--junitxml={RESULTS / suite}.xml",
        f"--rootdir={ROOT / 'tests'}",
        str(ROOT / "tests" / suite),
    ]
    if suite in ("harness", "system"):  # two for each processor: most tests wait for something
        command += ["-n", str(2 * min(os.cpu_count() or 1, 4)), "--dist", "loadgroup"]
    if chosen:
        command += ["-k", chosen]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "tests"), PYTHONDONTWRITEBYTECODE="1")
    subprocess.run(command, cwd=ROOT, stdout=sys.stderr, env=environment)
    return [RESULTS / f"{suite}.xml"]


def run_suite(suite, chosen):
    """Runs a suite; returns (passed, names of the failed)."""
    start = time.monotonic()
    say(f"testing: {suite}")
    for old in UNIT_RESULTS if suite == "unit" else [suite]:
        (RESULTS / f"{old}.xml").unlink(missing_ok=True)
    files = run_unit() if suite == "unit" else run_pytest(suite, chosen)
    passed, failed = 0, []
    for file in files:
        try:
            more, names = junit.count(file)
        except Exception as error:  # no file, or half of one: the suite did not build or crashed
            more, names = 0, [f"{suite}: no results in {file.relative_to(ROOT)} ({type(error).__name__})"]
        passed, failed = passed + more, failed + names
    if not passed and not failed:
        failed.append(f"{suite}: there are no tests")
    say(f"{suite}: {passed} passed, {len(failed)} failed in {duration(time.monotonic() - start)}")
    return passed, failed


def soak(arguments):
    """./test soak: the fuzzer for hours; its exit status."""
    command = ["/usr/bin/python3", "-B", str(ROOT / "tests" / "guests" / "soak.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ, PYTHONPATH=str(ROOT / "tests"))).returncode


def main():
    if sys.argv[1:2] == ["soak"]:
        return soak(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="test",
        description="Runs Vambrace's tests; the last line counts them. The fuzzer for hours: './test soak'.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "suite",
        nargs="*",
        choices=[*SUITES, "all", []],
        default="all",
        metavar="SUITE",
        help="style, unit, harness (what is behind ./run), abi, bench (only the table maker), guests, "
        "coherency, system or all (the default)",
    )
    parser.add_argument(
        "-k",
        metavar="EXPRESSION",
        help="only the tests of harness, abi, guests, coherency and system whose names match (pytest's -k)",
    )
    options = parser.parse_args()
    suites = options.suite if isinstance(options.suite, list) else [options.suite]
    suites = SUITES if "all" in suites or not suites else suites
    try:
        build_directory()
        packages.ensure(packages.for_test())
    except Problem as problem:
        problem.report("test")
        print("0 passed, 1 failed")
        return 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    passed, failed = 0, []
    for suite in dict.fromkeys(suites):
        more, names = run_suite(suite, options.k)
        passed, failed = passed + more, failed + names
    sys.stderr.flush()
    for name in failed:
        print(f"FAILED {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0
