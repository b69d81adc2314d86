# SPDX-License-Identifier: Apache-2.0
"""How each guest is run, and what is kept: PASS and FAIL lines, its end, what its neighbour said."""

import concurrent.futures
import functools
import os
import pathlib
import re
import subprocess
import tempfile
import threading

from harness import bundle, images, scons
from harness.steps import BUILD, Problem, end_with_parent

import cores
from machine import ESCAPE, Images, MEMORY, Machine, TIMEOUT, changed_code, guest_images

HERE = pathlib.Path(__file__).parent
PV_NAMES = sorted(p.parent.name for p in HERE.glob("*/main.c"))
HYP_NAMES = sorted("hyp/" + p.parent.name for p in HERE.glob("hyp/*/main.c"))  # of HYP mode
NAMES = PV_NAMES + HYP_NAMES

POWERED_OFF = r"^vambrace: guest 1 \(\w+\): powered off"
ENDED = r"^vambrace: guest 1 \(\w+\): ended: "
STOPPED = r"^vambrace: guest 1 \(\w+\): (ended: |powered off)"
# Guests that attack. How each one's run comes to its end: by itself, by being ended, or not at all.
BY_ITSELF, BY_BEING_ENDED, NEVER = "by itself", "by being ended", "never"
# "name@4096" is the same guest with 4 MB for its shadow tables: it uses all ASIDs.
LARGE_POOL = ["many_tables"]
# "name@64" has 64 KB for them: it evicts all the time.
SMALL_POOL = [
    "mmu",
    "page_mix",
    "vectors",
    "user_attack",
    "evil_tables",
    "evil_stack",
    "linear",
    "many_tables",
    "self_modify",
    "eviction",
]
ATTACK = 5  # lines that the witness says beside an attack that never ends: a second of the board's time
ARCHES = "armv5 armv6 armv7"
# Run beside others only.
NEIGHBOURS = ("witness", "scribbler", "rtc_setter", "twin", "echo")
NEIGHBOURS += ("hyp/echo", "hyp/witness", "hyp/scribbler")
FUZZERS = ("fuzz_instructions",)  # run for a time, by fuzz.py
LONG = (
    *FUZZERS,
    "restarter",
    "coprocessors",
    "paste",
    "rtc",
    "fuzz_calls",
    "hyp/restarts",
    "hyp/cp_fuzz",
)  # begun first: no board ends with one
WORKERS = (os.cpu_count() or 1) + 3  # most runs wait for something


@functools.cache
def sources(name):
    """The texts of a guest's files, in the order in which it runs their tests: main.c, the others by name."""
    files = (HERE / name.split("@")[0]).glob("*.c")
    return [f.read_text() for f in sorted(files, key=lambda f: (f.name != "main.c", f.name))]


def says(name, what):
    """What follows `// <what>:` in a guest's main.c."""
    found = re.search(rf"^// {what}: (.*)$", sources(name)[0], re.M)
    return found[1] if found else ""


def arches_of(name):
    """The architectures that the guest is for."""
    return (says(name, "for") or ARCHES).split()


HOSTILE = {name: says(name, "hostile").removeprefix("ends ") for name in NAMES if says(name, "hostile")}
assert set(HOSTILE.values()) <= {BY_ITSELF, BY_BEING_ENDED, NEVER}


def guests_of(core):
    """The guests that are run on the core: not those that need a driver's device where the board has none."""
    if core.hyp:
        chosen = HYP_NAMES if core.has_all else [f"hyp/{name}" for name in cores.FEW_HYP]
    else:
        pools = [f"{name}@64" for name in SMALL_POOL] + [f"{name}@4096" for name in LARGE_POOL]
        chosen = PV_NAMES + pools if core.has_all else cores.FEW
    if core.debug:  # assertions cost, too
        chosen = [name for name in chosen if name not in ("hyp/costs", "port_cost", "disk_cost")]
    chosen = [name for name in chosen if says(name, "needs") in ("", *core.platform["drivers"])]
    return [name for name in chosen if name not in NEIGHBOURS + FUZZERS and core.arch in arches_of(name)]


def promises(name, arch=None, without=None):
    """A guest's tests on an architecture, or on any, out of its source; none that are marked `without`."""
    text = "\n".join(sources(name))
    found = re.findall(r'^TEST(?:_ON\(([A-Z0-9_ |]+),\s*|\()\w+,\s+"([^"]+)"\)', text, re.M)
    found = [(on.split(" | ") if on else ARCHES.upper().split(), promise) for on, promise in found]
    return [promise for on, promise in found if (arch is None or arch.upper() in on) and without not in on]


