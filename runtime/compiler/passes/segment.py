"""segment: steps grouped so that each group runs in one claim on one worker, and nothing waits without a reason.

Cheap steps ride along with what feeds them. A heavy step joins the segment of its predecessors unless another
heavy step, independent of it, hangs on that segment too: then each gets a segment, and two workers can take them.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import compress
from operator import or_

from runtime.nodes.spec import Resource
from runtime.plan import Segment, Step

_INLINE = Resource.INLINE.value
_RANK = {Resource.INLINE.value: 0, Resource.CPU.value: 1, Resource.GPU.value: 2}


def segment(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Segment, ...]]:
    """The steps with their segment numbers, and the segments in topological order."""
    position = {step.id: index for index, step in enumerate(steps)}
    before = [{position[ref.step] for b in step.bindings for ref in b.refs} for step in steps]
    heavy = [step.resource != _INLINE for step in steps]
    groups = _group(before, heavy)
    return _number(steps, before, groups)


def _group(before: Sequence[set[int]], heavy: Sequence[bool]) -> list[int]:
    """For each step the number of its group, steps in topological order, those that nothing feeds first.

    A group is joined only by a step whose predecessors are all inside it. So a path that leaves a group never comes
    back, and the groups themselves have no cycle.
    """
    own = _bits(heavy)
    below = _heavy_below(before, own)
    # All cheap roots share one group: inputs never cost a claim each.
    roots = [not sources and not is_heavy for sources, is_heavy in zip(before, heavy, strict=True)]
    prelude: int | None = None
    groups: list[int] = []
    # Group -> bits of the heavy steps downstream of it and not in it. Whatever joins is downstream of what is there,
    # so none are added; and a heavy step joins only when all of them are itself and what is below it.
    hanging: list[int] = []
    for index, sources in enumerate(before):
        homes = {groups[source] for source in sources}
        home = prelude if roots[index] else next(iter(homes)) if len(homes) == 1 else None
        # A heavy step unrelated to this one hangs on the group as well: each gets a segment of its own.
        if home is not None and heavy[index] and hanging[home] != own[index] | below[index]:
            home = None
        if home is None:
            home = len(hanging)
            hanging.append(reduce(or_, compress(below, roots)) if roots[index] else below[index])
            if roots[index]:
                prelude = home
        elif heavy[index]:
            hanging[home] = below[index]
        groups.append(home)
    return groups


def _bits(heavy: Sequence[bool]) -> list[int]:
    """A bit of its own for each heavy step, the last one's the lowest: so what is below the later ones is short."""
    bits: list[int] = []
    free = 1
    for is_heavy in reversed(heavy):
        bits.append(free if is_heavy else 0)
        free <<= is_heavy
    return bits[::-1]


def _heavy_below(before: Sequence[set[int]], own: Sequence[int]) -> list[int]:
    """For each step the bits of the heavy steps downstream of it."""
    found = [0] * len(before)
    for index in range(len(before) - 1, -1, -1):
        reached = found[index] | own[index]
        for source in before[index]:
            found[source] |= reached
    return found


def _number(
    steps: Sequence[Step], before: Sequence[set[int]], groups: Sequence[int]
) -> tuple[tuple[Step, ...], tuple[Segment, ...]]:
    """Groups were made in topological order of their first steps, so their numbers already are in order."""
    inside: dict[int, list[int]] = {}
    needs: dict[int, set[int]] = {}
    for index, group in enumerate(groups):
        inside.setdefault(group, []).append(index)
        needs.setdefault(group, set()).update(groups[source] for source in before[index])
    numbered = tuple(map(Step.within, steps, groups))
    segments = tuple(
        Segment(
            index=group,
            resource=max((steps[i].resource for i in inside[group]), key=lambda name: _RANK[name]),
            steps=tuple(steps[i].id for i in inside[group]),
            needs=tuple(sorted(needs[group] - {group})),
        )
        for group in sorted(inside)
    )
    return numbered, segments
