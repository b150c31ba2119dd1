"""What is broken, or older than what the catalogue offers, is said so and replaced."""

import json
from pathlib import Path

import numpy as np
import safetensors.numpy

from tests.models.test_install import WEIGHTS, Shop, file_entry, folder_entry, index, shop

__all__ = ["index", "shop"]


def test_a_broken_model_is_installed_again(shop: Shop) -> None:
    shop.run("install", "tiny")
    (shop.home / "model.safetensors").write_bytes(b"short")
    listed = json.loads(shop.run("list", "--json").stdout)["results"]
    assert next(item["state"] for item in listed if item["name"] == "tiny") == "broken"
    assert shop.run("install", "tiny").returncode == 0
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS


def test_a_model_that_became_another_of_the_same_size_is_installed_again(shop: Shop) -> None:
    shop.run("install", "tiny")
    (shop.home / "model.safetensors").write_bytes(WEIGHTS[::-1])
    assert shop.run("install", "tiny").returncode == 0
    assert (shop.home / "model.safetensors").read_bytes() == WEIGHTS


def test_an_older_version_than_the_catalogue_s_is_said_so_everywhere_and_replaced(
    shop: Shop, tmp_path: Path
) -> None:
    shop.run("install", "tiny")
    source = tmp_path / "newer"
    source.mkdir()
    newer = safetensors.numpy.save({"w": np.zeros(3)})
    (source / "model.safetensors").write_bytes(newer)
    shop.write(folder_entry(source), files=file_entry(newer, "model.safetensors"))
    listed = json.loads(shop.run("list", "--json").stdout)["results"]
    assert next(item["state"] for item in listed if item["name"] == "tiny") == "broken"
    verified = shop.run("verify", "tiny")
    assert verified.returncode == 1 and "install it again" in verified.stdout
    assert shop.run("install", "tiny").returncode == 0
    assert (shop.home / "model.safetensors").read_bytes() == newer
    assert shop.run("verify", "tiny").stdout == "tiny: whole\n"
