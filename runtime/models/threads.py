"""How many processor threads one model may use."""

import os


def threads() -> int:
    """`SLUICEWAY_THREADS`, else half of the cores.

    All cores would be slower: several models and the server share them, and OpenMP spins while it waits
    (measured with two threads on two busy cores: text generation fell from 3.8 to 0.5 tokens a second).
    """
    named = os.environ.get("SLUICEWAY_THREADS", "")
    return max(1, int(named)) if named.isdecimal() else max(1, (os.cpu_count() or 1) // 2)
