"""Ways around a floor: values in pieces, redactors that hide something from a judge, people who give back what it takes out.

Each was found by somebody who looked for a way, and is walked here as they walked it: through the API, with a worker.
"""

from dataclasses import replace
from typing import Any

import pytest

from builder.accounts.roles import Role
from builder.runs.models import Output, Review
from builder.safety.change_policy import change_policy
from builder.safety.models import PolicyVersion
from builder.safety.owner import INSTALLATION
from runtime.safety.policy import Action, FilterUse
from runtime.safety.redaction import MARK
from tests.api.conftest import Member, NewMember
from tests.api.test_policies import publish, save, state
from tests.fixtures.asked import filters_answer
from tests.fixtures.runs import chain, stub_policy
from tests.safety.paths.visit import Visit

__all__ = ["filters_answer"]

# A reason is judged, and the agent of these tests is asked for segments alone.
pytestmark = pytest.mark.usefixtures("filters_answer")

PLAIN = chain(("u", "upper", {}))
ECHO = chain(("a", "echo", {}))
SPLIT = chain(("s", "split", {}), ("j", "join", {}), between={"s": ("text", "texts"), "j": ("texts", "text")})
SECRET = "my key-123456 is"
LEFT = f"my {MARK} is"
Use = dict[str, Any]


def use(name: str, action: Action, threshold: float = 0.5) -> Use:
    return {"filter": f"stub.{name}", "action": action.value, "threshold": threshold, "categories": []}


def with_text(visit: Visit, *uses: Use) -> dict[str, Any]:
    """The floor's rules, with other filters for the text that a person sees."""
    floor = state(visit.member)["floor"]["policy"]
    rules = [rule | ({"chain": list(uses)} if rule["id"] == "person-text" else {}) for rule in floor["rules"]]
    return dict(floor) | {"rules": rules}


def published(visit: Visit, *uses: Use) -> None:
    """Her workspace's own policy, which the server takes for no milder than its floor."""
    assert save(visit.member, with_text(visit, *uses)).json()["faults"] == []
    assert publish(visit.member).status_code == 201


def delivered() -> list[Any]:
    return [row.value for row in Output.objects.all()]


@pytest.fixture
def rita(member: NewMember, visit: Visit) -> Member:
    return member("rita", workspace=visit.member.workspace, role=Role.REVIEWER)


def allowed(rita: Member) -> Any:
    """What the reviewer saw, and then allowed."""
    review = Review.objects.latest("pk")
    seen = rita.client.post(f"/api/reviews/{review.pk}/looks").json()
    said = rita.client.post(
        f"/api/reviews/{review.pk}/opinions", {"decision": "allow", "note": "It is all right."}
    )
    assert said.status_code == 201, said.json()
    return seen


def test_an_owner_cannot_have_people_decide_instead_of_a_redactor_of_the_floor(visit: Visit) -> None:
    visit.policy(stub_policy())
    draft = with_text(visit, use("secrets", Action.HOLD), use("words", Action.BLOCK))
    (fault,) = save(visit.member, draft).json()["faults"]
    assert (fault["rule"], fault["code"]) == ("person-text", "below_floor")
    assert "taken out" in fault["message"]["en"]
    answer = publish(visit.member)
    assert (answer.status_code, answer.json()["code"]) == (400, "policy_invalid")


def test_what_a_floor_takes_out_is_taken_out_of_what_a_reviewer_sees_and_allows(
    visit: Visit, rita: Member
) -> None:
    visit.policy(stub_policy())
    published(visit, use("secrets", Action.REDACT), use("secrets", Action.HOLD), use("words", Action.BLOCK))
    workflow = visit.draw(ECHO)
    run = visit.run(workflow, SECRET)
    assert visit.state(run) == "waiting" and not delivered()
    seen = allowed(rita)
    assert seen["value"] == LEFT
    assert [seen["value"][spot["start"] : spot["end"]] for spot in seen["spots"]] == [MARK]
    visit.agent.drain()
    assert visit.state(run) == "succeeded" and delivered() == [LEFT]
    assert not [text for text in visit.seen(workflow, run) if "key-1" in text and SECRET not in text]


