"""cast_shadow: the gates that a candidate policy would have, as steps that look and give nothing.

Those of each candidate stand in one segment of their own at the end of the plan. No step takes anything from them, so none can be
cleared by them; and whatever becomes of that segment, the rest of the run has no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.nodes.spec import Resource
from runtime.plan import SHADOW, Segment, Step
from runtime.safety.policy import Policy


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy that is tried beside the one in force, and the id under which its findings are kept."""

    id: str
    policy: Policy


def cast_shadow(
    steps: tuple[Step, ...], segments: tuple[Segment, ...], gated: Sequence[Step], candidate: Candidate
) -> tuple[tuple[Step, ...], tuple[Segment, ...]]:
    """The plan's steps and segments with the shadows of those gates in `gated` that the plan does not have itself."""
    real = {(step.bindings[0].refs, step.gate.chain) for step in steps if step.gate}
    number = len(segments)
    # The first candidate's have the plain names; those of another stand in another segment, and say which.
    others = len({step.segment for step in steps if step.shadow})
    shadows = tuple(
        _shadow(gate, number, candidate, f"{others}:" if others else "")
        for gate in gated
        if gate.gate and gate.gate.chain and (gate.bindings[0].refs, gate.gate.chain) not in real
    )
    if not shadows:
        return steps, segments
    home = {step.id: step.segment for step in steps}
    needs = {home[ref.step] for shadow in shadows for ref in shadow.bindings[0].refs}
    last = Segment(
        number, Resource.INLINE.value, tuple(shadow.id for shadow in shadows), tuple(sorted(needs))
    )
    return (*steps, *shadows), (*segments, last)


def _shadow(gate: Step, segment: int, candidate: Candidate, among: str) -> Step:
    return gate._replace(
        id=f"shadow:{among}{gate.id.removeprefix('gate:')}",
        type=SHADOW,
        params={"shadow": candidate.id},
        outputs=(),
        segment=segment,
        gate=None,
        shadow=gate.gate,
    )
