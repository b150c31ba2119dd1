"""Streams: which gates and results a growing text leads to, and the windows through which it may leave early."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from runtime.engine.gate import Verdict, cleared, judge
from runtime.engine.inspection import Inspector
from runtime.engine.window import Blocked, Window, inconsistent
from runtime.labelling.profile import Profile
from runtime.labelling.text import begins_label
from runtime.labels import Source
from runtime.nodes.registry import Registry
from runtime.plan import Plan, Ref, Step
from runtime.ports import TEXT
from runtime.safety.policy import Action, Policy
from runtime.values import Data, Value

Release = Callable[[str, str, Value], None]


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a text port, through routing only, to a gate, and the results that the gate feeds.

    `alone` says that nothing else waits for the text: a block may then end its making.
    """

    gate: Step
    results: tuple[str, ...]
    alone: bool


class WithheldEarly(Exception):
    """Raised inside a node: what it makes is already known to be withheld by this gate."""

    def __init__(self, gate: Step, verdict: Verdict) -> None:
        super().__init__(gate.id)
        self.gate = gate
        self.verdict = verdict


def find_paths(plan: Plan, registry: Registry, ref: Ref, whole: Collection[str] = ()) -> tuple[Path, ...]:
    """The paths along which the text at `ref` may be shown while it grows; most ports have none.

    `whole` are the filters that judge finished texts alone.
    """
    origin = plan.step(ref.step)
    if origin.fallback is not None or origin.retry is not None:
        return ()  # it may yet fail and give something else, and what was let out cannot be taken back
    gates, alone = _follow(plan, registry, ref)
    paths = []
    for gate in gates:
        names = tuple(item.name for item in plan.results if _feeds(plan.step(item.step), item.port, gate))
        # In another segment the gate would not know what had been let out.
        if names and gate.segment == origin.segment and not _waits(gate, whole):
            paths.append((gate, names))
    alone = alone and len(paths) == len(gates) == 1
    return tuple(Path(gate, names, alone) for gate, names in paths)


def _waits(gate: Step, whole: Collection[str]) -> bool:
    """Whether nothing is shown before the end: a person may come to decide, or a filter wants the finished text.

    Such a filter is a model that takes seconds, and perhaps the very one that is writing.
    """
    chain = gate.gate.chain if gate.gate else ()
    return any(action == Action.HOLD or name in whole for name, action, _, _ in chain)


def _follow(plan: Plan, registry: Registry, ref: Ref) -> tuple[list[Step], bool]:
    """The gates that the text reaches unchanged, and whether nothing but them waits for its step."""
    gates: list[Step] = []
    alone = True
    waiting = [ref]
    while waiting:
        here = waiting.pop()
        for step in _consumers(plan, here.step):
            binding = next((b for b in step.bindings if here in b.refs), None)
            spec = registry.spec(step.type, step.version)
            if binding is None or binding.type != TEXT or binding.collect:
                alone = False
            elif step.gate is not None:
                gates.append(step)
            elif (
                spec
                and spec.routes
                and not spec.waits
                and not spec.asks
                and not step.fallback
                and len(step.bindings) == 1
                and len(step.outputs) == 1
            ):
                # With one way in and one way out there is nothing to choose: the bytes will pass as they are.
                waiting.append(Ref(step.id, step.outputs[0][0]))
            else:
                alone = False
    return gates, alone


def _consumers(plan: Plan, step_id: str) -> list[Step]:
    # A shadow is told nothing while a text grows, so that a stream runs as if there were none.
    return [
        s
        for s in plan.steps
        if not s.shadow and any(ref.step == step_id for b in s.bindings for ref in b.refs)
    ]


def _feeds(step: Step, port: str, gate: Step) -> bool:
    binding = step.binding(port)
    return binding is not None and not binding.collect and any(ref.step == gate.id for ref in binding.refs)


@dataclass(slots=True)
class Streams:
    """All windows of one segment; remembers what each gate has let out until its final verdict."""

    plan: Plan
    policy: Policy
    registry: Registry
    inspector: Inspector
    release: Release
    _windows: dict[Ref, list[tuple[Path, Window]]] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)

    def offer(self, ref: Ref, text: str, sources: frozenset[Source]) -> None:
        """Let out of the text what its gates allow. Raises WithheldEarly when a block settles the matter."""
        if ref not in self._windows:
            whole = {name for name, item in self.inspector.filters.items() if item.spec.whole}
            paths = find_paths(self.plan, self.registry, ref, whole)
            self._windows[ref] = [(path, self._window(ref, path, sources)) for path in paths]
        for path, window in self._windows[ref]:
            if path.gate.id in self._closed:
                continue
            try:
                window.offer(text)
            except Blocked as blocked:
                # The final verdict is the gate's own; until then nothing more leaves here.
                self._closed.add(path.gate.id)
                if path.alone:
                    raise WithheldEarly(path.gate, blocked.verdict) from None

    def confirm(self, gate: Step, final: Data) -> None:
        """The final text must begin with what was let out. Raises OperationalError `gate_inconsistent`."""
        for path, window in (pair for pairs in self._windows.values() for pair in pairs):
            if path.gate.id == gate.id and not (isinstance(final, str) and final.startswith(window.released)):
                raise inconsistent()

    def _window(self, ref: Ref, path: Path, sources: frozenset[Source]) -> Window:
        chain = path.gate.gate
        assert chain is not None

        def judge_text(text: str) -> Verdict:
            return judge(TEXT, text, chain, self.inspector)

        labels = self.policy.labelling.profile is not Profile.NONE

        def release(text: str) -> None:
            if labels and begins_label(text):
                return
            value = cleared(TEXT, text, sources, chain, self.policy)
            for name in path.results:
                self.release(name, ref.step, value)

        return Window(judge_text, release)
