"""`manage.py up` with real processes: it starts, refuses with one sentence, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.bootstrap import places, services
from tests.bootstrap.processes import alive, descendants, eventually, mentioning
from tests.fixtures.site import Site, environment_for, running

# On a quiet machine everything ends within 3 s (see the test of the deadlines); a loaded one gets more.
SECONDS_TO_STOP = 20


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is up to date, to copy from."""
    home = tmp_path_factory.mktemp("migrated")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=places.ROOT,
        env=environment_for(home),
        check=True,
    )
    return home


@pytest.fixture
def home(tmp_path: Path, migrated: Path) -> Iterator[Path]:
    """A home of its own for each test; no process may mention it afterwards."""
    folder = tmp_path / "home"
    shutil.copytree(migrated, folder)
    yield folder
    left = mentioning(str(folder))
    assert eventually(lambda: not any(map(alive, left)), 5), [
        Path(f"/proc/{p}/cmdline").read_bytes() for p in left
    ]


def up(home: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `up` where it is expected to refuse."""
    return subprocess.run(
        [sys.executable, "manage.py", "up", "--no-models", *options],
        cwd=places.ROOT, env=environment_for(home) | variables, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The sentence of a refusal: the only thing on standard error."""
    assert done.returncode == 1, done.stdout + done.stderr
    (sentence,) = done.stderr.strip().splitlines()
    return sentence


def stop(site: Site, number: signal.Signals) -> None:
    # the guard, Valkey, the web server, the worker and the worker's child
    assert eventually(lambda: len(descendants(site.process.pid)) >= 5)
    everyone = descendants(site.process.pid)
    os.kill(site.process.pid, number)
    site.process.wait(SECONDS_TO_STOP)
    assert eventually(lambda: not any(map(alive, everyone)), SECONDS_TO_STOP)


def test_it_starts_answers_and_ctrl_c_ends_everything(home: Path) -> None:
    with running(home, "--no-models") as site:
        with urllib.request.urlopen(f"{site.address}/healthz") as answer:
            assert json.load(answer) == {"status": "ok"}
        assert site.address.startswith("http://127.0.0.1:")
        assert site.sign_in.startswith(f"{site.address}/sign-in/")
        assert len(site.sign_in.rpartition("/")[2]) >= 32
        stop(site, signal.SIGINT)
        assert site.process.returncode == 0
    with running(home, "--no-models") as again:
        assert again.sign_in.rpartition("/")[2] != site.sign_in.rpartition("/")[2]


def test_kill_9_of_the_supervisor_leaves_no_process(home: Path) -> None:
    with running(home, "--no-models") as site:
        stop(site, signal.SIGKILL)
    with running(home, "--no-models"):
        pass  # nothing that it left behind stands in the way of the next start


def test_a_killed_web_server_and_a_killed_worker_come_back(home: Path) -> None:
    with running(home, "--no-models") as site:
        for part in ("builder.serve", "runtime.worker"):
            (first,) = running_parts(site, part)
            os.kill(first, signal.SIGKILL)
            assert eventually(lambda part=part, first=first: running_parts(site, part) - {first})
        port = int(site.address.rpartition(":")[2])
        assert eventually(lambda: services.answers_http("127.0.0.1", port))


def running_parts(site: Site, part: str) -> set[int]:
    """The site's own children whose command line names `part`."""
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text().split()
    return {int(child) for child in children if part.encode() in Path(f"/proc/{child}/cmdline").read_bytes()}


def test_a_second_one_for_the_same_home_is_refused(home: Path) -> None:
    with running(home, "--no-models") as site:
        sentence = refusal(up(home, "--port", "0"))
        assert sentence.startswith(
            f"Sluiceway already runs for {home} (process {site.process.pid}, {site.address})"
        )
        assert services.answers_http("127.0.0.1", int(site.address.rpartition(":")[2]))


def test_a_busy_port_is_refused_before_anything_starts(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refusal(up(home, "--port", str(port))).startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert not (home / "log").exists()


def test_a_busy_port_leaves_nothing_in_a_new_home(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refusal(up(tmp_path / "new", "--port", port)).startswith(f"Port {port} on 127.0.0.1")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_number_that_is_no_port_is_refused_in_one_sentence(tmp_path: Path, port: str) -> None:
    assert refusal(up(tmp_path / "new", f"--port={port}")).startswith(f"{port} is not a port.")
    assert not (tmp_path / "new").exists()


def test_a_home_that_can_be_no_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for home in (file, file / "below", Path("/proc/x")):
        assert refusal(up(home, "--port", "0")).startswith(f"{home} cannot be made a folder.")


def test_another_address_is_refused_until_an_administrator_has_a_password(home: Path) -> None:
    sentence = refusal(up(home, "--host", "0.0.0.0", "--port", "0"))
    assert sentence.startswith("Sluiceway will not listen on 0.0.0.0 before an administrator has a password.")
    command = "from django.contrib.auth import get_user_model as m; m().objects.create_superuser('boss', password='x9!kW2pQ')"
    environment = environment_for(home)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", command], cwd=places.ROOT, env=environment, check=True
    )
    with running(home, "--no-models", "--host", "0.0.0.0") as site:
        assert site.address.startswith("http://127.0.0.1:")


def test_a_full_disk_is_refused_before_anything_is_written(home: Path) -> None:
    free = shutil.disk_usage(home).free // 2**20
    variables = {"SLUICEWAY_SPACE_NEEDED_MB": str(free + 1_000)}
    before = sorted(home.rglob("*"))
    sentence = refusal(up(home, "--port", "0", **variables))
    assert sentence.startswith(f"Running Sluiceway in {home} needs {free + 1_000} MB of free disk space")
    assert [path for path in sorted(home.rglob("*")) if path not in before] == [home / "up.lock"]


def test_missing_models_without_a_network_are_refused(home: Path, tmp_path: Path) -> None:
    nowhere = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(tmp_path)}
    models = tmp_path / "models"
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", "0"],
        cwd=places.ROOT, env=environment_for(home) | nowhere | {"SLUICEWAY_MODELS": str(models)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("The default models could not be installed")
    assert "Sluiceway is ready" not in done.stdout
    assert not [path for path in models.rglob("*") if path.suffix in {".gguf", ".onnx"}]


def test_a_home_with_a_very_long_name_starts_too(tmp_path: Path, migrated: Path) -> None:
    home = tmp_path / ("long-" * 30)
    shutil.copytree(migrated, home)
    with running(home, "--no-models") as site:
        stop(site, signal.SIGTERM)


def test_the_deadlines_add_up_to_less_than_three_seconds() -> None:
    first = max(sum(seconds for _, seconds in stops) for stops in (services.WEB_STOPS, services.WORKER_STOPS))
    assert first + sum(seconds for _, seconds in services.VALKEY_STOPS) < 3


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_is_recognised(host: str) -> None:
    from builder.common.management.commands.up import is_loopback  # Django must be set up first

    assert is_loopback(host)
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("192.168.1.5")
    assert not is_loopback("example.org")
