"""The browser bundle is built by the real Node and Vite, and counts only when it is whole."""

import shutil
import subprocess
from pathlib import Path

import pytest

from builder.bootstrap import bundle, places, stamps
from builder.bootstrap.talk import Refusal

PAGE = '<!doctype html><html lang="en"><body><script type="module" src="/main.js"></script></body></html>'


@pytest.fixture
def frontend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small app that the real packages build."""
    bundle.ensure_packages()
    folder = tmp_path / "frontend"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(places.FRONTEND / name, folder)
    (folder / "node_modules").symlink_to(places.FRONTEND / "node_modules")
    (folder / "index.html").write_text(PAGE)
    (folder / "main.js").write_text("document.body.append('one');\n")
    monkeypatch.setattr(places, "FRONTEND", folder)
    monkeypatch.setattr(places, "BUNDLE", folder / "dist")
    return folder


def built(frontend: Path) -> str:
    (script,) = (frontend / "dist" / "assets").glob("*.js")
    return script.read_text()


def test_it_is_built_once_and_again_when_a_source_changes(
    frontend: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.ensure()
    assert "building the browser bundle" in capsys.readouterr().out
    assert "one" in built(frontend)
    bundle.ensure()
    assert capsys.readouterr().out == ""
    (frontend / "main.js").write_text("document.body.append('two');\n")
    bundle.ensure()
    assert "two" in built(frontend)
    assert not (frontend / "dist.new").exists()


def test_a_build_that_fails_leaves_the_bundle_that_was_there(
    frontend: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.ensure()
    (frontend / "main.js").write_text("import './missing.js';\n")
    with pytest.raises(Refusal, match="The browser bundle could not be built"):
        bundle.ensure()
    assert "missing.js" in capsys.readouterr().out
    assert "one" in built(frontend)


def test_a_half_copied_bundle_is_built_again(frontend: Path) -> None:
    (frontend / "dist").mkdir()
    (frontend / "dist" / "index.html").write_text("half")
    bundle.ensure()
    assert "one" in built(frontend)


def test_without_a_network_one_sentence_says_so_and_nothing_counts_as_done(
    frontend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (frontend / "node_modules").unlink()
    # Nobody listens there: what a machine without a network sees.
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(
        Refusal, match="The browser's packages could not be installed: the package registry cannot"
    ):
        bundle.ensure()
    assert not (frontend / "dist").exists()
    assert not (frontend / "node_modules" / bundle.STAMP).exists()


def test_tests_and_packages_are_no_sources(frontend: Path) -> None:
    before = stamps.fingerprint(frontend, bundle.sources())
    (frontend / "main.test.js").write_text("")
    (frontend / "coverage").mkdir()
    (frontend / "coverage" / "index.html").write_text("")
    assert stamps.fingerprint(frontend, bundle.sources()) == before


def test_the_node_of_the_wheel_runs_npm() -> None:
    command = bundle.npm_command("--version")
    done = subprocess.run(command, env=bundle.node_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split(".")[0]) >= 11
