"""The import contracts of pyproject.toml hold, without exceptions, and name the whole tree."""

import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from tests.house.sources import ROOT

CELERY_MAY_BE_KNOWN_TO = ("runtime.worker", "runtime.dispatch.wake")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("builder", "runtime", include_external_packages=True, cache_dir=None)


def contracts() -> list[dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found = settings["contracts"]
    assert isinstance(found, list)
    return found


def test_the_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_contract_has_an_exception() -> None:
    excepted = [
        contract["id"]
        for contract in contracts()
        if {"ignore_imports", "unmatched_ignore_imports_alerting"} & contract.keys()
    ]
    assert not excepted


@pytest.mark.parametrize("package", ["builder", "runtime"])
def test_every_part_has_its_layer(package: str) -> None:
    contract = next(contract for contract in contracts() if contract["id"] == f"{package}-layers")
    assert contract["exhaustive"] is True


def test_celery_is_known_to_the_worker_and_the_sender_of_wake_ups_alone(graph: grimp.ImportGraph) -> None:
    knowing = {
        module
        for library in ("celery", "kombu")
        if library in graph.modules
        for module in graph.find_modules_that_directly_import(library)
    }
    assert knowing, "nobody imports Celery: this test looks at the wrong thing"
    strangers = [module for module in knowing if not module.startswith(CELERY_MAY_BE_KNOWN_TO)]
    assert not strangers


def test_packs_never_import_each_other(graph: grimp.ImportGraph) -> None:
    packs = sorted(graph.find_children("runtime.packs"))
    assert packs
    crossing = [
        f"{importer} imports {imported}"
        for pack in packs
        for importer in {pack, *graph.find_descendants(pack)}
        for imported in graph.find_modules_directly_imported_by(importer)
        for other in packs
        if other != pack and (imported == other or imported.startswith(f"{other}."))
    ]
    assert not crossing
