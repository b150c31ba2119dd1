"""Outlives the supervisor by a second, to end what it left behind when it was killed outright.

The supervisor holds the other end of this process's standard input and writes `+<process group>` for each
service that it starts and `-<process group>` for each that has ended. The kernel closes the pipe however the
supervisor dies, and then every group that is still listed is ended, grandchildren included. It works the same
on Linux and macOS, and needs no code to run between fork and exec.
"""

import os
import signal
import sys
import time

GRACE = 0.5  # seconds from asking to killing


def main() -> None:
    """Follow the supervisor's list until it ends, then end what is on it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    signal_all(groups, signal.SIGTERM)
    if groups:
        time.sleep(GRACE)
    signal_all(groups, signal.SIGKILL)


def signal_all(groups: set[int], number: signal.Signals) -> None:
    """Send a signal to each group that still has a process."""
    for group in groups:
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            pass  # ended by itself
        except PermissionError:
            pass  # macOS answers so for a group of zombies


if __name__ == "__main__":
    main()
