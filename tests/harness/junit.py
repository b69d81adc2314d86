# SPDX-License-Identifier: Apache-2.0
"""JUnit XML: writing results and counting them."""

import pathlib
import sys
import xml.etree.ElementTree as tree


def write(path, suite, cases):
    """cases: (name, None or what went wrong)."""
    failed = sum(1 for _, problem in cases if problem)
    root = tree.Element("testsuites")
    element = tree.SubElement(
        root, "testsuite", name=suite, tests=str(len(cases)), failures=str(failed), errors="0"
    )
    for name, problem in cases:
        case = tree.SubElement(element, "testcase", classname=suite, name=name)
        if problem:
            tree.SubElement(case, "failure", message=problem.split("\n")[0]).text = problem
    path.parent.mkdir(parents=True, exist_ok=True)
    tree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def count(path):
    """(passed, names of the failed) of a results file. A test that was skipped has not passed."""
    passed, failed = 0, []
    for case in tree.parse(path).getroot().iter("testcase"):
        if any(case.find(kind) is not None for kind in ("failure", "error", "skipped")):
            failed.append(f"{case.get('classname')}: {case.get('name')}")
        else:
            passed += 1
    return passed, failed


def show(path):
    """Prints what a results file says failed, and the counts; returns an exit status."""
    for case in tree.parse(path).getroot().iter("testcase"):
        for kind in ("failure", "error"):
            for problem in case.iter(kind):
                print(
                    f"FAILED {case.get('name')}\n{(problem.text or problem.get('message') or '').strip()}\n"
                )
    passed, failed = count(path)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(show(pathlib.Path(sys.argv[1])))
