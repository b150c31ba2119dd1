"""An owner's policy page in a browser: a rule made stricter, what that would do, a trial of it, and putting it in force."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK
from tests.browser.studio import SECONDS, Studio
from tests.browser.test_looks import CUT, LOOKS, WIDER, dress
from tests.fixtures.site import Site

# Bea owns a workspace with a published workflow; Vera may look.
PREPARE = """
from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User
from builder.workflows.create_workflow import create_workflow
from builder.workflows.publish_workflow import publish_workflow
bea = User.objects.create(username="bea", first_name="Bea")
place = create_workspace("Postcards", bea)
Membership.objects.create(user=User.objects.create(username="vera"), workspace=place, role="viewer")
graph = {
    "format": 1,
    "nodes": [
        {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
        {"id": "a", "type": "output.text", "version": 1, "params": {"name": "a"}},
    ],
    "edges": [{"id": "e", "source": {"node": "q", "port": "text"}, "target": {"node": "a", "port": "text"}}],
}
publish_workflow(create_workflow(place, bea, "Greeting", graph), bea)
"""
ASK = "Write to ada@example.org, CANARY-7733."


@pytest.fixture(scope="module")
def postcards(site: Site) -> Site:
    done = site.manage("shell", "-c", PREPARE)
    assert done.returncode == 0, done.stderr
    return site


def _page_of(name: str, site: Site, browser: Browser) -> Iterator[Studio]:
    context = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(site.address + site.manage("sign_in_link", name).stdout.strip())
    page.wait_for_url(f"{site.address}/")
    yield Studio(page, site.address)
    context.close()
    assert problems == []


@pytest.fixture
def bea(postcards: Site, browser: Browser) -> Iterator[Studio]:
    yield from _page_of("bea", postcards, browser)


@pytest.fixture
def vera(postcards: Site, browser: Browser) -> Iterator[Studio]:
    yield from _page_of("vera", postcards, browser)


def block_personal_data(studio: Studio) -> None:
    """In the rule for texts: what is taken out today is stopped."""
    page = studio.page
    page.get_by_role("button", name="Change the rule “Text”").click()
    form = page.get_by_role("dialog")
    use = form.get_by_role("group", name="Filter 2")
    expect(use.get_by_label("Looks for")).to_have_value("safety.personal_data")
    use.get_by_label("What happens").select_option("block")
    studio.shoot("policy-rule-en-light")
    form.get_by_role("button", name="Keep in the draft").click()
    expect(form).to_be_hidden()


def test_an_owner_makes_a_rule_stricter_tries_it_and_puts_it_in_force(bea: Studio, vera: Studio) -> None:
    dress(bea, "en", "light")
    bea.open("/policy")
    page = bea.page
    expect(page.get_by_text("This workspace follows the rules of the installation")).to_be_visible()
    bea.shoot("policy-begin-en-light")

    block_personal_data(bea)
    expect(page.get_by_test_id("draft")).to_contain_text("Nothing of it is in force")
    expect(page.get_by_test_id("effects")).to_contain_text(
        "1 would have a gate changed", timeout=60 * SECONDS
    )
    expect(page.get_by_test_id("effects").get_by_role("link", name="Greeting")).to_be_visible()

    # Taken back by keys, and done again.
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("draft")).to_be_hidden()
    block_personal_data(bea)

    # Below the floor: said with the rule's name, and refused.
    page.get_by_role("button", name="Change the rule “Image”").click()
    form = page.get_by_role("dialog")
    form.get_by_label("When at least this sure (%)").fill("95")
    form.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_test_id("draft")).to_contain_text("“person-image” is milder than the floor")
    expect(page.get_by_test_id("rule-person-image")).to_contain_text("needs a change")
    bea.shoot("policy-fault-en-light")
    page.get_by_role("button", name="Undo the last change").click()
    expect(page.get_by_test_id("draft")).to_contain_text("It can be put in force")

    trial = page.get_by_test_id("try-policy")
    trial.get_by_label("Your text").fill(ASK)
    trial.get_by_test_id("try").click()
    tried = page.get_by_test_id("tried")
    expect(tried).to_have_attribute("data-verdict", "block", timeout=60 * SECONDS)
    bea.shoot("policy-draft-en-light")

    page.get_by_role("button", name="Try it in the shadow…").click()
    page.get_by_label("Why").fill("To see how often")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_test_id("shadow")).to_contain_text("Looks on since")

    # By keys alone. A dialog that goes gives the focus back to who opened it.
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_test_id("put-in-force").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.type("Children use it")
    bea.shoot("policy-force-en-light")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("of its own is in force"))).to_be_visible()
    expect(page.get_by_test_id("rule-person-text")).to_contain_text("stricter")
    bea.shoot("policy-in-force-en-light")

    # Who may look reads what holds, and is offered nothing.
    vera.open("/policy")
    expect(vera.page.get_by_test_id("rule-person-text")).to_contain_text("stricter")
    expect(vera.page.get_by_test_id("put-in-force")).to_have_count(0)
    assert "Looks on since" not in vera.page.content()
    vera.shoot("policy-viewer-en-light")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_page_and_its_form_fit_in_every_look(bea: Studio, language: str, theme: str) -> None:
    dress(bea, language, theme)
    page = bea.page
    bea.open("/workflows")
    page.get_by_role("link", name="Greeting").click()
    expect(page.get_by_test_id("canvas")).to_be_visible(timeout=30 * SECONDS)
    page.locator("a[href$='/policy'][href*='workflows']").click()
    row = page.get_by_test_id("rule-person-text")
    expect(row).to_be_visible()
    page.wait_for_load_state("networkidle")
    bea.shoot(f"policy-workflow-{language}-{theme}")
    assert page.evaluate(WIDER) <= 0
    assert page.evaluate(CUT) == []
    row.get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    bea.shoot(f"policy-form-{language}-{theme}")
    assert page.evaluate(CUT) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    bea.open("/policy")
    expect(page.get_by_test_id("rule-person-text")).to_be_visible()
    bea.shoot(f"policy-phone-{language}-{theme}")
    assert page.evaluate(WIDER) <= 0
