# SPDX-License-Identifier: Apache-2.0
"""What hypercalls.def and counters.def list, and where docs/abi.md's tables say something else."""

import dataclasses
import re

from harness.steps import ROOT

HEADERS = ROOT / "include" / "vambrace"
DOCUMENT = ROOT / "docs" / "abi.md"
FUNCTION_BASE = 0x86000000
# What the document's column of results names.
RESULTS = {
    "NONE": set(),
    "R0": {"r0"},
    "R1_R2": {"r0", "r1", "r2"},
    "R2_R3": {"r2", "r3"},
    "R1_R12": {"r1", "r12"},
}


@dataclasses.dataclass
class Call:
    number: int
    name: str
    function: str
    arguments: list
    results: str
    errors: list
    how: str
    counter: str


@dataclasses.dataclass
class Counter:
    number: int
    name: str
    text: str


def calls(text=None):
    """Every line of hypercalls.def."""
    text = text or (HEADERS / "hypercalls.def").read_text()
    listed = []
    for entry in re.findall(r"^VAMBRACE_CALL\((.*?)\)$", text, re.M | re.S):
        fields = re.fullmatch(
            r"(\w+), (\w+), (\w+), (\d), \((.*?)\), (\w+),\s+(.*?), (\w+), (\w+)", entry, re.S
        )
        assert fields, f"not as the others: {entry}"
        number, name, function, arguments, names, results, errors, how, counter = fields.groups()
        names = re.findall(r"\w+", names)
        assert len(names) == int(arguments), f"{name} has {arguments} arguments and names {names}"
        errors = [] if errors == "NONE" else errors.split(" | ")
        listed.append(Call(int(number, 0), name, function, names, results, errors, how, counter))
    assert len(listed) == text.count("\nVAMBRACE_CALL(")
    return listed


def counters(text=None):
    """Every line of counters.def."""
    text = text or (HEADERS / "counters.def").read_text()
    listed = re.findall(r'^VAMBRACE_COUNTER\((\d+), (\w+), \w+, "(.*)"\)$', text, re.M)
    assert len(listed) == text.count("\nVAMBRACE_COUNTER(")
    return [Counter(int(number), name, words) for number, name, words in listed]


def section(document, title):
    """The cells of each row of a section's table."""
    body = re.search(rf"^## \d+\. {title}\n(.*?)(?=^## |\Z)", document, re.M | re.S)[1]
    rows = re.findall(r"^\| (.*?) ?\|$", body, re.M)
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def registers(cell):
    return set(re.findall(r"\br\d+\b", cell))


def call_differences(listed, document):
    """What the document's table says otherwise of each call, or leaves out, or adds."""
    rows = [row for row in section(document, "Hypercalls") if row[0].startswith("`0x860000")]
    if [row[1] for row in rows] != [f"`{call.name}`" for call in listed]:
        return ["the calls, or their order"]
    found = []
    for call, (identifier, _, arguments, results, errors) in zip(listed, rows):
        if identifier != f"`0x{FUNCTION_BASE + call.number:08x}`":
            found.append(f"{call.name}: identifier")
        if registers(arguments) != {f"r{n + 1}" for n in range(len(call.arguments))}:
            found.append(f"{call.name}: arguments")
        if registers(results) != RESULTS[call.results]:
            found.append(f"{call.name}: results")
        causes = re.sub(r"\([^)]*\)", "", errors)
        if re.findall(r"`(\w+)`", causes) != call.errors:
            found.append(f"{call.name}: errors")
    return found


def counter_differences(listed, document):
    """What the document's table says otherwise of each counter, or leaves out, or adds."""
    cells = [row[n : n + 2] for row in section(document, "Counters") for n in (0, 2)]
    texts = {int(number): text for number, text in cells if number.isdecimal()}
    found = [] if set(texts) == {counter.number for counter in listed} else ["the numbers"]
    for counter in listed:
        if not texts.get(counter.number, "").startswith(counter.text):
            found.append(f"{counter.name}: not '{counter.text}'")
    return found
