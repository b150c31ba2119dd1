"""Probes: hostile runs through the real engine and its locks. Each says what got out that should not have.

They run in this process, without a database: what would be written for a person goes through the same `deliver()`.
"""

import base64
import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from runtime.dispatch.store import Claim, Progress
from runtime.engine import bindings, lookup, outputs
from runtime.engine.gate import judge
from runtime.labels import Clearance, Sink, Source
from runtime.nodes.base import NodeType
from runtime.nodes.registry import Registry
from runtime.plan import Binding, GateChain, Plan, Ref, sign
from runtime.ports import IMAGE, TEXT, VIDEO, Kind, PortType
from runtime.safety import deliver as third_lock
from runtime.safety import preview
from runtime.safety.deliver import NotCleared
from runtime.safety.filters import Match
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.values import AssetRef, Value
from tests.engine.segments import REGISTRY, Bench, Told, compiled
from tests.fixtures.runs import chain, drawing, failing, stub_policy
from tests.packs_stub import NODE_TYPES
from tests.packs_stub.filters import declare
from tests.safety.asked import questions
from tests.safety.judgements import JUDGEMENTS
from tests.safety.people import PEOPLE
from tests.safety.settings import settings
from tests.safety.stretched import SHAPES, inspector, leaked
from tests.safety.surgery import without_gate

CANARY = "CANARY-7261"
TEXTS = PortType(Kind.TEXT, many=True)
PLAIN = chain(("a", "echo", {}))
Probe = Callable[[], list[str]]


def run(graph: Any = None, policy: Policy | None = None, plan: Plan | None = None, **given: Any) -> Told:
    """One run in a folder of its own; `filters`, `registry` and `deadline` replace the bench's, the rest are inputs."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), policy or stub_policy())
        bench.filters |= given.pop("filters", {})
        bench.registry = given.pop("registry", bench.registry)
        bench.deadline = given.pop("deadline", bench.deadline)
        if plan is not None:
            return bench.run_plan(plan, **given)
        return bench.run(PLAIN if graph is None else graph, **given)


def out(told: Told, policy: Policy | None = None) -> list[str]:
    """Everything of a run that a person could come to see."""
    in_force = policy or stub_policy()
    seen: list[str] = []
    for value in [*told.results.values(), *(value for _, _, value in told.partials)]:
        try:
            third_lock.deliver(value, Sink.PERSON, in_force, lambda passed: seen.append(str(passed.data)))
        except NotCleared:
            pass  # the writer would have refused it
    seen += [str(event.data) for event in [*told.events, *told.live_events]]
    return seen + [str(record.error.to_json()) for record in told.records if record.error]


def leaks(told: Told, *banned: str, policy: Policy | None = None) -> list[str]:
    return [f"{word!r} got out" for word in banned if any(word in text for text in out(told, policy))]


def texts() -> list[str]:
    """What is forbidden stays in, what is secret is taken out, and what is to be looked at waits."""
    held = stub_policy(FilterUse("stub.words", Action.HOLD))
    return [
        *leaks(run(text=f"{CANARY} forbidden"), CANARY),
        *leaks(run(text="my key-123456"), "key-1"),
        *leaks(run(text=f"{CANARY} forbidden", policy=held), CANARY, policy=held),
    ]


def broken_filters() -> list[str]:
    """A filter that is missing, crashes, hangs, has no memory left or talks nonsense lets nothing pass."""
    ways = ["nowhere", "raises", "no_memory", "hangs", "nan", "strings", "stranger", "bad_span", "nothing"]
    found = []
    for way in ways:
        policy = stub_policy(FilterUse(f"stub.{way}", Action.BLOCK))
        deadline = 0.05 if way == "hangs" else 20.0
        told = run(text=CANARY, policy=policy, deadline=deadline)
        found += [f"{way}: {leak}" for leak in leaks(told, CANARY, policy=policy)]
    return found


def streams() -> list[str]:
    """Nothing of a banned span leaves early, however long it is and wherever it begins."""

    def wide(data: object, services: object) -> Iterator[Match]:
        """From `begin` on it is doubtful; with `end`, a hundred letters later, it is certain."""
        text = str(data)
        start = text.find("begin")
        if start >= 0:
            end = text.find("end", start)
            yield Match("stub", 1.0, start, end + 3) if end >= 0 else Match("stub", 0.2, start, len(text))

    def late(data: object, services: object) -> list[Match]:
        """Knows nothing before the whole is there."""
        text = str(data)
        start, end = text.find("begin"), text.find("end")
        return [Match("stub", 1.0, start, end + 3)] if 0 <= start < end else []

    filters = {"stub.wide": declare("wide", wide), "stub.late": declare("late", late)}
    found = []
    for name, size in (("wide", 300), ("late", 100)):
        policy = stub_policy(FilterUse(f"stub.{name}", Action.BLOCK))
        for before in (30, 77, 130):
            text = "a b" * before + " begin" + "x" * size + "end" + " and so on" * 30
            told = run(chain(("s", "stream", {"piece": 9})), policy, filters=filters, text=text)
            found += [f"{name} after {before}: {leak}" for leak in leaks(told, "begin", policy=policy)]
    for before in range(0, 90, 13):
        told = run(
            chain(("s", "stream", {"piece": 7})), text="so. " * before + f"forbidden {CANARY}. " + "x. " * 80
        )
        found += [f"after {before}: {leak}" for leak in leaks(told, "forbi", CANARY)]
    return found


def stretched() -> list[str]:
    """What the shipped filters of words find although it is drawn out or far apart has not left in part before."""
    return [f"{name}: {text!r} got out" for name, shape in SHAPES.items() if (text := leaked(shape))]


def numbers() -> list[str]:
    """A number that is somebody's card stays behind, alone and in a list, although nothing can be taken out of it."""
    chain = GateChain(("r",), (("safety.personal_data", "block", 0.5, ()),))
    card = 4111111111111111
    return [
        f"{data!r} got out"
        for data, many in ((card, False), (float(card), False), (-card, False), ([1, card], True))
        if judge(PortType(Kind.NUMBER, many=many), data, chain, inspector()).passes
    ]


