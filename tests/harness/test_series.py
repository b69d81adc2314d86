# SPDX-License-Identifier: Apache-2.0
"""The series of patches for guests: whole, signed, applicable in order, and all of it in the kernel's key."""

import pathlib
import re
import shutil
import subprocess

import pytest

from harness import host_sources, kernel, packages, qemu
from harness import series as of_series
from harness.series import ABI, PATCHES, Series
from harness.steps import Problem, ROOT

EVERY = [Series(f.parent) for f in sorted(PATCHES.glob("*/series.toml"))]
PATCH = [pytest.param(p, id=f"{s.folder.name}-{p.name[:4]}") for s in EVERY for p in s.patches()]
PROJECT = "Vambrace developers <vambrace@example.org>"
ABI_IN_LINUX = "arch/arm/include/asm/vambrace"

each_series = pytest.mark.parametrize("series", EVERY, ids=lambda s: s.folder.name)


def changed(patch):
    """The paths in Linux that a patch names."""
    return re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(), re.M)


def run(program, *arguments):
    command = ["/usr/bin/python3", "-B", program, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("patch", PATCH)
def test_a_patch_says_by_whom_what_and_why_and_is_signed(patch):
    head, rest = patch.read_text().split("\n---\n", 1)
    header, _, message = head.partition("\n\n")
    assert re.search(r"^From: (.*)$", header, re.M)[1] == PROJECT
    assert re.search(r"^Subject: \[PATCH\] \w[\w: ]+: [a-z].{8,}", header, re.M)
    body, _, signed = message.rpartition("\n\n")
    assert len(body.split()) > 20
    assert signed == f"Signed-off-by: {PROJECT}"
    assert re.search(r"^diff --git ", rest, re.M)


@pytest.mark.parametrize("patch", PATCH)
def test_a_patch_has_only_hunks_for_files_of_linux(patch):
    assert "/dev/null" not in patch.read_text()
    assert not [path for path in changed(patch) if (PATCHES / "common" / path).exists()]


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


@pytest.fixture(scope="module", params=EVERY, ids=lambda s: s.folder.name)
def trees(request, tmp_path_factory):
    """(series, what of Linux the patches change, the same as apply.py leaves it)"""
    series, plain = request.param, tmp_path_factory.mktemp("linux")
    if not series.tarball.exists():
        pytest.skip(f"{series.package} is not installed")
    names = sorted({"Makefile"} | {path for patch in series.patches() for path in changed(patch)})
    command = ["tar", "-xJf", series.tarball, "--strip-components=1", "--occurrence=1", "-C", plain]
    subprocess.run([*command, *(f"{series.package}/{n}" for n in names)], check=True)
    patched = tmp_path_factory.mktemp("patched") / "linux"
    shutil.copytree(plain, patched)
    done = run(series.applier, patched)
    assert done.returncode == 0, done.stdout
    assert f"{len(series.patches())} patches of {series.folder.name}" in done.stdout
    return series, plain, patched


def test_every_patch_applies_in_order_without_fuzz(trees, tmp_path):
    """One by one, as somebody does who looks for the one that no longer applies."""
    series, plain, patched = trees
    tree = tmp_path / "linux"
    shutil.copytree(plain, tree)
    for patch in series.patches():
        command = ["patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch", "--batch", "-i", patch]
        done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, text=True)
        assert done.returncode == 0 and "fuzz" not in done.stdout, f"{patch.name}: {done.stdout}"
    for file in (f for f in tree.rglob("*") if f.is_file()):
        assert file.read_bytes() == (patched / file.relative_to(tree)).read_bytes()


def test_the_tree_has_the_common_files_and_the_headers(trees):
    series, plain, patched = trees
    files = {f.relative_to(series.common): f for f in series.common.rglob("*") if f.is_file()}
    files |= {pathlib.Path(ABI_IN_LINUX) / f.name: f for f in ABI.iterdir() if f.suffix in (".h", ".def")}
    added = {f.relative_to(patched) for f in patched.rglob("*") if f.is_file()}
    assert added - {f.relative_to(plain) for f in plain.rglob("*")} == set(files)
    for path, source in files.items():
        assert (patched / path).read_bytes() == source.read_bytes()


def contents(tree):
    return {f.relative_to(tree): f.read_bytes() for f in tree.rglob("*") if f.is_file()}


def test_a_tree_that_cannot_be_patched_is_left_as_it_is(trees, tmp_path):
    series, plain, patched = trees
    other, foreign = tmp_path / "other", tmp_path / "foreign"
    shutil.copytree(plain, other)
    touched = [path for patch in series.patches() for path in changed(patch)]
    path = next(p for p in reversed(touched) if touched.count(p) == 1)
    (other / path).write_text("nothing that a patch knows\n")
    broken = next(patch for patch in series.patches() if path in changed(patch))
    shutil.copytree(plain, foreign)
    makefile = (foreign / "Makefile").read_text()
    (foreign / "Makefile").write_text(re.sub(r"^PATCHLEVEL = .*", "PATCHLEVEL = 999", makefile, flags=re.M))
    for tree, cause, cure in (
        (patched, "it was patched before", "unpack the source anew"),
        (other, f"{broken.name} does not apply", f"unpack the source of {series.base}"),
        (foreign, "999, and the series is for", "unpack the source that it is for"),
        (tmp_path, "is not Linux's source", "Makefile"),
    ):
        before = contents(tree)
        done = run(series.applier, tree)
        assert done.returncode == 1 and cause in done.stdout and cure in done.stdout, done.stdout
        assert contents(tree) == before


def test_every_file_that_goes_in_is_in_the_key(tmp_path, monkeypatch):
    copy = tmp_path / "pv-guest-patches"
    shutil.copytree(PATCHES, copy)
    shutil.copytree(ABI, tmp_path / "abi")
    series = Series(copy / of_series.DEFAULT, tmp_path / "abi")
    monkeypatch.setattr(kernel, "chosen", lambda: series)
    board = qemu.load_platform("versatilepb")

    def keys():
        return [kernel.key_of(variant(board)) for variant in (kernel.guest, kernel.unpatched)]

    guest, unpatched = keys()
    inputs = series.inputs()
    headers = {f"abi/{f.name}" for f in ABI.iterdir() if not f.name.startswith(".")}
    wanted = {"apply.py", "scan-leftovers.py", "series.toml"} | headers
    assert wanted | {p.name for p in series.patches()} <= set(inputs)
    assert f"common/{ABI_IN_LINUX}/hypercall.h" in inputs
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
