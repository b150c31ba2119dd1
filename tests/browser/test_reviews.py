"""The reviewers' desk in a browser: what a gate holds is looked at, cut, let through or kept back; and an appeal."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.browser.studio import SECONDS, WAIT_FOR_RUN, Studio
from tests.browser.test_looks import CUT, WIDER, dress
from tests.fixtures.site import Site

WORD = "bullshit"
TEXT = f"Tell Bob that this is {WORD} before noon."
GRAPH = {
    "format": 1,
    "nodes": [
        {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
        {"id": "a", "type": "output.text", "version": 1, "params": {"name": "answer", "label": "Answer"}},
    ],
    "edges": [{"id": "e", "source": {"node": "q", "port": "text"}, "target": {"node": "a", "port": "text"}}],
}
# Ada, with a workspace whose policy asks a person about coarse words. What the floor takes out nobody could give back.
PREPARE = """
from dataclasses import replace
from builder.accounts.administrators import ensure_administrator
from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User
from builder.safety.active_policy import active_policy
from builder.safety.change_policy import change_policy
from builder.safety.owner import Owner
from runtime.safety.policy import Action, FilterUse
ada = User.objects.create(username="ada", first_name="Ada")
place = Owner(str(create_workspace("Letters", ada).pk))
floor = active_policy()
coarse = FilterUse("safety.profanity", Action.HOLD, 0.5)
rules = [
    replace(rule, chain=(*rule.chain, coarse)) if rule.id == "person-text" else rule for rule in floor.rules
]
change_policy(place, replace(floor, rules=tuple(rules)), ensure_administrator(), "Coarse words are looked at")
"""
RUN = """
import json
from builder.accounts.models import User, Workspace
from builder.runs.submit_run import Order, submit_run
place = Workspace.objects.get(name="Letters")
ada = User.objects.get(username="ada")
print("RUN", submit_run(Order(place, {"q": %s}, user=ada, graph=json.loads(%r))).run.pk)
"""


@pytest.fixture(scope="module")
def letters(site: Site) -> Site:
    done = site.manage("shell", "-c", PREPARE)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def ada(letters: Site, browser: Browser) -> Iterator[Page]:
    """The author's own browser."""
    context = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(letters.address + letters.manage("sign_in_link", "ada").stdout.strip())
    page.wait_for_url(f"{letters.address}/")
    yield page
    context.close()


def held(site: Site, text: str = TEXT) -> str:
    """A run of Ada's that comes to wait for a reviewer."""
    done = site.manage("shell", "-c", RUN % (json.dumps(text), json.dumps(GRAPH)))
    assert done.returncode == 0, done.stderr
    return done.stdout.split("RUN ")[1].split()[0]


def open_review(studio: Studio, run: str) -> None:
    """Find it on the desk, as a reviewer does: the list is asked for until the gate has come so far."""
    answer: list[dict[str, str]] = []
    for _ in range(120):
        answer = studio.page.request.get(f"{studio.address}/api/reviews").json()["results"]
        answer = [review for review in answer if review["run"] == run and review["state"] == "open"]
        if answer:
            break
        studio.page.wait_for_timeout(SECONDS)
    studio.open("/reviews")
    row = studio.page.get_by_test_id(f"review-{answer[0]['id']}")
    expect(row).to_be_visible(timeout=30 * SECONDS)
    row.get_by_role("link").first.click()


def decide(studio: Studio, button: str, why: str) -> None:
    studio.page.get_by_label("Why").fill(why)
    studio.page.get_by_role("button", name=button).click()


def show(studio: Studio) -> None:
    studio.page.get_by_test_id("show-material").click()
    expect(studio.page.get_by_test_id("material")).to_contain_text(WORD)


def test_a_reviewer_takes_a_part_out_and_the_author_reads_the_rest(
    letters: Site, studio: Studio, ada: Page
) -> None:
    dress(studio, "en", "light")
    run = held(letters)
    open_review(studio, run)
    page = studio.page
    expect(page.get_by_role("button", name="Let it through")).to_be_disabled()
    assert WORD not in page.content(), "nothing is shown before a look"
    studio.shoot("desk-behind-a-click-en-light")
    show(studio)
    mark = page.get_by_test_id("material").get_by_role("button", name=WORD)
    expect(mark).to_have_attribute("aria-pressed", "true")
    studio.shoot("desk-material-en-light")
    decide(studio, "Take out what is marked", "It is coarse.")
    expect(page.get_by_text("let through without what was taken out").first).to_be_visible()
    studio.shoot("desk-decided-en-light")
    ada.goto(f"{letters.address}/runs/{run}")
    expect(ada.get_by_text("before noon.").first).to_be_visible(timeout=WAIT_FOR_RUN)
    assert WORD not in ada.locator("main").inner_text().replace(TEXT, ""), "but in what she wrote herself"


def test_a_reviewer_lets_all_of_it_through(letters: Site, studio: Studio, ada: Page) -> None:
    dress(studio, "en", "light")
    run = held(letters, "The word bullshit stands in our dictionary.")
    open_review(studio, run)
    show(studio)
    decide(studio, "Let it through", "It is in our dictionary.")
    expect(studio.page.get_by_text("let through", exact=True).first).to_be_visible()
    for _ in range(60):
        state = ada.request.get(f"{letters.address}/api/runs/{run}").json()["state"]
        if state == "succeeded":
            break
        ada.wait_for_timeout(SECONDS)
    assert state == "succeeded"


def test_what_is_kept_back_is_appealed_for_and_given_back_in_part(
    letters: Site, studio: Studio, ada: Page
) -> None:
    dress(studio, "en", "light")
    run = held(letters)
    open_review(studio, run)
    decide(studio, "Keep it back", "I would rather not.")
    expect(studio.page.get_by_text("kept back", exact=True).first).to_be_visible()
    ada.goto(f"{letters.address}/runs/{run}")
    why = ada.get_by_label("Why should it be let through?")
    expect(why).to_be_visible(timeout=WAIT_FOR_RUN)
    why.fill("Without the word it harms nobody.")
    ada.get_by_role("button", name="Ask for a review").click()
    expect(ada.get_by_text(re.compile("A reviewer has been asked"))).to_be_visible()
    Studio(ada, letters.address).shoot("appeal-asked-en-light")
    open_review(studio, run)
    expect(studio.page.get_by_text("Without the word it harms nobody.")).to_be_visible()
    show(studio)
    studio.shoot("appeal-on-the-desk-en-light")
    decide(studio, "Take out what is marked", "So be it.")
    expect(studio.page.get_by_text("let through without what was taken out").first).to_be_visible()
    ada.reload()
    expect(ada.get_by_test_id("appeal-redacted")).to_contain_text("before noon.")
    expect(ada.get_by_test_id("appeal-redacted")).not_to_contain_text(WORD)
    Studio(ada, letters.address).shoot("appeal-redacted-en-light")


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh-hans", "light"), ("zh-hans", "dark")])
def test_the_desk_fits_in_every_look(letters: Site, studio: Studio, language: str, theme: str) -> None:
    try:
        dress(studio, language, theme)
        open_review(studio, held(letters))
        show(studio)
        studio.shoot(f"desk-material-{language}-{theme}")
        assert studio.page.evaluate(CUT) == []
        assert studio.page.evaluate(WIDER) <= 0
        studio.open("/reviews")
        expect(studio.page.locator("[data-testid^='review-']").first).to_be_visible()
        studio.shoot(f"desk-{language}-{theme}")
        assert studio.page.evaluate(CUT) == []
    finally:
        dress(studio, "en", "light")
