"""A session that began by somebody else's link is not a second administrator, however old it is."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from builder.accounts.models import SignInLink, User
from builder.accounts.sign_in_links import issue_link
from builder.safety.change_policy import change_policy
from builder.safety.models import AuditEntry, Proposal
from builder.safety.owner import INSTALLATION
from runtime.safety.policy import default_policy
from tests.builder.console.policy_forms import act, save

LONG_AGO = timezone.now() - timedelta(days=30)
PHRASE = "a long new phrase"


def administrator(name: str) -> User:
    made = User.objects.create(username=name, is_superuser=True, is_staff=True, date_joined=LONG_AGO)
    made.set_password(PHRASE)
    made.save()
    return made


@pytest.fixture
def ada(db: None) -> User:
    return administrator("ada")


@pytest.fixture
def vera(db: None) -> User:
    return administrator("vera")


def by_password(who: User, phrase: str = PHRASE, client: Client | None = None) -> Client:
    client = client or Client()
    answer = client.post(
        "/api/session",
        {"username": who.username, "password": phrase},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    return client


def link_of(maker: Client, to: User) -> str:
    """As the console shows it, once."""
    chosen = {"action": "make_links", "_selected_action": [str(to.pk)]}
    shown = maker.post(reverse("admin:accounts_user_changelist"), chosen, follow=True)
    (told,) = [str(message) for message in shown.context["messages"]]
    return urlsplit(told[told.index("http") :]).path


def by_link(link: str, client: Client | None = None) -> Client:
    client = client or Client()
    assert client.post(link)["Location"] == "/"
    return client


def proposed(by: User, later: timedelta = timedelta(days=3)) -> Proposal:
    """By default days after everything that was done before."""
    policy = default_policy()
    rules = tuple(
        replace(rule, chain=(replace(rule.chain[0], threshold=0.9),)) if rule.id == "person-image" else rule
        for rule in policy.rules
    )
    made = change_policy(INSTALLATION, replace(policy, rules=rules), by, "Too many false alarms")
    assert isinstance(made, Proposal)
    Proposal.objects.filter(pk=made.pk).update(created=made.created + later, expires=made.expires + later)
    return Proposal.objects.get(pk=made.pk)


def approves(who: Client, proposal: Proposal) -> bool:
    """Whether they do, by a press of the button that only those see who may."""
    page = reverse("admin:proposals")
    offered = 'value="approve"' in who.get(page).content.decode()
    who.post(page, {"proposal": str(proposal.pk), "act": "approve", "reason": "Yes"})
    proposal.refresh_from_db()
    assert (proposal.outcome == "approved") is offered
    return offered


def test_who_has_signed_in_by_themselves_approves(ada: User, vera: User) -> None:
    assert approves(by_password(vera), proposed(ada))


def test_a_session_that_began_by_a_link_of_another_does_not_approve_however_old_it_is(
    ada: User, vera: User
) -> None:
    """The link was made, and used at once, days before the proposal: ada may be the one who sits there."""
    lent = by_link(link_of(by_password(ada), vera))
    made = proposed(ada)
    assert not approves(lent, made)
    shown = lent.get(reverse("admin:proposals")).content.decode()
    assert "You have signed in by a link that somebody else made" in shown
    assert approves(by_password(vera), made), "vera herself does"


def test_nor_does_it_propose(ada: User, vera: User) -> None:
    """Else ada would propose as vera, and approve as herself."""
    lent = by_link(link_of(by_password(ada), vera))
    save(lent, "person-image", **{"use-0-threshold": "0.9"})
    told = act(lent, "propose", reason="Less")
    assert "You have signed in by a link that somebody else made" in told
    assert not Proposal.objects.exists()
    act(by_password(vera), "propose", reason="Less")
    assert Proposal.objects.get().proposer == vera


def test_an_account_that_was_lent_does_not_propose_for_who_lent_it(ada: User, vera: User) -> None:
    hers = by_password(ada)
    link_of(hers, vera)
    made = proposed(vera, later=timedelta(hours=23))
    assert not approves(hers, made)
    Proposal.objects.update(created=made.created + timedelta(hours=2))
    assert approves(hers, made)


@pytest.fixture
def lent_days_ago(ada: User, vera: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A session of vera's that began by a link of ada's, so long ago that the link itself counts no more."""
    now = timezone.now
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now() - timedelta(days=3))
        return by_link(link_of(by_password(ada), vera))


def test_a_link_of_a_link_is_of_who_made_the_first(ada: User, vera: User, lent_days_ago: Client) -> None:
    again = by_link(link_of(lent_days_ago, vera))
    assert set(SignInLink.objects.values_list("by", flat=True)) == {ada.pk}
    assert not approves(again, proposed(ada))


def in_the_settings(who: User, client: Client, phrase: str) -> None:
    body = {"current": PHRASE, "new": phrase}
    assert client.put("/api/session/password", body, content_type="application/json").status_code == 204


def test_a_password_that_is_set_in_a_session_that_was_lent_counts_as_lent_for_a_day(
    ada: User, vera: User, lent_days_ago: Client
) -> None:
    phrase = "another long phrase"
    in_the_settings(vera, lent_days_ago, phrase)
    line = next(e.said for e in AuditEntry.objects.all() if e.said["act"] == "password.set")
    assert line["data"] == {"lent_by": str(ada.pk)}
    hers = by_password(vera, phrase)
    made = proposed(ada, later=timedelta(hours=23))
    assert not approves(hers, made)
    assert not approves(lent_days_ago, made), "that session has ended, or goes on and is what it was"
    Proposal.objects.update(created=made.created + timedelta(hours=2))
    assert approves(hers, made), "others have had a day to see the line"


def test_one_that_is_set_in_a_session_of_one_s_own_lends_nothing(ada: User, vera: User) -> None:
    in_the_settings(vera, by_password(vera), "another long phrase")
    assert approves(by_password(vera, "another long phrase"), proposed(ada, later=timedelta(hours=1)))


def test_a_password_ends_what_a_link_has_lent(ada: User, vera: User) -> None:
    """Django keeps the session of who signs in again as the same person."""
    lent = by_link(link_of(by_password(ada), vera))
    assert approves(by_password(vera, client=lent), proposed(ada))


@pytest.mark.parametrize("whose", ["of the machine", "of one's own"])
def test_a_link_that_nobody_else_has_made_lends_nothing(ada: User, vera: User, whose: str) -> None:
    path = issue_link(vera) if whose == "of the machine" else link_of(by_password(vera), vera)
    assert approves(by_link(path), proposed(ada))


def test_a_link_of_another_lends_a_session_that_had_begun_otherwise(ada: User, vera: User) -> None:
    path = link_of(by_password(ada), vera)
    assert not approves(by_link(path, by_password(vera)), proposed(ada))
