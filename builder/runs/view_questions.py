"""Questions of a run as JSON. Of stored bytes an address is given that opens while the question is open."""

from urllib.parse import urlencode

from builder.common.errors import not_found
from builder.runs.models import Run
from builder.runs.questions import Question, open_questions
from builder.runs.withhold_stale import asks_more
from runtime.ports import ASSET_KINDS
from runtime.values import AssetRef, Json, Value, data_to_json


def view_questions(run: Run) -> list[dict[str, Json]]:
    """For who may answer. Under a policy that has become stricter nothing is shown."""
    return [] if asks_more(run) else [_view(run, question) for question in open_questions(run)]


def asked_file(run: Run, step: str, number: int) -> AssetRef:
    """The picture or sound with this number, from 1, that the step asks about now. Raises Refused 404."""
    found = next((item for item in open_questions(run) if item.step.name == step), None)
    refs = [] if found is None or asks_more(run) else _files(_about(found))
    if not 0 < number <= len(refs):
        raise not_found()
    return refs[number - 1]


def _view(run: Run, question: Question) -> dict[str, Json]:
    step, value = question.step, _about(question)
    words = question.shown.get(question.asks.question)
    is_plain = value is not None and value.type.kind not in ASSET_KINDS
    return {
        "step": step.name,
        "node": step.node,
        "title": step.title,
        "attempt": step.attempt,
        "question": words.data if words is not None else "",
        "answers": list(question.asks.answers),
        "type": str(value.type) if value is not None else None,
        "value": data_to_json(value.type, value.data) if value is not None and is_plain else None,
        "files": [
            {
                "url": f"/api/runs/{run.pk}/question-file?{urlencode({'step': step.name, 'number': number})}",
                "media_type": ref.media_type,
                "width": ref.width,
                "height": ref.height,
                "size": ref.size,
            }
            for number, ref in enumerate(_files(value), start=1)
        ],
        "until": step.due.isoformat() if step.due is not None else None,
    }


def _about(question: Question) -> Value | None:
    """What the question is about: all that is shown but its words."""
    return next((value for port, value in question.shown.items() if port != question.asks.question), None)


def _files(value: Value | None) -> list[AssetRef]:
    if value is None or value.type.kind not in ASSET_KINDS:
        return []
    items = value.data if isinstance(value.data, list) else [value.data]
    return [item for item in items if isinstance(item, AssetRef)]
