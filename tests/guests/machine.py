# SPDX-License-Identifier: Apache-2.0
"""One run of guests in QEMU: the console's text, what is typed, and the hypervisor's memory afterwards."""

import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from harness import bundle, images, qemu
from harness.steps import BUILD

MIB = 1 << 20
MEMORY = 16 * MIB  # of every guest: support/guest.h says the same
TIMEOUT = 180  # seconds; the machine may be busy
ESCAPE = b"\x16"  # Ctrl-V: the hypervisor's console


def guest_images(platform):
    """Where the guests are that a platform runs."""
    return BUILD / "guests" / f"{platform['arch']}-{platform['vectors']}"


class Images:
    """The board's images as they were when the run began: a build beside it does not change them."""

    def __init__(self, platform, folder):
        self.platform, self.folder = platform, pathlib.Path(folder)
        tree = images.device_tree(platform)
        self.device_tree = self.folder / tree.name if tree else None
        for name in ("vambrace.bin", "vambrace.elf", *([tree.name] if tree else [])):
            shutil.copy(images.output(platform) / name, self.folder / name)
        shutil.copytree(guest_images(platform), self.folder / "guests", ignore=lambda *_: ["obj"])
        self.constant_part = self.up_to_data()

    def up_to_data(self):
        """Bytes of vambrace.bin that never change while it runs."""
        text = subprocess.run(
            ["arm-none-eabi-objdump", "-h", str(self.folder / "vambrace.elf")],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        addresses = {m[1]: int(m[2], 16) for m in re.finditer(r"^\s*\d+ (\S+)\s+\w+\s+(\w+)", text, re.M)}
        return (self.folder / "vambrace.bin").read_bytes()[: addresses[".data"] - addresses[".text"]]


class Machine:
    """QEMU with the hypervisor and guests. Used in a `with`."""

    def __init__(self, platform, board, guests, loader=None, icount=None, more=None):
        """more: what to add to QEMU's command line, a function of it."""
        self.board, self.text, self.process = board, "", None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="guests-"))
        package = bundle.make(guests, self.folder / "bundle.itb")
        out = board.folder
        self.line = qemu.command_line(
            platform,
            kernel=self.behind(loader) if loader else out / "vambrace.bin",
            dtb=board.device_tree,
            initrd=package,
            icount=icount,
            extra=["-no-shutdown", "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"],
        )
        self.line += more(self.line) if more else []

    def behind(self, loader):
        """The hypervisor's image behind a loader, which runs where QEMU would have entered the image."""
        out = self.board.folder
        image = self.folder / "loaded.bin"
        image.write_bytes(
            (out / "guests" / f"{loader}.loader").read_bytes() + (out / "vambrace.bin").read_bytes()
        )
        return image

    def __enter__(self):
        self.process = subprocess.Popen(
            self.line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, wait):
        """Takes what the console says within `wait` seconds; False at its end."""
        ready, _, _ = select.select([self.process.stdout], [], [], wait)
        if not ready:
            return True
        data = os.read(self.process.stdout.fileno(), 65536)
        self.text += data.decode(errors="replace").replace("\r", "")
        return bool(data)

    def wait_for(self, pattern, timeout=TIMEOUT, start=0):
        """Reads until the pattern is on the console from `start` on; returns the match, or None."""
        pattern, deadline = re.compile(pattern, re.M), time.monotonic() + timeout
        while True:
            if match := pattern.search(self.text, start):
                return match
            if time.monotonic() > deadline or not self.read(0.05):
                return pattern.search(self.text, start)

    def type(self, data):
        for byte in data:
            self.process.stdin.write(bytes([byte]))
            time.sleep(0.02)

    def paste(self, data):
        """Sends it as fast as QEMU takes it, while the caller goes on reading."""

        def send(rest=memoryview(data)):
            with contextlib.suppress(OSError, ValueError):  # QEMU was ended
                while rest:
                    rest = rest[self.process.stdin.write(rest) :]

        threading.Thread(target=send, daemon=True).start()

    def physical_memory(self, address, size):
        """Physical memory by QEMU's monitor: nothing that runs on the board takes part."""
        path = self.folder / "memory"
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(20)
            link.connect(str(self.folder / "qmp"))
            stream = link.makefile("rw")
            for command, arguments in (
                ("qmp_capabilities", {}),
                ("pmemsave", {"val": address, "size": size, "filename": str(path)}),
            ):
                stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
                stream.flush()
                while True:
                    answer = json.loads(stream.readline())
                    if "error" in answer:
                        raise AssertionError(f"QEMU's {command}: {answer['error']}")
                    if "return" in answer:
                        break
        return path.read_bytes()


def changed_code(machine):
    """'' if the hypervisor's code and constants in memory are those of its image, else where they differ."""
    expected = machine.board.constant_part
    base = machine.board.platform["load_address"]
    found = machine.physical_memory(base, len(expected))
    if found == expected:
        return ""
    different = [n for n in range(len(expected)) if found[n] != expected[n]]
    return f"{len(different)} bytes differ, the first at {base + different[0]:#x}"
