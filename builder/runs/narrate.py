"""Tells a run's events in sentences, for a terminal."""

import json
import shutil
from pathlib import Path
from typing import TextIO

from builder.accounts.administrators import ensure_administrator
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.keeping.log_read import log_read
from builder.keeping.models import Way
from runtime.events import EventKind
from runtime.values import Json

SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "audio/wav": ".wav"}
RUN_SENTENCES = {
    EventKind.RUN_QUEUED: "The run waits for a worker.",
    EventKind.RUN_RUNNING: "The run has begun.",
    EventKind.RUN_WAITING: "The run waits: nothing can be done now.",
    EventKind.RUN_SUCCEEDED: "The run has succeeded.",
    EventKind.RUN_CANCELLED: "The run was cancelled.",
}

_SAID = {
    "happened": "somebody says that it happened.",
    "not_happened": "somebody says that it did not happen; it is run again.",
    "stop": "somebody stopped the run.",
}


class Narrator:
    """Writes one line for each event; a text that streams grows on its line, and what happens meanwhile waits."""

    def __init__(self, out: TextIO, titles: dict[str, str], folder: Path) -> None:
        self._out = out
        self._titles = titles
        self._folder = folder
        self._streaming: tuple[str, str] | None = None  # a result's name and what is on its line
        self._waiting: list[str] = []
        self._place: dict[str, Json] | None = None  # in the queue, as it was told last
        self._waited = False  # for a person, so that the run begins only once

    def tell(self, kind: str, data: dict[str, Json]) -> None:
        if kind == EventKind.QUEUE_POSITION:
            if data == self._place:
                return  # it is told again and again
            self._place = data
        if kind == EventKind.OUTPUT_PARTIAL:
            self._grow(data["name"], data["text"])
            return
        if kind == EventKind.OUTPUT and isinstance(data["value"], str):
            self._grow(data["name"], data["value"])
            self._end_line()
            return
        if kind.startswith("run."):
            self._end_line()  # the text that streamed will not be finished
        if line := self._line(EventKind(kind), data):
            self._waiting.append(line)
        if self._streaming is None:
            self._write_waiting()

    def _grow(self, name: str, text: str) -> None:
        if self._streaming is None or self._streaming[0] != name or not text.startswith(self._streaming[1]):
            self._end_line()
            self._out.write(f"{name}: ")
            self._streaming = (name, "")
        self._out.write(text[len(self._streaming[1]) :])
        self._out.flush()
        self._streaming = (name, text)

    def _end_line(self) -> None:
        if self._streaming is not None:
            self._out.write("\n")
            self._streaming = None
        self._write_waiting()

    def _write_waiting(self) -> None:
        self._out.writelines(f"{line}\n" for line in self._waiting)
        self._out.flush()
        self._waiting.clear()

    def _line(self, kind: EventKind, data: dict[str, Json]) -> str | None:
        if kind is EventKind.RUN_RUNNING and self._waited:
            return "The run goes on."
        if kind in RUN_SENTENCES:
            self._waited = self._waited or kind is EventKind.RUN_WAITING
            return RUN_SENTENCES[kind]
        if kind is EventKind.QUEUE_POSITION and data["beyond"]:
            return f"At least {data['position']} are before it in the queue."
        if kind is EventKind.QUEUE_POSITION:
            return f"It is at place {data['position']} in the queue."
        if kind is EventKind.RUN_FAILED:
            return f"The run has failed. {_problem(data['error'])}"
        if kind is EventKind.RUN_BLOCKED and data.get("error"):
            return f"The run is blocked. {_problem(data['error'])}"
        if kind is EventKind.RUN_BLOCKED:
            return f"The run is blocked: {', '.join(data['outputs'])} was withheld by a gate."
        if kind is EventKind.GATE_FINDING:
            return f"  gate {data['rule']}: {data['message']['en']} ({data['filter']}, score {data['score']:.2f})"
        if kind is EventKind.OUTPUT:
            return f"{data['name']}: {self._value(data['name'], data['value'])}"
        return self._step_line(kind, data)

    def _step_line(self, kind: EventKind, data: dict[str, Json]) -> str | None:
        title = self._titles.get(data.get("step", ""), data.get("step", ""))
        if kind is EventKind.STEP_RUNNING:
            return (
                f"  {title} runs."
                if data["attempt"] == 1
                else f"  {title} runs again (attempt {data['attempt']})."
            )
        if kind is EventKind.STEP_DONE:
            return f"  {title} is done ({data['seconds']:.2f} s)."
        if kind is EventKind.STEP_CACHED:
            return f"  {title} was done before, by an earlier run."
        if kind is EventKind.STEP_FAILED:
            return f"  {title} has failed. {_problem(data['error'])}"
        if kind is EventKind.STEP_DECIDED:
            return f"  {title}: {_SAID[data['decision']]}"
        if kind is EventKind.STEP_ANSWERED:
            return f"  {title}: somebody has answered{' ' + data['answer'] if data['answer'] else ''}."
        if kind is EventKind.STEP_WAITING:
            return f"  {title} {_wait(data)}"
        if kind in (EventKind.STEP_SKIPPED, EventKind.STEP_WITHHELD, EventKind.STEP_CANCELLED):
            return f"  {title} was {kind.value.removeprefix('step.')}."
        return None  # progress and previews are for a picture, not for lines

    def _value(self, name: str, value: Json) -> str:
        if isinstance(value, dict) and "asset" in value:
            return f"saved to {save_asset(value, name, self._folder)}"
        return json.dumps(value, ensure_ascii=False)


def save_asset(value: dict[str, Json], name: str, folder: Path) -> Path:
    """Write a delivered file into the folder under a name that is free, and say where it is."""
    asset = Asset.objects.get(pk=value["asset"])
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name) or "output"
    suffix = SUFFIXES.get(asset.media_type, ".bin")
    number = 1
    while True:
        path = folder / (f"{safe}{suffix}" if number == 1 else f"{safe}-{number}{suffix}")
        try:
            with path.open("xb") as out, open_store().open(asset.sha256) as content:
                log_read(ensure_administrator(), Way.TERMINAL, asset.workspace_id, asset=asset.pk)
                shutil.copyfileobj(content, out)
        except FileExistsError:
            number += 1
            continue
        return path


def _wait(data: dict[str, Json]) -> str:
    waits = data.get("waits")
    if waits is None:
        return "waits for a person."
    if waits["for"] == "decision":
        return f"waits for a person. {_problem(data['error'])}"
    if waits["for"] == "answer":
        return f"waits for an answer until {waits['until']}." if waits["until"] else "waits for an answer."
    if waits["for"] == "time":
        return f"waits until {waits['until']}."
    return f"is tried again in {waits['seconds']:g} s, {waits['number']} of {waits['of']}. {_problem(data['error'])}"


def _problem(error: Json) -> str:
    if not error:
        return ""
    hint = error.get("hint")
    return str(error["message"]["en"]) + (f" {hint['en']}" if hint else "")
