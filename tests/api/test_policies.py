"""Policies over HTTP: an owner drafts, sees what it would do, tries and publishes; others read what holds, or nothing."""

from typing import Any

import pytest
from rest_framework.response import Response

from builder.accounts.roles import Role
from builder.safety.active_policy import active_policy
from builder.safety.change_policy import change_policy
from builder.safety.models import AuditEntry, PolicyDraft, PolicyVersion, Shadow, ShadowFinding
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.verify_audit import verify_audit
from builder.workflows.publish_workflow import publish_workflow
from runtime.safety.policy import default_policy
from runtime.values import Json
from tests.api.conftest import Member, NewMember, nobody
from tests.api.test_compile_under_floors import GRAPH, actions


def at(member: Member, part: str = "", workflow: object = None) -> str:
    whose = f"?workflow={workflow}" if workflow is not None else ""
    return f"/api/workspaces/{member.workspace.pk}/policy{part}{whose}"


def state(member: Member, workflow: object = None) -> dict[str, Any]:
    answer = member.client.get(at(member, "", workflow))
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


def stricter(policy: dict[str, Any], rule: str = "person-image", threshold: float = 0.2) -> dict[str, Any]:
    """The same rules, with another threshold in one of them."""
    rules = [
        item
        if item["id"] != rule
        else item | {"chain": [use | {"threshold": threshold} for use in item["chain"]]}
        for item in policy["rules"]
    ]
    return policy | {"rules": rules}


def save(member: Member, policy: Json, workflow: object = None, **more: Json) -> Response:
    """Put it in the place of whatever draft there is."""
    draft = state(member, workflow)["draft"]
    body = {"seen": draft["seen"] if draft else "", "policy": policy, **more}
    return member.client.put(at(member, "/draft", workflow), body)


def publish(member: Member, workflow: object = None, reason: str = "Children use it") -> Response:
    seen = state(member, workflow)["draft"]["seen"]
    return member.client.post(at(member, "/versions", workflow), {"reason": reason, "seen": seen})


def threshold(policy: dict[str, Any], rule: str = "person-image") -> float:
    return float(next(item["chain"][0]["threshold"] for item in policy["rules"] if item["id"] == rule))


def test_an_owner_drafts_and_publishes_and_the_log_says_so(ada: Member) -> None:
    before = state(ada)
    assert (before["scope"], before["may_change"], before["own"], before["draft"]) == (
        "workspace", True, None, None,
    )  # fmt: skip
    assert before["in_force"] == before["floor"]
    kept = save(ada, stricter(before["floor"]["policy"])).json()
    assert (kept["faults"], kept["base"], kept["by"], kept["moved"]) == ([], 0, "ada", False)
    assert active_policy(Owner(str(ada.workspace.pk))) == active_policy(), "a draft is not in force"

    made = publish(ada)
    assert made.status_code == 201, made.json()
    after = state(ada)
    assert (after["own"]["version"], after["own"]["reason"], after["draft"]) == (
        made.json()["version"], "Children use it", None,
    )  # fmt: skip
    assert threshold(after["in_force"]["policy"]) == 0.2
    assert threshold(after["floor"]["policy"]) == 0.6
    listed = ada.client.get(at(ada, "/versions")).json()["results"]
    assert [(item["version"], item["author"]) for item in listed] == [(made.json()["version"], "ada")]
    entry, combined = AuditEntry.objects.order_by("sequence")[1:3]
    assert combined.said["act"] == "policy.combined"
    assert (entry.said["act"], entry.said["subject"]) == ("policy.changed", f"workspace {ada.workspace.pk}")
    assert (entry.said["by"]["id"], entry.said["reason"]) == (str(ada.user.pk), "Children use it")
    assert verify_audit().fault is None


def test_a_workflow_gets_a_stricter_policy_of_its_own(ada: Member) -> None:
    mine, other = ada.workflow("Mine"), ada.workflow("Other")
    blocking = state(ada, mine.pk)["floor"]["policy"]
    rules = [
        item | {"chain": [use | {"action": "block"} for use in item["chain"]]} for item in blocking["rules"]
    ]
    assert save(ada, blocking | {"rules": rules}, mine.pk).status_code == 200
    assert publish(ada, mine.pk).status_code == 201
    assert state(ada, mine.pk)["scope"] == "workflow"
    # What the floor takes out is taken out as well, of what an appeal may give back.
    kept = state(ada, mine.pk)["in_force"]["policy"]["rules"]
    chains = {rule["id"]: {(use["filter"], use["action"]) for use in rule["chain"]} for rule in kept}
    assert chains["person-text"] >= {("safety.secrets", "redact"), ("safety.secrets", "block")}
    assert actions(ada, workflow=str(other.pk)) == actions(ada) == {"redact", "block"}
    # Its floor is the workspace's: what that asks for cannot be taken back here.
    save(ada, stricter(state(ada)["floor"]["policy"], threshold=0.1))
    publish(ada)
    told = save(ada, stricter(state(ada, mine.pk)["own"]["policy"], threshold=0.4), mine.pk).json()
    assert [(fault["rule"], fault["code"]) for fault in told["faults"]] == [("person-image", "below_floor")]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER, Role.REVIEWER])
