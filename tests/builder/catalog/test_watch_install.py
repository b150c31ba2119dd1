"""Watching an installation: progress is written down, a wish to stop is heard, and no process stays behind.

The installer itself runs in tests/api/test_models.py; here programs stand in that are slow or rude on purpose.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from builder.catalog import watch_install as module
from builder.catalog.install_model import cancel_install
from builder.catalog.models import ModelInstall
from builder.catalog.watch_install import watch

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = """
import json, sys, time
print(json.dumps({"event": "progress", "done": 3, "total": 9}), flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    sys.exit(130)
"""
SLOW = "import signal; signal.signal(signal.SIGTERM, signal.default_int_handler)" + SLOW
FAILING = """
import json, sys
print(json.dumps({"event": "failed", "message": {"en": "No network.", "zh": "没有网络。"}}))
sys.exit(1)
"""
DYING = "import os; os._exit(9)"


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[subprocess.Popen[str]]]:
    """Let this program stand in for the installer; gives the list of processes that were started."""

    def use(text: str) -> list[subprocess.Popen[str]]:
        started: list[subprocess.Popen[str]] = []

        def start(name: str) -> subprocess.Popen[str]:
            started.append(subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True))
            return started[-1]

        monkeypatch.setattr(module, "start_installer", start)
        return started

    return use


def watched(install: ModelInstall) -> threading.Thread:
    def run() -> None:
        try:
            watch(install.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def test_progress_is_written_down_and_a_wish_to_stop_ends_the_program(
    program: Callable[[str], list[subprocess.Popen[str]]],
) -> None:
    started = program(SLOW)
    install = ModelInstall.objects.create(name="tiny")
    thread = watched(install)
    wait_for(lambda: ModelInstall.objects.get().done == 3)
    beat = ModelInstall.objects.get().beat
    wait_for(lambda: ModelInstall.objects.get().beat > beat)
    cancel_install("tiny")
    thread.join(60)
    install.refresh_from_db()
    assert started[0].returncode == 130
    assert (install.finished is not None, install.failure, install.total) == (True, None, 9)


@pytest.mark.parametrize(("text", "said"), [(FAILING, "No network."), (DYING, "before it was complete")])
def test_a_failure_is_kept_in_words(
    text: str, said: str, program: Callable[[str], list[subprocess.Popen[str]]]
) -> None:
    program(text)
    install = ModelInstall.objects.create(name="tiny")
    watch(install.pk)
    install.refresh_from_db()
    assert said in install.failure["en"]
    assert install.failure["zh"]


def test_a_watcher_that_breaks_leaves_no_process(
    program: Callable[[str], list[subprocess.Popen[str]]],
) -> None:
    started = program("import time; print('not JSON', flush=True); time.sleep(600)")
    install = ModelInstall.objects.create(name="tiny")
    with pytest.raises(ValueError, match="Expecting value"):
        watch(install.pk)
    assert started[0].poll() is not None
