"""Runs a program on a terminal of its own and types what it is told to.

terminal.py STEPS PROGRAM [ARGUMENT ...]: STEPS is a JSON array of [expected, typed]. Prints JSON: what
the terminal showed, how the program ended (128 + n by signal n), whether the terminal echoes at
the end, and after what was typed whether it did then.
"""

import json
import os
import pty
import select
import signal
import sys
import termios
import time

PATIENCE = 20


def main():
    steps = json.loads(sys.argv[1])
    # The parent keeps this end open, so that the terminal can be looked at when the program is gone.
    leader, follower = pty.openpty()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(leader)
        # Opening it makes it this session's terminal.
        os.close(os.open(os.ttyname(follower), os.O_RDWR))
        for stream in (0, 1, 2):
            os.dup2(follower, stream)
        os.close(follower)
        os.execvp(sys.argv[2], sys.argv[2:])
    shown = b""
    echoed = []
    at = 0
    for expected, typed in steps:
        while expected.encode() not in shown[at:]:
            shown += read(leader) or sys.exit(f"{expected!r} is not in {shown[at:]!r}")
        at = len(shown)
        # The question may be shown before the echo is off.
        wait_for_silence(follower)
        echoed.append(bool(termios.tcgetattr(follower)[3] & termios.ECHO))
        os.write(leader, typed.encode())
    status = None
    deadline = time.monotonic() + PATIENCE
    while status is None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        shown += read(leader, 0.05)
        done, raw = os.waitpid(pid, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(raw)
    while rest := read(leader, 0.05):
        shown += rest
    flags = termios.tcgetattr(follower)[3]
    json.dump(
        {
            "shown": shown.decode(),
            "status": status if status >= 0 else 128 - status,
            "echo": bool(flags & termios.ECHO) and bool(flags & termios.ISIG),
            "echoed": echoed,
        },
        sys.stdout,
    )


def wait_for_silence(terminal):
    for _ in range(PATIENCE * 100):
        if not termios.tcgetattr(terminal)[3] & termios.ECHO:
            return
        select.select([], [], [], 0.01)


def read(terminal, patience=PATIENCE):
    ready, _, _ = select.select([terminal], [], [], patience)
    if not ready:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


main()
