"""The cluster's files agree with each other and with requirements.txt."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from builder.bootstrap import places

DOCKER = places.ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")
NEEDS_NO_MODELS = ("Web", "Runtime")


def sections() -> dict[str, list[str]]:
    """The lines of requirements.txt under each heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in places.REQUIREMENTS.read_text().splitlines():
        if line.startswith("# "):
            heading = line.removeprefix("# ")
        elif line:
            found.setdefault(heading, []).append(line)
    return found


def compose() -> dict[str, Any]:
    document = yaml.safe_load(COMPOSE.read_text())
    assert isinstance(document, dict)
    return document


def example() -> dict[str, str]:
    lines = (DOCKER / "example.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def has_compose() -> bool:
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0


def test_the_web_image_installs_the_same_versions_and_no_model_library() -> None:
    wanted = [line for name in NEEDS_NO_MODELS for line in sections()[name]]
    listed = [line for line in (DOCKER / "web.txt").read_text().splitlines() if not line.startswith("#")]
    assert listed == wanted
    assert not any(line.startswith(("torch", "diffusers", "transformers", "onnxruntime")) for line in listed)


def test_the_cluster_has_every_part() -> None:
    assert {
        "web",
        "keeper",
        "worker-cpu",
        "worker-gpu",
        "postgres",
        "valkey",
        "minio",
        "bucket",
    } <= compose()["services"].keys()


def test_every_service_can_start() -> None:
    document = compose()
    for name, service in document["services"].items():
        assert service.keys() & {"image", "build"}, name
        if "build" in service:
            folder = (DOCKER / service["build"]["context"]).resolve()
            assert folder == places.ROOT
            assert (folder / service["build"]["dockerfile"]).is_file(), name
        for needed, how in service.get("depends_on", {}).items():
            other = document["services"][needed]
            if how["condition"] == "service_healthy":
                assert "healthcheck" in other, f"{name} waits for the health of {needed}, which has no check"
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in document["volumes"], name


def test_every_variable_has_an_example() -> None:
    used = set(VARIABLE.findall(COMPOSE.read_text()))
    assert used <= example().keys() | {"SLUICEWAY_THREADS"}


def test_secrets_have_no_default() -> None:
    for secret in (
        "SLUICEWAY_SECRET_KEY",
        "SLUICEWAY_POSTGRES_PASSWORD",
        "SLUICEWAY_WORKER_PASSWORD",
        "SLUICEWAY_S3_SECRET_KEY",
    ):
        uses = re.findall(r"\$\{" + secret + r"(.*?)\}", COMPOSE.read_text())
        assert uses
        assert all(use.startswith(":?") for use in uses)


def test_workers_connect_with_their_own_role_and_everybody_else_with_the_owners() -> None:
    for name, service in compose()["services"].items():
        environment = service.get("environment", {})
        url = environment.get("SLUICEWAY_DATABASE_URL", "")
        is_worker = name.startswith("worker-")
        assert url.startswith("postgres://sluiceway_worker:") == is_worker, name
        assert (environment.get("SLUICEWAY_LIMITED") == 1) == is_worker, name


def test_only_the_web_server_is_reachable_and_only_from_this_machine() -> None:
    published = {
        name: service["ports"] for name, service in compose()["services"].items() if "ports" in service
    }
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_what_the_images_copy_exists() -> None:
    for file in DOCKER.glob("*.Dockerfile"):
        for line in re.findall(r"^COPY (?!--from)(.*)$", file.read_text(), re.M):
            for source in line.split()[:-1]:
                assert (places.ROOT / source).exists(), f"{file.name} copies {source}"


@pytest.mark.skipif(not has_compose(), reason="docker compose is not installed here")
def test_docker_compose_accepts_the_file() -> None:
    command = [
        "docker",
        "compose",
        "--env-file",
        "docker/example.env",
        "-f",
        "docker/compose.yaml",
        "config",
        "-q",
    ]
    done = subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
