"""Judges a person's words before others may read them: by a policy's rules for texts that people see.

The filters are a worker's, asked as "what if" asks them: nothing of the words is logged, queued or kept. What no sound
answer clears goes no further. Asking takes time, so whoever asks holds no lock.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.safety.active_policy import active_policy
from builder.safety.ask_worker import Few, ask_worker, released, unsound
from builder.safety.meter import require_left, spend
from runtime.dispatch.trial import Trial
from runtime.labelling.profile import UNLABELLED
from runtime.labels import Sink, Source
from runtime.ports import TEXT, Kind
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy, Rule
from runtime.values import Json, Value
from runtime.words import Words

# An author wrote them, and a person gives them away: what the policy asks of either holds.
SOURCES = frozenset({Source.AUTHOR, Source.USER})
# Characters that are judged at once: a filter has its deadline.
TOGETHER = 40_000
BETWEEN = "\n\n"
# Seconds for which the place of what was found is looked for.
LOOKING = 10.0

_few = Few(2)


@dataclass(frozen=True, slots=True)
class Part:
    """Texts that stand in one place, and how that is called."""

    place: Words
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return BETWEEN.join(self.texts)


@dataclass(frozen=True, slots=True)
class Measure:
    """By what words are judged: a policy, and whose they count as."""

    policy: Policy
    sources: frozenset[Source]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.policy.rules_for(Sink.PERSON, Kind.TEXT, self.sources)

    @property
    def has_gaps(self) -> bool:
        return bool(self.policy.gaps(Sink.PERSON, Kind.TEXT, self.sources))


def judge_words(
    parts: Sequence[Part], by: User, policy: Policy | None = None, sources: frozenset[Source] = SOURCES
) -> None:
    """By the installation's policy, unless the caller says which one holds. What is refused counts as a trial of `by`.

    Raises Refused `words_refused` with place, rule and category; `too_many_trials`; and when no worker gives a sound
    answer.
    """
    # A label is for what a model made; these are people's own words.
    measure = Measure(replace(policy or active_policy(), labelling=UNLABELLED), sources)
    if measure.has_gaps:
        raise _gap()
    if not measure.rules:
        return
    require_left(by)
    with _few.one():
        for batch in _batches(parts):
            said = _ask(BETWEEN.join(part.text for part in batch), measure)
            if said is not None:
                spend(by)
                raise _refused(*_where(batch, said, measure), measure.rules)


def _where(
    batch: Sequence[Part], said: Mapping[str, Json], measure: Measure
) -> tuple[Words, Mapping[str, Json]]:
    """The place to look at, and what was said of it. Halves that two places share are found in neither alone."""
    if len(batch) == 1:
        return batch[0].place, said
    until = time.monotonic() + LOOKING
    for part in batch:
        if time.monotonic() > until:
            return Words("one of its texts", "其中一处文字"), said
        alone = _ask(part.text, measure)
        if alone is not None:
            return part.place, alone
    return Words("what stands in several places, taken together", "分布在多处、合在一起的内容"), said


def _ask(text: str, measure: Measure) -> Mapping[str, Json] | None:
    """None for what passes as it is; else what the filters said. Raises Refused when they say nothing sound."""
    if not text.strip():
        return None
    trial = Trial(uuid4().hex, Value(TEXT, text, measure.sources), Sink.PERSON, measure.policy)
    said = ask_worker(trial)
    if "fault" in said:
        raise unsound()
    if said["verdict"] != "allow":
        return said
    if released(said, trial, lambda passed: str(passed.data)) != text:
        raise unsound()
    return None


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


def _refused(place: Words, said: Mapping[str, Json], rules: Sequence[Rule]) -> Refused:
    """The first filter that stopped it, its rule and the category; never the words."""
    hit = next((row for row in said["filters"] if any(match["met"] for match in row["matches"])), None)
    if hit is None:
        return unsound()
    known = load_filters().get(hit["filter"])
    category = next(match["category"] for match in hit["matches"] if match["met"])
    title = known.spec.category_title(category) if known else Words(category, category)
    rule = next((item for item in rules if any(use.filter == hit["filter"] for use in item.chain)), rules[0])
    return Refused(
        "words_refused",
        Words(
            "In {place}, the rule “{rule}” stops this: {category}.",
            "{place}触发了规则“{rule}”，已被拦下：{category}。",
        ).fill(place=place, rule=rule.title, category=title),
        Words("Take that out, and send it again.", "请去掉相关内容后重新提交。")
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
