"""The catalogue says of every model what it is, in both languages, and pins every byte."""

from pathlib import Path

import pytest

from runtime.models.catalog import FolderSource, HubSource, PackageSource, load_catalog

RECORDS = load_catalog()
ENTRY = """
format = 1
[[models]]
name = "{name}"
title = {{ en = "X", zh = "X" }}
capability = "text"
licence = "MIT"
{files}
[[models.sources]]
{source}
"""
FILES = f'[[models.files]]\npath = "{{path}}"\nsize = 1\nsha256 = "{"0" * 64}"'
FOLDER = 'kind = "folder"\npath = "here"'


def load(folder: Path, name: str = "x", files: str = "", source: str = FOLDER) -> None:
    path = folder / "catalog.toml"
    path.write_text(ENTRY.format(name=name, files=files, source=source), encoding="utf-8")
    load_catalog(path)


def test_the_default_models_are_the_five_that_the_seeds_need() -> None:
    assert {name for name, record in RECORDS.items() if record.default} == {
        "smollm2", "opennsfw", "svguardian", "realesr", "starter",
    }  # fmt: skip


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_every_model_is_described_in_both_languages_with_its_licence(record: object) -> None:
    assert record.licence
    assert record.sources
    for words in filter(None, (record.title, record.note, record.licence_note)):
        assert words.en.strip()
        assert words.zh.strip()
    assert all(isinstance(source, PackageSource | HubSource | FolderSource) for source in record.sources)


def test_the_installations_own_catalogue_adds_to_it(tmp_path: Path) -> None:
    load(tmp_path)
    records = load_catalog(tmp_path / "catalog.toml")
    assert set(records) == {*RECORDS, "x"}
    assert records["x"].sources == (FolderSource((tmp_path / "here").resolve()),)


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_a_file_stays_inside_its_model(path: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a path inside"):
        load(tmp_path, files=FILES.format(path=path))


@pytest.mark.parametrize("name", ["../x", "X", "a b", "", ".hidden"])
def test_a_name_is_fit_for_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not a model name"):
        load(tmp_path, name=name)


def test_a_hub_source_must_be_pinned(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="full commit hash"):
        load(tmp_path, source='kind = "hub"\nrepository = "a/b"\nrevision = "main"')


def test_files_from_elsewhere_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be named"):
        load(tmp_path, source=f'kind = "hub"\nrepository = "a/b"\nrevision = "{"a" * 40}"')
