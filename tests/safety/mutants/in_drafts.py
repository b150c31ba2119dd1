"""Faults where administrators share a draft: a press that acts on another draft than the one that was on the page."""

from collections.abc import Callable
from typing import Any

from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("drafts")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants


def _believe(plant: Plant, place: str) -> None:
    """Whatever draft there is counts as the one that was seen."""
    plant.around(place, lambda honest: lambda draft, seen: None)


@mutant("What is put in force, proposed or tried is the draft of now, not the one that was on the page.")
def a_draft_is_published_unseen(plant: Plant) -> None:
    _believe(plant, "builder.safety.publish_draft:refuse_moved")


@mutant("An edit or a discard takes away what somebody else has changed meanwhile.")
def a_draft_is_edited_unseen(plant: Plant) -> None:
    _believe(plant, "builder.safety.edit_draft:refuse_moved")


@mutant("The console asks for no more than the draft that is there when the button is pressed.")
def the_console_drops_what_its_page_showed(plant: Plant) -> None:
    def make(honest: Callable[[Any], str]) -> Callable[[Any], str]:
        def faulty(request: Any) -> str:
            from builder.console.policy.place import owner_of
            from builder.console.policy.shown import shown

            return shown(owner_of(request)).seen

        return faulty

    plant.around("builder.console.policy.editor:seen_in", make)


@mutant("What somebody else compared a draft with counts as seen by whoever had it open before.")
def anothers_comparison_counts(plant: Plant) -> None:
    plant.around("builder.console.policy.editor:base_in", lambda honest: lambda request: None)


@mutant("A press of “Put in force” becomes a proposal, and one of “Propose” puts in force.")
def one_act_becomes_the_other(plant: Plant) -> None:
    plant.around("builder.safety.change_policy:_refuse_other_act", lambda honest: lambda lowers, meant: None)
