"""Lifeline: a process that must not outlive the one that started it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Ask the kernel to send `number` to this process when its parent ends (Linux; elsewhere the pipe's end tells).

    `parent` is the process that started us: when it is already gone we end at once, because then nobody will tell.
    The kernel watches the very thread that started us, so that thread must live as long as its process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
