"""Look: every filter of a chain is asked about a value once, in each way in which the value is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from runtime.engine.inspection import Inspector
from runtime.engine.readings import LINES, Place, Reading, readings
from runtime.ports import Kind, PortType
from runtime.safety.filters import FilterSpec, Match
from runtime.safety.policy import Action, FilterUse
from runtime.safety.redaction import MARK, Span, Taken
from runtime.values import Data, Json

Cuts = dict[int | None, list[Span]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A match that met an action of the chain; `item` is its place in a list."""

    filter: str
    action: Action
    match: Match
    item: int | None = None


@dataclass(slots=True)
class Look:
    """What was found. All places are those of the value as it was looked at.

    `spans` and `opened` are of a value that is one text: where a judging filter recognised something, at any score,
    and from where on more text may change what a filter says. `cuts` is what redactors take out of each item, `private`
    what of it nobody else may be told.
    """

    hits: list[Hit] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    cuts: Cuts = field(default_factory=dict)
    private: Cuts = field(default_factory=dict)

    def add(self, other: "Look") -> None:
        self.hits += other.hits
        self.spans += other.spans
        self.opened += other.opened

    def move(self, taken: Mapping[int | None, Taken]) -> None:
        """To where everything lies once this was taken out."""
        self.hits = [_moved(hit, taken[hit.item]) if hit.item in taken else hit for hit in self.hits]
        if None in taken:
            text = taken[None]
            self.spans = [(text.begin(start), text.end(end)) for start, end in self.spans]
            self.opened = [text.begin(place) for place in self.opened]


@dataclass(slots=True)
class Answers:
    """What filters have said while one value is judged: none is asked twice about the same text."""

    kind: Kind
    inspector: Inspector
    given: dict[tuple[str, str], tuple[Match, ...]] = field(default_factory=dict)

    def of(self, name: str, shown: Sequence[Reading]) -> list[tuple[Match, ...]]:
        """One answer for each reading; the filter is asked once, about all that it has not seen."""
        self.inspector.check()
        texts = dict.fromkeys(reading.data for reading in shown if isinstance(reading.data, str))
        unseen: list[Data] = [text for text in texts if (name, text) not in self.given]
        others = [reading.data for reading in shown if not isinstance(reading.data, str)]
        answers = self.inspector.inspect(name, self.kind, [*unseen, *others]) if unseen or others else []
        self.given |= {(name, str(text)): answer for text, answer in zip(unseen, answers, strict=False)}
        rest = iter(answers[len(unseen) :])
        return [
            self.given[name, reading.data] if isinstance(reading.data, str) else next(rest)
            for reading in shown
        ]

    def spec(self, name: str) -> FilterSpec | None:
        found = self.inspector.filters.get(name)
        return found.spec if found else None


def meets(match: Match, use: FilterUse) -> bool:
    """Whether the policy acts on this match: its score and its category are those that the use names."""
    return match.score >= use.threshold and (not use.categories or match.category in use.categories)


def look_at(
    port_type: PortType, data: Data, asked: Sequence[FilterUse], answers: Answers, again: bool = False
) -> Look:
    """All filters look at the same, and none at what another has left, but those that ask a provider.

    What a redactor finds of private things is taken out before it goes to another's machine. `again`: what is nothing
    but marks need not be looked at.
    """
    seen = Look()
    shown = readings(port_type, data)
    for name in sorted(
        dict.fromkeys(use.filter for use in asked), key=lambda name: _elsewhere(name, answers)
    ):
        spec = answers.spec(name)
        veiled = bool(spec and spec.provider and seen.private)
        which = [
            reading
            for reading in (readings(port_type, take_from(data, seen.private)[0]) if veiled else shown)
            if not (again and _is_marks(reading.data))
            and not (spec and spec.whole and not _for_sense(reading))
        ]
        uses = [use for use in asked if use.filter == name]
        for reading, found in zip(which, answers.of(name, which), strict=True):
            matches: Iterable[Match] = found
            if veiled:
                matches = (replace(match, start=None, end=None) for match in found)
            _note(seen, reading, matches, uses, bool(spec and spec.private), not port_type.many)
    return seen


def take_from(data: Data, cuts: Mapping[int | None, Sequence[Span]]) -> tuple[Data, dict[int | None, Taken]]:
    """What is left of the data, and of each item that is now another what has become of its places."""
    taken = {item: Taken.out_of(_text(data, item), spans) for item, spans in cuts.items()}
    taken = {item: text for item, text in taken.items() if text.text != _text(data, item)}
    if None in taken:
        return taken[None].text, taken
    if not taken:
        return data, taken
    items = cast(list[Json], data)
    return [taken[number].text if number in taken else item for number, item in enumerate(items)], taken


def _text(data: Data, item: int | None) -> str:
    return cast(str, data if item is None else cast(list[Json], data)[item])


def _elsewhere(name: str, answers: Answers) -> bool:
    spec = answers.spec(name)
    return spec is not None and spec.provider is not None


def _for_sense(reading: Reading) -> bool:
    """A filter that judges finished texts reads for their sense, and takes long: letters without blanks have none."""
    return reading.joined is None or (reading.joined == LINES and reading.keys)


def _is_marks(data: Data) -> bool:
    return isinstance(data, str) and not data.replace(MARK, "").strip()


def _note(
    seen: Look,
    reading: Reading,
    matches: Iterable[Match],
    uses: Sequence[FilterUse],
    private: bool,
    one: bool,
) -> None:
    """Write down what the matches of one filter in one reading come to. `one`: the value is no list."""
    judges = any(use.action is not Action.REDACT for use in uses)
    for match in matches:
        places = tuple(reading.places(match))
        if match.open:
            # Without a place, nothing of the text is settled.
            seen.opened += [match.start or 0] if one and reading.joined is None else []
            continue
        if judges and one and reading.joined is None:
            seen.spans += [(p.start, p.end) for p in places if p.start is not None and p.end is not None]
        met = [use for use in uses if meets(match, use)]
        for place in places:
            seen.hits += _hits(match, place, met)
            if place.own and any(use.action is Action.REDACT for use in met):
                span = (place.start or 0, place.length if place.end is None else place.end)
                seen.cuts.setdefault(place.item, []).append(span)
                if private:
                    seen.private.setdefault(place.item, []).append(span)


def _hits(match: Match, place: Place, met: Sequence[FilterUse]) -> Iterator[Hit]:
    blocked = any(use.action is Action.BLOCK for use in met)
    for use in met:
        action = use.action
        if action is Action.REDACT and not place.own:
            # What has no text of its own to edit (a picture, a structure) cannot be redacted: it stays behind.
            action = Action.BLOCK
        if action is not Action.REDACT or not blocked:
            yield Hit(use.filter, action, replace(match, start=place.start, end=place.end), place.item)


def _moved(hit: Hit, text: Taken) -> Hit:
    if hit.match.start is None or hit.match.end is None:
        return hit
    place = replace(hit.match, start=text.begin(hit.match.start), end=text.end(hit.match.end))
    return replace(hit, match=place)
