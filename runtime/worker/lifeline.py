"""Lifeline: a process that must not outlive the one that started it."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

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


def limit_memory(most: int) -> None:
    """Let this process have so many bytes (0: as many as there are): what asks for more is told no, and can say so.

    Should the machine itself run out, the kernel is to end this process, and no other of ours.
    """
    if sys.platform != "linux":
        return
    Path("/proc/self/oom_score_adj").write_text("1000")
    if most:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
