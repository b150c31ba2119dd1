"""What the console calls the values that the database keeps as short names: the words of the studio, in both languages.

The studio's are in frontend/src/i18n; a test compares the two.
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Table = dict[str, str | Promise]

RUN_STATES: Table = {
    "queued": _("queued"),
    "running": _("running"),
    "waiting": _("waits"),
    "succeeded": _("done"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "blocked": _("blocked by a gate"),
}
STEP_STATES: Table = {
    "pending": _("waiting"),
    "running": _("running"),
    "waiting": _("a person decides"),
    "done": _("done"),
    "cached": _("from cache"),
    "skipped": _("not on the path"),
    "withheld": _("withheld by a gate"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
}
# What a waiting step waits for, where that is no reviewer.
STEP_WAITS: Table = {
    "time": _("waits for its time"),
    "retry": _("is tried again"),
    "decision": _("not known whether it happened"),
    "answer": _("waits for an answer"),
}
MODEL_STATES: Table = {
    "installed": _("installed"),
    "missing": _("not installed"),
    "installing": _("installing"),
    "broken": _("broken"),
}
CAPABILITIES: Table = {
    "text": _("writing text"),
    "image": _("making pictures"),
    "upscale": _("enlarging pictures"),
    "speech": _("hearing speech"),
    "prompt-safety": _("checking prompts"),
    "text-safety": _("checking text"),
    "image-safety": _("checking pictures"),
}
MEDIA: Table = {
    "text": _("text"),
    "number": _("numbers"),
    "boolean": _("yes or no"),
    "json": _("data"),
    "image": _("image"),
    "audio": _("sound"),
    "video": _("video"),
    "document": _("document"),
    "model": _("model"),
    "any": _("anything"),
}
# Where a value goes.
SINKS: Table = {
    "person": _("a person"),
    "outside": _("outside"),
    "model": _("a model"),
    "store": _("storage"),
}
# Whose bytes a value is made of.
SOURCES: Table = {
    "author": _("the workflow's author"),
    "user": _("whoever starts the run"),
    "upload": _("uploaded files"),
    "web": _("the web"),
    "tool": _("tools"),
    "retrieved": _("documents and templates from elsewhere"),
    "model": _("models"),
}
ACTIONS: Table = {"redact": _("take out"), "hold": _("hold for a person"), "block": _("block")}
DECISIONS: Table = {
    "allow": _("let through"),
    "redact": _("take out and let through"),
    "block": _("withhold"),
}
LANGUAGES: Table = {"en": _("English"), "zh": _("Chinese")}
RESOURCES: Table = {"inline": _("light steps"), "cpu": _("CPU"), "gpu": _("GPU")}


def say(table: Table, names: str | Iterable[str]) -> str:
    """One name or several, in words. A name that the table does not know is shown as it stands."""
    given = [names] if isinstance(names, str) else names
    return str(_(", ")).join(str(table.get(name, name)) for name in given)
