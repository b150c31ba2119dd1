"""Walk: every address of the API that answers a GET, asked by somebody who may read what is there."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django.urls import URLPattern

from builder.api.urls import urlpatterns
from builder.assets.models import Asset
from builder.gallery.models import Template
from builder.keeping.models import Erasure, Export
from builder.reviews.models import Look
from builder.runs.models import Review
from builder.safety.models import PolicyVersion
from builder.workflows.models import Revision, WorkflowVersion
from tests.api.conftest import Member

# What is the same for everybody, whatever runs: the palette, the filters, the models, and who one is.
OF_NO_RUN = {"session", "node-types", "filters", "models"}
# Followed by a client of its own, because it goes on until the run is over.
STREAM = "runs/<uuid:run>/stream"
FORMS = ("txt", "md")


def routes() -> list[str]:
    """The addresses as `builder/api/urls.py` has them. A new one is among them by itself."""
    return [
        str(pattern.pattern)
        for pattern in urlpatterns
        if _reads(pattern) and str(pattern.pattern) not in OF_NO_RUN | {STREAM}
    ]


def view_of(route: str) -> Any:
    """The class of the view that answers there."""
    return next(_view(pattern) for pattern in urlpatterns if str(pattern.pattern) == route)


def walk(reader: Member, workflow: str, run: str | None) -> Iterator[bytes]:
    """The answer of each address, filled in with everything that is there; files of an export one by one."""
    reader.client.post("/api/account/export", {}, format="json")
    for route in routes():
        for address in _addresses(route, reader, workflow, run):
            yield from _unpacked(b"".join(reader.client.get(f"/api/{address}")))


def drawings() -> list[Any]:
    """Every graph that somebody has drawn by now, as it is kept."""
    kinds: tuple[Any, ...] = (Revision, WorkflowVersion, Template)
    return [graph for kind in kinds for graph in kind.objects.values_list("graph", flat=True)]


def without_drawings(body: bytes, known: list[Any]) -> str:
    """The answer without these graphs where they stand as such: who drew one wrote what is in it, and no gate kept it."""
    try:
        return json.dumps(_without(json.loads(body), known), ensure_ascii=False)
    except ValueError:
        return body.decode("latin-1")


def _without(value: Any, known: list[Any]) -> Any:
    if isinstance(value, dict):
        return {
            name: "a drawing" if name == "graph" and item in known else _without(item, known)
            for name, item in value.items()
        }
    return [_without(item, known) for item in value] if isinstance(value, list) else value


def _reads(pattern: URLPattern) -> bool:
    return hasattr(_view(pattern), "get") or str(pattern.pattern) == STREAM


def _view(pattern: URLPattern) -> Any:
    return getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", None))


def _addresses(route: str, reader: Member, workflow: str, run: str | None) -> Iterator[str]:
    """The route with each row of the installation in it, whoever may read it: what is refused says nothing."""
    ids: dict[str, Callable[[], list[Any]]] = {
        "uuid:workspace": lambda: [reader.workspace.pk],
        "uuid:workflow": lambda: [workflow],
        "uuid:run": lambda: [] if run is None else [run],
        "uuid:asset": lambda: _keys(Asset),
        "uuid:review": lambda: _keys(Review),
        "uuid:look": lambda: _keys(Look),
        "uuid:receipt": lambda: _keys(Erasure),
        "uuid:export": lambda: _keys(Export),
        "uuid:template": lambda: _keys(Template),
        "number:number": lambda: _numbers(route, workflow),
    }
    # A kind of place that is not here ends the test: whoever adds one says how it is filled.
    places = [part.strip("<>") for part in route.split("/") if part.startswith("<")]
    for values in product(*(ids[place]() for place in places)):
        address = route
        for place, value in zip(places, values, strict=True):
            address = address.replace(f"<{place}>", str(value))
        yield from (f"{address}{query}" for query in _queries(route, reader, run))


def _keys(model: Any) -> list[Any]:
    return list(model.objects.values_list("pk", flat=True))


def _numbers(route: str, workflow: str) -> list[int]:
    if "/policy/versions/" in route:
        return list(PolicyVersion.objects.values_list("version", flat=True))
    if "/revisions/" in route:
        return list(Revision.objects.filter(workflow=workflow).values_list("number", flat=True))
    if "/versions/" in route:
        return list(WorkflowVersion.objects.filter(workflow=workflow).values_list("number", flat=True))
    assert route.endswith("/files/<number:number>"), route
    return [1]


def _queries(route: str, reader: Member, run: str | None) -> Iterator[str]:
    if route == "runs/<uuid:run>/text-file":
        for output in reader.client.get(f"/api/runs/{run}").json()["plan"]["outputs"]:
            yield from ("?" + urlencode({"output": output["name"], "form": form}) for form in FORMS)
    elif route == "runs/<uuid:run>/question-file":
        for question in reader.client.get(f"/api/runs/{run}/questions").json().get("results", ()):
            yield "?" + urlencode({"step": question["step"]})
    else:
        yield ""


def _unpacked(body: bytes) -> Iterator[bytes]:
    """The bytes, or those of each file in it: what is compressed would hide its words."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        yield body
        return
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        for name in packed.namelist():
            yield name.encode()
            yield packed.read(name)
