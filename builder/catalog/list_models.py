"""Every model with its state, joined with the installations that were started from the browser; then providers'."""

from builder.catalog.installer import ModelRecord, list_records
from builder.catalog.models import ModelInstall
from builder.catalog.providers import offered_models
from runtime.values import Json


def list_models() -> list[dict[str, Json]]:
    running = {install.name: install for install in ModelInstall.objects.running()}
    failed = _last_failures()
    here = [
        _describe(record, running.get(record["name"]), failed.get(record["name"]))
        for record in list_records()
    ]
    return [*here, *(_describe_remote(ref) for ref in sorted(offered_models()))]


def _describe_remote(ref: str) -> dict[str, Json]:
    """A provider's model: there is nothing of it to install, and it has no size."""
    provider, _, model = ref.partition(":")
    return {
        "name": ref,
        "title": {"en": f"{model} ({provider})", "zh": f"{model}（{provider}）"},
        "capability": "text",
        "licence": "–",
        "size": 0,
        "sources": [{"en": f"provider {provider}", "zh": f"服务商 {provider}"}],
        "available": True,
        "state": "installed",
        "progress": None,
        "note": {
            "en": "Prompts are sent to this provider.",
            "zh": "提示词会发送给该服务商。",
        },
    }


def _last_failures() -> dict[str, dict[str, str]]:
    """What to say of a model whose newest installation failed."""
    newest: dict[str, ModelInstall] = {}
    for install in ModelInstall.objects.exclude(finished=None).order_by("started"):
        newest[install.name] = install
    return {name: install.failure for name, install in newest.items() if install.failure}


def _describe(
    record: ModelRecord, running: ModelInstall | None, failure: dict[str, str] | None
) -> dict[str, Json]:
    state, progress, note = record["state"], record["progress"], record["note"]
    if running:
        state, progress = "installing", {"done": running.done, "total": running.total or record["size"]}
    elif failure and state == "missing":
        note = failure
    return {
        "name": record["name"],
        "title": record["title"],
        "capability": record["capability"],
        "licence": record["licence"],
        "size": record["size"],
        "sources": record["sources"],
        "available": record["available"],
        "state": state,
        "progress": progress if state == "installing" else None,
        "note": note,
    }
