"""Bad input: bodies that no client would send, and graphs that nobody would draw."""

import json
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from builder.common.parsers import MAX_BYTES
from builder.gallery.load_seeds import read_seed, seed_files
from runtime.nodes.registry import load_registry
from runtime.values import Json
from tests.api.conftest import Member
from tests.api.everything import Everything

SCHEMA = json.loads((settings.BASE_DIR / "frontend" / "src" / "api" / "schema.json").read_text())
WRITES = [
    (method, path)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
]
BODIES = {
    "half": b'{"name": ',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "NUL": b'{"name": "a\\u0000b"}',
    "half a character": b'{"name": "\\ud800"}',
    "a number too large": b'{"name": 1e999}',
    "an integer too large": b'{"base_revision": 99999999999999999999999}',
    "a very long integer": b"9" * 100_000,
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "a list": b"[1, 2, 3]",
    "a word": b'"word"',
    "null": b"null",
    "other keys": b'{"__proto__": {}, "no such key": 1}',
    "other kinds": b'{"name": {"a": 1}, "title": [1], "graph": 7, "inputs": "x", "language": 1, "base_revision": "1"}',
    "too much": b'"' + b"x" * MAX_BYTES + b'"',
    "nothing": b"",  # last: where it is enough, it may delete what the others were about
}


def test_there_are_operations_to_try() -> None:
    assert len(WRITES) >= 10


def _shape(method: str, path: str) -> str:
    """The name of the shape of an operation's body."""
    content = SCHEMA["paths"][path][method]["requestBody"]["content"]
    return content["application/json"]["schema"]["$ref"].rpartition("/")[2]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_every_bad_body_gets_a_code_and_a_sentence(method: str, path: str, everything: Everything) -> None:
    address = path.format(**everything.ids)
    client = everything.member.client
    # A run's inputs are needed by its workflow, and of a text and a picture one is: neither by the request's shape.
    needed = SCHEMA["components"]["schemas"][_shape(method, path)].get("required") or path.endswith(
        ("/runs", "/what-if")
    )
    for name, body in BODIES.items():
        answer = client.generic(method.upper(), address, body, content_type="application/json")
        if name == "nothing" and not needed:
            # Where nothing is needed, nothing is enough; but that a run goes on already is no matter of the body.
            assert answer.status_code < 300 or (path.endswith("/restart") and answer.status_code == 409)
            continue
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        assert set(answer.json()) >= {"code", "message", "hint"}, name
        assert answer.json()["message"].endswith("."), name
        assert answer.status_code == (413 if name == "too much" else 400), (name, answer.json())


