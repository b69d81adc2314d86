# SPDX-License-Identifier: Apache-2.0
"""Linux on ./run --coherency: what its shell is told, and what the checker has said at the end."""

import dataclasses
import re

from harness import images, kernel, session

SLOW = 300  # seconds: the checker costs, and other runs go on beside it


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A board, its processor, and which of SCENARIOS."""

    board: str
    cpu: str | None
    name: str

    def platform(self):
        return session.board(self.board, self.cpu)


@dataclasses.dataclass(frozen=True)
class Report:
    rule: str
    by: str
    text: str


class Run:
    """What a run has come to."""

    def __init__(self, scenario):
        platform = scenario.platform()
        options = SCENARIOS[scenario.name][0](platform)
        arguments = session.arguments(platform, options)
        with session.run(*arguments, "--coherency", "--timeout", 2 * SLOW, *options) as console:
            SCENARIOS[scenario.name][1](console)
            self.status = console.end(SLOW)
            text, self.tail = console.text(), console.tail()
        found = re.finditer(r"^([A-Z]-[A-Z]+): .*\n    at .*?, by (.*)\n(    written at .*\n)?", text, re.M)
        self.reports = [Report(match[1], match[2], match[0]) for match in found]
        said = re.search(r"coherency: (\d+) reports \((\d+) maintenance", text)
        self.count, self.sites = (int(said[1]), int(said[2])) if said else (None, None)


def prepare(scenario):
    """Builds what the run needs: no run's time is spent on it."""
    platform = scenario.platform()
    images.linux(platform, kernel.guest(platform))


def boot(console, others=()):
    console.boot(SLOW, others)


def work(console):
    """Processes, pipes, files, and code that is linked and loaded."""
    assert console.sh("for i in 1 2 3 4 5 6; do (echo $i) & done | sort | tr -d '\\n'", SLOW) == "123456"
    console.sh("dd if=/dev/urandom of=/tmp/a bs=16k count=4 2> /dev/null; gzip -c /tmp/a > /tmp/b", SLOW)
    console.sh("gunzip -c /tmp/b | cmp - /tmp/a && rm /tmp/a /tmp/b", SLOW)
    console.sh("modprobe dummy && ifconfig lo 127.0.0.1 up && ifconfig dummy0 10.1.2.3 up", SLOW)
    console.sh("ping -c 1 10.1.2.3", SLOW)
    console.sh("ifconfig dummy0 down && rmmod dummy", SLOW)


def power_off(console):
    console.type("poweroff -f\r")


def one(console):
    boot(console)
    work(console)
    power_off(console)


def restarts(console):
    boot(console)
    work(console)
    console.type("reboot -f\r")
    boot(console)
    work(console)
    console.type("echo c > /proc/sysrq-trigger\r")
    console.expect("Kernel panic", SLOW)
    boot(console)
    work(console)
    power_off(console)


def two_guests(console):
    """Both work at once; one reboots beside the other, which goes on."""
    boot(console, others=["linux-2"])
    console.sh("(while true; do gzip -c /bin/busybox > /tmp/z; done) &")
    console.switch_to(2, "linux-2")
    work(console)
    console.type("reboot -f\r")
    boot(console)
    work(console)
    power_off(console)
    console.expect(r"vambrace: console: guest 1 \(linux-1\)", SLOW)
    power_off(console)


def small_pool(platform):
    """A description of a guest whose shadow tables have to make room all the time."""
    path = images.output(platform) / "coherency-small-pool.ini"
    text = f"[guest small]\nkernel = {images.linux(platform)}\n"
    text += f"ramdisk = {images.root_file_system(platform)}\nmemory = 64M\nshadow-pool-kib = 64\n"
    path.write_text(text + "bootargs = console=ttyAMA0 quiet\n")
    return ["--config", path]


def quiet(platform):
    return ["--append", "quiet"]


# The options of ./run, and what is done.
SCENARIOS = {
    "one": (quiet, one),
    "restarts": (quiet, restarts),
    "two_guests": (lambda platform: ["--append", "quiet", "--guests", "2", "--mem", "40M"], two_guests),
    "small_pool": (small_pool, one),
    "native": (lambda platform: ["--native", "--append", "quiet"], one),
}