def cut(text):
    """A pattern for text that other lines may have cut: the console lets background lines in anywhere."""
    return r"(?:\n(?:(?:\[\w+\]|vambrace:) [^\n]*\n)+)?".join(re.escape(c) for c in text)


class Outcome:
    """What one run has shown."""

    def __init__(self, problem=None):
        self.console, self.problems, self.image = "", [problem] if problem else [], problem

    def verdict(self, promise):
        """None if it was kept, else why not."""
        if f"\nPASS {promise}\n" in self.console:  # as nearly always
            return None
        if re.search("^" + cut(f"PASS {promise}") + "$", self.console, re.M):
            return None
        if self.image and not self.console:
            return self.image
        said = re.search("^" + cut(f"FAIL {promise}: ") + "(.*)", self.console, re.M)
        return said[1] if said else "the guest did not get so far; the console:\n" + self.tail()

    def tail(self):
        return "\n".join(self.console.split("\n")[-30:])


def all_said(name, what):
    """What follows each `// <what>:` in a guest's main.c, as words."""
    return [line.split() for line in re.findall(rf"^// {what}: (.*)$", sources(name)[0], re.M)]


@functools.cache
def disk_file(kib):
    """A disk's image: support/virtio.h says the same of each word."""
    path = BUILD / "test" / f"disk-{kib}.img"
    path.parent.mkdir(parents=True, exist_ok=True)
    words = ((n * 2654435761 ^ 0x5EED) & 0xFFFFFFFF for n in range(kib * 256))
    path.write_bytes(b"".join(word.to_bytes(4, "little") for word in words))
    return path


def guest(board, name):
    """A guest of the bundle, with what it says that it needs: disks, regions, channels."""
    program, _, pool = name.partition("@")
    disks = [bundle.Disk(disk_file(int(kib)), how == "copy") for kib, how in all_said(name, "disk")]
    regions = [
        bundle.Region(label, int(kib) * 1024, how == "rw") for label, kib, how in all_said(name, "region")
    ]
    return bundle.Guest(
        pathlib.PurePath(program).name,
        board.folder / "guests" / f"{program}.bin",
        memory=MEMORY,
        shadow_pool_kib=int(pool) if pool else None,
        disks=disks,
        regions=regions,
        channels=[label for label, in all_said(name, "channel")],
    )


def pasted(size):
    """What support's next_random() yields, without the console's own key."""
    data, x = bytearray(), 1
    for _ in range(size):
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        data.append(0 if x & 0xFF == ESCAPE[0] else x & 0xFF)
    return bytes(data)


def wait_for_attack(machine, how):
    if how == NEVER:
        begun = machine.wait_for("^" + cut("attack") + "$")
        return begun and machine.wait_for(r"(?s)(witness: tick \d+\b.*?){%d}" % ATTACK, start=begun.end())
    return machine.wait_for(STOPPED) and machine.wait_for(POWERED_OFF if how == BY_ITSELF else ENDED, 0)


def question_witness(machine, outcome, patience=20):
    """The other guest has to be running after the attack, to be whole and to hear what is typed."""
    for _ in range(2):
        if not machine.wait_for(r"witness: tick \d+\b", patience, len(machine.text)):
            outcome.problems.append("the witness does not run any more")
            return
    machine.type(ESCAPE + b"2q")
    if not machine.wait_for(cut("witness: ok"), patience):
        outcome.problems.append("the witness does not say that all is well")


