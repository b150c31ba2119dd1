"""What a page shows of a policy, and what its buttons carry back, so that nobody acts on a draft that they did not see."""

from dataclasses import dataclass

from django.http import HttpRequest

from builder.safety.edit_draft import draft_of, starting_point
from builder.safety.models import PolicyDraft
from builder.safety.owner import Owner
from runtime.safety.policy import Policy

# What a page that carries nothing has seen: no digest is this, and no version has this number.
NOTHING, NO_VERSION = "?", -1


@dataclass(frozen=True)
class Shown:
    """A draft, or what one would begin as, read once: what is shown and what is carried are of the same moment."""

    draft: PolicyDraft | None
    policy: Policy
    in_force: int  # the version that a draft begins from today, 0 for the floor
    before: Policy  # that version

    @property
    def seen(self) -> str:
        return self.policy.digest if self.draft else ""

    @property
    def base(self) -> int:
        return self.draft.base if self.draft else self.in_force

    @property
    def overtaken(self) -> bool:
        """Whether another version has come into force since the draft was begun."""
        return self.base != self.in_force


def shown(owner: Owner) -> Shown:
    draft = draft_of(owner)
    in_force, before = starting_point(owner)
    return Shown(draft, draft.policy if draft else before, in_force, before)


def seen_in(request: HttpRequest) -> str:
    """The digest of the draft that the page showed, empty where there was none."""
    return str(request.POST.get("seen", NOTHING))


def base_in(request: HttpRequest) -> int:
    """The version with which the page's draft had been compared."""
    return _number(request.POST.get("base", ""), NO_VERSION)


def in_force_in(request: HttpRequest) -> int:
    """The version that was in force when the page was shown."""
    return _number(request.POST.get("in_force", ""), NO_VERSION)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
