# SPDX-License-Identifier: Apache-2.0
"""What all files that a user names have in common."""

import os
import pathlib

from .steps import Problem

TEXT = bytes(range(32, 127)) + b"\t\r\n\f"


def readable(path, what):
    """The path of a file that is there and can be read."""
    path = pathlib.Path(path)
    if path.is_dir():
        raise Problem(f"the {what} {path} is a directory", "give a file", status=2)
    if not path.is_file():
        raise Problem(f"there is no {what} {path}", "check the file's name", status=2)
    if not os.access(path, os.R_OK):
        raise Problem(f"the {what} {path} is not readable", "check the file's permissions", status=2)
    return path


def begins_like_text(data):
    """Whether the first page is ASCII text and nothing else."""
    return bool(data) and not data[:4096].translate(None, TEXT)
