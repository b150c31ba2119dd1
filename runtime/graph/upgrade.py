"""upgraded: a graph as it was once stored, in the newest format. Nothing stored is ever out of date.

1: the first. 2: a node may say what happens when it fails (`on_error`). 3: and how often it is tried again (`retry`).
"""

from runtime.values import Json

OLDEST, NEWEST = 1, 3


def upgraded(raw: dict[str, Json]) -> dict[str, Json]:
    """The same graph in format 3. What older ones could not say is what a node that does not say it means: in format 1

    every step that failed ended its run, and in format 2 none was tried again.
    """
    return {**raw, "format": NEWEST} if raw["format"] < NEWEST else raw