@pytest.mark.any_database("the kind of a body is refused before anything is read")
@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense", ""]
)
def test_another_kind_of_body_is_refused(method: str, path: str, kind: str, everything: Everything) -> None:
    answer = everything.member.client.generic(
        method.upper(), path.format(**everything.ids), b"name=x", content_type=kind
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "address",
    [
        "/api/nothing",
        "/api/workflows/1",
        "/api/workflows/%00",
        "/api/runs/" + "x" * 9_000,
        "/api/models/../x/install",
    ],
)
def test_an_address_that_leads_nowhere_says_so_in_the_same_shape(address: str, ada: Member) -> None:
    answer = ada.client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=%00",
        "after=9e9",
        "after=" + "9" * 99,
        "limit=0",
        "limit=1001",
        "after=٣",
    ],
)
def test_a_number_in_the_address_that_is_none_is_refused(query: str, everything: Everything) -> None:
    answer = everything.member.client.get(f"/api/runs/{everything.ids['run']}/events?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "cD0x", "bz0x", "cj14", "bz05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cD0lMDA="]
)
def test_a_made_up_cursor_is_refused(cursor: str, everything: Everything) -> None:
    address = f"/api/workspaces/{everything.ids['workspace']}/workflows?cursor={cursor}"
    answer = everything.member.client.get(address)
    # An empty or absent position is the first page; anything else is no page.
    assert answer.status_code == 200 or answer.json()["code"] == "cursor_invalid"


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(key: str, everything: Everything) -> None:
    answer = everything.member.client.post(
        f"/api/workflows/{everything.ids['workflow']}/runs", {}, headers={"Idempotency-Key": key}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_a_graph_with_ten_thousand_nodes_is_one_issue(ada: Member) -> None:
    node = {"type": "text.join", "version": 1, "params": {}}
    graph = {"format": 1, "nodes": [node | {"id": f"n{number}"} for number in range(10_000)], "edges": []}
    answer = ada.client.post(f"/api/workspaces/{ada.workspace.pk}/compile", {"graph": graph})
    assert [issue["code"] for issue in answer.json()["issues"]] == ["graph_too_large"]


def test_fifty_megabytes_are_refused(ada: Member) -> None:
    answer = ada.client.generic(
        "POST",
        f"/api/workspaces/{ada.workspace.pk}/compile",
        b" " * 50_000_000,
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


# --- graphs ----------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
ANYTHING = st.recursive(
    SCALARS, lambda i: st.lists(i, max_size=3) | st.dictionaries(TEXT, i, max_size=3), max_leaves=8
)
SPECS = [item.spec for item in load_registry()]
IDS = st.sampled_from("abcdef")


@st.composite
def nodes(draw: st.DrawFn) -> Json:
    """A node of a kind that there is, with params that may fit."""
    spec = draw(st.sampled_from(SPECS))
    names = st.sampled_from([param.name for param in spec.params] or ["x"])
    params = draw(
        st.dictionaries(names, ANYTHING | st.just("{{a}} {{b}}") | st.lists(TEXT, max_size=3), max_size=4)
    )
    return {
        "id": draw(IDS),
        "type": spec.type,
        "version": draw(st.sampled_from([1, 1, 1, 2])),
        "params": params,
    }


@st.composite
def edges(draw: st.DrawFn) -> Json:
    ports = st.sampled_from(
        ["text", "image", "number", "prompt", "value", "on", "condition", "then", "case_1", "a", "texts"]
    )
    ends = [{"node": draw(IDS), "port": draw(ports)} for _ in range(2)]
    return {"id": draw(st.text("abcdefgh", min_size=1, max_size=3)), "source": ends[0], "target": ends[1]}


NEARLY = st.builds(
    lambda n, e: {"format": 1, "nodes": n, "edges": e},
    st.lists(nodes() | ANYTHING, max_size=6),
    st.lists(edges() | ANYTHING, max_size=8),
)


@st.composite
def damaged_seeds(draw: st.DrawFn) -> Json:
    """A graph of the product in which one thing became another."""
    graph = json.loads(json.dumps(read_seed(draw(st.sampled_from(seed_files())))["graph"]))
    place: Any = graph
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.integers(0, 3)) == 0:
            place[key] = draw(ANYTHING)
            return graph
        place = place[key]


@pytest.mark.parametrize("kind", ["anything", "nearly", "damaged"])
def test_any_graph_compiles_or_gets_issues_and_is_kept_or_refused(kind: str, ada: Member) -> None:
    strategy = {"anything": ANYTHING, "nearly": NEARLY, "damaged": damaged_seeds()}[kind]
    workflow = ada.workflow()
    compile_address = f"/api/workspaces/{ada.workspace.pk}/compile"
    draft_address = f"/api/workflows/{workflow.pk}/draft"

    @hypothesis_settings(
        max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(strategy)
    def check(graph: Json) -> None:
        body = json.dumps({"graph": graph})
        compiled = _post(ada.client, "POST", compile_address, body)
        if compiled.status_code == 200:
            answer = compiled.json()
            errors = [issue for issue in answer["issues"] if issue["severity"] == "error"]
            assert (answer["plan"] is None) == bool(errors)
            assert all(issue["message"]["en"] and issue["message"]["zh"] for issue in answer["issues"])
        else:
            assert (compiled.status_code, compiled.json()["code"]) in {(400, "bad_json"), (400, "invalid")}
        workflow.refresh_from_db()
        draft = json.dumps({"graph": graph, "base_revision": workflow.revision})
        saved = _post(ada.client, "PUT", draft_address, draft)
        assert saved.status_code in {200, 400}
        if saved.status_code == 200:
            kept = ada.client.get(f"/api/workflows/{workflow.pk}").json()["graph"]
            again = _post(ada.client, "POST", compile_address, json.dumps({"graph": kept}))
            assert again.json() == compiled.json()

    check()


def _post(client: APIClient, method: str, address: str, body: str) -> Any:
    return client.generic(method, address, body.encode(), content_type="application/json")
