"""A real Chromium before a real installation, signed in once by the one-time link."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.studio import Studio
from tests.fixtures.site import Site, installed_models, site

__all__ = ["installed_models", "site"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1440, "height": 900}


def chromium(playwright: Playwright) -> Browser:
    path = os.environ.get("SLUICEWAY_CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in(site: Site, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookies of somebody who used the one-time link, as a file."""
    kept = tmp_path_factory.mktemp("cookies") / "state.json"
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site.sign_in)
    page.wait_for_url(f"{site.address}/")
    context.storage_state(path=kept)
    context.close()
    return kept


@pytest.fixture
def studio(site: Site, browser: Browser, signed_in: Path) -> Iterator[Studio]:
    """A page of a signed-in person, in English, on a desk."""
    context = browser.new_context(
        storage_state=signed_in, viewport=DESK, locale="en-GB", accept_downloads=True, reduced_motion="reduce"
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield Studio(page, site.address)
    context.close()
    assert problems == []
