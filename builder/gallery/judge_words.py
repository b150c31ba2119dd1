"""Judges words before everybody of the installation may read them: by its policy for texts that people see.

The filters are a worker's, asked as "what if" asks them: nothing of the words is logged, queued or kept. What no sound
answer clears is not shared.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from django.conf import settings

from builder.common.errors import Refused
from builder.safety.active_policy import active_policy
from runtime.dispatch.trial import Trial, Unanswered, ask
from runtime.labelling.profile import UNLABELLED
from runtime.labels import Sink, Source
from runtime.ports import TEXT, Kind
from runtime.safety.deliver import NotCleared, deliver
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy, Rule
from runtime.values import Json, Value
from runtime.words import Words

log = logging.getLogger(__name__)

# An author wrote them, and a person gives them away: what the policy asks of either holds.
SOURCES = frozenset({Source.AUTHOR, Source.USER})
# Characters that are judged at once: a filter has its deadline.
TOGETHER = 40_000
BETWEEN = "\n\n"
# Seconds for which the place of what was found is looked for.
LOOKING = 10.0
# Of the threads that answer requests, so many may wait for a worker's answer at a time.
AT_ONCE = 2

_waiting = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Part:
    """Texts that stand in one place, and how that is called."""

    place: Words
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return BETWEEN.join(self.texts)


def judge_words(parts: Sequence[Part]) -> None:
    """Raises Refused `words_refused` with place, rule and category; and when no worker gives a sound answer."""
    # A label is for what a model made; these are people's own words.
    policy = replace(active_policy(), labelling=UNLABELLED)
    rules = policy.rules_for(Sink.PERSON, Kind.TEXT, SOURCES)
    if policy.gaps(Sink.PERSON, Kind.TEXT, SOURCES):
        raise _gap()
    if not rules:
        return
    with _one_of_few():
        for batch in _batches(parts):
            said = _ask(BETWEEN.join(part.text for part in batch), policy)
            if said is not None:
                raise _refused(*_where(batch, said, policy), rules)


def _where(
    batch: Sequence[Part], said: Mapping[str, Json], policy: Policy
) -> tuple[Words, Mapping[str, Json]]:
    """The place to look at, and what was said of it. Halves that two places share are found in neither alone."""
    if len(batch) == 1:
        return batch[0].place, said
    until = time.monotonic() + LOOKING
    for part in batch:
        if time.monotonic() > until:
            return Words("one of its texts", "其中一处文字"), said
        alone = _ask(part.text, policy)
        if alone is not None:
            return part.place, alone
    return Words("what stands in several places, taken together", "分布在多处、合在一起的内容"), said


def _ask(text: str, policy: Policy) -> Mapping[str, Json] | None:
    """None for what passes as it is; else what the filters said. Raises Refused when they say nothing sound."""
    if not text.strip():
        return None
    value = Value(TEXT, text, SOURCES)
    try:
        said = ask(settings.SLUICEWAY_REDIS_URL, Trial(uuid4().hex, value, Sink.PERSON, policy))
    except Unanswered as unanswered:
        raise (_no_worker() if unanswered.reason == "no_worker" else _busy()) from None
    if "fault" in said:
        raise _unsound()
    if said["verdict"] != "allow":
        return said
    try:
        # The way that every value takes to a sink; whose it is was said here, and not by the worker.
        passed = replace(Value.from_json(said["value"]), sources=SOURCES)
        if deliver(passed, Sink.PERSON, policy, lambda cleared: cleared.data) == text:
            return None
    except (NotCleared, KeyError, TypeError, ValueError, AttributeError):
        pass
    log.error("a worker let words pass that it had not cleared")
    raise _unsound()


def _batches(parts: Sequence[Part]) -> Iterator[list[Part]]:
    batch: list[Part] = []
    size = 0
    for part in parts:
        if batch and size + len(part.text) > TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += len(part.text)
    if batch:
        yield batch


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _waiting.acquire(blocking=False):
        raise _busy()
    try:
        yield
    finally:
        _waiting.release()


def _refused(place: Words, said: Mapping[str, Json], rules: Sequence[Rule]) -> Refused:
    """The first filter that stopped it, its rule and the category; never the words."""
    hit = next((row for row in said["filters"] if any(match["met"] for match in row["matches"])), None)
    if hit is None:
        return _unsound()
    known = load_filters().get(hit["filter"])
    category = next(match["category"] for match in hit["matches"] if match["met"])
    title = known.spec.category_title(category) if known else Words(category, category)
    rule = next((item for item in rules if any(use.filter == hit["filter"] for use in item.chain)), rules[0])
    return Refused(
        "words_refused",
        Words(
            "This cannot be shared. In {place}, the rule “{rule}” stops: {category}.",
            "无法分享。{place}触发了规则“{rule}”：{category}。",
        ).fill(place=place, rule=rule.title, category=title),
        Words("Take that out, and share again.", "请去掉相关内容后重新分享。")
        if said["verdict"] == "redact"
        else Words("Say it in other words, or leave it out.", "请换一种说法，或将其删去。"),
        status=422,
    )


def _gap() -> Refused:
    return Refused(
        "policy_gap",
        Words("The policy does not say whether text may go there.", "策略未说明文本能否送往该处。"),
        Words("Ask an administrator to add a rule for it.", "请管理员为此添加规则。"),
    )


def _no_worker() -> Refused:
    return Refused(
        "no_worker",
        Words(
            "No worker answers, so nothing was checked and nothing is shared.",
            "没有工作进程应答，因此未作检查，也未分享。",
        ),
        Words("An administrator sees the workers in the console.", "管理员可在控制台查看工作进程。"),
        status=409,
    )


def _busy() -> Refused:
    return Refused(
        "workers_busy",
        Words(
            "All workers are busy, so nothing was checked and nothing is shared.",
            "所有工作进程都在忙，因此未作检查，也未分享。",
        ),
        Words("Try again when a run has ended.", "请在运行结束后再试。"),
        status=409,
    )


def _unsound() -> Refused:
    return Refused(
        "gate_unavailable",
        Words("The filters could not judge these words.", "过滤器无法对这些文字作出判断。"),
        Words("Nothing is shared. Try again.", "内容未被分享。请重试。"),
        status=422,
    )
