"""Every address, walked as nobody and as a stranger: what is not open on purpose is closed."""

import json
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.api.conftest import Member
from tests.api.everything import Everything

METHODS = ("get", "post", "put", "patch", "delete")
# What anybody may reach, and why.
OPEN = {
    "/healthz": "says that the process answers, and nothing else",
    "/readyz": "says which parts of the installation are well, by no name and no version",
    "/metrics": "figures without names, from this machine alone, or with a token",
    "/api/session": "where people sign in",
    "/console/logout/": "signs out, which changes nothing for somebody who is not signed in",
    "/sign-in/x": "a one-time link; without a valid token it leads to the sign-in page",
    "/anything": "the page of the browser app, which holds no data",
    "/static/x": "the browser app's own files",
}
SAMPLES = {
    "uuid": str(uuid4()),
    "number": "1",
    "model": "smollm2",
    "str": "x",
    "path": "x",
    "slug": "x",
    "int": "1",
}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """An example of every address that the resolver knows."""
    for item in patterns:
        route = str(item.pattern)
        if route.startswith("^(?!"):
            yield "/anything"
            continue
        route = (
            re.sub(r"\(\?P<\w+>[^)]*\)", "x", route).removeprefix("^").removesuffix("$").replace("\\Z", "")
        )
        route = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], route)
        if isinstance(item, URLResolver):
            yield from addresses(item.url_patterns, prefix + route)
        else:
            yield prefix + route


EVERY = sorted(set(addresses(get_resolver().url_patterns)))


def test_the_walk_sees_the_whole_site() -> None:
    assert {"/healthz", "/api/session", "/console/", "/api/schema/"} <= set(EVERY)
    assert len(EVERY) > 60


@pytest.mark.any_database("refused before any row is looked for")
@pytest.mark.parametrize("address", EVERY)
def test_nobody_gets_anything_but_what_is_open_on_purpose(address: str, db: None) -> None:
    for method in METHODS:
        answer = getattr(Client(), method)(address)
        if address in OPEN:
            # No message service runs beside this test, and to say so is what one of them is for.
            assert answer.status_code < 500 or (answer.status_code, address) == (503, "/readyz")
        elif answer.status_code == 302:
            assert answer["Location"].startswith(("/console/login/", "/sign-in")), (method, address)
        elif address.startswith("/console/"):
            assert answer.status_code in {302, 301, 403, 404, 405}, (method, address)
        else:
            assert answer.status_code in {401, 405}, (method, address)


def operations() -> list[tuple[str, str]]:
    """Every operation of the schema that names something which belongs to a workspace."""
    schema = json.loads((settings.BASE_DIR / "frontend" / "src" / "api" / "schema.json").read_text())
    owned = re.compile(r"\{(workspace|workflow|run|asset|review|look|export|receipt)\}")
    return [(m, p) for p, methods in schema["paths"].items() for m in methods if owned.search(p)]


def test_there_are_operations_to_try() -> None:
    assert len(operations()) >= 24


@pytest.mark.parametrize(("method", "path"), operations())
def test_what_belongs_to_others_looks_as_if_it_did_not_exist(
    method: str, path: str, everything: Everything, stranger: Member
) -> None:
    address = re.sub(r"\{(\w+)\}", lambda found: str(everything.ids[found[1]]), path)
    form = "multipart" if path.endswith("/assets") else "json"
    foreign = getattr(stranger.client, method)(address, everything.bodies.get(path), format=form)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    # The address is right: its owner is not told the same.
    own = getattr(everything.member.client, method)(address, everything.bodies.get(path), format=form)
    assert own.status_code != 404


def test_a_template_cannot_be_copied_into_a_foreign_workspace(
    everything: Everything, stranger: Member
) -> None:
    address = f"/api/templates/{everything.ids['template']}/use"
    answer = stranger.client.post(address, {"workspace": str(everything.member.workspace.pk)})
    assert answer.status_code == 404
