# SPDX-License-Identifier: Apache-2.0
"""Checks that includes point down and never up or sideways, and what the rooms above ask of a variant."""

import pathlib
import re
import subprocess
import sys

from . import junit
from .drivers import included
from .steps import BUILD, ROOT

# Each room with what it may see besides itself, include/vambrace and base. Sideways is nothing: pv and a
# second kind of guest never see each other, a driver sees no driver.
BOARD = {"board", "families", "drivers/*", "drivers"}
BELOW = {
    "include": set(),
    "base": set(),
    "contract": set(),
    "arch/arm": {"contract", "variant"},
    "arch/*": {"contract", "arch/arm"},
    "variant": {"arch/arm"},
    "wait": set(),
    "drivers": set(),
    "drivers/*": {"drivers"},
    "families": {"drivers/*", "drivers"},
    "board contract": set(),
    "board": {"families", "drivers/*", "drivers"},
    "kernel": {"wait", "board contract"} | BOARD,
    "device": {"kernel"} | BOARD,
    "pv": {"device", "kernel", "contract", "arch/*", "arch/arm", "variant", "wait"} | BOARD,
    "hyp": {"device", "kernel", "contract", "arch/*", "arch/arm", "variant", "wait"} | BOARD,
    "boot": {"hyp", "pv", "device", "kernel", "contract", "arch/*", "arch/arm", "wait"} | BOARD,
}


def floor_of(path):
    """The room that a file of ours belongs to."""
    parts = path.split("/")
    if path.startswith("include/"):
        return "include"
    if path in ("hypervisor/main.cpp", "hypervisor/main_hyp.cpp"):
        return "main"
    if path == "hypervisor/arch/contract.hpp":
        return "contract"
    if parts[-1] == "variant.inc":
        return "variant"
    if path.startswith("hypervisor/arch/"):
        return "wait" if parts[-1] == "wait.hpp" else "arch/" + parts[2]
    if path.startswith("hypervisor/"):
        return parts[1]
    if path.startswith("platforms/drivers/"):
        return "drivers/" + parts[2] if len(parts) > 3 else "drivers"
    if path.startswith("platforms/families/"):
        return "families"
    if path == "platforms/board_contract.hpp":
        return "board contract"
    if path.startswith("platforms/"):
        return "board"
    return None


def kind_of(floor):
    """Its name in BELOW: variants and drivers are alike."""
    if floor.startswith("drivers/"):
        return "drivers/*"
    return "arch/*" if floor.startswith("arch/") and floor != "arch/arm" else floor


def allowed(floor, other):
    """Whether a file on a floor may see, directly or through others, a file on another floor."""
    if other is None or floor in (other, "main") or other in ("include", "base") and floor != "include":
        return True
    if floor == "arch/armv7ve" and other in ("arch/armv7", "variant"):  # it is the one, with more
        return True
    return kind_of(other) in BELOW[kind_of(floor)]


def seen_by(path, arch, vectors, board):
    """Every file of ours that a source includes, from the compiler."""
    includes = [
        f"build/{board}/generated",
        f"platforms/{board}",
        f"hypervisor/arch/{arch}",
        f"hypervisor/arch/arm/core/vectors/{vectors}",
        "hypervisor",
        "platforms",
        "include",
        "build/linux-source/scripts/dtc/libfdt",
    ]
    command = [
        "arm-none-eabi-g++",
        "-std=c++20",
        "-mcpu=arm926ej-s",
        "-MM",
        "-MG",
        "-x",
        "assembler-with-cpp" if path.suffix == ".S" else "c++",
    ]
    result = subprocess.run(
        command + [f"-I{i}" for i in includes] + [str(path.relative_to(ROOT))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode:
        return None, result.stderr.strip()
    names = result.stdout.replace("\\\n", " ").split(":", 1)[1].split()
    return [str(pathlib.PurePath(name)) for name in names[1:]], ""


def faults(path, arch, vectors, board):
    """What is wrong with a file's includes."""
    name = str(path.relative_to(ROOT))
    floor = floor_of(name)
    seen, error = seen_by(path, arch, vectors, board)
    if seen is None:
        return [f"{name}: the compiler cannot read its includes: {error}"]
    found = (
        []
        if name.endswith("asm_offsets.cpp")
        else [
            f"{name} ({floor}) sees {other} ({floor_of(other)})"
            for other in seen
            if not allowed(floor, floor_of(other))
        ]
    )
    found += [
        f"{name} names {include}: it is <vectors.hpp>, and the platform says which"
        for include in included(path)
        if include.startswith("arch/arm/core/vectors/")
    ]
    if floor in ("kernel", "device", "pv", "hyp", "boot") and path.suffix != ".S":
        found += [
            f"{name} names {include}: there are <arch.hpp>, <wait.hpp> and <board.hpp>, by those names only"
            for include in included(path)
            if include.startswith(("arch/", "drivers/", "families/", "../"))
        ]
    return found


def contract_faults():
    """arch/contract_check.cpp names what the rooms above arch use of it, and nothing else."""
    check = ROOT / "hypervisor/arch/contract_check.cpp"
    text = check.read_text()
    named = set(re.findall(r"\barch::(\w+)|\b(?:GIVES|IS)\((\w+)", text))
    named = {first or second for first, second in named} - {"name"}
    used = set()
    for room in ("kernel", "device", "pv", "hyp", "boot", "main.cpp"):
        top = ROOT / "hypervisor" / room
        for path in [top] if top.is_file() else top.rglob("*.[ch]pp"):
            used |= set(re.findall(r"\barch::(\w+)", path.read_text()))
    found = [f"{name} is used and not checked" for name in sorted(used - named)]
    return found + [f"{name} is checked and nobody uses it" for name in sorted(named - used)]


def main(arch, vectors, board):
    cases = [("the contract", "\n".join(contract_faults()) or None)]
    files = sorted(
        f
        for folder in ("hypervisor", "platforms")
        for f in (ROOT / folder).rglob("*")
        if f.suffix in (".cpp", ".hpp", ".S") and not f.name.endswith(".ld.S")
    )
    for path in files:
        name = str(path.relative_to(ROOT))
        variant = name.split("/")[2] if name.startswith("hypervisor/arch/") else arch
        found = faults(path, arch if variant in ("arm", "contract.hpp") else variant, vectors, board)
        for fault in found:
            print(f"floors: {fault}", file=sys.stderr)
        cases.append((name, "\n".join(found) or None))
    junit.write(BUILD / "test" / "floors.xml", "floors", cases)
    return 1 if any(problem for _, problem in cases) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
