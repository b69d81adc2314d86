# SPDX-License-Identifier: Apache-2.0
"""What ./run and ./test begin and end with: no signal and no file that cannot be written shows a traceback.

The shell starts this with the signals of ENDING blocked, so that one which comes while Python itself is being
started waits until there is a handler for it.
"""

import errno
import os
import signal
import sys
import time

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CLEANING = 6.0  # seconds: longer than QEMU is given to end
AGAIN = 0.01  # seconds: whatever dropped an exception has ended by then


class Interrupted(KeyboardInterrupt):
    """One of the signals of ENDING has come; what is under way is cleaned up on the way out."""

    def __init__(self, number):
        super().__init__(number)
        self.status = 128 + number


def quit_at_once(number, _):
    """While modules are loaded nothing has to be cleaned up, and an import may lose an exception."""
    os._exit(128 + number)


def interrupt(number, _, last=[-CLEANING]):
    """Raises for the first signal; a second one close to it would cut the cleaning up short."""
    if time.monotonic() >= last[0] + CLEANING:
        last[0] = time.monotonic()
        raise Interrupted(number)


def raise_again(dropped):
    """Python drops an exception that comes while a destructor runs, for instance; ours has to come again."""
    if not isinstance(dropped.exc_value, Interrupted):
        sys.__unraisablehook__(dropped)
        return

    def ring(*_):
        raise Interrupted(number)

    number = dropped.exc_value.args[0]
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, AGAIN)


def handle(handler):
    """Sets the handler for the signals of ENDING, but for one that the caller ignores (nohup)."""
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def explain(error):
    """An OSError as a Problem."""
    from .steps import Problem

    cures = {
        errno.ENOSPC: "make room on that disk",
        errno.EDQUOT: "make room: your quota is used up",
    }
    for number in (errno.EACCES, errno.EPERM, errno.EROFS):
        cures[number] = "give this user the right to it, or copy the checkout to where you may write"
    what = f"{error.filename}: " if error.filename else ""
    return Problem(what + (error.strerror or str(error)), cures.get(error.errno))


def guarded(name, main):
    """Calls main() and returns the exit status: main's, or what a signal or an error stands for."""
    try:
        try:
            sys.unraisablehook = raise_again
            handle(interrupt)
            status = main()
            sys.stdout.flush()
            return status
        except BrokenPipeError:  # whoever read our output has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + signal.SIGPIPE
        except OSError as error:
            return explain(error).report(name)
        finally:
            signal.pthread_sigmask(
                signal.SIG_BLOCK, (*ENDING, signal.SIGALRM)
            )  # Python's own end takes a while, too
    except Interrupted as interrupted:
        return interrupted.status


def main():
    handle(quit_at_once)
    name = sys.argv.pop(1)
    if name == "run":
        from . import run as program
    else:
        from . import test as program
    return guarded(name, program.main)


if __name__ == "__main__":
    sys.exit(main())