@pytest.mark.parametrize("admin", [False, True])
def test_other_members_read_what_holds_and_change_nothing(
    role: str, admin: bool, ada: Member, member: NewMember
) -> None:
    save(ada, stricter(state(ada)["floor"]["policy"]))
    publish(ada)
    save(ada, stricter(state(ada)["own"]["policy"], threshold=0.1))
    bob = member("bob", workspace=ada.workspace, role=role, admin=admin)
    seen = state(bob)
    assert (seen["may_change"], seen["draft"], seen["shadow"]) == (False, None, None)
    assert threshold(seen["in_force"]["policy"]) == 0.2
    number = seen["own"]["version"]
    assert bob.client.get(at(bob, f"/versions/{number}")).json()["policy"] == seen["own"]["policy"]
    digest = PolicyDraft.objects.get().policy.digest
    before = PolicyVersion.objects.count()
    for method, part, body in (
        ("put", "/draft", {"seen": digest, "policy": seen["own"]["policy"]}),
        ("delete", "/draft", None),
        ("get", "/preview", None),
        ("post", "/versions", {"reason": "Mine", "seen": digest}),
        ("post", "/shadow", {"reason": "Mine", "seen": digest}),
        ("delete", "/shadow", None),
    ):
        answer = getattr(bob.client, method)(at(bob, part), body)
        assert (answer.status_code, answer.json()["code"]) == (403, "owners_only"), (method, part)
    assert PolicyDraft.objects.get().policy.digest == digest
    assert (PolicyVersion.objects.count(), Shadow.objects.count()) == (before, 0)


def test_others_find_nothing_whoever_they_are(ada: Member, stranger: Member, member: NewMember) -> None:
    mine = ada.workflow("Mine")
    for who in (stranger, member("root", admin=True)):
        for part in ("", "/preview", "/versions", "/versions/1"):
            for workflow in (None, mine.pk):
                answer = who.client.get(at(ada, part, workflow))
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), part
    # Nor does one's own workspace lead to a workflow of somebody else, or to none.
    for named in (stranger.workflow("Theirs").pk, nobody(), "x", ""):
        assert ada.client.get(at(ada, "", named)).status_code == 404, named
        assert ada.client.delete(at(ada, "/draft", named)).status_code == 404, named


def test_versions_of_others_are_not_found_and_a_floors_author_is_not_told(
    ada: Member, stranger: Member, member: NewMember
) -> None:
    root = member("root", admin=True).user
    save(stranger, stricter(state(stranger)["floor"]["policy"]))
    foreign = publish(stranger).json()["version"]
    assert ada.client.get(at(ada, f"/versions/{foreign}")).status_code == 404
    floor = stricter(default_policy().to_json(), threshold=0.5)
    made = change_policy(INSTALLATION, default_policy().from_json(floor), root, "An incident of Tuesday")
    number = PolicyVersion.objects.get(pk=made.pk).version
    read = ada.client.get(at(ada, f"/versions/{number}"))
    assert (read.status_code, read.json()["reason"], read.json()["author"]) == (200, "", "")
    assert "Tuesday" not in str(state(ada))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda rules: stricter({"rules": rules}, threshold=0.9)["rules"], "below_floor"),
        (
            lambda rules: [
                item | {"chain": [use | {"filter": "safety.nobody"} for use in item["chain"]]}
                if item["id"] == "person-image"
                else item
                for item in rules
            ],
            "unknown_filter",
        ),
        (
            lambda rules: [item | {"chain": []} if item["id"] == "person-image" else item for item in rules],
            "bare_sink",
        ),
        (
            lambda rules: [
                item | {"chain": [use | {"categories": ["nothing"]} for use in item["chain"]]}
                if item["id"] == "person-image"
                else item
                for item in rules
            ],
            "unknown_category",
        ),
    ],
)
def test_a_draft_is_kept_with_its_faults_and_refused_with_the_name_of_the_rule(
    spoil: Any, code: str, ada: Member
) -> None:
    policy = state(ada)["floor"]["policy"]
    kept = save(ada, policy | {"rules": spoil(policy["rules"])})
    assert kept.status_code == 200
    told = [(fault["rule"], fault["code"]) for fault in kept.json()["faults"]]
    assert ("person-image", code) in told
    assert all(fault["message"]["en"] and fault["message"]["zh"] for fault in kept.json()["faults"])
    seen = kept.json()["seen"]
    for part in ("/versions", "/shadow"):
        answer = ada.client.post(at(ada, part), {"reason": "It is in the way", "seen": seen})
        assert (answer.status_code, answer.json()["code"]) == (400, "policy_invalid")
        assert "“person-image”" in answer.json()["message"]
    tried = f"/api/workspaces/{ada.workspace.pk}/what-if"
    assert ada.client.post(tried, {"text": "x", "draft": True}).json()["code"] == "policy_invalid"
    assert state(ada)["own"] is None


