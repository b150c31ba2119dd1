"""What a drawing compiles to is decided by the policy of its workflow, and of nobody else's."""

from dataclasses import replace
from typing import Any

from builder.accounts.models import User
from builder.safety.change_policy import change_policy
from builder.safety.owner import Owner
from runtime.safety.policy import Action, default_policy
from tests.api.conftest import Member

GRAPH = {
    "format": 1,
    "nodes": [
        {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
        {"id": "a", "type": "output.text", "version": 1, "params": {"name": "a"}},
    ],
    "edges": [{"id": "e", "source": {"node": "q", "port": "text"}, "target": {"node": "a", "port": "text"}}],
}


def blocks_everything(owner: Owner, by: User) -> None:
    policy = default_policy()
    rules = tuple(
        replace(r, chain=tuple(replace(use, action=Action.BLOCK) for use in r.chain)) for r in policy.rules
    )
    change_policy(owner, replace(policy, rules=rules), by, "No words taken out, none let through")


def chains(member: Member, **more: Any) -> dict[str, set[str]]:
    """What each filter does at the gates of the graph."""
    address = f"/api/workspaces/{member.workspace.pk}/compile"
    answer = member.client.post(address, {"graph": GRAPH, **more})
    assert answer.status_code == 200, answer.data
    found: dict[str, set[str]] = {}
    for gate in answer.data["plan"]["gates"]:
        for item in gate["filters"]:
            found.setdefault(item["id"], set()).add(item["action"])
    return found


def actions(member: Member, **more: Any) -> set[str]:
    return set().union(*chains(member, **more).values())


# What the floor takes out is taken out as well as blocked.
BOTH = {"redact", "block"}


def test_the_policy_of_the_named_workflow_decides(ada: Member) -> None:
    mine, other = ada.workflow("Mine"), ada.workflow("Other")
    blocks_everything(Owner(str(ada.workspace.pk), str(mine.pk)), ada.user)
    assert actions(ada) == actions(ada, workflow=str(other.pk)) == {"redact", "block"}
    assert chains(ada, workflow=str(mine.pk))["safety.secrets"] == BOTH
    assert chains(ada)["safety.secrets"] == {"redact"}


def test_the_policy_of_the_workspace_decides_for_all_in_it(ada: Member, stranger: Member) -> None:
    blocks_everything(Owner(str(ada.workspace.pk)), ada.user)
    assert chains(ada)["safety.secrets"] == BOTH
    assert chains(stranger)["safety.secrets"] == {"redact"}


def test_a_workflow_of_somebody_else_is_not_found(ada: Member, stranger: Member) -> None:
    foreign = str(stranger.workflow("Theirs").pk)
    answer = ada.client.post(
        f"/api/workspaces/{ada.workspace.pk}/compile", {"graph": GRAPH, "workflow": foreign}
    )
    assert answer.status_code == 404
