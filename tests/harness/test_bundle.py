# SPDX-License-Identifier: Apache-2.0
"""Bundles are made in threads, beside whatever changes the environment, to the byte the same each time."""

import os

from harness import bundle


def test_a_bundle_is_made_while_the_environment_changes(monkeypatch, tmp_path):
    (tmp_path / "kernel").write_bytes(bytes(100))
    guests = [bundle.Guest("one", tmp_path / "kernel")]
    first = bundle.make(guests, tmp_path / "first.itb").read_bytes()

    def gone(*_):
        raise KeyError("it was there when the copy began")

    monkeypatch.setattr(type(os.environ), "__getitem__", gone)  # what a copy comes to, in the middle
    second = bundle.make(guests, tmp_path / "second.itb").read_bytes()
    monkeypatch.undo()
    assert first == second and first[:4] == bundle.FDT_MAGIC
