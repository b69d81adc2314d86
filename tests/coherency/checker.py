# SPDX-License-Identifier: Apache-2.0
"""The checker's plugin for the QEMU that is there, the arguments that it takes, and what it has written."""

import dataclasses
import pathlib
import re
import subprocess

from harness import scons
from harness.steps import BUILD, Problem

FOLDER = BUILD / "coherency"
# By QEMU's version: the plugin that knows its insides.
PLUGINS = {"7.2": "qemu_7_2"}
# The model's core by what the compiler is told of a board's.
CORES = {
    "-mcpu=arm926ej-s": "arm926",
    "-march=armv6": "arm11",
    "-mcpu=arm1176jz-s": "arm11",
    "-march=armv6k": "arm11-mpcore",
    "-mcpu=cortex-a8": "cortex-a8",
    "-mcpu=cortex-a9": "cortex-a9",
}


def core_of(platform):
    """The model's name for the board's core."""
    core = next((CORES[flag] for flag in platform["cpu_flags"] if flag in CORES), None)
    if platform.get("hyp") or not core:
        raise Problem(
            f"the coherency checker has no model of the core of {platform['name']}",
            "docs/coherency.md says which cores it knows, and what a new one takes",
            status=2,
        )
    return core


def plugin_for(said):
    """The plugin's name for what `qemu-system-arm --version` says."""
    found = re.match(r"QEMU emulator version ((\d+\.\d+)\S*(?: \([^)]*\))?)", said)
    if not found or found[2] not in PLUGINS:
        version = found[1] if found else said.split("\n")[0]
        raise Problem(
            f"the coherency checker does not know the insides of QEMU {version}",
            "it knows " + ", ".join(PLUGINS) + "; docs/coherency.md says what another one takes",
            status=2,
        )
    return PLUGINS[found[2]]


def plugin(program="qemu-system-arm"):
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return FOLDER / f"{plugin_for(said)}.so"


def build(platform):
    """Builds the plugins and the rules' tests."""
    made = [FOLDER / "rules-test", *(FOLDER / f"{name}.so" for name in PLUGINS.values())]
    scons.build(platform, ["coherency-programs"], made, "the coherency checker")


def arguments(platform, line, out, strict=True, without=()):
    """What to add to QEMU's command `line` for a run under the checker, which writes to `out`.

    strict: nothing old may be left when user mode is entered. without: addresses of instructions whose
    operations are kept from the model."""
    size = int(line[line.index("-m") + 1]) << 20
    options = [
        plugin(),
        f"core={core_of(platform)}",
        f"ram={platform['ram_base']:#x}:{size:#x}",
        f"out={out}",
    ]
    options += ["strict=1"] if strict else []
    options += [f"without={address:#x}" for address in without]
    return ["-plugin", ",".join(map(str, options))]


@dataclasses.dataclass(frozen=True)
class Report:
    """A rule that was met: who read, and who had stored last; addresses."""

    rule: str
    pc: int
    mode: str
    va: int
    pa: int
    writer: int
    writer_va: int


class Output:
    """What a run has written so far."""

    def __init__(self, path):
        self.rules, self.reports, self.sites, self.met, self.refused = {}, [], {}, None, None
        for line in pathlib.Path(path).read_text().splitlines():
            self.take(*line.partition(" ")[::2])

    def take(self, kind, rest):
        if kind == "RULE":
            name, _, self.rules[name] = rest.partition(" ")
            return
        if kind == "REFUSED":
            self.refused = rest
            return
        fields = dict(field.split("=") for field in rest.split())
        if kind == "SITE":
            self.sites[int(fields["pc"], 16)] = int(fields["count"])
        elif kind == "END":
            self.met = int(fields["met"])
        else:
            mode = fields.pop("mode")
            self.reports.append(Report(kind, mode=mode, **{key: int(fields[key], 16) for key in fields}))

    def problem(self):
        """Why this is no result at all, or None."""
        if self.refused:
            return f"the plugin cannot use this QEMU: {self.refused}"
        return "the plugin did not come to its end" if self.met is None else None
