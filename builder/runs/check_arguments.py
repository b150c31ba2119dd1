"""Checks what a run is to be started with against its plan's arguments, all issues at once."""

import math
from collections.abc import Mapping
from uuid import UUID

from builder.accounts.models import Workspace
from builder.assets.clearances import clearances_of
from builder.assets.models import Asset
from builder.assets.sources_of import sources_of
from runtime.document.recognise import MEDIA_TYPES
from runtime.graph.model import Issue
from runtime.labels import Source
from runtime.plan import Argument, Plan
from runtime.ports import ASSET_KINDS, KIND_WORDS, Kind
from runtime.values import AssetRef, Data, Json, Value
from runtime.words import Words

LONGEST_TEXT = 200_000  # characters


class Unfit(Exception):
    """A value that an argument cannot take."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(code)
        self.code = code
        self._words = words

    def reason(self, title: str | Words) -> Words:
        """Why, for people, of what they know by this title."""
        return self._words.fill(title=title)


def check_arguments(
    plan: Plan, given: Mapping[str, Json], workspace: Workspace
) -> tuple[dict[str, Value], list[Issue]]:
    """The arguments as Values, and every issue; the values are complete only when there is none."""
    known = {argument.name for argument in plan.arguments}
    issues = [_unknown(name) for name in given if name not in known]
    values: dict[str, Value] = {}
    for argument in plan.arguments:
        raw = given.get(argument.name)
        raw = argument.default if raw is None else raw
        try:
            data = read_argument(argument, raw, workspace)
        except Unfit as unfit:
            reason = unfit.reason(argument.title or argument.name)
            issues.append(Issue(unfit.code, reason, node=argument.node, param=argument.name))
            continue
        if data is not None:
            values[argument.name] = _value(argument, data, workspace, plan.policy)
    return values, issues


def _value(argument: Argument, data: Data, workspace: Workspace, policy: str) -> Value:
    if not isinstance(data, AssetRef):
        return Value(argument.type, data, frozenset({Source.USER}))
    kept = clearances_of(workspace, data.sha256, policy)
    return Value(argument.type, data, sources_of(workspace, data.sha256), kept)


def read_argument(argument: Argument, raw: Json, workspace: Workspace) -> Data:
    """What somebody gave for one argument, as data of its type. Raises Unfit."""
    if raw is None or raw == "":
        if argument.required:
            raise Unfit("input_required", Words("{title} is needed.", "需要填写{title}。"))
        return "" if argument.type.kind is Kind.TEXT else None
    if argument.type.kind is Kind.TEXT:
        return _text(argument, raw)
    if argument.type.kind is Kind.NUMBER:
        return _number(argument, raw)
    if argument.type.kind in ASSET_KINDS:
        return _asset(argument, raw, workspace)
    if argument.type.kind is Kind.BOOLEAN and not isinstance(raw, bool):
        raise _mistyped(argument)
    return raw


def _text(argument: Argument, raw: Json) -> str:
    if not isinstance(raw, str):
        raise _mistyped(argument)
    if len(raw) > LONGEST_TEXT:
        raise Unfit("input_too_long", Words("{title} is too long.", "{title}过长。"))
    if "\x00" in raw or any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise Unfit("input_unreadable", Words("{title} is not text.", "{title}不是有效文本。"))
    return raw


def _number(argument: Argument, raw: Json) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not _is_finite(raw):
        raise _mistyped(argument)
    if argument.minimum is not None and raw < argument.minimum:
        words = Words("{title} must be at least {bound}.", "{title}不能小于 {bound}。")
        raise Unfit("input_too_small", words.fill(bound=f"{argument.minimum:g}"))
    if argument.maximum is not None and raw > argument.maximum:
        words = Words("{title} must be at most {bound}.", "{title}不能大于 {bound}。")
        raise Unfit("input_too_large", words.fill(bound=f"{argument.maximum:g}"))
    return raw


def _is_finite(raw: float) -> bool:
    """Whether a computer's number can hold it: JSON's may have a thousand digits."""
    try:
        return math.isfinite(raw)
    except OverflowError:
        return False


def _asset(argument: Argument, raw: Json, workspace: Workspace) -> AssetRef:
    """The stored file with this id; one of another workspace is as unknown as one that does not exist."""
    named = raw.get("asset") if isinstance(raw, dict) else raw
    try:
        asset = Asset.objects.filter(workspace=workspace, pk=UUID(named)).first()
    except (ValueError, TypeError, AttributeError):
        raise _mistyped(argument) from None
    if asset is None:
        raise Unfit("asset_unknown", Words("{title}: there is no such file.", "{title}：没有该文件。"))
    if not _is_of(asset.media_type, argument.type.kind):
        raise _mistyped(argument)
    return asset.ref


def _is_of(media_type: str, kind: Kind) -> bool:
    if kind is Kind.DOCUMENT:
        return media_type in MEDIA_TYPES
    return media_type.startswith(f"{kind}/")


def _mistyped(argument: Argument) -> Unfit:
    words = Words("{title} takes {kind}.", "{title}需要{kind}。").fill(kind=KIND_WORDS[argument.type.kind])
    return Unfit("input_mistyped", words)


def _unknown(name: str) -> Issue:
    return Issue(
        "input_unknown",
        Words("This workflow has no input “{name}”.", "该工作流没有输入项“{name}”。").fill(name=name[:100]),
        Words("Leave it out.", "请去掉该项。"),
        param=name[:100],
    )
