"""Studio: what a person does in the editor, as the browser tests say it."""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, WebSocket, expect

SECONDS = 1_000  # Playwright counts milliseconds
WAIT_FOR_RUN = 120 * SECONDS  # the models share two cores with whatever else runs here


@dataclass
class Studio:
    """One signed-in page, with everything that arrived over its websockets."""

    page: Page
    address: str
    frames: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(str(frame)))

    def heard(self) -> set[str]:
        """The kinds of all events that arrived so far."""
        return {json.loads(frame)["kind"] for frame in self.frames}

    def history(self) -> set[str]:
        """The kinds of all events that the newest run of this page's workflow keeps."""
        workflow = self.page.url.rsplit("/", 1)[-1]
        runs = self.page.request.get(f"{self.address}/api/workflows/{workflow}/runs").json()["results"]
        events = self.page.request.get(f"{self.address}/api/runs/{runs[0]['id']}/events").json()["results"]
        return {event["kind"] for event in events}

    def open(self, path: str = "/") -> None:
        self.page.goto(self.address + path)

    def use_template(self, name: str) -> None:
        """From the gallery into an editor of one's own copy."""
        self.open("/")
        self.page.get_by_role("button", name=re.compile(rf"Use.*{re.escape(name)}", re.IGNORECASE)).click()
        expect(self.page.get_by_test_id("canvas")).to_be_visible(timeout=30 * SECONDS)

    def new_workflow(self) -> None:
        self.open("/workflows")
        self.page.get_by_role("button", name=re.compile("new workflow", re.IGNORECASE)).first.click()
        expect(self.page.get_by_test_id("canvas")).to_be_visible(timeout=30 * SECONDS)

    def gates(self) -> Locator:
        return self.page.locator("[data-testid^='gate-gate:']")

    def node_of_type(self, title: str) -> Locator:
        return self.page.locator("[data-testid^='node-'][data-testid]:has(span)").filter(has_text=title).first

    def drag_from_palette(self, type_name: str, x: float, y: float) -> str:
        """Drag a node type onto the canvas, `x` and `y` pixels from its corner; the new node's id."""
        before = set(self.node_ids())
        canvas = self.page.get_by_test_id("canvas")
        self.page.get_by_test_id(f"palette-{type_name}").drag_to(canvas, target_position={"x": x, "y": y})
        expect(self.page.locator(".react-flow__node")).to_have_count(len(before) + 1)
        (added,) = set(self.node_ids()) - before
        return added

    def node_ids(self) -> list[str]:
        nodes = self.page.locator(".react-flow__node")
        return [str(nodes.nth(i).get_attribute("data-id")) for i in range(nodes.count())]

    def port(self, node: str, side: str, name: str) -> Locator:
        return self.page.get_by_test_id(f"port-{node}-{side}-{name}")

    def pull_wire(self, source: Locator, target: Locator) -> None:
        """Press on one port and move to another, without letting go."""
        begin, end = source.bounding_box(), target.bounding_box()
        assert begin and end
        self.page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(end["x"] - 30, end["y"] + end["height"] / 2, steps=8)
        self.page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)

    def connect(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        edges = self.page.locator(".react-flow__edge")
        before = edges.count()
        self.pull_wire(self.port(source[0], "out", source[1]), self.port(target[0], "in", target[1]))
        self.page.mouse.up()
        expect(edges).to_have_count(before + 1)

    def ask(self, name: str, text: str) -> None:
        """Fill in one input of the run."""
        box = self.page.get_by_test_id(f"input-{name}").locator(
            "textarea, input[type=text], input:not([type])"
        )
        box.first.fill(text)

    def run(self) -> None:
        self.page.get_by_test_id("run").click()

    def wait_for_run(self, state: str) -> None:
        summary = self.page.get_by_test_id("run-summary")
        over = re.compile("succeeded|failed|blocked|cancelled")
        expect(summary).to_have_attribute("data-state", over, timeout=WAIT_FOR_RUN)
        assert summary.get_attribute("data-state") == state, self.page.get_by_test_id(
            "run-drawer"
        ).inner_text()

    def shoot(self, name: str) -> None:
        """Keep a picture of the page where SLUICEWAY_SHOTS says."""
        folder = os.environ.get("SLUICEWAY_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")
