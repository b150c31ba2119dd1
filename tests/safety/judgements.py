"""Probes of what a gate's filters are shown: values in pieces, and redactors that would hide something from a judge."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from runtime.engine.gate import Verdict, judge
from runtime.plan import GateChain
from runtime.ports import JSON, TEXT, Kind, PortType
from runtime.safety.filters import Match
from runtime.values import Data
from tests.engine.segments import Bench
from tests.packs_stub.filters import declare, find

TEXTS = PortType(Kind.TEXT, many=True)
BLOCKS = ("stub.words", "block", 0.5, ())
HOLDS = ("stub.words", "hold", 0.5, ())
SECRETS = ("stub.secrets", "redact", 0.5, ())
# What an owner adds beside a floor's filters, so that the floor's find nothing any more.
POLITE = ("stub.polite", "redact", 0.0, ())
Say = Callable[..., Verdict]


@contextmanager
def _asking() -> Iterator[tuple[Bench, Say]]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.filters["stub.polite"] = declare("polite", find(re.compile(r"for(?=bidden)|key-(?=\d)")))
        bench.filters["stub.meeting"] = declare("meeting", find(re.compile(r"a ■■■ thing")))

        def say(port_type: PortType, data: Data, *chain: tuple[str, str, float, tuple[str, ...]]) -> Verdict:
            return judge(port_type, data, GateChain(("r",), chain), bench.services().inspector)

        yield bench, say


def judgements() -> list[str]:
    """Lists item by item, structures as text; a judge on another's machine is told nothing private."""
    found: list[str] = []
    seen: list[str] = []

    def spy(data: object, services: object) -> list[Match]:
        seen.append(str(data))
        return []

    with _asking() as (bench, say):
        if say(TEXTS, ["clean", "forbidden"], BLOCKS, SECRETS).passes:
            found.append("a list passes for its first item")
        if say(JSON, {"a": ["forbidden"]}, BLOCKS, SECRETS).passes:
            found.append("a structure is not read")
        far, secrets = declare("far", spy), bench.filters["stub.secrets"]
        bench.filters["stub.far"] = replace(far, spec=replace(far.spec, provider="acme"))
        bench.filters["stub.secrets"] = replace(secrets, spec=replace(secrets.spec, private=True))
        say(TEXT, "my key-123456", ("stub.far", "block", 0.5, ()), SECRETS)
        if not seen or any("key-1" in text for text in seen):
            found.append("a provider's judge is told what is private")
    return found


def pieces() -> list[str]:
    """What a text would be stopped for, or lose, a list and a structure are stopped for, or lose, in pieces."""
    found = []
    with _asking() as (_, say):
        for way, items in {"halves": ["a forb", "idden thing"], "letters": list("forbidden")}.items():
            if say(TEXTS, items, BLOCKS).passes or say(TEXTS, items, HOLDS).passes:
                found.append(f"a list of {way} passes")
            if (
                say(JSON, {"rows": items}, BLOCKS).passes
                or say(JSON, [{"t": item} for item in items], BLOCKS).passes
            ):
                found.append(f"a structure of {way} passes")
        if say(JSON, {"forb": "x", "idden": 1}, BLOCKS).blocks:
            found.append("what does not stand together is joined")
        if say(JSON, {"forb": {"idden": 1}}, BLOCKS).passes:
            found.append("keys are not read")
        taken = say(TEXTS, ["so key-12", "34 it is", "clean"], SECRETS)
        if not taken.passes or taken.data != ["so ■■■", "■■■ it is", "clean"]:
            found.append("a secret in two items is not taken out of both")
    return found


def disarmed() -> list[str]:
    """Whatever is taken out beside it: a filter is asked about the value as it came, and about what will leave."""
    found = []
    with _asking() as (_, say):
        for chain in ((BLOCKS, POLITE), (HOLDS, POLITE)):
            if (
                say(TEXT, "a forbidden thing", *chain).passes
                or say(TEXTS, ["a forbidden thing"], *chain).passes
            ):
                found.append(f"a redactor hides it from {chain[0][1]}")
        if "1234" in str(say(TEXT, "my key-1234 is", SECRETS, POLITE).data):
            found.append("a redactor hides it from another")
        if say(TEXT, "a key-1234 thing", SECRETS, ("stub.meeting", "block", 0.5, ())).passes:
            found.append("what will leave is not judged")
    return found


JUDGEMENTS = {"judgements": judgements, "pieces": pieces, "disarmed": disarmed}
