"""upgraded: a graph as it was once stored, in the newest format. Nothing stored is ever out of date.

1: the first. 2: a node may say what happens when it fails (`on_error`).
"""

from runtime.values import Json

OLDEST, NEWEST = 1, 2


def upgraded(raw: dict[str, Json]) -> dict[str, Json]:
    """The same graph in format 2; in format 1 no node could say `on_error`, so every step that failed ended its run."""
    return {**raw, "format": NEWEST} if raw["format"] == OLDEST else raw
