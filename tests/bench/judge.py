"""judge: what each chat model that is installed here finds as a judge, on lines that no list was made for.

Published, not promised. Slow, because each line is a question to a model: so it is asked about every third.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from runtime.models.manager import ModelManager
from runtime.models.shelf import State
from runtime.packs.safety import judge
from runtime.safety.filters import Filter
from tests.bench.detection import ATTACKS, LANGUAGES, filled, rows
from tests.bench.figures import Figure
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets

PART = "-unseen"
EVERY = 3
# What the corpora mark and no judge is asked about.
NOT_ITS_OWN = frozenset({"profanity", "prompt_attack", *ATTACKS})


@dataclass(frozen=True, slots=True)
class Services:
    assets: MemoryAssets
    models: ModelManager
    providers: None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line contains, and what the judge named; None when it gave no answer that can be read."""

    expected: frozenset[str]
    named: frozenset[str] | None


def measure() -> Sequence[Figure]:
    shelf = real_models()
    services = Services(MemoryAssets(), ModelManager(shelf))
    here = [
        item
        for item in judge.filters()
        if item.spec.model and shelf.presence(shelf.records[item.spec.model]) is State.INSTALLED
    ]
    return [
        figure for item in here for language in LANGUAGES for figure in _measured(item, language, services)
    ]


def _measured(item: Filter, language: str, services: Services) -> Iterator[Figure]:
    lines = [(filled(row["text"]), frozenset(row["categories"])) for row in rows(language, PART)]
    bad, clean = (
        [line for line in lines if line[1] - NOT_ITS_OWN],
        [line for line in lines if not line[1]],
    )
    ours = [*bad[::EVERY], *clean[::EVERY]]
    began = time.process_time()
    verdicts = [Verdict(expected, _ask(item, text, services)) for text, expected in ours]
    spent = (time.process_time() - began) / len(ours)
    harmful = [verdict for verdict in verdicts if verdict.expected]
    harmless = [verdict for verdict in verdicts if not verdict.expected]
    key = f"{item.spec.model}.{language}"
    yield Figure(f"{key}.lines", len(harmful), "lines")
    yield Figure(f"{key}.called_unsafe", _share(harmful, lambda verdict: bool(verdict.named)), "%")
    yield Figure(
        f"{key}.in_the_right_category", _share(harmful, lambda v: bool(v.named and v.named & v.expected)), "%"
    )
    yield Figure(f"{key}.clean_lines", len(harmless), "lines")
    yield Figure(f"{key}.false_alarms", _share(harmless, lambda verdict: bool(verdict.named)), "%")
    yield Figure(f"{key}.no_answer", _share(verdicts, lambda verdict: verdict.named is None), "%")
    yield Figure(f"{key}.cost", spent, "s/line")


def _ask(item: Filter, text: str, services: Services) -> frozenset[str] | None:
    try:
        return frozenset(match.category for match in item.check(text, services))  # type: ignore[arg-type]  # it asks no provider
    except Exception:  # noqa: BLE001 - whatever it is, the judge gave no answer
        return None


def _share(verdicts: Sequence[Verdict], holds: Callable[[Verdict], bool]) -> float:
    return 100 * sum(holds(verdict) for verdict in verdicts) / len(verdicts)
