"""ClaimId: which claim is meant, in few words: a segment of a run, and the fence under which it was leased."""

from typing import NamedTuple, Self

from runtime.values import Json


class ClaimId(NamedTuple):
    """All three, because segments of one run are in hand at once, and each of them begins with the same fence."""

    run: str
    segment: int
    fence: int

    def to_json(self) -> dict[str, Json]:
        return self._asdict()

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        """Of whatever carries its three among others."""
        return cls(data["run"], data["segment"], data["fence"])
