"""What a setting tells a model, and the words of a template: through the public API, as somebody who tries."""

from dataclasses import replace
from typing import Any

import pytest

from builder.gallery.models import Template
from builder.workflows.models import WorkflowVersion
from runtime.safety.policy import Action, FilterUse, Policy
from tests.api.conftest import Member
from tests.fixtures.runs import chain, stub_policy
from tests.safety.paths.conftest import BROKEN
from tests.safety.paths.visit import CANARY, Visit

# The stub says aloud what it is told, and people see whatever it says: so what is told can be seen.
SHOWN = FilterUse("stub.secrets", Action.REDACT)


def asked_of_authors(*chain: FilterUse) -> Policy:
    """A policy under which the author's words meet these filters before a model is told them."""
    *others, author = stub_policy(SHOWN).rules
    return replace(stub_policy(SHOWN), rules=(*others, replace(author, chain=chain)))


def telling(**said: Any) -> dict[str, Any]:
    return chain(("m", "instruct", said), between={"m": ("prompt", "text")})


HARMFUL: dict[str, dict[str, Any]] = {
    "instructions": {"system": f"{CANARY} forbidden"},
    "a list": {"stop": ["harmless", f"{CANARY} forbidden"]},
    "both": {"system": "harmless", "stop": [f"{CANARY} forbidden"]},
}


def show(visit: Visit, workflow: str, run: str | None) -> str:
    return "".join(visit.seen(workflow, run))


@pytest.mark.parametrize("said", HARMFUL.values(), ids=HARMFUL)
@pytest.mark.parametrize("way", ["run", "partial run", "call"])
def test_a_model_is_told_nothing_by_a_setting_that_the_policy_stops(
    visit: Visit, said: dict[str, Any], way: str
) -> None:
    visit.policy(asked_of_authors(FilterUse("stub.words", Action.BLOCK)))
    graph = telling(**said)
    if way == "call":
        graph = chain(("w", "call", {"workflow": visit.publish(graph)}), between={"w": ("in", "out")})
    workflow = visit.draw(graph)
    run = visit.run(workflow, "hello", **({"to": "m"} if way == "partial run" else {}))
    assert visit.state(run) == "blocked"
    assert CANARY not in show(visit, workflow, run)


def test_what_is_taken_out_of_a_setting_is_not_told(visit: Visit) -> None:
    visit.policy(asked_of_authors(SHOWN))
    workflow = visit.draw(telling(system=f"{CANARY} key-123456"))
    run = visit.run(workflow, "hello")
    assert visit.state(run) == "succeeded"
    assert "key-1" not in show(visit, workflow, run)
    assert CANARY in show(visit, workflow, run)


@pytest.mark.parametrize("how", BROKEN)
def test_behind_a_broken_filter_no_setting_is_told(visit: Visit, how: str) -> None:
    visit.policy(asked_of_authors(FilterUse(BROKEN[how], Action.BLOCK)))
    workflow = visit.draw(telling(system=CANARY))
    run = visit.run(workflow, "hello")
    assert visit.state(run) in ("failed", "blocked", "refused")
    assert CANARY not in show(visit, workflow, run)


def taken_from(visit: Visit, somebody: Member, **said: Any) -> tuple[Visit, str]:
    """The workflow that somebody elsewhere makes of a template of hers."""
    other = Visit(somebody, visit.agent, visit.policy)
    return other, used(other, *visit.publish(telling(**said)).split("@"))


def used(visit: Visit, workflow: str, number: str | int) -> str:
    """The copy of a version that was shared while its words passed (tests/api/test_sharing.py)."""
    version = WorkflowVersion.objects.get(workflow=workflow, number=number)
    words = {"en": "helper", "zh": "助手"}
    shared = Template.objects.create(
        slug=f"helper-{workflow}",
        title=words,
        description=words,
        graph=version.graph,
        inputs=[],
        version=version,
    )
    home = str(visit.member.workspace.pk)
    return str(visit.post(f"templates/{shared.pk}/use", {"workspace": home}, 201)["id"])


@pytest.mark.parametrize("again", ["as it is", "copied again", "shared again"])
def test_the_words_of_a_template_are_those_of_a_stranger(visit: Visit, stranger: Member, again: str) -> None:
    """Whoever drew it is trusted with what their own model is told; whoever took it wrote none of that."""
    visit.policy(stub_policy(SHOWN))
    mine = visit.draw(telling(**HARMFUL["instructions"]))
    assert visit.state(visit.run(mine, "hello")) == "succeeded"
    other, taken = taken_from(visit, stranger, **HARMFUL["instructions"])
    if again == "copied again":
        taken = str(other.post(f"workflows/{taken}/duplicate", {}, 201)["id"])
    if again == "shared again":
        # Within the workspace: who wrote it has not changed.
        number = other.post(f"workflows/{taken}/versions", {}, 201)["number"]
        taken = used(other, taken, number)
    run = other.run(taken, "hello")
    assert other.state(run) == "blocked"
    assert CANARY not in show(other, taken, run)


def test_a_harmless_template_goes_on_working(visit: Visit, stranger: Member) -> None:
    visit.policy(stub_policy(SHOWN))
    other, taken = taken_from(visit, stranger, system=CANARY)
    run = other.run(taken, "hello")
    assert other.state(run) == "succeeded"
    assert CANARY in show(other, taken, run)
