"""The environment is made by a real pip, and half an installation never counts as one."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from builder.bootstrap import disk, environment, pip_progress, places, talk
from builder.bootstrap.talk import Refusal
from tests.bootstrap.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_second_installation_does_nothing(checkout: Checkout) -> None:
    checkout.require(checkout.make_wheel("first"))
    done = checkout.install()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "making the Python environment" in done.stdout
    assert "installing the packages" in done.stdout
    python = checkout.root / ".venv" / "bin" / "python"
    assert os.popen(f"{python} -c 'import first; print(first.ANSWER)'").read() == "42\n"
    again = checkout.install()
    assert (again.returncode, again.stdout) == (0, "")

    checkout.require(checkout.make_wheel("first"), checkout.make_wheel("second"))
    changed = checkout.install()
    assert changed.returncode == 0, changed.stdout + changed.stderr
    assert "making the Python environment" not in changed.stdout
    assert os.popen(f"{python} -c 'import second; print(second.ANSWER)'").read() == "42\n"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the packages lie of an environment that has this very interpreter."""
    monkeypatch.setattr(places, "environment", lambda: tmp_path)
    monkeypatch.setattr(places, "environment_python", lambda: Path(sys.executable))
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def test_what_was_installed_is_byte_code_once_the_rest_is_done_whatever_does_not_compile(
    packages: Path,
) -> None:
    for name, text in (("a_template", "{% this is none %}"), ("whole", "ANSWER = 42")):
        (packages / f"{name}.py").write_text(text)
    with environment.compiled_beside():
        pass
    assert [path.name.partition(".")[0] for path in packages.rglob("*.pyc")] == ["whole"]


def test_where_the_rest_fails_nobody_waits_for_byte_code(packages: Path) -> None:
    os.mkfifo(packages / "endless.py")  # nobody ever writes into it
    with pytest.raises(Refusal, match="the rest"), environment.compiled_beside():
        raise Refusal("the rest")


def test_a_failed_installation_says_why_and_does_not_count(checkout: Checkout) -> None:
    checkout.require(checkout.make_wheel("first"), "no-such-package-at-all==1.0")
    done = checkout.install()
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("The packages could not be installed: ")
    assert "does not offer no-such-package-at-all==1.0" in done.stderr
    assert not list((checkout.root / ".venv").glob(".sluiceway-*"))
    refused = checkout.run("manage.py", "migrate")
    assert refused.returncode == 1
    assert refused.stderr == "Sluiceway is not installed here yet. Run `python3 manage.py setup` first.\n"

    checkout.require(checkout.make_wheel("first"))
    assert checkout.install().returncode == 0


def test_a_half_made_environment_is_made_again(checkout: Checkout) -> None:
    (checkout.root / ".venv" / "lib").mkdir(parents=True)
    (checkout.root / ".venv" / "lib" / "left-behind").touch()
    checkout.require(checkout.make_wheel("first"))
    assert checkout.install().returncode == 0
    assert not (checkout.root / ".venv" / "lib" / "left-behind").exists()


def test_an_environment_whose_making_was_cut_short_is_made_again(checkout: Checkout) -> None:
    checkout.require(checkout.make_wheel("first"))
    assert checkout.run("-m", "venv", "--without-pip", ".venv").returncode == 0
    shutil.rmtree(checkout.root / ".venv" / "lib")
    (checkout.root / ".venv" / "pyvenv.cfg").unlink()
    (checkout.root / ".venv" / "bin" / "python").unlink()
    (checkout.root / ".venv" / "bin" / "python").symlink_to("/bin/false")
    done = checkout.install()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "making the Python environment" in done.stdout


def test_an_ordinary_command_before_the_installation_says_what_to_do(checkout: Checkout) -> None:
    checkout.require()
    done = checkout.run("manage.py", "migrate")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Sluiceway is not installed here yet. Run `python3 manage.py setup` first.\n"


def test_too_little_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"Installing needs 999999999 MB of free disk space, and .* has \d+ MB"):
        disk.require_free(tmp_path / "not" / "yet", 999_999_999, "Installing")
    assert not list(tmp_path.iterdir())


def test_what_pip_does_is_told_with_numbers(tmp_path: Path) -> None:
    reader = pip_progress.Reader(tmp_path)
    for line in ("Collecting torch==2.13.0 (from -r x)", "  Downloading torch-2.13.0-cp311.whl (187.5 MB)"):
        reader.read(line)
    assert reader.text() == "1 packages, 188 MB so far: fetching torch-2.13.0-cp311.whl (187.5 MB)"
    reader.read("Installing collected packages: mpmath, sympy, torch")
    assert reader.text() == "unpacking: 0 of 3 packages"
    for name in ("mpmath", "sympy"):
        (tmp_path / "lib" / "python3.11" / "site-packages" / f"{name}-1.dist-info").mkdir(parents=True)
    assert reader.text() == "unpacking: 2 of 3 packages"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "the disk is full",
        ),
        (
            "NewConnectionError('<...>: Failed to establish a new connection')",
            "the package index cannot be reached",
        ),
        ("ERROR: No matching distribution found for torch==2.13.0", "does not offer torch==2.13.0"),
        ("something new", "see above"),
    ],
)
def test_what_pip_says_becomes_one_reason(output: str, reason: str) -> None:
    assert reason in environment._reason(output)


@pytest.mark.parametrize(("number", "words"), [(28, "The disk is full"), (13, "may not write here")])
def test_what_the_system_says_becomes_a_sentence(number: int, words: str) -> None:
    said = talk.sentence(OSError(number, os.strerror(number), "/some/file"))
    assert said is not None
    assert words in said
    assert "/some/file" in said


def test_an_error_of_our_own_making_is_not_dressed_up() -> None:
    assert talk.sentence(FileNotFoundError(2, "No such file or directory", "/some/file")) is None
