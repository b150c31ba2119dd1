"""Executor: runs the steps of one claimed segment, in their order, in this process."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.dispatch.store import Claim, Failure, Pause, StepRecord, WaitsFor
from runtime.engine.ask import late_answer, pause_for_answer, shown_of
from runtime.engine.bindings import Arrival, Board, Missing, resolve
from runtime.engine.fallback import fall_back
from runtime.engine.faults import BadOutput, failure_of, lacks_memory, said_to_have_happened
from runtime.engine.gate import Verdict, cleared, findings, held, judge
from runtime.engine.lookup import is_cleared
from runtime.engine.outlet import Outlet
from runtime.engine.outputs import ANYBODY, authors_of, label
from runtime.engine.retry import pause_before_retry
from runtime.engine.shadow import look
from runtime.engine.step_context import Services, StepContext
from runtime.engine.streams import Streams, WithheldEarly
from runtime.errors import Cancelled
from runtime.events import Event
from runtime.labels import Sink
from runtime.nodes.base import NodeType
from runtime.nodes.spec import Effects, NodeSpec
from runtime.plan import GateChain, Ref, Step
from runtime.ports import PortType
from runtime.safety.deliver import deliver
from runtime.safety.policy import Action
from runtime.safety.ruling import Decision, Held, Ruling, cut_out
from runtime.values import Data, Json, Value

_AFTER_MISSING = {Missing.PRUNED: StepState.SKIPPED, Missing.WITHHELD: StepState.WITHHELD}
GAVE = (StepState.DONE, StepState.CACHED)
# How a step ends that gives what its key says; a branch that was not taken gives nothing.
AS_KEYED = (*GAVE, StepState.SKIPPED)
_SEGMENT_AFTER = {StepState.FAILED: SegmentState.FAILED, StepState.CANCELLED: SegmentState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step."""

    state: StepState
    outputs: dict[str, Value] = field(default_factory=dict)
    inputs: dict[str, Value] = field(default_factory=dict)
    events: Sequence[Event] = ()
    held: Held | None = None
    pause: Pause | None = None
    asked: dict[str, Value] | None = None


def run_segment(claim: Claim, services: Services, outlet: Outlet) -> SegmentState:
    """Run what is left of the claimed segment and tell the outlet; the state in which the segment ends."""
    return _SegmentRun(claim, services, outlet).run()


