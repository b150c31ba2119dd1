"""What goes wrong when one administrator presses a button of a page that another has overtaken. Each tells it in a line."""

from collections.abc import Callable
from dataclasses import replace

from django.test import Client

from builder.accounts.models import User
from builder.safety.change_policy import change_policy
from builder.safety.edit_draft import draft_of
from builder.safety.models import PolicyDraft, PolicyVersion, Proposal, Shadow
from builder.safety.owner import INSTALLATION
from runtime.safety.policy import default_policy
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

Scenario = Callable[[Client, Client], list[str]]

REASON = "No previews before a gate has passed"
NO_PREVIEWS = {"previews": "none", "profile": "none", "language": "en", "producer": ""}
STRICTER = {"use-0-threshold": "0.3"}
MILDER = {"use-0-threshold": "0.9"}
MOVED = "Somebody else has changed this draft meanwhile."
OVERTAKEN = "Another version has come into force meanwhile."


def digest() -> str:
    draft = draft_of(INSTALLATION)
    return draft.policy.digest if draft else ""


def complaints(**checked: bool) -> list[str]:
    return [name.replace("_", " ") for name, fine in checked.items() if not fine]


def press(client: Client, seen: str, act: str, **more: str) -> tuple[int, str, str]:
    """A button of a page that was loaded before: the answer's status, its words and the page itself."""
    answer = client.post(POLICY, {"act": act, **carried(seen), **more})
    html = answer.content.decode()
    return answer.status_code, words(html), html


def told_and_kept(status: int, said: str, typed: str, html: str, why: str = MOVED) -> list[str]:
    return complaints(
        it_is_refused=status == 409, it_says_why=why in said, what_was_typed_is_there=typed in html
    )


def a_milder_draft_under_a_page_that_puts_in_force(anna: Client, bert: Client) -> list[str]:
    act(anna, "settings", **NO_PREVIEWS)
    seen = look(anna, POLICY)
    save(bert, "person-text", **{"use-2-filter": ""})
    status, said, html = press(anna, seen, "force", reason=REASON)
    return [
        *complaints(
            nothing_is_proposed=not Proposal.objects.exists(),
            nothing_is_in_force=PolicyVersion.objects.count() == 1,
            the_page_shows_what_would_be_lowered="would lower the floor: person-text" in said,
        ),
        *told_and_kept(status, said, REASON, html),
    ]


def a_stricter_draft_under_a_page_that_puts_in_force(anna: Client, bert: Client) -> list[str]:
    act(anna, "settings", **NO_PREVIEWS)
    seen = look(anna, POLICY)
    save(bert, "person-image", **STRICTER)
    status, said, html = press(anna, seen, "force", reason=REASON)
    return [
        *complaints(nothing_is_in_force=PolicyVersion.objects.count() == 1),
        *told_and_kept(status, said, REASON, html),
    ]


def a_stricter_draft_under_a_page_that_proposes(anna: Client, bert: Client) -> list[str]:
    save(anna, "person-image", **MILDER)
    seen = look(anna, POLICY)
    act(bert, "discard")
    act(bert, "settings", **NO_PREVIEWS)
    status, said, html = press(anna, seen, "propose", reason=REASON)
    return [
        *complaints(
            nothing_is_in_force=PolicyVersion.objects.count() == 1,
            nothing_is_proposed=not Proposal.objects.exists(),
        ),
        *told_and_kept(status, said, REASON, html),
    ]


def another_draft_under_a_page_that_tries(anna: Client, bert: Client) -> list[str]:
    act(anna, "settings", **NO_PREVIEWS)
    seen = look(anna, POLICY)
    save(bert, "person-image", **STRICTER)
    status, said, html = press(anna, seen, "shadow", reason=REASON)
    return [
        *complaints(nothing_looks_on=not Shadow.objects.exists()),
        *told_and_kept(status, said, REASON, html),
    ]


def another_draft_under_a_page_that_discards(anna: Client, bert: Client) -> list[str]:
    act(anna, "settings", **NO_PREVIEWS)
    seen = look(anna, POLICY)
    save(bert, "person-image", **STRICTER)
    theirs = digest()
    status, said, html = press(anna, seen, "discard")
    return [*complaints(their_draft_is_there=digest() == theirs), *told_and_kept(status, said, "", html)]


def another_draft_under_a_page_that_removes(anna: Client, bert: Client) -> list[str]:
    seen = look(anna, POLICY)
    save(bert, "person-image", **STRICTER)
    theirs = digest()
    status, said, html = press(anna, seen, "remove", rule="person-image")
    return [*complaints(their_draft_is_there=digest() == theirs), *told_and_kept(status, said, "", html)]


