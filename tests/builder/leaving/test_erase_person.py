"""A person's data: deleted with a pseudonym left behind, or handed to them and to nobody else."""

import io
import json
import random
import zipfile
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.common.errors import Refused
from builder.keeping.models import Export, Read
from builder.leaving.erase import go_on
from builder.leaving.erase_person import erase_person, pseudonym
from builder.leaving.export import pack
from builder.leaving.own_data import Entry, entries
from builder.reviews.models import Opinion
from builder.runs.models import Purpose, Review, ReviewState, Run
from builder.safety.append_audit import append_audit
from builder.safety.models import AuditEntry
from builder.safety.verify_audit import verify_audit
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Revision, Workflow
from runtime.ports import TEXT
from runtime.safety.ruling import Held
from runtime.values import Value
from tests.fixtures.kept import PASS_ON, begin_run, canary, finish_run, lies_in_store, upload


@pytest.fixture
def shared(ada: User, bob: User, office: Workspace) -> Workspace:
    """Bob's workspace, in which Ada works too."""
    Membership.objects.create(user=ada, workspace=office, role=Role.EDITOR)
    return office


def give_opinion(run: Run, by: User) -> Opinion:
    review = Review.objects.create(
        run=run, step="g", purpose=Purpose.HOLD, state=ReviewState.DECIDED, rules=[], digest="", policy="",
        type="text",
    )  # fmt: skip
    return Opinion.objects.create(review=review, by=by, name=by.display_name, decision="block", note="No.")


def test_a_person_is_deleted_with_what_is_theirs_and_leaves_a_pseudonym(
    ada: User, home: Workspace, bob: User, shared: Workspace
) -> None:
    own, given, bobs = canary(1), canary(2), canary(3)
    upload(home, ada, own)
    asset = upload(shared, ada, given)
    finish_run(begin_run(shared, ada, asset), asset)
    kept = upload(shared, bob, bobs)
    bobs_run = finish_run(begin_run(shared, bob, kept), kept)
    opinion = give_opinion(bobs_run, ada)
    create_workflow(home, ada, "Mine", PASS_ON)
    document = create_workflow(shared, ada, "Ours", PASS_ON)
    append_audit("review.decided", by=ada, subject="run x")

    erasure = erase_person(ada, bob)
    while erasure.finished is None:
        go_on(erasure)

    assert not lies_in_store(own) and not lies_in_store(given) and lies_in_store(bobs)
    assert list(Run.objects.all()) == [bobs_run]
    assert not Workspace.objects.filter(pk=home.pk).exists()
    assert Workflow.objects.get() == document and Revision.objects.get().by == ada
    ada.refresh_from_db()
    name = pseudonym(ada)
    assert (ada.username, ada.first_name, ada.email, ada.is_active) == (name, "", "", False)
    opinion.refresh_from_db()
    assert (opinion.name, opinion.note) == (name, "No.")
    assert not any("Ada" in entry.body for entry in AuditEntry.objects.all())
    decided = next(e.said for e in AuditEntry.objects.all() if e.said["act"] == "review.decided")
    assert decided["by"] == {"id": str(ada.pk), "name": name}
    assert verify_audit().fault is None
    assert erasure.counts["people"] == 1 and erasure.by == bob


def test_who_runs_something_or_is_the_last_administrator_is_not_deleted(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(4))
    run = begin_run(home, ada, asset)
    with pytest.raises(Refused) as refused:
        erase_person(ada, None)
    assert refused.value.code == "still_needed"
    finish_run(run, asset)
    User.objects.update(is_superuser=False)
    User.objects.filter(pk=ada.pk).update(is_superuser=True)
    with pytest.raises(Refused) as refused:
        erase_person(ada, None)
    assert refused.value.code == "last_administrator"


