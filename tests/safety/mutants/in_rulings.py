"""Faults where people decide: rulings about other bytes, cuts that are not made, appeals that anybody answers."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from runtime.labels import Clearance
from tests.fixtures.runs import stub_policy
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("run")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants


def _change_concerns(plant: Plant, **as_asked: int) -> None:
    """A ruling is taken for one about something else: what is named here counts as what was asked for."""

    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(ruling: Any, digest: str, rules: Any, policy: str) -> bool:
            asked = {"digest": digest, "rules": tuple(rules), "policy": policy}
            believed = replace(ruling, **{name: asked[name] for name in as_asked})
            return honest(believed, digest, rules, policy)

        return faulty

    plant.around("runtime.safety.ruling:Ruling.concerns", make)


@mutant("A decision about one text lets another pass.")
def a_ruling_does_not_ask_for_the_bytes(plant: Plant) -> None:
    _change_concerns(plant, digest=1)


@mutant("A decision under one rule lets pass what another holds.")
def a_ruling_does_not_ask_for_the_rules(plant: Plant) -> None:
    _change_concerns(plant, rules=1)


@mutant("A decision counts under a policy that it was not made under.")
def a_ruling_does_not_ask_for_the_policy(plant: Plant) -> None:
    _change_concerns(plant, policy=1)


@mutant("Of several opinions the mildest counts.")
def the_mildest_opinion_counts(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda opinions: min((honest([one]) for one in opinions), key=lambda found: found[0].value)

    for place in ("runtime.safety.ruling", "builder.reviews.give_opinion"):
        plant.around(f"{place}:strictest", make)


@mutant("Of several opinions only the first one's cuts are made.")
def only_the_first_cuts_are_made(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(opinions: Any) -> Any:
            given = list(opinions)
            return honest(given)[0], next((cuts for _, cuts in given if cuts), ())

        return faulty

    for place in ("runtime.safety.ruling", "builder.reviews.give_opinion"):
        plant.around(f"{place}:strictest", make)


@mutant("What a reviewer takes out stays in.")
def cuts_are_not_made(plant: Plant) -> None:
    for place in ("runtime.engine.executor", "builder.reviews.release", "runtime.safety.ruling"):
        plant.around(f"{place}:cut_out", lambda honest: lambda port_type, data, cuts: data)


@mutant("A cut begins one character too late.")
def cuts_begin_too_late(plant: Plant) -> None:
    def make(honest: Callable[..., str]) -> Callable[..., str]:
        return lambda text, spans: honest(text, [(start + 1, end) for start, end in spans])

    plant.around("runtime.safety.ruling:take_out", make)


@mutant("A cut past the end of the material is accepted, and takes nothing out.")
def any_cut_fits(plant: Plant) -> None:
    for place in ("runtime.safety.ruling", "builder.reviews.give_opinion"):
        plant.around(f"{place}:may_cut", lambda honest: lambda value, cuts: True)


@mutant("What a person cut is not judged once more.")
def what_is_cut_is_not_judged_again(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(executor: Any, ruling: Any, port_type: Any, verdict: Any, chain: Any) -> Any:
            after = honest(executor, ruling, port_type, verdict, chain)
            return replace(after, hits=())

        return faulty

    plant.around("runtime.engine.executor:_SegmentRun._after", make)


@mutant("Who started a run decides about what it holds.")
def an_author_may_judge(plant: Plant) -> None:
    plant.around("builder.reviews.desk:is_own", lambda honest: lambda review, user: False)


@mutant("Who lent the session in which a run was started or appealed for decides about it.")
def a_lender_may_judge(plant: Plant) -> None:
    plant.around("builder.reviews.desk:_authors", lambda honest: lambda review: {review.run.by_id})


@mutant("Something is let through that nobody has looked at.")
def nobody_needs_to_look(plant: Plant) -> None:
    plant.around("builder.reviews.give_opinion:_require_sense", lambda honest: lambda *_: None)


@mutant("An opinion counts after its deadline.")
def a_deadline_does_not_count(plant: Plant) -> None:
    plant.around("builder.reviews.give_opinion:_require_open", lambda honest: lambda *_: None)


@mutant("Anybody may appeal against what was withheld from somebody's run.")
def anybody_may_appeal(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda run, user, output, text: honest(run, SimpleNamespace(pk=run.by_id), output, text)

    plant.around("builder.reviews.appeal:appeal", make)


@mutant("What was appealed for, refused or forgotten can be appealed for again.")
def an_appeal_can_be_repeated(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(run: Any) -> list[Any]:
            rows = honest(run)
            for row in rows:
                row.state = "kept"
            return rows

        return faulty

    plant.around("builder.reviews.appeal:appeals_of", make)


@mutant("An appeal is heard while its run goes on.")
def a_run_that_goes_on_can_be_appealed(plant: Plant) -> None:
    plant.around("builder.reviews.appeal:has_ended", lambda honest: lambda run: True)


@mutant("What an appeal gives back is cleared under today's policy, whichever it was withheld under.")
def an_appeal_is_cleared_under_any_policy(plant: Plant) -> None:
    def make(honest: Callable[..., Clearance]) -> Callable[..., Clearance]:
        return lambda digest, rule, policy: honest(digest, rule, stub_policy().digest)

    plant.around("builder.reviews.release:Clearance", make)


@mutant("An appeal gives back what one of two reviewers wants kept.")
def one_friendly_reviewer_is_enough(plant: Plant) -> None:
    def make(honest: Callable[..., None]) -> Callable[..., None]:
        def faulty(ledger: Any, review: Any, opinions: Any) -> None:
            honest(ledger, review, [min(opinions, key=lambda item: item.read[0].value)])

        return faulty

    plant.around("builder.reviews.give_opinion:_settle", make)
