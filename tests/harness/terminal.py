# SPDX-License-Identifier: Apache-2.0
"""Passes characters between QEMU and this terminal or the standard streams."""

import contextlib
import os
import re
import select
import sys
import threading
import time


class Feed:
    """A standard input that is no terminal: held back until the guest listens, then passed on in bits."""

    def __init__(self, descriptor, marker):
        self.descriptor, self.marker = descriptor, marker
        self.ready, self.seen, self.pending, self.next = marker is None, b"", b"", 0.0

    def see(self, data):
        if not self.ready:
            # The prompt has to be there: what is typed before is lost when the shell sets up the terminal.
            self.seen = (self.seen + data)[-8192:]
            if self.marker in self.seen and b"# " in self.seen.partition(self.marker)[2].partition(b"\n")[2]:
                self.ready, self.next = True, time.monotonic() + 0.2

    def descriptors(self):
        return [self.descriptor] if self.descriptor is not None and self.ready and not self.pending else []

    def read(self):
        self.pending = os.read(self.descriptor, 4096)
        if not self.pending:
            self.descriptor = None

    def take(self):
        """All that a terminal has sent; of another input at most eight characters: every FIFO holds them."""
        if self.marker is None:
            piece, self.pending = self.pending, b""
            return piece
        now = time.monotonic()
        if not self.pending or now < self.next:
            return b""
        self.next = now + 0.02
        piece, self.pending = self.pending[:8], self.pending[8:]
        return piece

    def give_back(self, piece):
        """What there was no room for."""
        self.pending = piece + self.pending


class Errors(threading.Thread):
    """Passes QEMU's standard error on; its word about the signal that ended it only if that was not ours."""

    SIGNALLED = re.compile(rb"^\S+: terminating on signal \d+( from pid \d+ \(.*\))?\r?\n?$")

    def __init__(self, stream, raw):
        super().__init__(daemon=True)
        self.stream, self.raw, self.rest, self.held = stream, raw, b"", b""
        self.start()

    def run(self):
        while data := os.read(self.stream.fileno(), 65536):
            *lines, self.rest = (self.rest + data).split(b"\n")
            for line in lines:
                self.line(line + b"\n")
        self.line(self.rest)

    def line(self, line):
        if self.SIGNALLED.match(line):
            self.held += line
        else:
            self.show(line)

    def show(self, data):
        if self.raw:  # a terminal that passes everything on as it is
            data = data.replace(b"\n", b"\r\n")
        with contextlib.suppress(OSError):
            write_all(sys.stderr.fileno(), data)

    def finish(self, ours):
        """Waits for the end of it. ours: QEMU was ended from here."""
        self.join(1)  # a process of --qemu-args may keep the pipe open
        if not ours:
            self.show(self.held)


def pump(process, source, sink, feed, judge, deadline):
    """Moves characters until the run ends; returns whether it came to an end in time."""
    os.set_blocking(sink, False)
    while True:
        now = time.monotonic()
        if deadline and now >= deadline:
            return False
        if judge.end_at and now >= judge.end_at:
            return True
        wait = 0.02 if feed.pending else 0.2
        full = [sink] if feed.pending and feed.marker is None else []
        ready, _, _ = select.select([source] + feed.descriptors(), full, [], wait)
        if source in ready:
            try:
                data = os.read(source, 65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                process.wait()
                return True
            write_all(sys.stdout.fileno(), data)
            judge.see(data)
            feed.see(data)
        if feed.descriptor in ready:
            feed.read()
        if piece := feed.take():
            feed.give_back(piece[write_some(sink, piece) :])


def write_some(descriptor, data):
    """How many bytes QEMU has room for: while this waits for it, QEMU would wait for us to read."""
    try:
        return os.write(descriptor, data)
    except BlockingIOError:
        return 0
    except OSError:
        return len(data)  # QEMU is gone; the next read says so


def write_all(descriptor, data):
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select([], [descriptor], [], 1)
