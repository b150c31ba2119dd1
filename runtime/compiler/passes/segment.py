"""segment: steps grouped so that each group runs in one claim on one worker, and nothing waits without a reason.

Cheap steps ride along with what feeds them. A heavy step joins the segment of its predecessors unless another
heavy step, independent of it, hangs on that segment too: then each gets a segment, and two workers can take them.
"""

from collections.abc import Sequence
from dataclasses import replace

from runtime.nodes.spec import Resource
from runtime.plan import Segment, Step

_RANK = {Resource.INLINE.value: 0, Resource.CPU.value: 1, Resource.GPU.value: 2}


def segment(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Segment, ...]]:
    """The steps with their segment numbers, and the segments in topological order."""
    position = {step.id: index for index, step in enumerate(steps)}
    before = [{position[ref.step] for b in step.bindings for ref in b.refs} for step in steps]
    heavy = [step.resource != Resource.INLINE.value for step in steps]
    groups = _group(before, heavy)
    return _number(steps, before, groups)


def _group(before: Sequence[set[int]], heavy: Sequence[bool]) -> list[int]:
    """For each step the number of its group, steps in topological order.

    A group is joined only by a step whose predecessors are all inside it. So a path that leaves a group never comes
    back, and the groups themselves have no cycle.
    """
    ancestors = _ancestors(before)
    heavy_below = _heavy_below(before, heavy)
    groups: list[int] = []
    hanging: list[int] = []  # group -> bits of the heavy steps that are in it or downstream of it
    prelude: int | None = None
    for index, sources in enumerate(before):
        homes = {groups[source] for source in sources}
        is_cheap_root = not sources and not heavy[index]
        # All cheap roots share one group: inputs never cost a claim each.
        home = prelude if is_cheap_root else next(iter(homes)) if len(homes) == 1 else None
        # A heavy step unrelated to this one hangs on the group as well: each gets a segment of its own.
        if home is not None and heavy[index] and hanging[home] & ~(ancestors[index] | heavy_below[index]):
            home = None
        if home is None:
            home = len(hanging)
            hanging.append(0)
            if is_cheap_root:
                prelude = home
        groups.append(home)
        hanging[home] |= heavy_below[index]
    return groups


def _ancestors(before: Sequence[set[int]]) -> list[int]:
    """For each step the bits of everything upstream of it."""
    found: list[int] = []
    for sources in before:
        bits = 0
        for source in sources:
            bits |= found[source] | 1 << source
        found.append(bits)
    return found


def _heavy_below(before: Sequence[set[int]], heavy: Sequence[bool]) -> list[int]:
    """For each step the bits of the heavy steps downstream of it, itself included."""
    found = [1 << index if is_heavy else 0 for index, is_heavy in enumerate(heavy)]
    for index in range(len(before) - 1, -1, -1):
        for source in before[index]:
            found[source] |= found[index]
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
    numbered = tuple(replace(step, segment=groups[index]) for index, step in enumerate(steps))
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
