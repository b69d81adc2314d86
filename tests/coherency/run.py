# SPDX-License-Identifier: Apache-2.0
"""./run --coherency: guests under the checker; what it has to say comes after their console."""

import pathlib
import tempfile

from harness import images, kernel
from harness.steps import say

from . import checker, symbols


class Checked:
    """A run under the checker. Used in a `with`."""

    def __init__(self, platform, options):
        checker.core_of(platform)  # refuse what cannot work before anything is built
        self.platform, self.options = platform, options
        self.folder = tempfile.TemporaryDirectory(prefix="coherency-")
        self.out = pathlib.Path(self.folder.name) / "reports"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def command_line(self, line):
        checker.build(self.platform)
        return line + checker.arguments(self.platform, line, self.out, strict=not self.options.native)

    def system_map(self):
        """The guest kernel's symbols: beside a kernel of the user's own, or those of the default one."""
        if self.options.kernel:
            beside = pathlib.Path(self.options.kernel).parent / "System.map"
            return beside if beside.exists() else None
        if self.options.bundle:
            return None
        return kernel.ensure(kernel.guest(self.platform)).directory / "System.map"

    def judge(self, status):
        """Prints the reports; the exit status: that of the run, or 1 if it was 0 and there are reports."""
        output = checker.Output(self.out)
        elf = None if self.options.native else images.output(self.platform) / "vambrace.elf"
        names = symbols.Symbols(elf, self.system_map(), self.platform["load_address"])
        for report in output.reports:
            print(symbols.text_of(report, output.rules, names))
        if problem := output.problem():
            say(f"coherency: {problem}")
        else:
            say(
                f"coherency: {len(output.reports)} reports ({len(output.sites)} maintenance instructions ran)"
            )
        return status or (1 if output.reports or problem else 0)