def test_what_a_floor_takes_out_is_taken_out_of_what_an_appeal_gives_back(visit: Visit, rita: Member) -> None:
    """The owner has it blocked instead, which the server takes for no milder: in force are both."""
    visit.policy(stub_policy())
    published(visit, use("secrets", Action.BLOCK), use("words", Action.BLOCK))
    run = visit.run(visit.draw(ECHO), SECRET)
    assert visit.state(run) == "blocked"
    plea = visit.post(f"runs/{run}/appeals", {"output": "answer", "text": "It is mine."})
    assert plea["status"] == 201, plea
    assert allowed(rita)["value"] == LEFT
    (result,) = visit.member.client.get(f"/api/runs/{run}/appeals").json()["results"]
    assert result["released"] == LEFT


HIDES = use("weak", Action.REDACT, 0.1)  # finds what `stub.words` finds, and is not very sure of it


@pytest.mark.parametrize("action", [Action.HOLD, Action.BLOCK])
def test_an_owners_redactor_hides_nothing_from_a_block_or_a_hold_of_the_floor(
    visit: Visit, action: Action
) -> None:
    visit.policy(stub_policy(FilterUse("stub.words", action)))
    published(visit, use("words", action), HIDES)
    run = visit.run(visit.draw(PLAIN))
    assert visit.state(run) == {"hold": "waiting", "block": "blocked"}[action.value]
    assert not delivered()


def test_an_owners_redactor_hides_nothing_from_a_redactor_of_the_floor(visit: Visit) -> None:
    """One that takes a word out of the middle of what the floor's would have found."""
    visit.policy(stub_policy(FilterUse("stub.secrets", Action.REDACT)))
    published(visit, use("secrets", Action.REDACT), HIDES)
    run = visit.run(visit.draw(ECHO), "a key-1234forbidden thing")
    assert visit.state(run) == "succeeded"
    assert "1234" not in str(delivered())


def test_a_redactor_that_one_administrator_adds_alone_hides_nothing_from_the_floors_block(
    visit: Visit, member: NewMember
) -> None:
    visit.policy(stub_policy())
    floor = stub_policy()
    more = FilterUse("stub.weak", Action.REDACT, 0.1)
    politer = replace(
        floor,
        rules=tuple(
            replace(rule, chain=(*rule.chain, more)) if rule.id == "person-text" else rule
            for rule in floor.rules
        ),
    )
    made = change_policy(INSTALLATION, politer, member("root", admin=True).user, "We are polite")
    assert isinstance(made, PolicyVersion), "nothing is lowered by it, so it takes no second administrator"
    run = visit.run(visit.draw(PLAIN))
    assert visit.state(run) == "blocked" and not delivered()


@pytest.mark.parametrize("text", ["f o r b i d d e n", "a forb idden thing", "禁 语"])
def test_what_is_blocked_as_a_text_is_not_shown_in_pieces_by_a_partial_run(visit: Visit, text: str) -> None:
    visit.policy(stub_policy())
    run = visit.run(visit.draw(SPLIT), text, to="s")
    assert visit.state(run) == "blocked" and not delivered()


def test_a_secret_in_pieces_is_taken_out_of_each_of_them(visit: Visit) -> None:
    visit.policy(stub_policy())
    run = visit.run(visit.draw(SPLIT), "my key- 123456 is here", to="s")
    assert visit.state(run) == "succeeded"
    assert delivered() == [["my", MARK, MARK, "is", "here"]]


def test_pieces_of_what_is_harmless_are_shown(visit: Visit) -> None:
    visit.policy(stub_policy())
    run = visit.run(visit.draw(SPLIT), "for bids and dens", to="s")
    assert visit.state(run) == "succeeded" and delivered() == [["for", "bids", "and", "dens"]]
