# SPDX-License-Identifier: Apache-2.0
"""Which drivers a board has: those that its headers include. There is no second list."""

import re

from .steps import ROOT

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def included(path):
    """The names in a source's own #include lines."""
    return INCLUDE.findall(path.read_text())


def drivers_of(board):
    """The names of the folders in platforms/drivers that platforms/<board>'s sources include, in order."""
    platforms = ROOT / "platforms"
    found, seen = set(), set()
    left = [p for p in (platforms / board).rglob("*") if p.suffix in (".hpp", ".cpp", ".S")]
    while left:
        source = left.pop()
        if source in seen:
            continue
        seen.add(source)
        for include in included(source):
            path = platforms / include
            if path.exists():
                left.append(path)
            if include.startswith("drivers/") and include.count("/") > 1:
                found.add(include.split("/")[1])
    return sorted(found)
