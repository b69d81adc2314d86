# SPDX-License-Identifier: Apache-2.0
"""The series of patches for guests: whole, and all of it in the kernel's key."""

import pathlib
import re
import shutil
import subprocess

import pytest

from harness import host_sources, kernel, packages, qemu
from harness import series as of_series
from harness.series import PATCHES, Series
from harness.steps import Problem, ROOT

EVERY = [Series(f.parent) for f in sorted(PATCHES.glob("*/series.toml"))]

each_series = pytest.mark.parametrize("series", EVERY, ids=lambda s: s.folder.name)


def run(program, *arguments):
    command = ["/usr/bin/python3", "-B", program, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@each_series
def test_the_patches_are_counted(series):
    numbers = [p.name[:4] for p in series.patches()]
    assert numbers and numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_the_readme_has_each_patch_of_the_usual_series():
    numbers = [p.name[:4] for p in of_series.series(of_series.DEFAULT).patches()]
    assert re.findall(r"^\| (\d{4}) \|", (PATCHES / "README.md").read_text(), re.M) == numbers


@each_series
def test_each_kernel_has_its_fragments(series):
    for name in qemu.platforms():
        platform = qemu.load_platform(name)
        for variant in ("guest", "smp", "ciphers", "unpatched"):
            files = series.fragments(variant, platform)
            assert files[0].name == platform["guest_config"]
            assert ("config-vambrace" in [f.name for f in files]) == (variant != "unpatched")
            assert not [f for f in files if not f.exists()]
    with pytest.raises(Problem, match="no fragments for the unheard kernel"):
        series.fragments("unheard", platform)


def test_every_file_that_goes_in_is_in_the_key(tmp_path, monkeypatch):
    copy = tmp_path / "pv-guest-patches"
    shutil.copytree(PATCHES, copy)
    series = Series(copy / of_series.DEFAULT)
    monkeypatch.setattr(kernel, "chosen", lambda: series)
    board = qemu.load_platform("versatilepb")

    def keys():
        return [kernel.key_of(variant(board)) for variant in (kernel.guest, kernel.unpatched)]

    guest, unpatched = keys()
    inputs = series.inputs()
    wanted = {"scan-leftovers.py", "series.toml"}
    assert wanted | {p.name for p in series.patches()} <= set(inputs)
    for name, file in inputs.items():
        text = file.read_bytes()
        file.write_bytes(text + b"#\n")
        assert keys()[0] != guest, name
        assert keys()[1] == unpatched, name
        file.write_bytes(text)
    assert keys() == [guest, unpatched]


def test_a_series_that_is_not_there_is_a_problem(monkeypatch, tmp_path):
    monkeypatch.setenv("VAMBRACE_SERIES", "linux-0.99")
    with pytest.raises(Problem, match="no series 'linux-0.99'") as problem:
        packages.for_run()
    assert of_series.DEFAULT in problem.value.cure
    for text in ("", "package = 1\n", 'package = "p"\nbase = "6"\n[fragments]\n', "]"):
        (tmp_path / "series.toml").write_text(text)
        with pytest.raises(Problem, match="cannot be used"):
            Series(tmp_path)


def test_another_series_needs_its_own_package_and_the_hypervisor_the_same(monkeypatch, tmp_path):
    (tmp_path / "series.toml").write_text('package = "linux-source-9.8"\nbase = "9.8.7"\n[fragments]\n')
    monkeypatch.setattr(packages, "chosen", lambda: Series(tmp_path))
    assert {"linux-source-9.8", host_sources.PACKAGE} <= set(packages.for_run())
    for build in (ROOT / "SConstruct", pathlib.Path(host_sources.__file__)):
        assert not re.search(r"harness\.series|\bchosen\b", build.read_text())


@each_series
def test_the_scanner_takes_the_exceptions_of_a_series(series, tmp_path):
    nothing = tmp_path / "series.toml"
    nothing.write_text("[scanner]\n")
    vmlinux = pathlib.Path(shutil.which("true"))
    assert "does not say what to except" in run(series.scanner, "--series", nothing, vmlinux).stdout
    assert "--series" in run(series.scanner, vmlinux).stdout