def test_a_draft_that_somebody_else_changed_is_neither_overwritten_nor_published(
    ada: Member, member: NewMember
) -> None:
    bea = member("bea", workspace=ada.workspace, role=Role.OWNER)
    policy = state(ada)["floor"]["policy"]
    mine = save(ada, stricter(policy, threshold=0.3)).json()["seen"]
    theirs = save(bea, stricter(policy, threshold=0.1)).json()["seen"]
    late = ada.client.put(at(ada, "/draft"), {"seen": mine, "policy": policy})
    assert (late.status_code, late.json()["code"]) == (409, "draft_moved")
    unseen = ada.client.post(at(ada, "/versions"), {"reason": "Mine", "seen": mine})
    assert (unseen.status_code, unseen.json()["code"]) == (409, "draft_moved")
    assert ada.client.delete(at(ada, "/draft") + f"?seen={mine}").json()["code"] == "draft_moved"
    assert state(ada)["draft"]["seen"] == theirs
    assert publish(bea).status_code == 201
    gone = ada.client.post(at(ada, "/versions"), {"reason": "Mine", "seen": mine})
    assert (gone.status_code, gone.json()["code"]) == (409, "draft_gone")


def test_a_draft_from_before_another_version_is_published_only_after_it_was_compared(
    ada: Member, member: NewMember
) -> None:
    policy = state(ada)["floor"]["policy"]
    save(ada, stricter(policy, threshold=0.3))
    place = Owner(str(ada.workspace.pk))
    root = member("root", admin=True).user
    between = default_policy().from_json(stricter(default_policy().to_json(), threshold=0.4))
    number = PolicyVersion.objects.get(pk=change_policy(place, between, root, "From the console").pk).version
    assert state(ada)["draft"]["moved"] is True
    refused = publish(ada)
    assert (refused.status_code, refused.json()["code"]) == (409, "policy_moved")
    wrong = save(ada, stricter(policy, threshold=0.3), base=number + 7)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "policy_moved")
    assert save(ada, stricter(policy, threshold=0.3), base=number).json()["moved"] is False
    assert publish(ada).status_code == 201


def test_a_reason_is_needed_and_a_draft_is_let_go_of(ada: Member) -> None:
    policy = state(ada)["floor"]["policy"]
    save(ada, stricter(policy))
    assert publish(ada, reason="  ").json()["code"] == "reason_missing"
    assert ada.client.delete(at(ada, "/draft")).status_code == 204
    assert ada.client.delete(at(ada, "/draft")).status_code == 204
    assert state(ada)["draft"] is None
    nothing = ada.client.post(at(ada, "/versions"), {"reason": "Why not", "seen": "0"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "draft_gone")


def test_the_preview_tells_what_the_draft_would_do_to_this_workspace_alone(
    ada: Member, stranger: Member
) -> None:
    mine = ada.workflow("Greeting", GRAPH)
    publish_workflow(mine, ada.user)
    publish_workflow(stranger.workflow("Theirs", GRAPH), stranger.user)
    ada.workflow("Never published", GRAPH)
    calm = ada.client.get(at(ada, "/preview")).json()
    assert (calm["seen"], calm["total"], calm["counts"]["stays"], calm["effects"]) == ("", 1, 1, [])
    policy = state(ada)["floor"]["policy"]
    save(ada, stricter(policy, "person-text", 0.1))
    told = ada.client.get(at(ada, "/preview")).json()
    assert (told["counts"]["changes"], told["seen"]) == (1, state(ada)["draft"]["seen"])
    assert [(item["workflow"], item["name"], item["version"]) for item in told["effects"]] == [
        (str(mine.pk), "Greeting", 1)
    ]
    silent = [rule for rule in policy["rules"] if rule["id"] != "person-text"]
    save(ada, policy | {"rules": silent})
    stopped = ada.client.get(at(ada, "/preview")).json()
    assert stopped["counts"]["stops"] == 1
    assert stopped["effects"][0]["stops"][0]["message"]["zh"]
    assert (told["counts"]["labels"], told["effects"][0]["labels"]) == (0, 0)
    assert (told["counts"]["previews"], told["effects"][0]["previews"]) == (0, False)
    save(ada, stricter(policy, "person-text", 0.1), mine.pk)
    assert ada.client.get(at(ada, "/preview", mine.pk)).json()["counts"]["changes"] == 1
    assert ada.client.get(at(ada, "/preview") + "?start=1").json()["looked"] == 0
    for wrong in ("-1", "x", "1" * 12, "٣"):
        assert ada.client.get(at(ada, "/preview") + f"?start={wrong}").status_code == 400


def test_a_shadow_of_the_draft_is_counted_and_ended_and_another_workspace_is_not_looked_at(
    ada: Member, stranger: Member
) -> None:
    from builder.safety.try_policy import running_shadows

    save(ada, stricter(state(ada)["floor"]["policy"], "person-text", 0.1))
    seen = state(ada)["draft"]["seen"]
    begun = ada.client.post(at(ada, "/shadow"), {"reason": "To see", "seen": seen})
    assert begun.status_code == 201, begun.json()
    assert state(ada)["draft"]["seen"] == seen, "it stays a draft"
    here, there = Owner(str(ada.workspace.pk)), Owner(str(stranger.workspace.pk))
    assert (len(running_shadows(here)), running_shadows(there)) == (1, [])
    shadow = Shadow.objects.get()
    found = {"step": "s", "rule": "person-text", "action": "block", "filter": "safety.words"}
    ShadowFinding.objects.create(shadow=shadow, run=nobody(), category="hate", score=1, **found)
    told = state(ada)["shadow"]
    assert (told["ended"], told["differs"], told["reason"]) == (None, False, "To see")
    assert [(item["rule"], item["count"], item["runs"]) for item in told["findings"]] == [
        ("person-text", 1, 1)
    ]
    assert state(stranger)["shadow"] is None
    assert ada.client.delete(at(ada, "/shadow")).status_code == 204
    assert ada.client.delete(at(ada, "/shadow")).status_code == 204
    assert running_shadows(here) == []
    log = [entry.said for entry in AuditEntry.objects.all()]
    acts = [said["act"] for said in log if said["subject"] == f"workspace {ada.workspace.pk}"]
    assert acts == ["shadow.ended", "shadow.started"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda policy: policy | {"rules": policy["rules"] + [policy["rules"][0]]},
        lambda policy: policy | {"rules": policy["rules"][:1] * 101},
        lambda policy: policy | {"rules": [policy["rules"][0] | {"id": "labelling:person"}]},
        lambda policy: policy | {"rules": [policy["rules"][0] | {"sink": "nowhere"}]},
        lambda policy: policy | {"rules": [policy["rules"][0] | {"media": ["model"]}]},
        lambda policy: policy | {"rules": [policy["rules"][0] | {"sources": []}]},
        lambda policy: stricter(policy, threshold=1.5),
        lambda policy: stricter(policy, threshold="0.5"),  # type: ignore[arg-type]  # what a client may send
        lambda policy: stricter(policy, threshold=True),
        lambda policy: policy | {"labelling": {"profile": "cn", "language": "en", "producer": "Acme"}},
        lambda policy: policy | {"version": 9},
        lambda policy: {"rules": []},
    ],
)
def test_what_is_no_policy_is_refused_with_a_sentence(spoil: Any, ada: Member) -> None:
    answer = save(ada, spoil(state(ada)["floor"]["policy"]))
    assert answer.status_code == 400, answer.json()
    assert answer.json()["message"]
    assert not PolicyDraft.objects.exists()


def test_a_draft_may_be_tried_by_an_owner_alone(ada: Member, member: NewMember) -> None:
    address = f"/api/workspaces/{ada.workspace.pk}/what-if"
    harmless = {"text": "mine", "sink": "model", "sources": ["author"], "draft": True}
    none = ada.client.post(address, harmless)
    assert (none.status_code, none.json()["code"]) == (409, "draft_gone")
    save(ada, stricter(state(ada)["floor"]["policy"]))
    bob = member("bob", workspace=ada.workspace)
    assert bob.client.post(address, harmless).json()["code"] == "owners_only"