def test_the_command_deletes_and_prints_the_receipt(ada: User, home: Workspace) -> None:
    upload(home, ada, canary(5))
    with pytest.raises(CommandError):
        call_command("erase", "--user", "nobody", "--yes")
    out = StringIO()
    call_command("erase", "--user", "ada", "--yes", stdout=out)
    receipt = json.loads(out.getvalue())
    assert receipt["deleted"] == {"files": 1, "workspaces": 1, "people": 1} and receipt["finished"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_export_has_everything_of_a_person_and_nothing_of_others(
    ada: User, home: Workspace, bob: User, shared: Workspace
) -> None:
    mine, theirs = canary(6), canary(7)
    asset = upload(shared, ada, mine)
    finish_run(begin_run(shared, ada, asset), asset)
    other = upload(shared, bob, theirs)
    bobs_run = finish_run(begin_run(shared, bob, other), other)
    give_opinion(bobs_run, ada)
    create_workflow(shared, ada, "Ours", PASS_ON)
    create_workflow(shared, bob, "Bobs secret plan", PASS_ON)

    client = signed_in(ada)
    made = client.post("/api/account/export", {}, content_type="application/json")
    assert made.status_code == 201
    answer = client.get(made.json()["url"])
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a streamed answer
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        files = {name: packed.read(name) for name in packed.namelist()}
    assert files[f"uploads/{asset.pk}.png"] == mine
    assert mine in [data for name, data in files.items() if name.startswith("outputs/")]
    everything = b"".join(files.values())
    assert theirs not in files.values()
    for foreign in ("Bobs secret plan", str(other.pk), "bob"):
        assert foreign.encode() not in everything
    assert json.loads(files["account.json"])["email"] == "ada@example.org"
    assert json.loads(files["decisions.json"])["opinions"][0]["note"] == "No."
    assert any(name.startswith("runs/") for name in files)
    assert any("revision-1" in name for name in files)
    assert {row.way for row in Read.objects.filter(by=ada.pk)} == {"export"}
    state = client.get(f"/api/account/exports/{made.json()['id']}").json()
    assert state["done"] == len(files) and state["fetched"]


def test_an_export_tells_an_administrator_no_opinion_about_what_is_still_open(
    ada: User, bob: User, shared: Workspace
) -> None:
    asset = upload(shared, bob, canary(9))
    review = give_opinion(finish_run(begin_run(shared, bob, asset), asset), ada).review
    held = Held(Value(TEXT, "material")).to_json()
    rows = Review.objects.filter(pk=review.pk)
    rows.update(state=ReviewState.OPEN, deadline=timezone.now(), held=held)

    def told(reader: User) -> list[str]:
        found = {entry.name: entry.content for entry in entries(ada, reader)}["decisions.json"]
        assert isinstance(found, dict)
        return [item["note"] for item in found["opinions"]]

    assert told(ada) == ["No."]
    assert told(bob) == []
    rows.update(state=ReviewState.DECIDED)
    assert told(bob) == ["No."]


def test_an_export_is_for_who_asked_and_its_link_expires(ada: User, home: Workspace, bob: User) -> None:
    client = signed_in(ada)
    made = client.post("/api/account/export", {}, content_type="application/json").json()
    assert signed_in(bob).get(made["url"]).status_code == 404
    assert Client().get(made["url"]).status_code == 401
    foreign = client.post("/api/account/export", {"person": str(bob.pk)}, content_type="application/json")
    assert foreign.status_code == 404
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    for_ada = signed_in(User.objects.get(pk=bob.pk)).post(
        "/api/account/export", {"person": str(ada.pk)}, content_type="application/json"
    )
    assert for_ada.status_code == 201
    Export.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert client.get(made["url"]).status_code == 410


def test_an_export_holds_one_piece_at_a_time(
    ada: User, home: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large the files are, what waits to be sent is a piece or two."""
    noise = upload(home, ada, canary(8))
    big = open_store().path(noise.sha256)
    big.write_bytes(random.Random(8).randbytes(8 * 1024 * 1024))
    monkeypatch.setattr("builder.leaving.export.entries", lambda user, reader: [Entry("big.png", noise)])
    export = Export.objects.create(of=ada, by=ada, total=1, expires=timezone.now())
    pieces = [len(piece) for piece in pack(export)]
    assert sum(pieces) > 8 * 1024 * 1024 and max(pieces) < 1024 * 1024
    Asset.objects.filter(pk=noise.pk).delete()
    big.unlink()
