# SPDX-License-Identifier: Apache-2.0
"""How each guest is run, and what is kept of it: the PASS and FAIL lines, how it ended, what its neighbour said."""

import concurrent.futures
import pathlib
import re
import tempfile

from harness import bundle, images
from harness.steps import BUILD, ROOT, command, locked

from machine import ESCAPE, Images, MEMORY, Machine, changed_code

HERE = pathlib.Path(__file__).parent
NAMES = sorted(p.parent.name for p in HERE.glob("*/main.c"))

POWERED_OFF = r"^vambrace: guest 1 \(\w+\): powered off"
ENDED = r"^vambrace: guest 1 \(\w+\): ended: "
STOPPED = r"^vambrace: guest 1 \(\w+\): (ended: |powered off)"
# Guests that attack. How each one's run comes to its end: by itself, by being ended, or not at all.
BY_ITSELF, BY_BEING_ENDED, NEVER = "by itself", "by being ended", "never"
HOSTILE = {}
for attack in (HERE / name / "main.c" for name in NAMES):
    if found := re.search(r"^// hostile: ends (by itself|by being ended|never)$", attack.read_text(), re.M):
        HOSTILE[attack.parent.name] = found[1]
# "name@64" is the same guest with 64 KB for its shadow tables: it evicts all the time.
SMALL_POOL = ["mmu", "vectors", "user_attack", "evil_tables", "evil_stack", "linear", "self_modify"]
GUESTS = [name for name in NAMES if name != "witness"] + [f"{name}@64" for name in SMALL_POOL]
ATTACK_TIME = 2  # seconds for an attack that never ends


def promises(name):
    """The tests of a guest, out of its source."""
    return re.findall(r'^TEST\(\w+,\s+"([^"]+)"\)', (HERE / name.split("@")[0] / "main.c").read_text(), re.M)


def cut(text):
    """A pattern for text that other lines may have cut: the console lets background lines in anywhere."""
    return r"(?:\n(?:(?:\[\w+\]|vambrace:) [^\n]*\n)+)?".join(re.escape(c) for c in text)


class Outcome:
    """What one run has shown."""

    def __init__(self):
        self.console, self.problems, self.image = "", [], None

    def verdict(self, promise):
        """None if it was kept, else why not."""
        if re.search("^" + cut(f"PASS {promise}") + "$", self.console, re.M):
            return None
        said = re.search("^" + cut(f"FAIL {promise}: ") + "(.*)", self.console, re.M)
        return said[1] if said else "the guest did not get so far; the console:\n" + self.tail()

    def tail(self):
        return "\n".join(self.console.split("\n")[-30:])


def guest(board, name):
    program, _, pool = name.partition("@")
    return bundle.Guest(program, board.folder / "guests" / f"{program}.bin", memory=MEMORY,
                        shadow_pool_kib=int(pool) if pool else None)


def wait_for_attack(machine, how):
    if how == NEVER:
        return machine.wait_for("^attack$") and (machine.wait_for("(?!)", ATTACK_TIME) or True)
    return machine.wait_for(STOPPED) and machine.wait_for(POWERED_OFF if how == BY_ITSELF else ENDED, 0)


def question_witness(machine, outcome):
    """The other guest has to be running after the attack, to be whole and to hear what is typed."""
    for _ in range(2):
        if not machine.wait_for(r"witness: tick \d+\b", 20, len(machine.text)):
            outcome.problems.append("the witness does not run any more")
            return
    machine.type(ESCAPE + b"2q")
    if not machine.wait_for(r"witness: ok\b", 20):
        outcome.problems.append("the witness does not say that all is well")


def run(board, name):
    """Runs the guest, a hostile one beside the witness; returns its Outcome."""
    outcome = Outcome()
    hostile = HOSTILE.get(name.split("@")[0])
    with Machine(board, [guest(board, name)] + ([guest(board, "witness")] if hostile else [])) as machine:
        if hostile and not machine.wait_for(r"witness: tick \d+\b", 30):
            outcome.problems.append("the witness did not start")
        elif hostile and not wait_for_attack(machine, hostile):
            outcome.problems.append(f"the attack did not end as it should: {hostile}")
        if hostile:
            question_witness(machine, outcome)
        elif not machine.wait_for("^vambrace: all guests have stopped$") or not machine.wait_for(POWERED_OFF, 0):
            outcome.problems.append("the guest did not come to its end")
        if strayed := re.search(r"FAIL (unexpected trap|SET_VECTORS|RETURN from a trap|the guest goes on).*", machine.text):
            outcome.problems.append(f"the guest lost its way: {strayed[0]}")
        if "FATAL" in machine.text:
            outcome.problems.append("the hypervisor stopped")
        try:
            outcome.image = changed_code(machine)
        except (OSError, AssertionError) as error:
            outcome.image = f"cannot be read: {error}"
        outcome.console = machine.text
    results = BUILD / "test" / "guests"
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{name}.log").write_text(outcome.console)
    return outcome


def build(platform):
    """Builds the hypervisor and the guests."""
    images.hypervisor(platform)
    log = BUILD / f"{platform['name']}-guests.log"
    with locked(BUILD / ".lock", "building"):
        log.unlink(missing_ok=True)
        command(["nice", "scons", "-Q", "-j2", f"platform={platform['name']}", "guest-images"], log, cwd=ROOT,
                what="the test guests' build")


class Runs:
    """Runs guests, two at a time, in the order in which they will be asked for."""

    def __init__(self, platform, names):
        build(platform)
        self.folder = tempfile.TemporaryDirectory(prefix="board-")
        board = Images(platform, self.folder.name)
        self.pool = concurrent.futures.ThreadPoolExecutor(2)
        self.futures = {name: self.pool.submit(run, board, name) for name in names}

    def __getitem__(self, name):
        return self.futures[name].result()

    def close(self):
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.folder.cleanup()
