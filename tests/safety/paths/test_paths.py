"""The ways on which something could reach a person, each tried through the API; and each once more with broken filters.

Nothing may be seen of what the gate keeps: no byte in any answer, stream, asset or message.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.assets.models import Asset
from builder.gallery.models import Template
from builder.runs.models import Output
from builder.workflows.models import Revision
from tests.document.papers import pdf, shown
from tests.fixtures.runs import chain, drawing, failing, stub_policy
from tests.safety.paths.conftest import EACH_BREAK, broken_policy, let_it_be_submitted
from tests.safety.paths.visit import CANARY, TYPED, Visit

# A way: what she does, and what she has in the end: the workflow, and the run unless it was refused.
Way = Callable[[Visit, Path], tuple[str, str | None]]
PLAIN = chain(("u", "upper", {}))


def normal_run(visit: Visit, folder: Path) -> tuple[str, str | None]:
    workflow = visit.draw(PLAIN)
    return workflow, visit.run(workflow)


def run_to_a_node(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """She asks for what a node in the middle gives, and not for the output behind its gate."""
    workflow = visit.draw(PLAIN)
    return workflow, visit.run(workflow, to="u")


def run_to_a_node_that_streams(visit: Visit, folder: Path) -> tuple[str, str | None]:
    workflow = visit.draw(chain(("u", "upper", {}), ("s", "stream", {"piece": 7, "seconds": 0.001})))
    return workflow, visit.run(workflow, TYPED + " and so on. " * 40, to="s")


def run_to_a_picture(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """What no output of the drawing shows."""
    graph = drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "red"}), ("o", "output", {"name": "o"}),
        edges="in.text>p.text in.text>o.text",
    )  # fmt: skip
    workflow = visit.draw(graph)
    run = visit.run(workflow, to="p")
    assert not Asset.objects.exists(), "what was withheld has an address"
    return workflow, run


def workflow_inside_a_workflow(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """What makes the text large, and what it would show, stand in workflows that she calls, one in the other."""
    try:
        inner = visit.publish(chain(("u", "upper", {})))
        outer = visit.publish(chain(("w", "call", {"workflow": inner}), between={"w": ("in", "out")}))
    except AssertionError:  # with a filter that is not there nothing can be published
        return visit.draw(PLAIN), None
    workflow = visit.draw(chain(("w", "call", {"workflow": outer}), between={"w": ("in", "out")}))
    return workflow, visit.run(workflow)


def run_to_a_workflow_inside(visit: Visit, folder: Path) -> tuple[str, str | None]:
    try:
        inner = visit.publish(PLAIN)
    except AssertionError:
        return visit.draw(PLAIN), None
    graph = drawing(
        ("in", "input", {"name": "text"}), ("w", "call", {"workflow": inner}), ("o", "output", {"name": "o"}),
        edges="in.text>w.in in.text>o.text",
    )  # fmt: skip
    workflow = visit.draw(graph)
    return workflow, visit.run(workflow, to="w")


ROUND = chain(("u", "upper", {}))
ROUND["nodes"][-1]["params"] = {"name": "text"}
# What she types comes in as a list of its words, and the list of what is done with them as one text.
WORDS = {"w": ("in", "out"), "s": ("text", "texts"), "j": ("texts", "text")}


def repeated(visit: Visit, inner: Any, node: str, **more: Any) -> str | None:
    """A workflow of hers that repeats another; None when that could not be published."""
    try:
        params = {"workflow": visit.publish(inner), "times": 3, **more}
    except AssertionError:  # with a filter that is not there nothing can be published
        return None
    if node == "loop":
        return visit.draw(chain(("w", "loop", params), between=WORDS))
    return visit.draw(chain(("s", "split", {}), ("w", "map", params), ("j", "join", {}), between=WORDS))


def body_of_a_loop(visit: Visit, folder: Path) -> tuple[str, str | None]:
    workflow = repeated(visit, ROUND, "loop")
    return (workflow, visit.run(workflow)) if workflow else (visit.draw(PLAIN), None)


def loop_that_ends_early(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """It leaves after its first round, by the turn, and never comes to the last."""
    workflow = repeated(visit, ROUND, "loop", at="out", test="contains", operand=CANARY)
    return (workflow, visit.run(workflow)) if workflow else (visit.draw(PLAIN), None)


def last_round_of_a_loop_that_streams(visit: Visit, folder: Path) -> tuple[str, str | None]:
    inner = chain(("u", "upper", {}), ("s", "stream", {"piece": 7, "seconds": 0.001}))
    inner["nodes"][-1]["params"] = {"name": "text"}
    workflow = repeated(visit, inner, "loop")
    return (
        (workflow, visit.run(workflow, TYPED + " and so on. " * 20))
        if workflow
        else (visit.draw(PLAIN), None)
    )


def item_of_a_map(visit: Visit, folder: Path) -> tuple[str, str | None]:
    workflow = repeated(visit, ROUND, "map")
    return (workflow, visit.run(workflow)) if workflow else (visit.draw(PLAIN), None)


def map_inside_a_loop(visit: Visit, folder: Path) -> tuple[str, str | None]:
    try:
        inner = visit.publish(ROUND)
    except AssertionError:
        return visit.draw(PLAIN), None
    params = {"workflow": inner, "times": 3}
    each = chain(("s", "split", {}), ("w", "map", params), ("j", "join", {}), between=WORDS)
    each["nodes"][-1]["params"] = {"name": "text"}
    workflow = repeated(visit, each, "loop")
    assert workflow is not None
    return workflow, visit.run(workflow)


def run_to_a_loop(visit: Visit, folder: Path) -> tuple[str, str | None]:
    workflow = repeated(visit, ROUND, "loop")
    return (workflow, visit.run(workflow, to="w")) if workflow else (visit.draw(PLAIN), None)


def list_that_is_too_long(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """What a list says is in no message, although the run fails by it."""
    try:
        params = {"workflow": visit.publish(ROUND), "times": 3}
    except AssertionError:
        return visit.draw(PLAIN), None
    graph = chain(
        ("u", "upper", {}), ("s", "split", {}), ("w", "map", params), ("j", "join", {}), between=WORDS
    )
    workflow = visit.draw(graph)
    return workflow, visit.run(workflow, TYPED + " and four more words")


def run_of_a_version(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """Another program asks for a published version by its number."""
    workflow = visit.draw(PLAIN)
    visit.post(f"workflows/{workflow}/versions", {})
    return workflow, visit.run(workflow, version=1)


def resumed_run(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """The worker's child dies behind the step that made it; a second attempt goes on from there."""
    marker = folder / "died"
    workflow = visit.draw(chain(("u", "upper", {}), ("c", "crash", {"marker": str(marker)})))
    run = visit.run(workflow)
    visit.agent.drain()
    assert run is None or marker.exists()
    return workflow, run


