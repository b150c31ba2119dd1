"""The policy's pages: an administrator changes a draft by forms, sees what it would do, and puts it in force."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import User, Workspace
from builder.console.names import category_title, filter_title, title_in
from builder.safety.active_policy import active_policy
from builder.safety.append_audit import append_audit
from builder.safety.models import AuditEntry, PolicyDraft, PolicyVersion, Proposal, Shadow, ShadowFinding
from builder.safety.owner import Owner
from builder.workflows.create_workflow import create_workflow
from builder.workflows.publish_workflow import publish_workflow
from runtime.safety.policy import Action
from tests.builder.console.policy_forms import act, carried, form_of, look, rule, rule_page, save

GRAPH = {
    "format": 1,
    "nodes": [
        {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
        {"id": "a", "type": "output.text", "version": 1, "params": {"name": "a"}},
    ],
    "edges": [
        {"id": "e", "source": {"node": "q", "port": "text"}, "target": {"node": "a", "port": "text"}},
    ],
}
PAGES = [
    "policy/",
    "policy/rule/",
    "policy/preview/",
    "policy/diff/",
    "proposals/",
    "shadow/",
    "audit/?verify",
]


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(ensure_administrator())
    return client


@pytest.fixture
def second(admin: Client) -> Client:
    client = Client()
    long_ago = timezone.now() - timedelta(days=1)
    client.force_login(
        User.objects.create(username="bob", is_superuser=True, is_staff=True, date_joined=long_ago)
    )
    return client


def text(client: Client, page: str, language: str = "en") -> str:
    answer = client.get(f"/console/{page}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.content.decode()).split())


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_in_both_languages_and_to_administrators_only(
    page: str, language: str, admin: Client
) -> None:
    assert text(admin, page, language)
    staff = Client()
    staff.force_login(User.objects.create(username="staff", is_staff=True))
    assert staff.get(f"/console/{page}").status_code == 302


def test_a_saved_form_without_a_change_changes_nothing(admin: Client) -> None:
    for name in [found.id for found in active_policy().rules]:
        save(admin, name)
    assert PolicyDraft.objects.get().policy == active_policy()


def test_a_stricter_rule_is_saved_in_the_draft_and_comes_into_force_with_a_reason(admin: Client) -> None:
    save(admin, "person-image", **{"use-0-threshold": "0.3"})
    assert rule("person-image").chain[0].threshold == 0.6
    assert "a reason" in act(admin, "force", reason="")
    assert "Version 2 is in force" in act(admin, "force", reason="More care")
    assert rule("person-image").chain[0].threshold == 0.3
    assert not PolicyDraft.objects.exists()
    assert "More care" in text(admin, "audit/")
    assert "More care" in text(admin, "safety/policyversion/")


def test_a_filter_is_added_and_taken_away_by_the_form(admin: Client) -> None:
    more = {"use-3-filter": "safety.prompt_attack", "use-3-action": "hold", "use-3-threshold": "0.7"}
    save(admin, "person-text", **more)
    added = PolicyDraft.objects.get().policy.rules[0].chain[-1]
    assert (added.filter, added.action, added.threshold) == ("safety.prompt_attack", Action.HOLD, 0.7)
    save(admin, "person-text", **{"use-0-filter": ""})
    assert len(PolicyDraft.objects.get().policy.rules[0].chain) == 2


def test_mistakes_are_told_with_the_name_of_the_rule(admin: Client) -> None:
    save(admin, "person-image", **{"use-0-filter": ""})
    assert "Rule “person-image” would let a picture pass without any filter." in text(admin, "policy/")
    told = act(admin, "force", reason="Because")
    assert "Rule “person-image” would let a picture pass without any filter." in told
    assert PolicyVersion.objects.count() == 1
    page, found = rule_page("person-text"), rule("person-text")
    for wrong in ({"id": "labelling:x"}, {"use-0-threshold": "7"}):
        bad = admin.post(page, form_of(found, **wrong) | carried(look(admin, page)))
        assert bad.status_code == 200
    assert "person-image" in act(admin, "remove", rule="person-text")


def test_labels_and_previews_are_settings_of_the_draft(admin: Client) -> None:
    wrong = {"previews": "none", "profile": "cn", "language": "en", "producer": ""}
    assert "GB 45438-2025" in act(admin, "settings", **wrong)
    assert not PolicyDraft.objects.exists()
    act(admin, "settings", **wrong | {"language": "zh", "producer": "Acme"})
    policy = PolicyDraft.objects.get().policy
    assert (policy.previews, policy.labelling.producer) == ("none", "Acme")


def test_the_preview_tells_what_would_happen_to_published_workflows(admin: Client) -> None:
    user, workspace = User.objects.get(), Workspace.objects.get()
    publish_workflow(create_workflow(workspace, user, "Greeting", GRAPH), user)
    assert "1 stay as they are" in text(admin, "policy/preview/")
    save(admin, "person-text", **{"use-0-threshold": "0.1"})
    changed = text(admin, "policy/preview/")
    assert "1 would have a gate changed" in changed and "Greeting" in changed
    act(admin, "remove", rule="person-text")
    stopped = text(admin, "policy/preview/")
    assert "1 would stop compiling" in stopped
    assert "The policy does not say whether text may pass" in stopped
    assert "person-text" in text(admin, "policy/diff/")


def test_the_preview_tells_of_labels_and_of_pictures_before_their_gate(admin: Client) -> None:
    user, workspace = User.objects.get(), Workspace.objects.get()
    paints = {
        "format": 1,
        "nodes": [
            {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
            {"id": "p", "type": "image.generate", "version": 1, "params": {}},
            {"id": "a", "type": "output.image", "version": 1, "params": {"name": "a"}},
        ],
        "edges": [
            {"id": "e", "source": {"node": "q", "port": "text"}, "target": {"node": "p", "port": "prompt"}},
            {"id": "f", "source": {"node": "p", "port": "image"}, "target": {"node": "a", "port": "image"}},
        ],
    }
    publish_workflow(create_workflow(workspace, user, "Painting", paints), user)
    labels = {"previews": "blurred", "profile": "cn", "language": "zh", "producer": "Acme"}
    act(admin, "settings", **labels)
    told = text(admin, "policy/preview/")
    assert "1 would have an AI label changed" in told and "0 stay as they are" in told
    assert "1 would show their pictures otherwise before the gate" in told
    assert "labels ≠1 previews ≠" in told
    in_chinese = text(admin, "policy/preview/", "zh-CN")
    assert "1 会更改 AI 标识" in in_chinese and "标识 ≠1 预览 ≠" in in_chinese


def test_a_workspace_gets_a_policy_of_its_own_that_cannot_be_milder(admin: Client) -> None:
    workspace = Workspace.objects.get()
    query = f"?workspace={workspace.pk}"
    owner = Owner(str(workspace.pk))
    save(admin, "person-image", f"&workspace={workspace.pk}", **{"use-0-threshold": "0.9"})
    assert "“person-image” is milder than the floor" in text(admin, f"policy/{query}")
    assert "milder than the floor" in act(admin, "force", query, reason="Because")
    save(admin, "person-image", f"&workspace={workspace.pk}", **{"use-0-threshold": "0.2"})
    act(admin, "force", query, reason="Children use it")
    found = next(found for found in active_policy(owner).rules if found.id == "person-image")
    assert found.chain[0].threshold == 0.2
    assert rule("person-image").chain[0].threshold == 0.6
    assert workspace.name in text(admin, "safety/policyversion/")


@pytest.mark.parametrize(
    "query", ["?workspace=7", "?workflow=01a209c7-1aee-7efd-8a4f-8e98d5380bd2", "?workspace=x"]
)
def test_what_names_nothing_is_not_found(query: str, admin: Client) -> None:
    assert admin.get(f"/console/policy/{query}").status_code == 404
    assert admin.get("/console/policy/rule/?rule=nowhere").status_code == 404
    assert admin.post("/console/policy/", {"act": "nothing"}).status_code == 404


@pytest.mark.parametrize("wrong", ["zz", "", "7", "01a209c7-1aee-7efd-8a4f-8e98d5380bd2", "\0"])
def test_an_id_that_is_none_or_names_nothing_is_not_found(wrong: str, admin: Client) -> None:
    if wrong:
        for page in ("preview", "diff"):
            assert admin.get(f"/console/policy/{page}/", {"proposal": wrong}).status_code == 404
    for name, page in (("proposal", "proposals"), ("shadow", "shadow")):
        assert admin.post(f"/console/{page}/", {name: wrong, "act": "approve"}).status_code == 404
        assert admin.post(f"/console/{page}/", {"act": "approve"}).status_code == 404


@pytest.mark.parametrize(
    "query", ["?old=zz", "?new=999999999", "?old=999999999", "?new=9999999999", "?start=zz"]
)
def test_a_number_of_no_version_is_no_fault(query: str, admin: Client) -> None:
    assert admin.get(f"/console/policy/diff/{query}").status_code in (200, 404)
    assert admin.get(f"/console/policy/preview/{query}").status_code in (200, 404)


def test_lowering_the_floor_is_proposed_and_only_another_administrator_approves(
    admin: Client, second: Client
) -> None:
    save(admin, "person-image", **{"use-0-threshold": "0.9"})
    assert "This would lower the floor: person-image" in text(admin, "policy/")
    assert "waits for a second administrator" in act(admin, "propose", reason="False alarms")
    assert rule("person-image").chain[0].threshold == 0.6
    proposal = Proposal.objects.get()
    mine, theirs = text(admin, "proposals/"), text(second, "proposals/")
    assert ("Approve" in mine, "Withdraw" in mine, "Approve" in theirs) == (False, True, True)
    assert text(second, f"policy/preview/?proposal={proposal.pk}")
    decide = {"proposal": str(proposal.pk), "act": "approve", "reason": "Agreed"}
    admin.post("/console/proposals/", decide)
    assert rule("person-image").chain[0].threshold == 0.6
    second.post("/console/proposals/", decide)
    assert rule("person-image").chain[0].threshold == 0.9


def test_who_is_the_only_administrator_is_told_what_to_do(admin: Client) -> None:
    save(admin, "person-image", **{"use-0-threshold": "0.9"})
    assert "You are the only administrator" in text(admin, "policy/")
    assert "You are the only administrator" in text(admin, "proposals/")


def test_a_trial_is_started_shown_with_its_counts_and_ended(admin: Client) -> None:
    save(admin, "person-image", **{"use-0-threshold": "0.1"})
    assert "It withholds nothing" in act(admin, "shadow", reason="To see")
    shadow = Shadow.objects.get()
    for run in ("01a209c7-1aee-7efd-8a4f-8e98d5380bd2", "01a209c7-1aee-7efd-8a4f-8e98d5380bd3"):
        ShadowFinding.objects.create(
            shadow=shadow,
            run=run,
            step="s",
            rule="person-image",
            action="block",
            filter="safety.nudity",
            category="sexual_content",
            score=1,
        )
    Shadow.objects.update(looked=9, failed=4)
    shown = text(admin, "shadow/")
    assert "Values looked at: 9" in shown and "failed: 4" in shown
    assert "Image Nudity block Sexual content (S12) 2 2" in shown, "words, and no ids"
    with override("zh-hans"):
        assert "裸露内容" in filter_title("safety.nudity") and "图像" in title_in(
            shadow.policy, "person-image"
        )
        assert category_title("safety.nudity", "sexual_content") == "色情内容（S12）"
    assert filter_title("gone.filter") == "gone.filter"
    admin.post("/console/shadow/", {"shadow": str(shadow.pk)})
    assert Shadow.objects.get().ended is not None
    assert rule("person-image").chain[0].threshold == 0.6


def test_the_audit_page_tells_whether_the_chain_is_whole(admin: Client) -> None:
    entry = append_audit("list.added", by=User.objects.get(), subject="names", reason="Ours")
    shown = text(admin, "audit/?verify")
    assert "The audit log is whole." in shown and "A word list was added" in shown and entry.hash in shown
    assert "词表已添加" in text(admin, "audit/", "zh-CN")
    assert AuditEntry.objects.count() == 1
