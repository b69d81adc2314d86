# SPDX-License-Identifier: Apache-2.0
"""What is pasted at full speed arrives whole: in an idle guest, a loaded one, each of two loaded ones."""

import hashlib
import os
import random
import threading

import pytest

KIB = 1 << 10
LARGE = int(os.environ.get("VAMBRACE_PASTE_KIB", 64)) * KIB  # 1024 takes some minutes
SPIN = "(while :; do :; done) &"
SLOW = 900  # seconds that a paste may take on a machine that has other things to do
# One board for each kind of UART that the hypervisor drives, beside the PL011 of versatilepb.
UARTS = ["sabrelite", "zynq-zc702"]


def text(size, seed):
    """Lines of all printable characters and of some that are longer than a byte."""
    letters = [chr(c) for c in range(0x20, 0x7F)] + list("äöüßéÛ€😀")
    chosen = random.Random(seed)
    data = bytearray()
    while len(data) < size:
        data += "".join(chosen.choices(letters, k=60)).encode() + b"\n"
    return bytes(data[: size - 1]) + b"\n"


def paste(run, data):
    """Pastes into the shell as fast as the terminal takes it; returns the SHA-256 of what has arrived."""
    run.type(f"stty raw -echo; echo '@'go'@'; head -c {len(data)} | sha256sum; stty sane; echo '@'done'@'\r")
    run.expect("@go@")

    def write():
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(run.child.child_fd, rest[:65536]) :]

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    found = run.expect(r"([0-9a-f]{64})  -", SLOW)[1]
    writer.join(5)
    run.expect("@done@")
    run.expect("# ")
    return found


def check(run, data):
    assert paste(run, data) == hashlib.sha256(data).hexdigest()


@pytest.mark.boards("versatilepb")
def test_a_large_paste_arrives_whole_in_an_idle_guest_and_in_a_loaded_one(start):
    run = start().boot()
    check(run, text(LARGE, 1))
    run.sh(SPIN)
    check(run, text(LARGE, 2))
    assert run.sh("echo alive") == "alive"


@pytest.mark.boards("versatilepb")
def test_a_large_paste_arrives_whole_in_each_of_two_loaded_guests(start):
    run = start("--guests", "2", "--mem", "40M").boot(others=["linux-2"])
    run.sh(SPIN)
    run.switch_to(2, "linux-2")
    run.sh(SPIN)
    check(run, text(LARGE, 3))
    run.switch_to(1, "linux-1")
    check(run, text(LARGE, 4))


@pytest.mark.boards(*UARTS)
def test_a_paste_arrives_whole_on_every_kind_of_uart(start):
    run = start().boot()
    check(run, text(64 * KIB, 5))
    run.sh(SPIN)
    check(run, text(64 * KIB, 6))


@pytest.mark.boards("versatilepb")
def test_linux_on_the_bare_board_gets_it_whole_too(start):
    run = start("--native").boot()
    check(run, text(64 * KIB, 7))
