"""What other members see of a file that somebody brought, and what a text is saved as: in a browser, in both languages."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.studio import SECONDS, Studio
from tests.browser.test_looks import dress
from tests.browser.test_policy import _page_of
from tests.fixtures.site import Site

# Edith brings a picture and draws it into a workflow; Vic may look, Rex decides about holds.
PREPARE = """
import io, sys
from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User
from builder.assets.store_upload import store_upload
from builder.workflows.create_workflow import create_workflow
edith = User.objects.create(username="edith", first_name="Edith")
place = create_workspace("Photos", edith)
for name, role in (("vic", "viewer"), ("rex", "reviewer"), ("eve", "editor")):
    Membership.objects.create(user=User.objects.create(username=name), workspace=place, role=role)
asset = store_upload(place, edith, open("{path}", "rb"))
graph = {{
    "format": 1,
    "nodes": [
        {{"id": "p", "type": "input.image", "version": 1, "params": {{"name": "photo", "asset": str(asset.pk)}}}},
        {{"id": "o", "type": "output.image", "version": 1, "params": {{"name": "shown"}}, "position": {{"x": 420, "y": 0}}}},
    ],
    "edges": [{{"id": "e", "source": {{"node": "p", "port": "image"}}, "target": {{"node": "o", "port": "image"}}}}],
}}
echo = {{
    "format": 1,
    "nodes": [
        {{"id": "q", "type": "input.text", "version": 1, "params": {{"name": "text"}}}},
        {{"id": "a", "type": "output.text", "version": 1, "params": {{"name": "answer"}}, "position": {{"x": 420, "y": 0}}}},
    ],
    "edges": [{{"id": "e", "source": {{"node": "q", "port": "text"}}, "target": {{"node": "a", "port": "text"}}}}],
}}
print(create_workflow(place, edith, "With a picture", graph).pk, create_workflow(place, edith, "Echo", echo).pk)
"""


@pytest.fixture(scope="module")
def workflows(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The workflow with the picture, and one that says what it is told."""
    file = tmp_path_factory.mktemp("photo") / "photo.png"
    out = io.BytesIO()
    Image.radial_gradient("L").resize((320, 240)).convert("RGB").save(out, "PNG")
    file.write_bytes(out.getvalue())
    done = site.manage("shell", "-c", PREPARE.format(path=file))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-2:]


@pytest.fixture
def people(workflows: list[str], site: Site, browser: Browser) -> Iterator[dict[str, Studio]]:
    pages = {name: _page_of(name, site, browser) for name in ("edith", "vic", "rex", "eve")}
    yield {name: next(page) for name, page in pages.items()}
    for page in pages.values():
        next(page, None)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_others_see_a_quiet_note_in_place_of_the_picture(
    language: str, people: dict[str, Studio], workflows: list[str]
) -> None:
    said = {"en": "File of another member", "zh-hans": "其他成员的文件"}[language]
    for name in ("vic", "rex", "eve"):
        studio = people[name]
        dress(studio, language, "light")
        studio.open(f"/workflows/{workflows[0]}")
        expect(studio.page.get_by_test_id("canvas").get_by_text(said)).to_be_visible(timeout=30 * SECONDS)
        expect(studio.page.locator("img[src*='/content']")).to_have_count(0)
        studio.shoot(f"other-canvas-{name}-{language}")
    eve = people["eve"]
    eve.open(f"/workflows/{workflows[0]}/app")
    note = eve.page.get_by_test_id("file-of-another")
    expect(note).to_contain_text(said)
    expect(note).to_contain_text("PNG · 320 × 240")
    eve.shoot(f"other-form-{language}")


def test_who_brought_the_picture_sees_it(people: dict[str, Studio], workflows: list[str]) -> None:
    edith = people["edith"]
    dress(edith, "en", "light")
    edith.open(f"/workflows/{workflows[0]}")
    picture = edith.page.get_by_test_id("canvas").locator("img[src*='/content']")
    expect(picture).to_be_visible(timeout=30 * SECONDS)
    assert picture.evaluate("image => image.naturalWidth") == 320
    edith.shoot("own-canvas-en")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_text_is_saved_as_a_file(
    language: str, people: dict[str, Studio], workflows: list[str], tmp_path: Path
) -> None:
    edith = people["edith"]
    dress(edith, language, "dark")
    edith.open(f"/workflows/{workflows[1]}/app")
    edith.page.get_by_label("text").fill("Water falls.")
    edith.page.get_by_role("button", name=re.compile("^(Run|运行)")).click()
    save = edith.page.get_by_role("link", name=re.compile("Markdown"))
    expect(save).to_be_visible(timeout=60 * SECONDS)
    edith.shoot(f"save-text-{language}")
    with edith.page.expect_download() as begun:
        save.click()
    begun.value.save_as(tmp_path / "saved.md")
    assert begun.value.suggested_filename == "answer.md"
    assert (tmp_path / "saved.md").read_text() == "Water falls."
