"""How many steps one worker may have in hand at once, so that a call of a model can serve them together."""

import os
from pathlib import Path

WITH_GPU = 8
# A processor gains little by more: four pictures of the starter in one call take as long as three, eight as long as six.
WITHOUT = 4


def at_once() -> int:
    """`SLUICEWAY_AT_ONCE`, else by what the machine has; at least 1, which means no company."""
    named = os.environ.get("SLUICEWAY_AT_ONCE", "")
    if named.isdecimal():
        return max(1, int(named))
    return WITH_GPU if Path("/dev/nvidia0").exists() else WITHOUT
