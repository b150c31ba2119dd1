"""Inspection: one filter looks at some pieces of data, each within a deadline, and its answers are checked.

Whatever goes wrong here lets nothing pass: there is no path from a fault to an empty list of matches.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from runtime.engine.aside import Aside
from runtime.errors import Cancelled, OperationalError
from runtime.nodes.context import Assets, Models, Providers
from runtime.ports import Kind
from runtime.providers import Access
from runtime.safety.filters import Filter, Match
from runtime.values import Data
from runtime.words import Words

log = logging.getLogger(__name__)

DEADLINE = 20.0  # seconds that a filter may take for one value
MAX_MATCHES = 10_000
LONG_NUMBER = 8  # digits: with fewer, a number is no telephone, card or account
POLL = 0.1  # seconds between two looks at the cancel flag while a filter works


class NoProviders:
    """Where nothing says that a provider may be asked."""

    def access(self, name: str, model: str) -> Access:
        raise OperationalError(
            "provider_missing",
            Words("No provider may be asked here.", "此处不可使用服务商。"),
        )


@dataclass(slots=True)
class Inspector:
    """The filters of this worker and what they may use. `hung` is set for good once one missed its deadline."""

    filters: Mapping[str, Filter]
    assets: Assets
    models: Models
    check: Callable[[], None]
    deadline: float = DEADLINE
    hung: bool = field(default=False)
    providers: Providers = field(default_factory=NoProviders)
    aside: Aside | None = field(default=None, init=False)

    def inspect(self, name: str, kind: Kind, values: Sequence[Data]) -> list[tuple[Match, ...]]:
        """What the filter recognises in each value. OperationalError `gate_unavailable` when one has no sound answer."""
        found = self.filters.get(name)
        if found is None:
            raise unavailable(name, Words(name, name), "it is not installed")
        if not found.spec.reads(kind):
            raise unavailable(name, found.spec.title, f"it cannot read {kind}")
        if kind is Kind.NUMBER and kind not in found.spec.media:
            return self._inspect_numbers(name, values)
        answers = self._within_deadline(found, values)
        for data, matches in zip(values, answers, strict=True):
            problem = _nonsense(found, data, matches)
            if problem:
                raise unavailable(name, found.spec.title, problem)
        return answers

    def _inspect_numbers(self, name: str, numbers: Sequence[Data]) -> list[tuple[Match, ...]]:
        """What the filter recognises in numbers as they may be written: of them nothing can be taken out, so without places.

        Short numbers are let through: they are nobody's account, and a loop counts with them.
        """
        spelled = [spellings(number) for number in numbers]
        every = dict.fromkeys(text for texts in spelled for text in texts)
        long = [text for text in every if sum(map(str.isdigit, text)) >= LONG_NUMBER]
        found = dict(zip(long, self.inspect(name, Kind.TEXT, long), strict=True)) if long else {}
        return [
            tuple(
                replace(match, start=None, end=None)
                for text in texts
                for match in found.get(text, ())
                if not match.open
            )
            for texts in spelled
        ]

    def _within_deadline(self, found: Filter, values: Sequence[Data]) -> list[tuple[Match, ...]]:
        """The filter's answers; each has as long as one value may take."""
        answers: list[tuple[Match, ...]] = []
        faults: list[str] = []

        def ask() -> None:
            try:
                answers.extend(map(tuple, islice(found.answers(values, self), len(values) + 1)))
            except BaseException as fault:  # noqa: BLE001 - whatever it is, nothing may pass
                # Its text may quote what was inspected, so only its kind is told, or the code of one of ours.
                faults.append(fault.code if isinstance(fault, OperationalError) else type(fault).__name__)

        self.aside = self.aside or Aside("filters")
        asked = self.aside.begin(ask)
        given, ends = 0, time.monotonic() + self.deadline
        while not asked.wait(min(POLL, self.deadline)):
            self._check_or_mark()
            if len(answers) > given:
                given, ends = len(answers), time.monotonic() + self.deadline
            if time.monotonic() >= ends:
                self._leave()
                raise unavailable(
                    found.spec.id, found.spec.title, f"it did not answer within {self.deadline:g} s"
                )
        if faults:
            raise unavailable(found.spec.id, found.spec.title, f"it failed with {faults[0]}")
        if len(answers) != len(values):
            raise unavailable(
                found.spec.id, found.spec.title, f"it gave {len(answers)} answers to {len(values)} values"
            )
        return answers

    def _check_or_mark(self) -> None:
        try:
            self.check()
        except Cancelled:
            self._leave()
            raise

    def _leave(self) -> None:
        """A thread cannot be killed: the process must be replaced once the step has ended."""
        self.hung = True
        self.aside = None


def written(number: Data) -> str:
    """A number as it is written out, without its sign. ValueError for what is none."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError("no number")
    is_whole = isinstance(number, int) or number.is_integer()
    return str(abs(int(number)) if is_whole else abs(number))


def spellings(number: Data) -> tuple[str, ...]:
    """A number as it is written out, and its digits without point and exponent: they are somebody's card as well."""
    text = written(number)
    shown = repr(abs(number)) if isinstance(number, float) else text
    digits = shown.partition("e")[0].removesuffix(".0").replace(".", "").lstrip("0")
    return tuple(dict.fromkeys((text, digits)))


def unavailable(name: str, title: Words, reason: str) -> OperationalError:
    """The fault that closes a gate, in the words of people; the reason goes to the log, where the operator looks."""
    log.error("filter %s: %s", name, reason)
    return OperationalError(
        "gate_unavailable",
        Words("The safety filter “{name}” could not judge this.", "安全过滤器“{name}”无法完成判断。").fill(
            name=title
        ),
        Words(
            "Nothing was let through. Ask an administrator to look at the filter.",
            "内容未被放行。请联系管理员检查该过滤器。",
        ),
        retryable=True,
    )


def _nonsense(found: Filter, data: Data, matches: Sequence[object]) -> str | None:
    if len(matches) > MAX_MATCHES:
        return f"it named more than {MAX_MATCHES} matches"
    known = {category.id for category in found.spec.categories}
    length = len(data) if isinstance(data, str) else None
    for match in matches:
        if not isinstance(match, Match):
            return "it answered with something that is no match"
        if match.category not in known:
            return "it named a category that it does not declare"
        if not _is_score(match.score):
            return "it gave a score that is not between 0 and 1"
        if not _is_span(match.start, match.end, length):
            return "it named a span that is not in the text"
        if match.open and (match.end is None or match.end != length):
            return "it left something open that is not at the end of the text"
    return None


def _is_score(score: object) -> bool:
    if isinstance(score, bool) or not isinstance(score, int | float):
        return False
    return math.isfinite(score) and 0.0 <= score <= 1.0


def _is_span(start: object, end: object, length: int | None) -> bool:
    if start is None and end is None:
        return True
    if length is None or isinstance(start, bool) or isinstance(end, bool):
        return False
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length
