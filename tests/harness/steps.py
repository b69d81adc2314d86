# SPDX-License-Identifier: Apache-2.0
"""Long steps: says what is being done, that it lives and how long it took; runs commands with a log."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
HEARTBEAT = 10  # seconds between signs of life


class Problem(Exception):
    """Something the user can put right: what is wrong, and the cure."""

    def __init__(self, cause, cure=None, status=1):
        super().__init__(cause)
        self.cause, self.cure, self.status = cause, cure, status

    def report(self, program):
        print(f"{program}: {self.cause}", file=sys.stderr)
        if self.cure:
            print(f"{program}: {self.cure}", file=sys.stderr)
        return self.status


def cache_directory():
    """Where kernels and downloads are kept between checkouts."""
    base = os.environ.get("VAMBRACE_CACHE")
    if not base:
        home = os.environ.get("HOME") or "/root"
        base = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"), "vambrace")
    return writable(
        pathlib.Path(base), "the cache", "set VAMBRACE_CACHE to a directory that you may write to"
    )


def ccache_settings():
    """Variables for ccache, which knows what was compiled before, in any checkout; none of the user's."""
    return {
        "CCACHE_DIR": str(cache_directory() / "ccache"),
        "CCACHE_CONFIGPATH": "/dev/null",
        "CCACHE_COMPILERCHECK": "content",
        "CCACHE_MAXSIZE": "2G",
    }


def build_directory():
    """Where everything that is made goes, inside the checkout."""
    return writable(
        BUILD,
        "the checkout's build directory",
        "give this user the right to it, or copy the checkout to where you may write",
    )


def writable(path, what, cure):
    """A directory, made if it is not there; a Problem if nothing can be written to it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):  # of its own: others may be asking at the same time
            pass
    except OSError as error:
        raise Problem(f"cannot write to {what} {path}: {error.strerror}", cure) from error
    return path


def say(text):
    print(f"[vambrace] {text}", file=sys.stderr, flush=True)


def duration(seconds):
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"


def last_line(log):
    """The last line of a log that is being written, shortened for a terminal."""
    try:
        with open(log, "rb") as file:
            file.seek(max(0, os.path.getsize(log) - 400))
            lines = file.read().decode(errors="replace").split("\n")
        return next((line.strip()[:70] for line in reversed(lines) if line.strip()), "")
    except OSError:
        return ""


@contextlib.contextmanager
def step(what, log=None):
    """Prints what is being done, a line every ten seconds while it lasts, and how long it took."""
    start, done = time.monotonic(), threading.Event()
    say(f"{what} ...")

    def live():
        while not done.wait(HEARTBEAT):
            say(
                f"  still {what}: {duration(time.monotonic() - start)}"
                + (f": {last_line(log)}" if log else "")
            )

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        yield
    except BaseException as error:
        done.set()
        how = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        say(f"{what}: {how} after {duration(time.monotonic() - start)}")
        raise
    done.set()
    thread.join()
    say(f"{what}: done in {duration(time.monotonic() - start)}")


def end_with_parent():
    """In a new process: when whoever started it dies, so does it (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def command(arguments, log=None, cwd=None, env=None, what=None, stdin=None):
    """Runs a command with its output in a log; a Problem with the end of the log if it fails."""
    arguments = [str(argument) for argument in arguments]
    try:
        if log:
            with open(log, "ab") as file:
                file.write(f"$ {' '.join(arguments)}\n".encode())
                file.flush()
                result = subprocess.run(
                    arguments,
                    cwd=cwd,
                    env=env,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    stdin=stdin or subprocess.DEVNULL,
                    preexec_fn=end_with_parent,
                )
            output = pathlib.Path(log).read_text(errors="replace")
        else:
            result = subprocess.run(
                arguments,
                cwd=cwd,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=stdin or subprocess.DEVNULL,
                text=True,
                errors="replace",
                preexec_fn=end_with_parent,
            )
            output = result.stdout
    except FileNotFoundError as error:
        raise Problem(f"'{arguments[0]}' is missing", "run ./run, which installs the packages") from error
    if result.returncode:
        tail = "\n".join("    " + line for line in output.strip().split("\n")[-15:])
        raise Problem(
            f"{what or arguments[0]} failed (status {result.returncode}):\n{tail}",
            f"the whole output is in {log}" if log else None,
        )
    return output


@contextlib.contextmanager
def locked(path, what):
    """Holds a file lock; says so if somebody else has it."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step(f"waiting for another process that is {what}"):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