def two_faces() -> list[str]:
    """What a node gives in the end begins with what it streamed."""

    def two_faced(context: Any, *, text: str, **params: object) -> dict[str, str]:
        context.stream("text", text)
        return {"text": CANARY}

    stream = next(item for item in NODE_TYPES if item.spec.type == "stub.stream")
    registry = Registry(
        [NodeType(stream.spec, two_faced), *(item for item in NODE_TYPES if item is not stream)]
    )
    return leaks(run(chain(("s", "stream", {})), registry=registry, text="A calm day. " * 40), CANARY)


def previews() -> list[str]:
    """A picture that no gate has passed is blurred and small, or not shown."""
    from PIL import Image

    board = Image.new("L", (64, 64))
    board.putdata([255 * ((x // 2 + y // 2) % 2) for y in range(64) for x in range(64)])
    content = io.BytesIO()
    board.save(content, "PNG")
    found = []
    if preview.preview_event("s", content.getvalue(), stub_policy(previews="none")):
        found.append("a preview is shown that the policy does not allow")
    event = preview.preview_event("s", content.getvalue(), stub_policy(previews="blurred"))
    if event is None:
        return [*found, "a preview that the policy allows is not shown"]
    picture = Image.open(io.BytesIO(base64.b64decode(event.data["image"].partition(",")[2]))).convert("L")
    low, high = picture.crop((6, 6, picture.width - 6, picture.height - 6)).getextrema()
    if max(picture.size) > preview.EDGE or high - low > 30:
        found.append("a preview shows its picture")
    told = run(
        drawing(
            ("in", "input", {"name": "text"}), ("p", "picture", {}), ("o", "show_image", {"name": "o"}),
            edges="in.text>p.text p.image>o.image",
        ),
        stub_policy(previews="none"),
        text="x",
    )  # fmt: skip
    return found + ["a run shows a preview that the policy does not allow" for _ in told.live_events[:1]]


def clearances() -> list[str]:
    """A clearance is of these bytes, this rule and this policy; a joined or changed value has none."""
    policy, other = stub_policy(), stub_policy(version=2)
    made = Value(TEXT, CANARY, frozenset({Source.MODEL}))
    good = Clearance(made.digest, "person-text", policy.digest)
    forged = {
        "of another policy": replace(good, policy=other.digest),
        "of other bytes": replace(good, digest="0" * 64),
        "of another rule": replace(good, rule="model-text"),
    }
    found = [
        f"a clearance {name} is enough"
        for name, clearance in forged.items()
        if _delivered(replace(made, clearances=frozenset({clearance})), policy)
    ]
    film = Value(VIDEO, AssetRef("0" * 64, "video/mp4", 1), frozenset({Source.MODEL}))
    if _delivered(film, policy):
        found.append("what no rule speaks of is delivered")
    cleared = replace(made, clearances=frozenset({good}))
    board = bindings.Board(values={Ref("a", "text"): cleared, Ref("b", "text"): cleared})
    board.states = dict.fromkeys("ab", bindings.StepState.DONE)
    joined = bindings.resolve(Binding("x", TEXTS, (Ref("a", "text"), Ref("b", "text")), collect=True), board)
    if not isinstance(joined, Value) or joined.clearances:
        found.append("what two cleared texts were joined into is cleared")
    spec = REGISTRY.spec("stub.choose", 1)
    assert spec is not None
    plan = compiled(
        drawing(
            ("in", "input", {"name": "text"}), ("c", "choose", {}), ("o", "output", {"name": "o"}),
            edges="in.text>c.value c.left>o.text",
        ),
        policy,
    )  # fmt: skip
    step = plan.step("c")._replace(outputs=(("left", TEXT), ("right", TEXT)))
    if outputs.label(step, spec, {"left": "changed"}, [cleared])["left"].clearances:
        found.append("a router that changes bytes keeps their clearance")
    return found


def _delivered(value: Value, policy: Policy) -> bool:
    written: list[Value] = []
    try:
        third_lock.deliver(value, Sink.PERSON, policy, written.append)
    except NotCleared:
        pass  # then `written` tells whether it was in time
    return bool(written)


def lookups() -> list[str]:
    """A gate looks at a picture unless this rule has cleared exactly these bytes under exactly this policy."""
    policy, ref = stub_policy(), AssetRef("a" * 64, "image/png", 1, 1, 1)
    chain = GateChain(("person-image",), (("stub.red", "block", 0.5, ()),))
    good = Clearance(ref.sha256, "person-image", policy.digest)
    forged = {
        "none": frozenset(),
        "one of another policy": frozenset({replace(good, policy=stub_policy(version=2).digest)}),
        "one of other bytes": frozenset({replace(good, digest="0" * 64)}),
        "one of another rule": frozenset({replace(good, rule="model-image")}),
    }
    made = Value(IMAGE, ref, frozenset({Source.UPLOAD}), frozenset({good}))
    found = [] if lookup.is_cleared(made, chain, policy) else ["what is cleared is looked at again"]
    return found + [
        f"with {name} a picture is not looked at"
        for name, clearances in forged.items()
        if lookup.is_cleared(replace(made, clearances=clearances), chain, policy)
    ]


def cut_plans() -> list[str]:
    """Where a gate was cut out of a plan, the last lock keeps the bytes: no model is told, no person sees them."""
    policy = stub_policy()
    graph = drawing(
        ("in", "input", {"name": "text"}), ("m", "ask", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>m.prompt m.text>out.text",
    )  # fmt: skip
    # That its author has words for a failure is no way around it either.
    over = failing(graph, m={"do": "default", "values": {"text": "instead"}})
    plans = (compiled(graph, policy), compiled(over, policy))
    found = []
    for plan, gate in ((whole, step) for whole in plans for step in whole.steps if step.gate):
        told = run(plan=without_gate(plan, gate), text=CANARY)
        guarded = "m" if gate.bindings[0].refs[0].step == "in" else "out"
        if any(record.step == guarded and record.state.value == "done" for record in told.records):
            found.append(f"{guarded} ran without its gate")
    return found


_FAILS_OVER = failing(
    drawing(
        ("in", "input", {"name": "text"}), ("f", "fail", {"how": "bug"}), ("out", "output", {"name": "answer"}),
        edges="in.text>f.text f.text>out.text f.error>out.text",
    ),
    f={"do": "branch", "text": "It failed: {{code}}"},
)  # fmt: skip


def faults() -> list[str]:
    """An error says nothing of the material, neither to a person nor to the log."""
    with _logged() as lines:
        told = run(chain(("f", "fail", {"how": "bug"})), text=CANARY)
        broken = run(text=CANARY, policy=stub_policy(FilterUse("stub.raises", Action.BLOCK)))
        over = run(_FAILS_OVER, text=CANARY)
    logged = ["the log quotes what was inspected"] if any(CANARY in line for line in lines) else []
    return [*leaks(told, CANARY), *leaks(broken, CANARY), *leaks(over, CANARY), *logged]


@contextmanager
def _logged() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]  # to listen
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)


def locks_of_the_worker() -> list[str]:
    """A worker starts no plan that is not signed or not sound; a store tells nothing that is not cleared."""
    from builder.runs.store import DatabaseRunStore
    from builder.runs.write_progress import write_progress
    from runtime.worker.agent import Agent

    policy, key = stub_policy(), b"key"
    plan = compiled(PLAIN, policy)
    store: Any = SimpleNamespace(plan_key=lambda: key)
    agent = Agent(store, REGISTRY, frozenset({"cpu"}))
    gate = next(step for step in plan.steps if step.gate)
    cut = without_gate(plan, gate)
    made = Claim(
        run="r", segment=0, fence=1, attempt=1, plan=plan, mac=sign(plan, key), policy=policy,
        arguments={}, values={}, states={},
    )  # fmt: skip
    found = [] if agent._is_sound(made) else ["a sound plan is refused"]
    if agent._is_sound(replace(made, mac="0" * 64)) or agent._is_sound(replace(made, plan=cut)):
        found.append("a plan that nobody signed is started")
    if agent._is_sound(replace(made, plan=cut, mac=sign(cut, key))):
        found.append("a signed plan without its gate is started")
    bare = Value(TEXT, CANARY, frozenset({Source.MODEL}))
    told: list[str] = []
    ledger: Any = SimpleNamespace(plan=plan, run=_Run(), steps_named=lambda segment, names: {})
    real = DatabaseRunStore()
    real.publish = lambda run, event: told.append(str(event.data))  # type: ignore[method-assign]  # to listen
    real._may_stream = lambda run: True  # type: ignore[method-assign]  # of a run that no database knows
    for tell in (
        lambda: real.publish_partial(made, "answer", "a", bare),
        lambda: write_progress(ledger, made, Progress(results=[("answer", bare)])),
    ):
        try:
            tell()
        except NotCleared:
            continue
        except Written:
            pass
        found.append("a value without clearance was written")
    return found + ["a value without clearance was told" for text in told if CANARY in text]


class Written(Exception):
    """Somebody went on to write."""


class _Run:
    """A run of which nothing is asked before the first lock."""

    def __getattr__(self, name: str) -> object:
        raise Written(name)


PROBES: Mapping[str, Probe] = {
    "settings": settings,
    "questions": questions,
    "texts": texts,
    **JUDGEMENTS,
    "broken filters": broken_filters,
    "streams": streams,
    "stretched": stretched,
    "numbers": numbers,
    "two faces": two_faces,
    "previews": previews,
    "clearances": clearances,
    "look-ups": lookups,
    "cut plans": cut_plans,
    "faults": faults,
    "locks of the worker": locks_of_the_worker,
    **PEOPLE,
}
