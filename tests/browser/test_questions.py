"""A run that asks: drawn in the editor's own language, answered on the page, by mouse and by keyboard."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.studio import SECONDS, WAIT_FOR_RUN, Studio

ASK = """async ([method, path, body]) => {
  const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? '';
  const headers = {'Content-Type': 'application/json', 'X-CSRFToken': token};
  const answer = await fetch(path, {method, headers, body: body ? JSON.stringify(body) : undefined});
  return await answer.json();
}"""
LETTER = "Ship the boat on Friday."


def edge(number: int, source: str, port: str, target: str, into: str) -> dict[str, Any]:
    return {"id": f"e{number}", "source": {"node": source, "port": port}, "target": {"node": target, "port": into}}  # fmt: skip


def node(name: str, kind: str, /, **params: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "version": 1, "params": params}


GRAPH = {
    "format": 3,
    "nodes": [
        node("in", "input.text", name="text", label="Letter"),
        node("may", "control.approve", question="May this leave the house?"),
        node("more", "control.ask", question="What is to be added?"),
        node("both", "text.join"),
        node("out", "output.text", name="answer", label="Answer"),
    ],
    "edges": [
        edge(1, "in", "text", "may", "value"),
        edge(2, "may", "yes", "more", "value"),
        edge(3, "may", "yes", "both", "texts"),
        edge(4, "more", "answer", "both", "texts"),
        edge(5, "both", "text", "out", "text"),
    ],
}


@pytest.fixture
def asking(studio: Studio) -> Studio:
    """The editor with a workflow that asks twice."""
    studio.open("/")
    session = studio.page.evaluate(ASK, ["GET", "/api/session", None])
    address = f"/api/workspaces/{session['workspaces'][0]['id']}/workflows"
    made = studio.page.evaluate(ASK, ["POST", address, {"name": "Ask first", "graph": GRAPH}])
    studio.open(f"/workflows/{made['id']}")
    expect(studio.gates()).not_to_have_count(0)
    return studio


def test_a_run_waits_for_a_yes_and_a_text_and_goes_on_with_them(asking: Studio) -> None:
    page = asking.page
    asking.ask("text", LETTER)
    asking.run()
    drawer = page.get_by_test_id("run-drawer")
    expect(drawer.get_by_text("May this leave the house?")).to_be_visible(timeout=WAIT_FOR_RUN)
    expect(drawer.get_by_text(LETTER).first).to_be_visible()
    asking.shoot("question-approve")
    drawer.get_by_role("button", name="Yes").click()
    expect(drawer.get_by_text("What is to be added?")).to_be_visible(timeout=WAIT_FOR_RUN)
    field = drawer.get_by_role("textbox").last
    field.fill("And feed the gulls.")
    asking.shoot("question-text")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    asking.wait_for_run("succeeded")
    expect(page.get_by_test_id("results").get_by_text("And feed the gulls.")).to_be_visible()
    expect(page.get_by_test_id("results").get_by_text(LETTER)).to_be_visible()


def test_a_no_ends_it_and_nothing_is_shown(asking: Studio) -> None:
    asking.ask("text", LETTER)
    asking.run()
    no = asking.page.get_by_test_id("run-drawer").get_by_role("button", name="No", exact=True)
    expect(no).to_be_visible(timeout=WAIT_FOR_RUN)
    no.focus()
    asking.page.keyboard.press("Enter")
    summary = asking.page.get_by_test_id("run-summary")
    expect(summary).not_to_have_attribute("data-state", "waiting", timeout=30 * SECONDS)
    expect(asking.page.get_by_test_id("results").get_by_text(LETTER)).to_have_count(0)
