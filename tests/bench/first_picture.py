"""first_picture: how long a picture takes from the browser, from the press of Run until it is to be seen.

A new installation, its worker cold: the first run loads the model that paints, the one that enlarges and the filters.
Once pressed as soon as the page is there, and once after as long as a person takes to type a prompt: meanwhile the worker,
which was told what the workflow needs, loads it.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.bench.figures import Figure
from tests.browser.conftest import DESK, chromium
from tests.browser.studio import SECONDS, Studio
from tests.fixtures.site import Site, running
from tests.models.cache import cache_folder, real_models

BAR_SECONDS = 15.0
PROMPTS = ("a strawberry", "a lion", "一只微笑的猫", "pizza on blue")
TYPING = 10.0  # seconds from the open page to the press


def measure() -> Sequence[Figure]:
    real_models()
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="sluiceway-bench-") as folder,
        sync_playwright() as playwright,
    ):
        patch.setenv("SLUICEWAY_MODELS", str(cache_folder()))
        browser = chromium(playwright)
        with running(Path(folder) / "at_once") as site:
            first, *later = _paint(site, browser)
        with running(Path(folder) / "typed") as site:
            (typed,) = _paint(site, browser, TYPING, PROMPTS[:1])
        browser.close()
    return [
        Figure("first_picture", first, "s", BAR_SECONDS),
        Figure(
            "first_after_typing", typed, "s", BAR_SECONDS, note=f"the page was open for {TYPING:g} s before"
        ),
        Figure("picture_afterwards", min(later), "s", BAR_SECONDS),
        Figure("processors", len(os.sched_getaffinity(0)), "", None),
    ]


def _paint(
    site: Site, browser: Browser, typing: float = 0.0, prompts: Sequence[str] = PROMPTS
) -> list[float]:
    """Seconds of the first run of the template, `typing` seconds after it is seen, and of those that follow."""
    context = browser.new_context(viewport=DESK, locale="en-GB")
    page = context.new_page()
    page.goto(site.sign_in)
    page.wait_for_url(f"{site.address}/")
    studio = Studio(page, site.address)
    studio.use_template("Picture from a prompt")
    expect(studio.gates()).not_to_have_count(0)
    page.wait_for_timeout(typing * SECONDS)
    taken = []
    for prompt in prompts:
        studio.ask("prompt", prompt)
        before = _shown(studio)
        begun = time.perf_counter()
        studio.run()
        # Another picture than before, and decoded: what a person would call seen.
        page.wait_for_function(
            """before => [...document.querySelectorAll('[data-testid="results"] img')]
                .some(image => image.getAttribute('src') !== before && image.complete && image.naturalWidth === 256)""",
            arg=before,
            timeout=120 * SECONDS,
        )
        taken.append(time.perf_counter() - begun)
        studio.wait_for_run("succeeded")
    context.close()
    return taken


def _shown(studio: Studio) -> str | None:
    picture = studio.page.get_by_test_id("results").locator("img").first
    return picture.get_attribute("src") if picture.count() else None
