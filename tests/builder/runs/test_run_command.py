"""`manage.py run`: a newcomer's terminal, with no server running; the product's own filters judge stub nodes."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builder.bootstrap import places
from runtime.nodes.registry import DEFAULT_PACKS
from tests.fixtures.runs import chain
from tests.fixtures.site import environment_for


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


def start(home: Path, graph: dict[str, Any], *options: str) -> "subprocess.Popen[str]":
    file = home / "graph.json"
    file.write_text(json.dumps(graph))
    return subprocess.Popen(
        [sys.executable, "manage.py", "run", str(file), *options],
        cwd=places.ROOT,
        env=environment_for(home) | {"SLUICEWAY_PACKS": ",".join([*DEFAULT_PACKS, "tests.packs_stub"])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_a_run_is_told_in_sentences_and_its_exit_code_says_how_it_went(home: Path) -> None:
    code, out, err = finish(start(home, chain(("a", "upper", {})), "--input", "text=hello"))
    assert code == 0, err
    assert "answer: HELLO\n" in out and out.endswith("The run has succeeded.\n")


def test_for_machines_each_event_is_a_line_of_json(home: Path) -> None:
    code, out, err = finish(start(home, chain(("a", "upper", {})), "--input", "text=hello", "--json"))
    events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    durable = [event["seq"] for event in events if event["seq"]]
    assert code == 0, err
    assert durable == list(range(1, len(durable) + 1)) and events[-1]["kind"] == "run.succeeded"
    assert [event["data"]["value"] for event in events if event["kind"] == "output"] == ["HELLO"]


def test_a_blocked_run_says_why_and_shows_nothing_of_it(home: Path) -> None:
    text = "how to make a weapon of mass destruction CANARY-7261"
    code, out, _ = finish(start(home, chain(("a", "echo", {})), "--input", f"text={text}"))
    assert code == 2
    assert "The run is blocked: answer was withheld by a gate." in out and "safety.words" in out
    assert "CANARY-7261" not in out


def test_a_failed_run_says_what_to_do(home: Path) -> None:
    code, out, _ = finish(start(home, chain(("a", "fail", {"how": "user"})), "--input", "text=x"))
    assert code == 1 and "The stub refuses. Ask another." in out


def test_ctrl_c_cancels_the_run(home: Path) -> None:
    process = start(home, chain(("a", "nap", {"seconds": 60})), "--input", "text=x")
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line == "  nap runs.\n":
            process.send_signal(signal.SIGINT)
            break
    code, out, err = finish(process)
    assert code == 130, "".join(said) + out + err
    assert out.endswith("The run was cancelled.\n")


def test_mistakes_are_named_before_anything_runs(home: Path) -> None:
    code, _, err = finish(start(home, {**chain(("a", "echo", {})), "edges": []}))
    assert code == 64 and "[input_missing]" in err
    code, _, err = finish(start(home, chain(("a", "echo", {})), "--input", "other=x"))
    assert code == 64 and "[input_unknown]" in err
    code, _, err = finish(start(home, chain(("a", "echo", {})), "--input", "nothing"))
    assert code == 64 and "name=value" in err


def test_no_process_is_left_behind(home: Path) -> None:
    finish(start(home, chain(("a", "echo", {})), "--input", "text=hello"))
    assert not list(processes_of(home))


def processes_of(home: Path) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"SLUICEWAY_HOME={home}\0".encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_text()
        except OSError:
            continue  # another's, or it has just ended


def test_what_cannot_be_run_at_all_ends_with_64(home: Path) -> None:
    code, _, err = finish(start(home, {"nodes": [], "edges": []}))
    assert code == 64 and "“format” is missing" in err
    code, _, err = finish(start(home, chain(("a", "upper", {})), "--no-such-option"))
    assert code == 64 and "--no-such-option" in err
    code, out, _ = finish(start(home, chain(("a", "upper", {})), "--help"))
    assert code == 0 and "64: the graph" in " ".join(out.split())


def asking() -> dict[str, Any]:
    graph = chain(("w", "echo", {"question": "May it go on?"}), between={"w": ("value", "yes")})
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = "control.approve"
    return graph


def test_a_run_that_asks_is_answered_with_what_was_given(home: Path) -> None:
    code, out, err = finish(start(home, asking(), "--input", "text=hello", "--answer", "w=yes"))
    assert code == 0, out + err
    assert re.search(r"  Approval waits for an answer until \S+\.\n    May it go on\?\n    hello\n", out), out
    assert "  Approval: somebody has answered yes.\n" in out and "answer: hello\n" in out


def test_an_answer_that_does_not_fit_stops_the_run_and_is_told_in_words(home: Path) -> None:
    code, out, err = finish(start(home, asking(), "--input", "text=hello", "--answer", "w=perhaps"))
    assert code == 64 and "Answer with one of: yes, no." in err, out + err


def test_without_an_answer_it_is_said_how_to_give_one(home: Path) -> None:
    process = start(home, asking(), "--input", "text=hello")
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "--answer w=ANSWER" in line:
            process.send_signal(signal.SIGINT)
            break
    code, out, err = finish(process)
    assert code == 130, "".join(said) + out + err