class _SegmentRun:
    def __init__(self, claim: Claim, services: Services, outlet: Outlet) -> None:
        self._claim = claim
        self._plan = claim.plan
        self._policy = claim.policy
        self._services = services
        self._outlet = outlet
        self._board = Board(dict(claim.states), dict(claim.values))
        # Steps that gave something else than their keys say; so did all that is made of what they gave.
        self._otherwise: set[str] = set()
        self._streams = Streams(
            claim.plan, claim.policy, services.registry, services.inspector, release=outlet.partial
        )

    def run(self) -> SegmentState:
        segment = self._plan.segment(self._claim.segment)
        for step_id in segment.steps:
            if self._board.states.get(step_id) in STEP_ENDED:
                continue  # an earlier attempt, since lost, had come this far
            state = self._run_step(self._plan.step(step_id))
            if state in _SEGMENT_AFTER:
                return _SEGMENT_AFTER[state]
        waits = any(self._board.states[step_id] is StepState.WAITING for step_id in segment.steps)
        return SegmentState.WAITING if waits else SegmentState.DONE

    def _run_step(self, step: Step) -> StepState:
        spec = self._services.registry.spec(step.type, step.version)
        arrivals = {binding.port: resolve(binding, self._board) for binding in step.bindings}
        if step.shadow:
            return self._look(step, arrivals["value"])
        inputs = {port: item for port, item in arrivals.items() if isinstance(item, Value)}
        missing = _missing(arrivals, step, spec)
        if missing is Missing.WAITING or self._still_waits(step):
            # Nothing to tell: the step that waits has told it, and what comes after has not begun.
            self._board.states[step.id] = StepState.WAITING
            return StepState.WAITING
        if missing is not None:
            self._end(step, Outcome(_AFTER_MISSING[missing]), StepRecord(step.id, _AFTER_MISSING[missing]))
            return _AFTER_MISSING[missing]
        if step.id in self._claim.cached and not self._takes_otherwise(step):
            outcome = Outcome(StepState.CACHED, dict(self._claim.cached[step.id]), inputs)
            self._end(step, outcome, StepRecord(step.id, StepState.CACHED, outputs=outcome.outputs))
            return StepState.CACHED
        if spec is not None and spec.waits is not None and step.id not in self._claim.due:
            return self._begin_wait(step, float(step.params[spec.waits]))
        # What must not happen twice is begun only when everybody can know that it was.
        intends = spec is not None and spec.effects is Effects.UNSAFE and step.id not in self._claim.happened
        self._outlet.started(step.id, intends)
        began = time.perf_counter()
        spent: dict[str, Json] = {}
        error: Failure | None = None
        try:
            if intends:
                self._outlet.wait_until_written(step.id, self._services.check)
            self._services.check()
            if step.id in self._claim.happened:
                raise said_to_have_happened(step.node)
            outcome = self._pass_gate(step, inputs) if step.gate else self._work(step, spec, inputs, spent)
        except Cancelled as fault:
            outcome, error = self._stopped(step, fault)
        except WithheldEarly as early:
            found = findings(early.gate, early.verdict, self._policy, self._services.inspector)
            outcome = Outcome(StepState.WITHHELD, events=found)
        except Exception as fault:  # noqa: BLE001 - a node may raise anything, and its step must end in words
            outcome, error = self._after_failure(step, spec, fault)
        seconds = time.perf_counter() - began
        record = StepRecord(
            step.id,
            outcome.state,
            seconds,
            outcome.outputs,
            spent or None,
            error,
            outcome.held,
            outcome.pause,
            asked=outcome.asked,
        )
        self._end(step, outcome, record)
        return outcome.state

    def _work(
        self, step: Step, spec: NodeSpec | None, inputs: dict[str, Value], spent: dict[str, Json]
    ) -> Outcome:
        """Run the node; what asks a person is asked first, and runs when the answer is there or the time for it over."""
        if spec is None or spec.asks is None:
            return self._run_node(step, inputs, spent)
        answer = self._claim.answers.get(step.id)
        if answer is None and step.id not in self._claim.due:
            shown = shown_of(step, spec, inputs, self._policy)
            return Outcome(StepState.WAITING, pause=pause_for_answer(step, spec.asks), asked=shown)
        return self._run_node(step, inputs, spent, late_answer(step, spec.asks) if answer is None else answer)

    def _begin_wait(self, step: Step, seconds: float) -> StepState:
        """Nothing of it runs before its time; who claims the segment then is told that it is due."""
        self._outlet.started(step.id)
        pause = Pause(WaitsFor.TIME, seconds)
        self._end(step, Outcome(StepState.WAITING), StepRecord(step.id, StepState.WAITING, pause=pause))
        return StepState.WAITING

    def _look(self, step: Step, arrival: Arrival) -> StepState:
        """A shadow tells what it found, and ends: it has nothing to give."""
        self._outlet.started(step.id)
        try:
            record, found = look(step, arrival, self._services.inspector)
        except Cancelled:
            record, found = StepRecord(step.id, StepState.CANCELLED), []
        self._board.states[step.id] = record.state
        self._outlet.ended(record, found, [])
        return record.state

    def _after_failure(
        self, step: Step, spec: NodeSpec | None, fault: Exception
    ) -> tuple[Outcome, Failure | None]:
        """It is tried again later, goes on in its author's words, or has failed; a run that should stop does neither."""
        error = failure_of(fault, step.node)
        pause = pause_before_retry(step, spec, fault, self._claim.failed.get(step.id, 0))
        if pause is not None:
            try:
                self._services.check()
            except Cancelled as stopped:
                return self._stopped(step, stopped)
            return Outcome(StepState.WAITING, pause=pause), error
        instead = fall_back(step, fault, error, authors_of(self._plan.copied))
        return Outcome(StepState.FAILED) if instead is None else Outcome(StepState.DONE, instead), error

    def _stopped(self, step: Step, fault: Cancelled) -> tuple[Outcome, Failure | None]:
        """A step that stops although nobody asked it to has failed."""
        try:
            self._services.check()
        except Cancelled:
            return Outcome(StepState.CANCELLED), None
        return Outcome(StepState.FAILED), failure_of(fault, step.node)

    def _pass_gate(self, step: Step, inputs: dict[str, Value]) -> Outcome:
        """A gate lets the value through, changed by its redactors and cleared, withholds it, or waits for a person."""
        assert step.gate is not None
        (value,) = inputs.values()
        ((port, _),) = step.outputs
        if is_cleared(value, step.gate, self._policy):
            return Outcome(StepState.DONE, {port: value}, inputs)
        verdict = judge(value.type, value.data, step.gate, self._services.inspector)
        kept = held(value.type, verdict, value.sources)
        ruling = self._ruling_on(step, kept)
        if ruling is not None:
            # What the gate found was told when it began to wait; only what is new is told now.
            verdict = self._after(ruling, value.type, verdict, step.gate)
        found = findings(step, verdict, self._policy, self._services.inspector)
        if not verdict.passes or (ruling is not None and ruling.decision is Decision.BLOCK):
            waits = ruling is None and not verdict.blocks
            return Outcome(StepState.WAITING if waits else StepState.WITHHELD, events=found, held=kept)
        self._streams.confirm(step, verdict.data)
        assets = self._services.assets
        passed = cleared(value.type, verdict.data, value.sources, step.gate, self._policy, assets)
        return Outcome(StepState.DONE, {port: passed}, inputs, found)

    def _still_waits(self, step: Step) -> bool:
        """Whether an earlier attempt has left this to a person who has not decided yet, or a moment that has not come."""
        claim = self._claim
        spoken = step.id in claim.rulings or step.id in claim.answers
        return (
            self._board.states.get(step.id) is StepState.WAITING and not spoken and step.id not in claim.due
        )

    def _ruling_on(self, step: Step, kept: Held) -> Ruling | None:
        """The ruling about exactly these bytes, under this gate's rules and this policy."""
        assert step.gate is not None
        ruling = self._claim.rulings.get(step.id)
        if ruling is None or not ruling.concerns(kept.value.digest, step.gate.rules, self._policy.digest):
            return None
        return ruling

    def _after(self, ruling: Ruling, port_type: PortType, verdict: Verdict, chain: GateChain) -> Verdict:
        """The verdict with what the ruling settles left out. What a person cut is judged once more."""
        if ruling.decision is Decision.REDACT:
            data = cut_out(port_type, verdict.data, ruling.cuts)
            verdict = judge(port_type, data, chain, self._services.inspector)
        return replace(verdict, hits=tuple(hit for hit in verdict.hits if hit.action is Action.BLOCK))

    def _run_node(
        self, step: Step, inputs: dict[str, Value], spent: dict[str, Json], answer: str = ""
    ) -> Outcome:
        found = self._services.registry.get(step.type, step.version)
        if found is None:
            raise BadOutput(f"{step.type} version {step.version} is not in this worker's registry")
        context = StepContext(
            step=step,
            given={name: value.data for name, value in self._arguments_of(step).items()},
            services=self._services,
            policy=self._policy,
            streams=self._streams,
            outlet=self._outlet,
            sources=frozenset().union(*(value.sources for value in inputs.values())),
            spent=spent,
            answer=answer,
        )
        admitted = self._admit(step, found, inputs)
        lacked = False
        try:
            given = found.run(context, **admitted, **step.params)
        except Exception as fault:
            if not lacks_memory(fault) or found.spec.effects is Effects.UNSAFE:
                raise
            lacked = True
        if lacked:
            # Outside the handler, whose traceback would keep alive what has just been in the way.
            self._services.models.let_go()
            context.frugal = True
            given = found.run(context, **admitted, **step.params)
        arguments = self._arguments_of(step).values()
        made = label(step, found.spec, given, inputs.values(), arguments, self._plan.copied)
        return Outcome(StepState.DONE, made, inputs)

    def _arguments_of(self, step: Step) -> dict[str, Value]:
        """What the run was started with at this step's node: all of it that a node is told."""
        names = [item.name for item in self._plan.arguments if item.node == step.node]
        return {name: self._claim.arguments[name] for name in names if name in self._claim.arguments}

    def _admit(self, step: Step, found: NodeType, inputs: dict[str, Value]) -> dict[str, Data]:
        """The data of the inputs; what enters a sink goes through deliver(), the third lock."""
        told = found.spec.told
        sinks: dict[str, Sink | None] = {p.name: p.sink for p in (*found.spec.inputs_for(step.params), *told)}
        for setting in told:
            # Such words come by a port. Those of a setting that come by none may be anybody's, and nobody cleared them.
            if setting.sink and (words := step.params.get(setting.name)):
                deliver(Value(setting.type, words, ANYBODY), setting.sink, self._policy, _data)
        admitted: dict[str, Data] = {}
        for port, value in inputs.items():
            sink = sinks.get(port)
            admitted[port] = deliver(value, sink, self._policy, _data) if sink else value.data
        return admitted

    def _takes_otherwise(self, step: Step) -> bool:
        """Whether it takes something else than what its key stands for."""
        return any(ref.step in self._otherwise for binding in step.bindings for ref in binding.refs)

    def _end(self, step: Step, outcome: Outcome, record: StepRecord) -> None:
        if record.error is not None or record.state not in AS_KEYED or self._takes_otherwise(step):
            self._otherwise.add(step.id)
            record = replace(record, keyed=False)
        self._board.states[step.id] = outcome.state
        for port, value in outcome.outputs.items():
            self._board.values[Ref(step.id, port)] = value
        results = self._results(step, outcome) if outcome.state in GAVE else []
        self._outlet.ended(record, outcome.events, results)

    def _results(self, step: Step, outcome: Outcome) -> list[tuple[str, Value]]:
        """What this step delivers to a person, by result name: what stands at the promised port."""
        at_port = outcome.inputs | outcome.outputs
        return [
            (item.name, at_port[item.port])
            for item in self._plan.results
            if item.step == step.id and item.port in at_port
        ]


def _data(value: Value) -> Data:
    return value.data


def _missing(arrivals: dict[str, Value | Missing], step: Step, spec: NodeSpec | None) -> Missing | None:
    """Why the step cannot run: something is withheld from it or waits for a person, or what it needs never comes."""
    for reason in (Missing.WITHHELD, Missing.WAITING):
        if reason in arrivals.values():
            return reason
    # Nobody is asked about what never comes, although a question may be drawn without anything that it is about.
    all_needed = spec is None or spec.asks is not None
    needed = (
        {p.name for p in spec.inputs_for(step.params) if p.required}
        if spec and not all_needed
        else set(arrivals)
    )
    pruned = {port for port, item in arrivals.items() if item is Missing.PRUNED}
    return Missing.PRUNED if pruned & needed else None
