# SPDX-License-Identifier: Apache-2.0
"""The rules on the host: each with a sequence that is whole, and without the operation that it asks for."""

import os
import re
import subprocess

import pytest

from coherency import checker
from harness import qemu
from harness.steps import Problem, ROOT


def run(*arguments):
    """The lines of the rules' tests."""
    checker.build(qemu.load_platform("versatilepb"))
    done = subprocess.run(
        [checker.FOLDER / "rules-test", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"),
    )
    assert done.returncode == 0, done.stdout[-200:] + done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="session")
def verdicts():
    return dict(line.partition("\t")[::2] for line in run())


@pytest.mark.parametrize("name", run("--list"))
def test_a_rule_fires_when_its_operation_is_left_out_and_only_then(name, verdicts):
    assert verdicts[name] == ""


def test_every_rule_has_a_test():
    tested = {line.split()[0] for line in run("--list")}
    text = (ROOT / "tests/coherency/plugin/reports.c").read_text()
    assert tested == set(re.findall(r'\] = \{"([A-Z]-[A-Z]+)"', text))


def test_another_qemu_is_refused_by_its_name():
    assert checker.plugin_for("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nmore") == "qemu_7_2"
    with pytest.raises(Problem, match=r"QEMU 10\.0\.2 \(Debian 1:10\.0\.2\+ds-2\)"):
        checker.plugin_for("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\n")
    with pytest.raises(Problem, match="Something else"):
        checker.plugin_for("Something else\n")


def test_a_core_without_a_model_is_refused():
    assert checker.core_of(qemu.load_platform("realview-eb")) == "arm11"
    for name, hyp in (("vexpress-a15", False), ("virt-a7", True)):
        with pytest.raises(Problem, match=name):
            checker.core_of(qemu.load_platform(name, hyp=hyp))
