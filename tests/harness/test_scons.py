# SPDX-License-Identifier: Apache-2.0
"""SCons is asked to build whenever what it reads or has made may have changed, and not otherwise."""

import concurrent.futures
import os

import pytest

from harness import scons
from harness.steps import Problem, writable

PLATFORM = {"name": "board"}


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Builds build/board/image of a tree that is like ours, with options; returns whether SCons was asked."""
    asked = []

    def command(line, *_, **__):
        asked.append(line)
        (tmp_path / "build" / "board").mkdir(parents=True, exist_ok=True)
        (tmp_path / "build" / "board" / "image").write_text("made")

    monkeypatch.setattr(scons, "ROOT", tmp_path)
    monkeypatch.setattr(scons, "BUILD", tmp_path / "build")
    monkeypatch.setattr(scons, "build_directory", lambda: tmp_path / "build")
    monkeypatch.setattr(scons, "PACKAGES", (tmp_path / "status",))
    monkeypatch.setattr(scons, "command", command)
    for folder in ("hypervisor/pv", "include", "platforms", "tests/harness", "tests/guests"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("SConstruct", "status", "hypervisor/main.cpp", "hypervisor/pv/guest.cpp"):
        (tmp_path / file).write_text("text")

    def built(platform=PLATFORM, targets=("image",)):
        asked.clear()
        scons.build(platform, targets, [tmp_path / "build" / "board" / "image"], "the image")
        return bool(asked)

    assert built() and not built()
    return built


def rewrite(path):
    """The same length, at another time."""
    seen = path.stat()
    path.write_text("TEXT")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1))


@pytest.mark.parametrize("name", ["SConstruct", "hypervisor/main.cpp", "hypervisor/pv/guest.cpp", "status"])
def test_a_file_that_changes_is_seen(build, tmp_path, name):
    rewrite(tmp_path / name)
    assert build() and not build()


def test_files_that_come_and_go_are_seen(build, tmp_path):
    (tmp_path / "include" / "new.h").touch()
    assert build() and not build()
    (tmp_path / "include" / "new.h").rename(tmp_path / "include" / "named.h")
    assert build() and not build()
    (tmp_path / "hypervisor" / "pv" / "guest.cpp").unlink()
    assert build() and not build()


def test_what_was_made_is_made_again(build, tmp_path):
    (tmp_path / "build" / "board" / "image").unlink()
    assert build() and not build()
    rewrite(tmp_path / "build" / "board" / "image")
    assert build() and not build()


def test_another_build_is_another_build(build, monkeypatch):
    assert build(targets=("image", "more")) and not build(targets=("image", "more"))
    assert build(platform=dict(PLATFORM, debug=True)) and not build(platform=dict(PLATFORM, debug=True))
    monkeypatch.setenv("PATH", "/nowhere:" + os.environ["PATH"])
    assert build() and not build()


def test_a_build_that_fails_is_repeated(build, tmp_path, monkeypatch):
    def failing(*_, **__):
        raise Problem("the build failed")

    rewrite(tmp_path / "SConstruct")
    with monkeypatch.context() as patch:
        patch.setattr(scons, "command", failing)
        with pytest.raises(Problem):
            build()
    assert build() and not build()


def test_what_is_gone_while_one_looks_is_no_error(build, tmp_path):
    (tmp_path / "include" / "gone.h").symlink_to("nowhere")
    (tmp_path / "tests" / "harness" / "__pycache__").mkdir()
    assert build() and not build()
    (tmp_path / "tests" / "harness" / "__pycache__" / "scons.pyc.1234").touch()
    assert not build()


def test_builds_that_begin_at_once_find_the_directory_writable(tmp_path):
    """Boards are built by threads of one process."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(writable, tmp_path / "build", "the directory", "") for _ in range(2000)]
    assert all(each.result() == tmp_path / "build" for each in asked)
    assert not list((tmp_path / "build").iterdir())
