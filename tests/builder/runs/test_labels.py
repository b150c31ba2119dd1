"""What a model made reaches a person labelled, and signed where the policy asks: through a real child, to the row."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import c2pa
import pytest
from django.utils import timezone
from PIL import Image

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset, Origin
from builder.assets.sources_of import sources_of
from builder.assets.store import open_store
from builder.assets.store_upload import store_upload
from builder.bootstrap import places
from builder.common.credentials import NAME, open_identity
from builder.reviews.release import release
from builder.runs.ledger import open_ledger
from builder.runs.models import Output, Purpose, Review, ReviewState, Run
from builder.runs.seal import sealed
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import SegmentState
from runtime.labelling.audible import begins
from runtime.labelling.credential import Standing, read_credential
from runtime.labelling.files import embed, read, without_credential
from runtime.labelling.marks import MADE_BY_MODEL, Marks
from runtime.labelling.profile import UNLABELLED, Labelling, Profile
from runtime.labelling.riff import find
from runtime.labels import Clearance, Sink, Source
from runtime.ports import IMAGE, TEXT
from runtime.safety.deliver import NotCleared
from runtime.safety.policy import Policy
from runtime.safety.ruling import Held
from runtime.values import Value
from runtime.worker.agent import Agent
from tests.builder.runs.claims import claim, everything, fresh
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.labelling.samples import MARKS, picture

pytestmark = pytest.mark.django_db(transaction=True)

CN = Labelling(Profile.CN, "zh", "水闸示例公司")
EU = Labelling(Profile.EU, "en", "Example")
PICTURE = drawing(
    ("in", "input", {"name": "text"}),
    ("paint", "picture", {"colour": "lime"}),
    ("out", "show_image", {"name": "picture"}),
    edges="in.text>paint.text paint.image>out.image",
)
SOUND = drawing(
    ("in", "input", {"name": "text"}),
    ("say", "sound", {}),
    ("out", "play_sound", {"name": "sound"}),
    edges="in.text>say.text say.audio>out.audio",
)
Submit = Callable[[dict[str, Any], Labelling], Run]


@pytest.fixture
def submit(stub_packs: None, workspace: Workspace, policy: Callable[[Policy], Policy]) -> Submit:
    def put(graph: dict[str, Any], labelling: Labelling) -> Run:
        policy(replace(stub_policy(), labelling=labelling))
        return submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run

    return put


def delivered(run: Run) -> bytes:
    """The bytes that a person gets for the run's output."""
    assert fresh(run).state == "succeeded", [step.error for step in run.steps.all()]
    shown = Output.objects.get(run=run).value
    asset = Asset.objects.get(pk=shown["asset"])
    assert (asset.size, asset.media_type) == (shown["size"], shown["media_type"])
    return open_store().read(asset.ref)


def test_under_eu_a_models_picture_arrives_with_words_and_a_credential_of_ours(
    agent: Agent, submit: Submit
) -> None:
    run = submit(PICTURE, EU)
    agent.drain()
    content = delivered(run)
    assert read(content).digital_source == MADE_BY_MODEL
    credential = read_credential(content, open_identity().chain)
    assert credential and credential.standing is Standing.OURS and not credential.problems
    with c2pa.Reader("image/png", io.BytesIO(content)) as reader:
        assert reader.get_validation_state() == "Valid"
        manifest = reader.get_active_manifest()
    assert manifest and MADE_BY_MODEL in json.dumps(manifest["assertions"])
    # What the gate has cleared is what was signed: the credential is all that came to it.
    gate = next(step for step in run.steps.all() if step.name.startswith("gate:"))
    cleared = Value.from_json(gate.outputs["value"]).data
    assert without_credential(content) == open_store().read(cleared)


def test_under_cn_a_models_picture_arrives_with_words_and_the_aigc_label(
    agent: Agent, submit: Submit
) -> None:
    run = submit(PICTURE, CN)
    agent.drain()
    content = delivered(run)
    marks = read(content)
    assert marks.aigc and (marks.aigc.label, marks.aigc.producer) == ("1", "水闸示例公司")
    assert read_credential(content) is None
    with Image.open(io.BytesIO(content)) as shown:
        colours = {colour for _, colour in shown.convert("RGB").getcolors(10_000)}
    assert (255, 255, 255) in colours and (0, 255, 0) in colours


@pytest.mark.parametrize("labelling", [CN, EU], ids=["cn", "eu"])
def test_a_models_sound_arrives_behind_its_sign_with_the_marks_of_the_profile(
    agent: Agent, submit: Submit, labelling: Labelling
) -> None:
    run = submit(SOUND, labelling)
    agent.drain()
    content = delivered(run)
    marks, credential = read(content), read_credential(content, open_identity().chain)
    assert begins(content) and marks.digital_source == MADE_BY_MODEL
    if labelling is CN:
        assert marks.aigc and (marks.aigc.label, marks.aigc.producer) == ("1", "水闸示例公司")
        assert credential is None
    else:
        assert credential and credential.standing is Standing.OURS and not credential.problems
        gate = next(step for step in run.steps.all() if step.name.startswith("gate:"))
        assert without_credential(content) == open_store().read(Value.from_json(gate.outputs["value"]).data)


