"""Gates on the canvas: looked at by pointer, key and finger; and what they would say, without any run."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.studio import SECONDS, Studio
from tests.browser.test_looks import CUT, OUTSIDE, WIDER, dress

CHAT = "Chat with a gate"
PHONE = {"width": 390, "height": 844}
LOOKS = [("en", "light"), ("zh-hans", "dark")]


def test_a_gate_says_why_it_is_here_to_pointer_and_key_and_answers_what_if(studio: Studio) -> None:
    dress(studio, "en", "light")
    studio.use_template(CHAT)
    page = studio.page
    gate = studio.gates().last
    card = page.get_by_test_id("gate-details")

    gate.hover()
    expect(card).to_contain_text("Why it is here")
    expect(card).to_contain_text("A person will read this.")
    expect(card).to_contain_text("models")
    expect(card).to_contain_text("Harmful words")
    studio.shoot("gate-card-en-light")
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()

    gate.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(card).to_have_count(1)  # that of the gate before fades
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()

    # Nothing takes it away: it is no part of the drawing.
    count = studio.gates().count()
    nodes = len(studio.node_ids())
    gate.focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    assert (studio.gates().count(), len(studio.node_ids())) == (count, nodes)
    page.keyboard.press("Escape")

    gate.click()
    page.get_by_test_id("try-gate").click()
    field = page.get_by_label("Your text")
    expect(field).to_be_focused()
    field.fill("Write to ada@example.org, CANARY-4410.")
    page.get_by_test_id("try").click()
    tried = page.get_by_test_id("tried")
    expect(tried).to_have_attribute("data-verdict", "redact", timeout=60 * SECONDS)
    expect(tried).to_contain_text("E-mail address")
    expect(tried).to_contain_text("CANARY-4410")
    expect(tried).not_to_contain_text("ada@example.org")
    studio.shoot("what-if-en-light")

    # No run came of it, and a reload has forgotten it.
    workflow = page.url.rsplit("/", 1)[-1]
    assert page.request.get(f"{studio.address}/api/workflows/{workflow}/runs").json()["results"] == []
    page.reload()
    page.get_by_test_id("tab-try").click()
    expect(page.get_by_label("Your text")).to_have_value("")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_card_and_the_trial_fit_in_every_look(studio: Studio, language: str, theme: str) -> None:
    try:
        dress(studio, language, theme)
        studio.use_template(CHAT) if language == "en" else _open_newest(studio)
        page = studio.page
        studio.gates().first.hover()
        expect(page.get_by_test_id("gate-details")).to_be_visible()
        studio.shoot(f"gate-card-{language}-{theme}")
        page.mouse.move(5, 5)
        page.get_by_test_id("tab-try").click()
        page.get_by_test_id("what-if").locator("textarea").first.fill("Hello, 你好")
        page.get_by_test_id("try").click()
        expect(page.get_by_test_id("tried")).to_be_visible(timeout=60 * SECONDS)
        studio.shoot(f"what-if-{language}-{theme}")
        assert page.evaluate(CUT) == []
        assert page.evaluate(OUTSIDE) == []
        studio.open("/reviews")
        expect(page.locator("h2")).to_be_visible()
        studio.shoot(f"reviews-{language}-{theme}")
        assert page.evaluate(CUT) == []
    finally:
        dress(studio, "en", "light")


def test_on_a_phone_a_tap_says_it_too(studio: Studio) -> None:
    dress(studio, "en", "light")
    studio.use_template(CHAT)
    page = studio.page
    page.set_viewport_size(PHONE)
    row = page.locator("[data-testid^='gate-row-']").first
    row.click()
    expect(page.get_by_test_id("gate-details")).to_contain_text("Why it is here")
    studio.shoot("gate-row-phone")
    assert page.evaluate(WIDER) <= 0
    page.get_by_test_id("try-gate").click()
    field = page.get_by_label("Your text")
    expect(field).to_be_focused()
    field.fill("Hello")
    page.get_by_test_id("try").click()
    expect(page.get_by_test_id("tried")).to_have_attribute("data-verdict", "allow", timeout=60 * SECONDS)
    studio.shoot("what-if-phone")
    assert page.evaluate(WIDER) <= 0


def _open_newest(studio: Studio) -> None:
    studio.open("/workflows")
    studio.page.get_by_role("link", name=re.compile("Chat with a gate|闸门|对话")).first.click()
    expect(studio.page.get_by_test_id("canvas")).to_be_visible(timeout=30 * SECONDS)