def run(core, board, name, more=None):
    """Runs the guest, a hostile one beside the witness; returns its Outcome. more: see Machine."""
    outcome = Outcome()
    hostile = HOSTILE.get(name.split("@")[0])
    neighbour = "witness" if hostile else says(name, "beside")
    family = "hyp/" if core.hyp and neighbour else ""
    guests = [guest(board, n) for n in (name, family + neighbour) if n]
    counted = int(says(name, "icount") or -1)
    with Machine(
        core.platform, board, guests, says(name, "loader"), None if counted < 0 else counted, more
    ) as machine:
        if (size := says(name, "pasted")) and machine.wait_for("^paste$", 30):
            machine.paste(pasted(int(size)))
        if hostile and not machine.wait_for(r"witness: tick \d+\b", 30):
            outcome.problems.append("the witness did not start")
        elif hostile and not wait_for_attack(machine, hostile):
            outcome.problems.append(f"the attack did not end as it should: {hostile}")
        if hostile:
            question_witness(machine, outcome)
        elif not machine.wait_for(STOPPED) or not machine.wait_for(POWERED_OFF, 0):
            outcome.problems.append("the guest did not come to its end")
        elif neighbour and (complaint := re.search(rf"{neighbour}: FAIL.*", machine.text)):
            outcome.problems.append(complaint[0])
        elif not neighbour and not machine.wait_for("^vambrace: all guests have stopped$"):
            outcome.problems.append("the hypervisor does not see that no guest is left")
        if strayed := re.search(
            r"FAIL (unexpected trap|SET_VECTORS|RETURN from a trap|the guest goes on).*", machine.text
        ):
            outcome.problems.append(f"the guest lost its way: {strayed[0]}")
        if "FATAL" in machine.text:
            outcome.problems.append("the hypervisor stopped")
        try:
            outcome.image = changed_code(machine)
        except (OSError, AssertionError) as error:
            outcome.image = f"cannot be read: {error}"
        outcome.console = machine.text
    log = BUILD / "test" / "guests" / str(core) / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(outcome.console)
    return outcome


def build(platform):
    """Builds the hypervisor and the guests."""
    made = [images.output(platform) / "vambrace.elf", images.output(platform) / "host.dtb"]
    made += [guest_images(platform) / f"{name}.bin" for name in NAMES if platform["arch"] in arches_of(name)]
    scons.build(platform, ["image", "guest-images"], made, f"guests and hypervisor for {platform['name']}")


def run_bare(platform, cpu, name):
    """Runs the guest on QEMU's core and memory alone; returns its Outcome."""
    outcome = Outcome()
    line = ["qemu-system-arm", "-M", "none", "-cpu", cpu, "-m", "4G", "-semihosting", "-display", "none"]
    line += ["-monitor", "none", "-serial", "none", "-device"]
    line += [f"loader,file={guest_images(platform) / name}.native.elf,cpu-num=0"]
    try:
        done = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            preexec_fn=end_with_parent,
        )
        outcome.console = done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        outcome.console = (late.stdout or b"").decode(errors="replace") + "\nit came to no end"
    return outcome


class Board:
    """What one platform's cores boot: built when its first guest is run."""

    def __init__(self, platform):
        self.platform, self.lock = platform, threading.Lock()
        self.folder, self.images, self.problem = tempfile.TemporaryDirectory(prefix="board-"), None, None

    def made(self):
        with self.lock:
            if not self.images and not self.problem:
                try:
                    build(self.platform)
                    self.images = Images(self.platform, self.folder.name)
                except Problem as problem:
                    self.problem = str(problem)
        if self.problem:
            raise Problem(self.problem, "")
        return self.images


class Runs:
    """Runs guests, some at a time: board by board, as they will be asked for. A board is built while the ones
    before it run."""

    def __init__(self, wanted, bare, fuzz):
        self.fuzz = fuzz
        self.boards = {core.image: Board(core.platform) for core in cores.ALL}
        self.builder = concurrent.futures.ThreadPoolExecutor(1)
        self.pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
        used = list(dict.fromkeys(core.image for core, *_ in [*wanted, *bare]))
        self.builds = [self.builder.submit(self.boards[image].made) for image in used]
        first = lambda key: (used.index(key[0].image), key[1] not in LONG)
        self.futures = {key: self.pool.submit(self.run, *key) for key in sorted(wanted, key=first)}
        self.futures |= {key: self.pool.submit(self.run_bare, *key) for key in bare}

    def run(self, core, name):
        try:
            board = self.boards[core.image].made()
            return self.fuzz(core, board) if name in FUZZERS else run(core, board, name)
        except Problem as problem:
            return Outcome(str(problem))

    def run_bare(self, core, cpu, name):
        """A guest on a bare core; `core` is one whose build makes it."""
        try:
            self.boards[core.image].made()
        except Problem as problem:
            return Outcome(str(problem))
        return run_bare(core.platform, cpu, name)

    def __getitem__(self, key):
        return self.futures[key].result()

    def close(self):
        for pool in (self.builder, self.pool):
            pool.shutdown(wait=True, cancel_futures=True)
        for board in self.boards.values():
            board.folder.cleanup()