def copy_of_a_template(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """She copies a template, shared while its words passed (tests/api/test_sharing.py), and runs the copy."""
    workflow = visit.draw(PLAIN)
    words = {"en": "t", "zh": "t"}
    graph = Revision.objects.get(workflow=workflow).graph
    shared = Template.objects.create(slug="t", title=words, description=words, graph=graph, inputs=[])
    copy = visit.post(f"templates/{shared.pk}/use", {"workspace": str(visit.member.workspace.pk)}, 201)
    workflow = str(copy.get("workflow") or copy["id"])
    return workflow, visit.run(workflow)


def streamed_text(visit: Visit, folder: Path) -> tuple[str, str | None]:
    workflow = visit.draw(chain(("u", "upper", {}), ("s", "stream", {"piece": 7, "seconds": 0.001})))
    return workflow, visit.run(workflow, TYPED + " and so on. " * 40)


def error_text(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """A node fails, and its exception quotes what it was given."""
    workflow = visit.draw(chain(("u", "upper", {}), ("f", "fail", {"how": "bug"})))
    return workflow, visit.run(workflow)


def error_branch(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """The node quotes what it was given as it fails; the words of the way that is gone then meet a gate as well."""
    graph = drawing(
        ("in", "input", {"name": "text"}), ("u", "upper", {}), ("f", "fail", {"how": "bug"}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>u.text u.text>f.text f.text>out.text f.error>out.text",
    )  # fmt: skip
    workflow = visit.draw(failing(graph, f={"do": "branch", "text": f"{CANARY} forbidden, {{{{code}}}}"}))
    return workflow, visit.run(workflow)


def default_value_of_a_failed_step(visit: Visit, folder: Path) -> tuple[str, str | None]:
    graph = chain(("u", "upper", {}), ("f", "fail", {"how": "bug"}))
    instead = {"do": "default", "values": {"text": f"{CANARY} forbidden"}}
    workflow = visit.draw(failing(graph, f=instead))
    return workflow, visit.run(workflow)


def default_value(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """The text is a setting of the drawing, and not an input; a choice hands it on."""
    graph = drawing(
        ("a", "author", {"text": TYPED}), ("u", "upper", {}), ("c", "choose", {"way": "right"}),
        ("out", "output", {"name": "answer"}),
        edges="a.text>u.text u.text>c.value c.left>out.text c.right>out.text",
    )  # fmt: skip
    workflow = visit.draw(graph)
    answer = visit.post(f"workflows/{workflow}/runs", {"inputs": {}})
    visit.agent.drain()
    return workflow, answer["id"] if answer["status"] == 201 else None


def history_and_download(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """A picture: its preview, its row in the list of files, its address."""
    graph = drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "red"}), ("o", "show_image", {"name": "o"}),
        edges="in.text>p.text p.image>o.image",
    )  # fmt: skip
    workflow = visit.draw(graph)
    run = visit.run(workflow)
    assert not Asset.objects.exists(), "what was withheld has an address"
    return workflow, run


def sound_and_its_address(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """A sound that says it: its samples spell the words, and its address would hand them out."""
    graph = drawing(
        ("in", "input", {"name": "text"}), ("u", "upper", {}), ("s", "sound", {}), ("o", "play_sound", {"name": "o"}),
        edges="in.text>u.text u.text>s.text s.audio>o.audio",
    )  # fmt: skip
    workflow = visit.draw(graph)
    run = visit.run(workflow)
    assert not Asset.objects.exists(), "what was withheld has an address"
    return workflow, run


def document_and_its_text(visit: Visit, folder: Path) -> tuple[str, str | None]:
    """The words stand in a file, where the page does not show them."""
    graph = drawing(
        ("u", "upper", {}), ("o", "output", {"name": "answer"}), edges="d.text>u.text u.text>o.text"
    )
    graph["nodes"].append({"id": "d", "type": "input.document", "version": 1, "params": {"name": "report"}})
    file = io.BytesIO(pdf("3 Tr " + shown(TYPED)))
    file.name = "report.pdf"
    home = visit.member.workspace.pk
    given = visit.member.client.post(
        f"/api/workspaces/{home}/assets", {"file": file}, format="multipart"
    ).json()
    workflow = visit.draw(graph)
    answer = visit.post(f"workflows/{workflow}/runs", {"inputs": {"report": given["id"]}})
    visit.agent.drain()
    return workflow, answer["id"] if answer["status"] == 201 else None


WAYS: dict[str, Way] = {
    way.__name__.replace("_", " "): way
    for way in (
        normal_run, run_to_a_node, run_to_a_node_that_streams, run_to_a_picture, workflow_inside_a_workflow,
        run_to_a_workflow_inside, body_of_a_loop, loop_that_ends_early, last_round_of_a_loop_that_streams, item_of_a_map,
        map_inside_a_loop, run_to_a_loop, list_that_is_too_long, run_of_a_version, resumed_run, copy_of_a_template, streamed_text, error_text, error_branch,
        default_value_of_a_failed_step, default_value, history_and_download, sound_and_its_address, document_and_its_text,
    )
}  # fmt: skip
ENDS = {"error text": "failed", "list that is too long": "failed"}


def nothing_got_out(visit: Visit, workflow: str, run: str | None, everywhere: bool = True) -> None:
    seen = list(visit.seen(workflow, run, everywhere))
    assert len(seen) >= (2 if run is None else 5)
    assert not [text for text in seen if CANARY in text]
    assert not Output.objects.exists()


@pytest.mark.parametrize("way", WAYS)
def test_what_a_gate_keeps_is_seen_on_no_way(visit: Visit, way: str, tmp_path: Path) -> None:
    visit.policy(stub_policy())
    workflow, run = WAYS[way](visit, tmp_path)
    assert visit.state(run) == ENDS.get(way, "blocked")
    nothing_got_out(visit, workflow, run)


@pytest.mark.parametrize("how", EACH_BREAK)
@pytest.mark.parametrize("way", WAYS)
def test_behind_a_broken_filter_nothing_is_seen(
    visit: Visit, way: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_it_be_submitted(how, monkeypatch)
    visit.policy(broken_policy(how))
    workflow, run = WAYS[way](visit, tmp_path)
    assert visit.state(run) in ("failed", "refused")
    # What the other addresses tell does not hang on how a filter broke.
    nothing_got_out(visit, workflow, run, everywhere=how == "crashing")


def test_of_a_failure_nothing_is_told_but_its_code_in_the_words_of_the_author(visit: Visit) -> None:
    """The exception of the node quotes what it was given."""
    visit.policy(stub_policy())
    graph = drawing(
        ("in", "input", {"name": "text"}), ("u", "upper", {}), ("f", "fail", {"how": "bug"}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>u.text u.text>f.text f.text>out.text f.error>out.text",
    )  # fmt: skip
    workflow = visit.draw(failing(graph, f={"do": "branch", "text": "No luck: {{code}}"}))
    run = visit.run(workflow)
    assert visit.state(run) == "succeeded"
    assert Output.objects.get().value == "No luck: node_error"
    assert not [text for text in visit.seen(workflow, run) if CANARY in text]


@pytest.mark.parametrize("node", ["loop", "map"])
def test_a_loop_and_a_map_show_what_is_harmless(visit: Visit, node: str) -> None:
    visit.policy(stub_policy())
    workflow = repeated(visit, ROUND, node)
    assert workflow is not None
    run = visit.run(workflow, "canary-7261 of hers")
    assert visit.state(run) == "succeeded"
    assert Output.objects.get().value == {"loop": f"{CANARY} OF HERS", "map": f"{CANARY}+OF+HERS"}[node]


@pytest.mark.parametrize("more", [{}, {"to": "u"}])
def test_the_same_ways_show_what_is_harmless(visit: Visit, more: dict[str, str]) -> None:
    """Else everything above would hold of a server that shows nothing at all."""
    visit.policy(stub_policy())
    workflow = visit.draw(PLAIN)
    run = visit.run(workflow, "canary-7261", **more)
    assert visit.state(run) == "succeeded"
    assert [text for text in visit.seen(workflow, run) if CANARY in text]
    assert Output.objects.get().value == CANARY
