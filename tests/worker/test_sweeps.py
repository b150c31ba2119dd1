"""What a worker does beside runs: it can be done where nothing is loaded that serves people."""

import subprocess
import sys

from builder.bootstrap import places
from runtime.worker.environment import for_child

CODE = """
import django; django.setup()
from django.conf import settings
from django.utils.module_loading import import_string
assert "rest_framework" not in settings.INSTALLED_APPS
print(all(callable(import_string(path)) for path in settings.SWEEPS))
"""


def test_every_sweep_can_be_done_by_a_worker_without_what_serves_people() -> None:
    worker = {"SLUICEWAY_IS_WORKER": "1", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=places.ROOT, env=for_child() | worker, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr
