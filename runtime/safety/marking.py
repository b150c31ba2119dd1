"""Marking: the labels that a gate puts on what a model had a part in, after its filters and before it clears the bytes."""

from collections.abc import Collection
from typing import cast

from runtime.errors import OperationalError
from runtime.labelling import text
from runtime.labelling.audible import begins, precede
from runtime.labelling.files import Unreadable, embed, read, recognise
from runtime.labelling.marks import Aigc, Marks, NotALabel, carries, digital_source
from runtime.labelling.profile import PICTURE_MARK, Labelling, Profile
from runtime.labelling.visible import draw_on
from runtime.labels import Source
from runtime.nodes.context import Assets
from runtime.plan import GateChain
from runtime.ports import Kind, PortType
from runtime.safety.policy import Policy, is_labelling
from runtime.values import AssetRef, Data, Json
from runtime.words import Words


def marked(
    port_type: PortType,
    data: Data,
    sources: Collection[Source],
    chain: GateChain,
    policy: Policy,
    assets: Assets | None,
) -> Data:
    """The data as it may leave the gate. Unchanged where no label is asked for, or no model had a part.

    Nothing is labelled twice. Raises OperationalError `label_impossible` for what can carry no label.
    """
    if not any(is_labelling(rule) for rule in chain.rules):
        return data
    if sources and Source.MODEL not in sources:
        return data  # the branch that a model had a part in was not taken
    if not port_type.many:
        return _mark_one(port_type.kind, data, sources, policy.labelling, assets)
    items = cast(list[Json], data)
    return [_mark_one(port_type.kind, item, sources, policy.labelling, assets) for item in items]


def _mark_one(
    kind: Kind, data: Data, sources: Collection[Source], labelling: Labelling, assets: Assets | None
) -> Data:
    if isinstance(data, str):
        return text.labelled(data, labelling)
    if isinstance(data, AssetRef) and assets is not None:
        if kind is Kind.IMAGE:
            return _mark_picture(data, sources, labelling, assets)
        if kind is Kind.AUDIO:
            return _mark_sound(data, sources, labelling, assets)
    raise _impossible()


def _mark_picture(
    ref: AssetRef, sources: Collection[Source], labelling: Labelling, assets: Assets
) -> AssetRef:
    content = assets.read(ref)
    try:
        if _has_ours(content, labelling):
            return ref
        drawn, size = draw_on(content, labelling.picture_mark, _beneath(content))
        labelled = embed(drawn, _marks(ref.sha256, sources, labelling))
    except (ValueError, Unreadable) as fault:
        raise _impossible() from fault
    return assets.write(labelled, recognise(labelled).value, *size)


def _mark_sound(ref: AssetRef, sources: Collection[Source], labelling: Labelling, assets: Assets) -> AssetRef:
    content = assets.read(ref)
    try:
        signed = begins(content)
        if signed and _has_ours(content, labelling):
            return ref
        # One that comes back as an upload has lost its metadata, and not the sign that is heard.
        heard = content if signed else precede(content)
        labelled = embed(heard, _marks(ref.sha256, sources, labelling))
    except (ValueError, Unreadable) as fault:
        raise _impossible() from fault
    return assets.write(labelled, ref.media_type)


def _has_ours(content: bytes, labelling: Labelling) -> bool:
    """Whether a gate has labelled these bytes already, in an earlier run whose output was given to this one.

    Nobody else can have: uploads and nodes store pixels, and no metadata.
    """
    try:
        return carries(read(content), labelling)
    except NotALabel:
        return False


def _beneath(content: bytes) -> tuple[str, ...]:
    """The words that another policy may have had put on this picture: whose, and in which language, it does not say."""
    try:
        has_some = read(content).by_model
    except NotALabel:
        has_some = False
    return (PICTURE_MARK.en, PICTURE_MARK.zh) if has_some else ()


def _marks(sha256: str, sources: Collection[Source], labelling: Labelling) -> Marks:
    aigc = None
    if labelling.profile is Profile.CN:
        # The hash of what the model made: the run's history names it, and the same content gets the same label.
        aigc = Aigc(label="1", producer=labelling.producer, produced=sha256)
    return Marks(aigc, digital_source(sources))


def _impossible() -> OperationalError:
    return OperationalError(
        "label_impossible",
        Words(
            "This result cannot carry the label that the policy asks for.", "该结果无法添加策略要求的标识。"
        ),
        Words(
            "Nothing was let through. Ask an administrator about the policy's labelling.",
            "内容未被放行。请联系管理员检查策略的标识设置。",
        ),
    )
