"""Agent: claims segments, has them run by its child, and answers for them to the store."""

import logging
import os
import queue
import socket
import threading
import time
from dataclasses import dataclass, field, replace

from runtime import logs
from runtime.arithmetic import Arithmetic, here
from runtime.dispatch.failures import plan_refused
from runtime.dispatch.needs import Needs
from runtime.dispatch.secrets import NoSecrets, SecretStore
from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.dispatch.store import LEASE, Claim, Progress, RunStore, StepRecord, WorkerReport
from runtime.memory import Memory
from runtime.models.at_once import at_once
from runtime.nodes.registry import Registry
from runtime.plan import Plan, is_signed
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy
from runtime.safety.verify import verify
from runtime.worker.access import keys_for_claim, keys_for_trial
from runtime.worker.child_process import ChildProcess
from runtime.worker.environment import child_memory
from runtime.worker.hands import Hands
from runtime.worker.history import History
from runtime.worker.session import Session
from runtime.worker.trials import Asked, answer
from runtime.worker.watch import Watch

log = logging.getLogger(__name__)

GRACE = 10.0  # seconds between asking a child to stop and killing it
MOST_HINTS = 4  # that the child holds; who tells more is not followed
MOST_ASKED = 32  # trials that wait for the child; whoever asks more is not answered