def test_without_a_profile_the_bytes_arrive_as_the_model_made_them(agent: Agent, submit: Submit) -> None:
    run = submit(PICTURE, UNLABELLED)
    agent.drain()
    content = delivered(run)
    assert not read(content) and read_credential(content) is None


def test_a_models_text_arrives_behind_its_sentence(agent: Agent, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {})), CN)
    agent.drain()
    assert Output.objects.get(run=run).value == "以下内容由人工智能生成。\n\nhello"


def picture_value(content: bytes, *sources: Source) -> Value:
    return Value(IMAGE, open_store().write(content, "image/png", 96, 64), frozenset(sources))


@pytest.mark.parametrize("labelling", [CN, EU])
@pytest.mark.parametrize(
    "content",
    [picture("PNG"), embed(picture("PNG"), Marks(replace(MARKS.aigc, label="2"))), embed(picture("PNG"), Marks()), b"text"],
    ids=["no label", "a label that says possibly", "an empty packet", "no picture"],
)  # fmt: skip
def test_a_picture_whose_bytes_lack_their_label_is_refused_whatever_was_claimed(
    labelling: Labelling, content: bytes
) -> None:
    with pytest.raises(NotCleared):
        sealed(picture_value(content, Source.MODEL), labelling)


def test_the_label_of_another_producer_is_not_ours() -> None:
    with pytest.raises(NotCleared):
        sealed(picture_value(embed(picture("PNG"), MARKS), Source.MODEL), CN)


def test_a_person_s_own_picture_is_neither_checked_nor_signed() -> None:
    value = picture_value(picture("PNG"), Source.UPLOAD)
    assert sealed(value, EU) is value


def test_what_was_signed_before_is_not_signed_again() -> None:
    once = sealed(picture_value(embed(picture("PNG"), MARKS), Source.MODEL), EU)
    assert sealed(once, EU) == once


def test_a_picture_that_cannot_be_signed_is_refused(settings: Any, tmp_path: Path) -> None:
    value = picture_value(embed(picture("PNG"), MARKS), Source.MODEL)
    content = open_store().read(value.data)
    settings.HOME = tmp_path
    assert open_store().write(content, "image/png") == replace(value.data, width=None, height=None)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / NAME).write_text("no key")
    with pytest.raises(NotCleared):
        sealed(value, EU)


def test_a_store_that_is_told_a_clearance_without_a_label_writes_no_row(
    store: DatabaseRunStore, submit: Submit
) -> None:
    """A child in which somebody else's code runs can claim what it likes."""
    run = submit(PICTURE, CN)
    claimed = claim(store)
    while not {"out"} & set(next(s for s in claimed.plan.segments if s.index == claimed.segment).steps):
        store.finish(claimed, SegmentState.DONE, everything(claimed))
        claimed = claim(store)
    bare = picture_value(picture("PNG"), Source.MODEL)
    lie = replace(bare, clearances=clearances(bare, claimed.policy))
    with pytest.raises(NotCleared):
        store.record(claimed, replace(everything(claimed), results=(("picture", lie),)))
    assert not Output.objects.filter(run=run).exists() and not Asset.objects.exists()


def clearances(value: Value, policy: Policy) -> frozenset[Clearance]:
    return frozenset(Clearance(value.digest, rule.id, policy.digest) for rule in policy.every_rule)


@pytest.mark.parametrize("kind", ["text", "picture"])
def test_what_an_allowed_appeal_gives_back_is_labelled_and_signed_too(kind: str, submit: Submit) -> None:
    run = submit(chain(("a", "echo", {})), EU)
    value = picture_value(picture("PNG"), Source.MODEL)
    if kind == "text":
        value = Value(TEXT, "hello", frozenset({Source.MODEL}))
    policy = run.policy.policy
    rules = [rule.id for rule in policy.rules_for(Sink.PERSON, value.type.kind, value.sources)]
    review = Review.objects.create(
        run=run, step="gate", purpose=Purpose.APPEAL, state=ReviewState.OPEN, rules=rules, digest=value.digest,
        policy=policy.digest, held=Held(value).to_json(), type=str(value.type), deadline=timezone.now(),
    )  # fmt: skip
    with open_ledger(run.pk) as ledger:
        release(ledger, review)
    if kind == "text":
        assert review.released == "This text was generated by AI.\n\nhello"
        return
    content = open_store().read(Asset.objects.get(pk=review.released["asset"]).ref)
    credential = read_credential(content, open_identity().chain)
    assert read(content).by_model and credential and credential.standing is Standing.OURS


def test_an_output_that_a_model_had_a_part_in_is_known_as_that_when_it_is_given_to_a_run(
    agent: Agent, submit: Submit, workspace: Workspace
) -> None:
    run = submit(PICTURE, CN)
    agent.drain()
    asset = Asset.objects.get(pk=Output.objects.get(run=run).value["asset"])
    assert sources_of(workspace, asset.sha256) == {Source.UPLOAD, Source.MODEL}
    assert sources_of(Workspace.objects.create(name="other"), asset.sha256) == {Source.UPLOAD}


