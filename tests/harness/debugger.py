# SPDX-License-Identifier: Apache-2.0
"""A core that QEMU's gdb stub stops, and whose registers a test changes."""

import socket
import time

SP, PC = 13, 15  # gdb's numbers
RUNNING = 60


class Debugger:
    """QEMU with the option `-gdb unix:PATH,server=on,wait=off` waits from when this connects until go()."""

    SILENCE = 0.5  # seconds

    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(RUNNING)
        self.connect(str(path))
        self.ask("?")
        self.pass_over()
        self.ask("qXfer:features:read:target.xml:0,ffb")  # before that QEMU takes no single register

    def connect(self, path):
        """The socket has a name before QEMU listens to it."""
        end = time.monotonic() + RUNNING
        while True:
            try:
                return self.link.connect(path)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def pass_over(self):
        """A core that was running says by itself that it stands now."""
        self.link.settimeout(self.SILENCE)
        try:
            while True:
                self.answer()
        except TimeoutError:
            self.link.settimeout(RUNNING)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def send(self, packet):
        data = packet.encode()
        self.link.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xFF))

    def answer(self):
        """The next packet of the stub's, acknowledged; its own acknowledgements are passed over."""
        data = b""
        while not data.endswith(b"#"):
            byte = self.link.recv(1)
            if not byte:
                raise AssertionError("QEMU has ended")
            data = data + byte if data or byte == b"$" else b""
        self.link.recv(2)
        self.link.sendall(b"+")
        return data[1:-1].decode()

    def ask(self, packet):
        self.send(packet)
        answer = self.answer()
        if not answer or answer.startswith("E"):
            raise AssertionError(f"gdb's {packet}: {answer}")
        return answer

    def run_to(self, address):
        """Goes on until an instruction at the address is next."""
        self.run_to_any([address])

    def run_to_any(self, addresses):
        """The same with several; returns which."""
        for address in addresses:
            self.ask(f"Z0,{address:x},4")
        self.ask("c")
        for address in addresses:
            self.ask(f"z0,{address:x},4")
        return self.register(PC)

    def word(self, address):
        """Of memory, as the core sees it now."""
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},4")), "little")

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def set(self, number, value):
        self.ask(f"P{number:x}={value.to_bytes(4, 'little').hex()}")

    def go(self):
        self.send("c")
