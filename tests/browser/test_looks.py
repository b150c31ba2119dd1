"""Every main page in both languages and both themes: nothing sticks out, nothing lies over its neighbour."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Studio

PAGES = {
    "gallery": "/",
    "workflows": "/workflows",
    "runs": "/runs",
    "reviews": "/reviews",
    "policy": "/policy",
    "models": "/models",
    "settings": "/settings",
}
LOOKS = [(language, theme) for language in ("en", "zh-hans") for theme in ("light", "dark")]

# Words that are wider than their own box and are neither scrolled nor ended by an ellipsis are cut.
CUT = """() => [...document.querySelectorAll('button, a, h1, h2, h3, label, th, td, p, span')]
  .filter(e => e.children.length === 0 && e.textContent.trim() && e.offsetParent !== null)
  .filter(e => {
    const style = getComputedStyle(e);
    const hidden = style.overflowX === 'hidden' || style.overflowX === 'clip';
    return hidden && style.textOverflow !== 'ellipsis' && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1;
  })
  .map(e => e.textContent.trim().slice(0, 60))"""

# Words of the drawer that reach beyond it lie under the panel at its side.
OUTSIDE = """() => {
  const drawer = document.querySelector('[data-testid=run-drawer]');
  const edge = drawer.getBoundingClientRect();
  return [...drawer.querySelectorAll('button, h3, label, p, span')]
    .filter(e => e.offsetParent !== null && e.textContent.trim())
    .filter(e => e.getBoundingClientRect().right > edge.right + 1 || e.getBoundingClientRect().left < edge.left - 1)
    .map(e => e.textContent.trim().slice(0, 60));
}"""

TOOLS_MEET = """() => {
  const zoom = document.querySelector('[data-testid=canvas] [role=toolbar]').getBoundingClientRect();
  const gates = document.querySelector('[data-testid=show-gates]').closest('label, div').getBoundingClientRect();
  return gates.left < zoom.right && gates.bottom > zoom.top && gates.top < zoom.bottom;
}"""
NARROW = [(1024, 768), (800, 768)]

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _english_again(studio: Studio) -> Iterator[None]:
    """A person's language is kept by the server: what follows expects English."""
    yield
    dress(studio, "en", "light")


def dress(studio: Studio, language: str, theme: str) -> None:
    """Choose language and theme as a person would keep them."""
    page = studio.page
    studio.open("/")
    page.evaluate(
        """([language, theme]) => {
          localStorage.setItem('mantine-color-scheme-value', theme);
          const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
          return fetch('/api/session', {
            method: 'PATCH', headers: {'Content-Type': 'application/json', 'X-CSRFToken': token},
            body: JSON.stringify({language}),
          });
        }""",
        [language, theme],
    )
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_no_page_is_cut_or_too_wide(studio: Studio, language: str, theme: str) -> None:
    dress(studio, language, theme)
    for name, path in PAGES.items():
        studio.open(path)
        settled(studio.page)
        studio.shoot(f"{name}-{language}-{theme}")
        assert studio.page.evaluate("document.documentElement.lang").lower().startswith(language[:2])
        assert studio.page.evaluate(WIDER) <= 0, name
        assert studio.page.evaluate(CUT) == [], name


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_editor_fits_in_every_look(studio: Studio, language: str, theme: str) -> None:
    dress(studio, language, theme)
    studio.open("/")
    studio.page.locator("article").first.get_by_role("button").last.click()
    expect(studio.gates()).to_have_count(2)
    settled(studio.page)
    studio.page.locator(".react-flow__node").nth(2).click(position={"x": 60, "y": 16})
    studio.shoot(f"editor-{language}-{theme}")
    assert studio.page.evaluate(WIDER) <= 0
    assert studio.page.evaluate(CUT) == []
    before = studio.page.viewport_size
    for width, height in NARROW:
        studio.page.set_viewport_size({"width": width, "height": height})
        studio.page.reload()
        expect(studio.gates()).to_have_count(2)
        settled(studio.page)
        studio.shoot(f"editor-{width}-{language}-{theme}")
        assert studio.page.evaluate(WIDER) <= 0, width
        assert studio.page.evaluate(CUT) == [], width
        assert studio.page.evaluate(OUTSIDE) == [], width
        assert not studio.page.evaluate(TOOLS_MEET), width
    studio.page.set_viewport_size(before)


def test_a_phone_gets_lists_and_no_sideways_scrolling(studio: Studio) -> None:
    studio.page.set_viewport_size({"width": 390, "height": 844})
    for name, path in PAGES.items():
        studio.open(path)
        settled(studio.page)
        studio.shoot(f"phone-{name}")
        assert studio.page.evaluate(WIDER) <= 0, name