def shown_again(kind: str, sink: str) -> dict[str, Any]:
    """The product's own input, which writes anew what was brought, before an output."""
    graph = drawing(
        ("in", "", {"name": "file"}), ("out", sink, {"name": "again"}), edges=f"in.{kind}>out.{kind}"
    )
    graph["nodes"][0]["type"] = f"input.{kind}"
    return graph


GIVEN_BACK = {
    "picture": shown_again("image", "show_image"),
    "sound": shown_again("audio", "play_sound"),
}


@pytest.fixture
def inputs(stub_packs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's nodes for pictures and sounds beside the stubs."""
    monkeypatch.setenv("SLUICEWAY_PACKS", "runtime.packs.image,runtime.packs.speech,tests.packs_stub")


@pytest.mark.parametrize("labelling", [CN, EU], ids=["cn", "eu"])
@pytest.mark.parametrize("kind", GIVEN_BACK)
def test_what_is_downloaded_and_uploaded_again_is_labelled_again(
    kind: str, labelling: Labelling, inputs: None, agent: Agent, submit: Submit, workspace: Workspace
) -> None:
    run = submit(PICTURE if kind == "picture" else SOUND, labelling)
    agent.drain()
    content = delivered(run)
    ada = User.objects.create(username="ada")
    asset = store_upload(workspace, ada, io.BytesIO(content))
    kept = open_store().read(asset.ref)
    assert not read(kept) and read_credential(kept) is None
    assert sources_of(workspace, asset.sha256) == {Source.UPLOAD, Source.MODEL}
    # Brought once more without its marks, it is the same file, and known by now.
    assert store_upload(workspace, ada, io.BytesIO(kept)) == asset
    assert sources_of(workspace, asset.sha256) == {Source.UPLOAD, Source.MODEL}
    again = submit_run(Order(workspace, {"file": str(asset.pk)}, user=ada, graph=GIVEN_BACK[kind])).run
    agent.drain()
    shown = delivered(again)
    marks, credential = read(shown), read_credential(shown, open_identity().chain)
    assert marks.by_model and (marks.aigc is not None) == (labelling is CN)
    assert (credential and credential.standing) == (Standing.OURS if labelling is EU else None)
    if kind == "sound":
        assert begins(shown) and find(shown, b"data") == find(content, b"data")


def test_a_file_without_marks_stays_its_persons_own(
    inputs: None, agent: Agent, submit: Submit, workspace: Workspace
) -> None:
    submit(PICTURE, CN)
    asset = store_upload(workspace, User.objects.create(username="ada"), io.BytesIO(picture("PNG")))
    assert sources_of(workspace, asset.sha256) == {Source.UPLOAD}
    run = submit_run(Order(workspace, {"file": str(asset.pk)}, graph=GIVEN_BACK["picture"])).run
    agent.drain()
    assert not read(delivered(run))


def test_what_one_person_brought_with_its_mark_is_known_when_another_brings_it_without(
    workspace: Workspace,
) -> None:
    ada, bob = (User.objects.create(username=name) for name in ("ada", "bob"))
    marked = embed(picture("PNG"), Marks(None, MADE_BY_MODEL))
    bare = store_upload(workspace, bob, io.BytesIO(picture("PNG")))
    assert sources_of(workspace, bare.sha256) == {Source.UPLOAD}
    assert store_upload(workspace, ada, io.BytesIO(marked)).sha256 == bare.sha256
    assert sources_of(workspace, bare.sha256) == {Source.UPLOAD, Source.MODEL}


@pytest.mark.parametrize(
    ("provenance", "by_model"),
    [({}, True), ({"sources": ["upload", "user"]}, False), ({"sources": []}, True)],
)
def test_who_made_an_output_of_before_sources_were_kept_is_taken_for_anybody(
    workspace: Workspace, provenance: dict[str, Any], by_model: bool
) -> None:
    Asset.objects.create(
        workspace=workspace,
        sha256="0" * 64,
        media_type="image/png",
        size=1,
        origin=Origin.OUTPUT,
        provenance=provenance,
    )
    assert (Source.MODEL in sources_of(workspace, "0" * 64)) == by_model


def test_the_key_is_its_owners_alone_and_stays_the_same() -> None:
    identity = open_identity()
    path = Path(os.environ["SLUICEWAY_HOME"]) / "secrets" / NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert open_identity() == identity
    assert "PRIVATE" not in repr(identity)


def test_what_a_child_loads_can_sign_nothing() -> None:
    code = (
        "import sys, runtime.worker.child\n"
        "from runtime.nodes.registry import load_registry; load_registry()\n"
        "from runtime.safety.filters import load_filters; load_filters()\n"
        "print([n for n in sys.modules if n == 'c2pa' or n.startswith('builder')\n"
        "       or n in ('runtime.labelling.identity', 'runtime.labelling.credential')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=places.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
