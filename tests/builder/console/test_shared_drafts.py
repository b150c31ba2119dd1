"""Administrators share a draft: a button acts on what its page showed, or says that it moved and loses nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from builder.accounts.models import User
from builder.safety.active_policy import installation_version
from builder.safety.change_policy import change_policy
from builder.safety.edit_draft import draft_of
from builder.safety.models import PolicyDraft, PolicyVersion, Shadow
from builder.safety.owner import INSTALLATION
from runtime.safety.policy import default_policy
from tests.builder.console import stale_pages
from tests.builder.console.policy_forms import (
    POLICY,
    act,
    carried,
    form_of,
    look,
    rule,
    rule_page,
    save,
    words,
)
from tests.builder.console.stale_pages import MOVED, NO_PREVIEWS, SCENARIOS, STRICTER, Scenario, press
from tests.safety.mutants import hunt
from tests.safety.mutants.mutant import Mutant


def administrator(name: str) -> Client:
    long_ago = timezone.now() - timedelta(days=30)
    client = Client()
    client.force_login(
        User.objects.create(username=name, is_superuser=True, is_staff=True, date_joined=long_ago)
    )
    return client


@pytest.fixture
def anna(db: None) -> Client:
    return administrator("anna")


@pytest.fixture
def bert(db: None) -> Client:
    installation_version()
    return administrator("bert")


def named(item: Scenario) -> str:
    return item.__name__.replace("_", " ")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_a_page_that_was_overtaken_changes_nothing_and_loses_nothing(
    scenario: Scenario, anna: Client, bert: Client
) -> None:
    assert scenario(anna, bert) == []


# Who has to see which fault; the scenarios find nothing wrong with honest code, as the test above says.
SEEN_BY = {
    "a draft is published unseen": stale_pages.a_stricter_draft_under_a_page_that_puts_in_force,
    "a draft is edited unseen": stale_pages.another_draft_under_the_form_of_a_rule,
    "the console drops what its page showed": stale_pages.a_milder_draft_under_a_page_that_puts_in_force,
    "anothers comparison counts": stale_pages.a_version_that_somebody_else_has_compared,
    "one act becomes the other": stale_pages.a_press_that_means_the_other_act,
}


@pytest.mark.parametrize("mutant", hunt.DRAFTS, ids=lambda mutant: str(mutant.name))
def test_a_fault_where_drafts_are_shared_is_seen(mutant: Mutant, anna: Client, bert: Client) -> None:
    with mutant.planted() as plant:
        assert SEEN_BY[mutant.name](anna, bert), mutant.breaks
    assert plant.ran


def test_every_form_that_acts_on_a_draft_carries_the_draft_that_is_shown(anna: Client, bert: Client) -> None:
    for page in (POLICY, rule_page("person-text"), f"{POLICY}rule/"):
        assert carried(look(anna, page))["seen"] == ""
    act(anna, "settings", **NO_PREVIEWS)
    draft = draft_of(INSTALLATION)
    assert draft is not None
    for page in (POLICY, rule_page("person-text"), f"{POLICY}rule/"):
        html = look(bert, page)
        assert carried(html) == {"seen": draft.policy.digest, "base": "1"}
        main = html[html.index('id="main"') :] if 'id="main"' in html else html
        forms = [
            form for form in main.split("<form")[1:] if 'method="post"' in form and "/logout/" not in form
        ]
        assert forms and all('name="seen"' in form.split("</form>")[0] for form in forms)


def test_a_page_that_carries_nothing_changes_nothing(anna: Client, bert: Client) -> None:
    act(anna, "settings", **NO_PREVIEWS)
    before = PolicyDraft.objects.get().data
    for name in ("settings", "remove", "discard", "force", "propose", "shadow", "compared"):
        sent = {"act": name, "reason": "Because", "rule": "person-text", **NO_PREVIEWS, "previews": "blurred"}
        assert anna.post(POLICY, sent).status_code == 409
    assert anna.post(rule_page("person-text"), form_of(rule("person-text"), title_en="x")).status_code == 409
    assert PolicyDraft.objects.get().data == before
    assert PolicyVersion.objects.count() == 1 and not Shadow.objects.exists()


def test_who_was_refused_is_told_in_chinese_too(anna: Client, bert: Client) -> None:
    seen = look(anna, rule_page("person-text"))
    save(bert, "person-text", title_en="Texts of Bert")
    answer = anna.post(
        rule_page("person-text"),
        form_of(rule("person-text"), title_en="Texts of Anna") | carried(seen),
        headers={"Accept-Language": "zh-CN"},
    )
    said = words(answer.content.decode())
    assert "其间有人更改了此草稿" in said and "草稿现在的内容如下" in said


def test_who_was_refused_saves_again_knowing_what_it_replaces(anna: Client, bert: Client) -> None:
    page = rule_page("person-text")
    seen = look(anna, page)
    # A fourth filter of both: what Anna typed must not count as untouched because Bert's rule has the same there.
    fourth = {"use-3-filter": "safety.profanity", "use-3-action": "block"}
    save(bert, "person-text", **fourth)
    typed = form_of(rule("person-text"), title_en="Texts of Anna", **fourth)
    refused = anna.post(page, typed | carried(seen)).content.decode()
    assert MOVED in words(refused)
    assert anna.post(page, typed | carried(refused)).status_code == 302
    kept = PolicyDraft.objects.get().policy.rules[0]
    assert kept.title.en == "Texts of Anna"
    assert [use.filter for use in kept.chain][3:] == ["safety.profanity"]


def test_a_draft_that_a_version_has_overtaken_is_compared_before_it_comes_into_force(
    anna: Client, bert: Client
) -> None:
    save(anna, "person-image", **STRICTER)
    by = User.objects.get(username="bert")
    change_policy(INSTALLATION, replace(default_policy(), previews="none"), by, "Meanwhile")
    page = look(anna, POLICY)
    said = words(page)
    assert "would undo what it changed" in said and "would lower the floor: previews" in said
    assert 'value="propose"' not in page and 'value="force"' not in page
    assert press(anna, page, "propose", reason="Because")[0] == 409
    assert press(anna, page, "compared")[0] == 302
    page = look(anna, POLICY)
    assert 'value="propose"' in page and "would undo" not in words(page)
    assert "waits for a second administrator" in act(anna, "propose", reason="Because")


def test_what_was_typed_is_kept_whatever_the_reason_of_a_refusal(anna: Client, bert: Client) -> None:
    save(anna, "person-image", **{"use-0-filter": ""})
    status, said, html = press(anna, look(anna, POLICY), "force", reason="A long sentence of Anna")
    assert status == 400 and "without any filter" in said and "A long sentence of Anna" in html
