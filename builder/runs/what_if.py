"""What if: shows a text, a picture or a sound to the policy's filters, without a run. Nothing of it is logged or kept.

The filters are a worker's: none is loaded here. Who can ask a filter at will can search for what it misses, so each
person may ask so many times a minute, and a held thread is never one of many.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.common.errors import Refused
from builder.runs.check_arguments import Unfit, read_argument
from builder.safety.active_policy import active_policy, layers_with, versions_in_force
from builder.safety.ask_worker import Few, ask_worker, released
from builder.safety.meter import MINUTE, PER_MINUTE, spend
from builder.safety.owner import Owner
from runtime.dispatch.trial import Trial
from runtime.labelling.profile import UNLABELLED
from runtime.labels import Sink, Source
from runtime.plan import Argument
from runtime.ports import KIND_WORDS, Kind, PortType
from runtime.safety.combine import combine_all
from runtime.safety.filters import Filter, load_filters
from runtime.safety.policy import Policy, Rule
from runtime.values import Json, Value, data_to_json
from runtime.words import Words

TITLE = Words("What you try", "试用内容")

_few = Few(4)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to try: a text, or the id of a picture or sound; where it would go, and whose it would be.

    `owner` is whose policy it is tried under; `candidate` is a draft of it, to be tried in its place.
    """

    workspace: Workspace
    user: User
    owner: Owner
    candidate: Policy | None
    text: str | None
    asset: UUID | None
    sink: Sink
    sources: frozenset[Source]

    def policy(self) -> Policy:
        """What is in force, or would be. It is filters that are tried: what a model did not make gets no label."""
        policy = active_policy(self.owner)
        if self.candidate is not None:
            rows = versions_in_force(self.owner)
            policy = combine_all(layers_with(rows, self.owner, self.candidate).values())
        return replace(policy, labelling=UNLABELLED)

    def value(self) -> Value:
        """Raises Refused when there is no such file, or when it is no text."""
        kind, raw = (self._kind(), str(self.asset)) if self.asset else (Kind.TEXT, self.text)
        argument = Argument("value", PortType(kind), "", node="", required=False)
        try:
            data = read_argument(argument, raw, self.workspace)
        except Unfit as unfit:
            hint = Words("Try another text or file.", "请换用其他文本或文件。")
            raise Refused(unfit.code, unfit.reason(TITLE), hint) from None
        return Value(PortType(kind), data, self.sources)

    def _kind(self) -> Kind:
        """What the file is; of one that there is not, a picture."""
        asset = Asset.objects.filter(workspace=self.workspace, pk=self.asset).first() if self.asset else None
        return Kind.AUDIO if asset and asset.media_type.startswith("audio/") else Kind.IMAGE


def what_if(question: Question) -> dict[str, Json]:
    """What each filter says, and what would go on. Raises Refused, also when no worker gives a sound answer."""
    began = time.monotonic()
    policy = question.policy()
    value = question.value()
    kind = value.type.kind
    if policy.gaps(question.sink, kind, question.sources):
        raise _gap(kind)
    rules = policy.rules_for(question.sink, kind, question.sources)
    left = spend(question.user)
    trial = Trial(uuid4().hex, value, question.sink, policy)
    said = _ask(trial) if rules else _free(value)
    return {
        "policy": policy.version,
        "verdict": said["verdict"],
        "rules": [_rule(rule) for rule in rules],
        "filters": [_filter(row) for row in said["filters"]],
        "text": _text(said, question, trial),
        "seconds": round(time.monotonic() - began, 3),
        "limit": {"most": PER_MINUTE, "seconds": MINUTE, "left": left},
    }


def _free(value: Value) -> dict[str, Json]:
    """What the policy lets pass without a filter."""
    return {"verdict": "allow", "filters": [], "value": value.to_json()}


def _ask(trial: Trial) -> Mapping[str, Json]:
    with _few.one():
        said = ask_worker(trial)
    if "fault" in said:
        fault = said["fault"]
        hint = Words.from_json(fault["hint"]) if fault["hint"] else None
        raise Refused(fault["code"], Words.from_json(fault["message"]), hint, status=422)
    return said


def _text(said: Mapping[str, Json], question: Question, trial: Trial) -> str | None:
    """The text as it would go on, for who typed it."""
    if said["value"] is None or question.text is None:
        return None
    return released(said, trial, lambda passed: str(data_to_json(passed.type, passed.data)))


def _rule(rule: Rule) -> dict[str, Json]:
    return {"id": rule.id, "title": rule.title.to_json(), "reason": rule.reason.to_json()}


def _filter(row: Mapping[str, Json]) -> dict[str, Json]:
    """A filter's answer, with the names that people know."""
    known = load_filters().get(row["filter"])
    return {
        "id": row["filter"],
        "title": (known.spec.title if known else Words(row["filter"], row["filter"])).to_json(),
        "action": row["action"],
        "threshold": row["threshold"],
        "matches": [match | {"title": _title(known, match["category"])} for match in row["matches"]],
    }


def _title(known: Filter | None, category: str) -> Json:
    return (known.spec.category_title(category) if known else Words(category, category)).to_json()


def _gap(kind: Kind) -> Refused:
    return Refused(
        "policy_gap",
        Words("The policy does not say whether {kind} may go there.", "策略未说明{kind}能否送往该处。").fill(
            kind=KIND_WORDS[kind]
        ),
        Words("In a workflow, nothing of it would pass.", "在工作流中，此类内容不会被放行。"),
    )
