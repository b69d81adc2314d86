# SPDX-License-Identifier: Apache-2.0
"""./run between terminal and QEMU: input that QEMU does not take yet keeps no output from the terminal."""

import contextlib
import os
import signal
import threading

from harness import qemu
from harness.judge import Judge
from harness.terminal import Feed, pump

# As QEMU while its guest prints and does not read: it
# takes no input before all that it has to say is written.
TALKER = "head -c 1000000 /dev/zero | tr '\\0' x; head -c 200000 > /dev/null"


def test_a_paste_into_a_guest_that_prints_does_not_stop_both():
    process, source, sink = qemu.start(["sh", "-c", TALKER], True)
    ours, theirs = os.pipe()
    feed, judge = Feed(ours, None), Judge(False)
    moving = threading.Thread(target=pump, args=(process, source, sink, feed, judge, None), daemon=True)
    threading.Thread(target=os.write, args=(theirs, b"y" * 200_000), daemon=True).start()
    moving.start()
    moving.join(30)
    stuck = moving.is_alive()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert not stuck, "QEMU waits to write while ./run waits for it to read"