def another_draft_under_settings(anna: Client, bert: Client) -> list[str]:
    seen = look(anna, POLICY)
    act(bert, "settings", **NO_PREVIEWS)
    theirs = digest()
    mine = NO_PREVIEWS | {"previews": "blurred", "producer": "Acme of Anna"}
    status, said, html = press(anna, seen, "settings", **mine)
    return [
        *complaints(
            their_draft_is_there=digest() == theirs, theirs_is_told="What the draft says now." in said
        ),
        *told_and_kept(status, said, 'value="Acme of Anna"', html),
    ]


def another_draft_under_the_form_of_a_rule(anna: Client, bert: Client) -> list[str]:
    page = rule_page("person-text")
    seen = look(anna, page)
    save(bert, "person-text", **{"use-3-filter": "safety.profanity", "use-3-action": "block"})
    theirs = digest()
    answer = anna.post(page, form_of(rule("person-text"), title_en="Texts of Anna") | carried(seen))
    html = answer.content.decode()
    return [
        *complaints(
            their_draft_is_there=digest() == theirs, theirs_is_told="Profanity: block from" in words(html)
        ),
        *told_and_kept(answer.status_code, words(html), 'value="Texts of Anna"', html),
    ]


def a_rule_that_was_removed_under_its_form(anna: Client, bert: Client) -> list[str]:
    page = rule_page("person-text")
    seen = look(anna, page)
    act(bert, "remove", rule="person-text")
    theirs = digest()
    answer = anna.post(page, form_of(rule("person-text"), title_en="Texts of Anna") | carried(seen))
    html = answer.content.decode()
    return [
        *complaints(
            their_draft_is_there=digest() == theirs, it_is_told="not in the draft any more" in words(html)
        ),
        *told_and_kept(answer.status_code, words(html), 'value="Texts of Anna"', html),
    ]


def a_new_version_under_the_form_of_a_rule(anna: Client, bert: Client) -> list[str]:
    """No draft when the form was opened, and none now; but what it was filled from is no longer in force."""
    page = rule_page("person-image")
    seen, old = look(anna, page), rule("person-image")
    save(bert, "person-image", **STRICTER)
    act(bert, "force", reason="More care")
    answer = anna.post(page, form_of(old, title_en="Pictures of Anna") | carried(seen))
    html = answer.content.decode()
    return [
        *complaints(no_draft_is_begun=not PolicyDraft.objects.exists()),
        *told_and_kept(answer.status_code, words(html), 'value="Pictures of Anna"', html, OVERTAKEN),
    ]


def a_version_that_somebody_else_has_compared(anna: Client, bert: Client) -> list[str]:
    act(anna, "settings", **NO_PREVIEWS)
    save(anna, "person-image", **STRICTER)
    seen = look(anna, POLICY)
    root = User.objects.get(username="bert")
    change_policy(INSTALLATION, replace(default_policy(), previews="none"), root, "Meanwhile")
    act(bert, "compared", in_force=str(PolicyVersion.objects.count()))
    status, said, html = press(anna, seen, "force", reason=REASON)
    return [
        *complaints(nothing_else_is_in_force=PolicyVersion.objects.count() == 2),
        *told_and_kept(status, said, REASON, html, OVERTAKEN),
    ]


def a_press_that_means_the_other_act(anna: Client, bert: Client) -> list[str]:
    act(anna, "settings", **NO_PREVIEWS)
    proposed = press(anna, look(anna, POLICY), "propose", reason=REASON)
    act(anna, "discard")
    save(anna, "person-image", **MILDER)
    forced = press(bert, look(bert, POLICY), "force", reason=REASON)
    return [
        *complaints(
            nothing_is_in_force=PolicyVersion.objects.count() == 1,
            nothing_is_proposed=not Proposal.objects.exists(),
        ),
        *told_and_kept(*proposed[:2], REASON, proposed[2], OVERTAKEN),
        *told_and_kept(*forced[:2], REASON, forced[2], OVERTAKEN),
    ]


SCENARIOS: tuple[Scenario, ...] = (
    a_milder_draft_under_a_page_that_puts_in_force,
    a_stricter_draft_under_a_page_that_puts_in_force,
    a_stricter_draft_under_a_page_that_proposes,
    another_draft_under_a_page_that_tries,
    another_draft_under_a_page_that_discards,
    another_draft_under_a_page_that_removes,
    another_draft_under_settings,
    another_draft_under_the_form_of_a_rule,
    a_rule_that_was_removed_under_its_form,
    a_new_version_under_the_form_of_a_rule,
    a_version_that_somebody_else_has_compared,
    a_press_that_means_the_other_act,
)
