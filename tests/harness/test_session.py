# SPDX-License-Identifier: Apache-2.0
"""The shell's prompt is known wherever other guests' lines cut it, and nothing else is taken for it."""

import re

import pytest

from harness.session import PROMPT

LINES = "\r\n[linux-2] \r\n[linux-2] BusyBox v1.35.0 built-in shell (ash)\r\n[linux-2] \r\n"


@pytest.mark.parametrize("where", range(7))
@pytest.mark.parametrize("cut", ["", LINES], ids=["whole", "cut"])
def test_a_prompt_may_be_cut_anywhere(where, cut):
    whole = "# \x1b[6n"
    began = 2 < where < len(whole)  # a sequence that is cut is ended by CAN
    assert re.search(PROMPT, "/ " + whole[:where] + ("\x18" if began and cut else "") + cut + whole[where:])


@pytest.mark.parametrize(
    "text", ["# ls", "# \x1b[6n x", "\x1b[6n", "#", "# \x18", "# \x1b[6\x18", "# \x1b[5n"]
)
def test_other_text_is_no_prompt(text):
    assert not re.search(PROMPT, "/ " + text)
