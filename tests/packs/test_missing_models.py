"""A filter whose model is absent, empty or something else lets nothing pass."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from runtime.assets.disk import DiskStore
from runtime.engine.gate import judge
from runtime.engine.inspection import Inspector
from runtime.errors import OperationalError
from runtime.models.catalog import load_catalog
from runtime.models.manager import ModelManager
from runtime.models.shelf import Shelf
from runtime.plan import GateChain
from runtime.ports import TEXT, Kind, PortType
from runtime.safety.filters import load_filters
from tests.api.pictures import png
from tests.sound.sounds import tone
from tests.sound.spoken import as_wav

FILTERS = load_filters(("runtime.packs.safety",))
NEEDY = sorted(name for name, item in FILTERS.items() if item.spec.model)


@pytest.mark.parametrize("content", [None, b"", b"no weights at all"], ids=["absent", "empty", "other"])
@pytest.mark.parametrize("name", NEEDY)
def test_nothing_passes_a_filter_without_its_model(name: str, content: bytes | None, tmp_path: Path) -> None:
    catalog = load_catalog()
    spec = FILTERS[name].spec
    if content is not None:
        home = tmp_path / "models" / str(spec.model)
        files = [file.path for file in catalog[str(spec.model)].files]
        for path in files:
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(content)
        listed = [{"path": p, "size": len(content), "sha256": sha256(content).hexdigest()} for p in files]
        (home / "provenance.json").write_text(json.dumps({"format": 1, "files": listed}), encoding="utf-8")
    assets = DiskStore(tmp_path / "assets")
    inspector = Inspector(
        FILTERS, assets, ModelManager(Shelf(tmp_path / "models", catalog)), lambda: None, 20.0
    )
    reads_text = Kind.TEXT in spec.media
    kind = TEXT if reads_text else PortType(spec.media[0])
    sound = assets.write(as_wav(tone(1), 16_000), "audio/wav")
    picture = assets.write(png(64, 64).getvalue(), "image/png", 64, 64)
    data = "hello" if reads_text else sound if Kind.AUDIO in spec.media else picture
    chain = GateChain(("r",), ((name, "block", 0.5, ()),))
    with pytest.raises(OperationalError) as closed:
        judge(kind, data, chain, inspector)
    assert closed.value.code == "gate_unavailable"


def test_there_are_filters_with_a_model() -> None:
    assert {"safety.nudity", "safety.prompt_attack"} <= set(NEEDY)