def worker_name() -> str:
    """A name that no other worker has, and a person can place."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class Agent:
    """One worker's agent: it has one child, and works on one segment at a time, or on some that can share a call of a model."""

    store: RunStore
    registry: Registry
    resources: frozenset[str]
    secrets: SecretStore = field(default_factory=NoSecrets)
    name: str = field(default_factory=worker_name)
    lease: float = LEASE
    grace: float = GRACE
    memory: int = field(default_factory=child_memory)
    at_once: int = field(default_factory=at_once)
    # Asked once: what is built in, and installed, stays as it is while we run.
    arithmetic: Arithmetic = field(default_factory=here)
    _child: ChildProcess | None = None
    # Plans that were found sound, and the policies under which; so many steps of them.
    _sound: Memory[tuple[Plan, Policy]] = field(default_factory=lambda: Memory(60_000))
    _busy: threading.Lock = field(default_factory=threading.Lock)
    # Somebody told us that there is work, while we were busy.
    _news: threading.Event = field(default_factory=threading.Event)
    _hands: Hands = field(default_factory=Hands)
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _asked: "queue.Queue[Asked]" = field(default_factory=lambda: queue.Queue(MOST_ASKED))
    # What may be run soon, as told last; of several that come while we work, one is enough.
    _expected: list[Needs] = field(default_factory=list)
    _claims: int = 0
    # When to hand back what still runs, on our monotonic clock; the earliest counts.
    _leave_at: list[float] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return self._busy.locked()

    def warm_up(self) -> None:
        """Start the child before the first claim needs it."""
        with self._busy:
            self._ready_child()

    def drain(self) -> None:
        """Claim and run segments until none is left; at once when another thread is already at it."""
        self._news.set()
        while self._busy.acquire(blocking=False):
            try:
                self._work_off()
            finally:
                self._busy.release()
            # Asked in the last moment, when whoever asked still found us busy.
            if (self._asked.empty() and not self._expected) or self._leave_at:
                return

    def ask(self, asked: Asked) -> None:
        """Have a trial answered between two segments; whoever calls this drains next."""
        try:
            self._asked.put_nowait(asked)
        except queue.Full:
            log.warning("a trial is left to other workers: too many wait here")

    def expect(self, needs: Needs) -> None:
        """Have the child load what may be needed soon, when nothing is to be done; whoever calls this drains next."""
        self._expected[:] = [needs]

    def stop(self, patience: float) -> None:
        """Claim nothing more; what still runs after `patience` seconds is handed back. The least patience counts."""
        # One append, because a signal's handler may be interrupted by the next signal's.
        self._leave_at.append(time.monotonic() + patience)

    def close(self) -> None:
        """End the child. Call it when nothing runs any more."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def report(self) -> WorkerReport:
        child = self._child
        return WorkerReport(
            id=self.name,
            resources=tuple(sorted(self.resources)),
            device=self.arithmetic.device,
            models=child.models if child else (),
            memory=child.memory() if child else 0,
            busy=self.busy,
        )

    def _work_off(self) -> None:
        while not self._leave_at:
            self._answer_all()
            claim = self.store.claim(
                self.name, self.resources, holds=self._preferred(), arithmetic=self.arithmetic
            )
            if claim is None:
                self._warm()
                return
            if self.at_once > 1 and claim.shares and claim.attempt == 1:
                self._work_together(claim)
            elif not self._work(claim):
                self.close()

    def _preferred(self) -> tuple[str, ...]:
        """The models that are in memory, but for each tenth time: what needs another must not be passed over for ever."""
        self._claims += 1
        return self._child.models if self._child is not None and self._claims % 10 else ()

    def _warm(self) -> None:
        """Nothing waits for the child's answer: the next claim is taken, and handed to it, while it loads."""
        while self._expected:
            needs = served(self._expected.pop(), self.registry, self.resources)
            child = self._ready_child()
            if needs and child.hints < MOST_HINTS:
                child.warm(needs)

    def _answer_all(self) -> None:
        """People wait for these in front of a screen, and none takes long: they come before the next segment."""
        while not self._asked.empty() and not self._leave_at:
            asked = self._asked.get()
            if not asked.is_ours():
                continue
            keys = keys_for_trial(asked.trial, load_filters(), self.secrets)
            if not answer(asked, self._ready_child(), self._must_leave, keys):
                self.close()

    def _work_together(self, first: Claim) -> None:
        """Work on this claim, and beside it on others that share it, as long as any is in hand."""
        admitted = [1]

        def another() -> Claim | None:
            if self._leave_at or not self._asked.empty():
                return None
            self._news.clear()
            # Whoever came for the first batch stands in for nobody; later ones must not keep others waiting.
            in_turn = admitted[0] >= self.at_once
            try:
                claim = self.store.claim(
                    self.name, self.resources, first.shares, in_turn, arithmetic=self.arithmetic
                )
            except Exception as fault:  # noqa: BLE001 - the database is away: those in hand go on without it
                log.warning("no further claim: %s", type(fault).__name__)
                return None
            admitted[0] += claim is not None
            return claim

        def announce(count: int) -> None:
            self._ready_child().announce(first.shares, count)

        if not self._hands.work_together(first, another, self._work, announce, self.at_once, self._news):
            self.close()

    def _work(self, claim: Claim) -> bool:
        """Whether the child can take the next claim."""
        with logs.about(run=claim.run, segment=claim.segment):
            if not self._is_sound(claim):
                self._refuse(claim)
                return True
            child = self._ready_child()
            keys = keys_for_claim(claim, self.registry, load_filters(), self.secrets)
            with Watch(self.store, claim, self.lease) as watch:
                history = History(self.store, claim, watch)
                session = Session(
                    self.store, claim, child, watch, history, self._must_leave, self.grace, self.memory, keys
                )
                try:
                    return session.run()
                except Exception:
                    log.exception("run %s, segment %s", claim.run, claim.segment)
                    history.hand_back(lost=True)
                    return False

    def _is_sound(self, claim: Claim) -> bool:
        """The second lock: our compiler signed this plan, and other code finds no way past its gates.

        Neither changes, so the very objects that were found sound are not looked at again.
        """
        known = self._sound.get(claim.mac)
        if known is not None and known[0] is claim.plan and known[1] is claim.policy:
            return True
        if not is_signed(claim.plan, self.store.plan_key(), claim.mac):
            log.error("run %s: the plan's signature is not ours", claim.run)
            return False
        violations = verify(claim.plan, claim.policy, self.registry)
        for violation in violations:
            log.error("run %s: %s", claim.run, violation)
        if not violations:
            self._sound.put(claim.mac, (claim.plan, claim.policy), len(claim.plan.steps))
        return not violations

    def _refuse(self, claim: Claim) -> None:
        segment = next((s for s in claim.plan.segments if s.index == claim.segment), None)
        names = segment.steps if segment else ()
        first = next((name for name in names if claim.states.get(name) not in STEP_ENDED), None)
        record = [StepRecord(first, StepState.FAILED, error=plan_refused())] if first else []
        self.store.finish(claim, SegmentState.FAILED, Progress(steps=record))

    def _ready_child(self) -> ChildProcess:
        with self._starting:
            if self._child is None or not self._child.alive:
                self.close()
                self._child = ChildProcess()
            return self._child

    def _must_leave(self) -> bool:
        return any(time.monotonic() > moment for moment in self._leave_at)


def served(needs: Needs, registry: Registry, resources: frozenset[str]) -> Needs:
    """What of it could come to this worker."""
    specs = [registry.spec(node.type, node.version) for node in needs.nodes]
    ours = (
        node
        for node, spec in zip(needs.nodes, specs, strict=True)
        if spec and spec.resource.value in resources
    )
    return replace(needs, nodes=tuple(ours))
