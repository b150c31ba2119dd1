"""Deletion on demand: what goes, what stays because somebody needs it, and what the receipt says."""

import json

import pytest

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.assets.store import open_store
from builder.common.errors import Refused
from builder.keeping.models import Erasure, Leaving
from builder.leaving.erase import Receipt, erase_asset, erase_run, erase_workflow
from builder.leaving.erasure import hash_of
from builder.runs.models import ContentUse, Output, Run, Step
from builder.safety.models import AuditEntry
from builder.safety.verify_audit import verify_audit
from builder.workflows.create_workflow import create_workflow
from builder.workflows.delete_workflow import restore_workflow
from builder.workflows.models import Revision, Workflow
from tests.fixtures.kept import PASS_ON, begin_run, canary, finish_run, lies_in_store, upload


def test_a_deleted_file_is_gone_with_its_bytes_and_every_mention_of_it(ada: User, home: Workspace) -> None:
    content = canary(1)
    asset = upload(home, ada, content)
    run = finish_run(begin_run(home, ada, asset), asset)
    assert Asset.objects.count() == 2 and lies_in_store(content)  # given, and delivered
    receipt = Receipt(erase_asset(asset, ada)).to_json()
    assert not Asset.objects.exists() and not lies_in_store(content)
    assert not ContentUse.objects.exists() and not Leaving.objects.exists()
    run.refresh_from_db()
    assert (run.inputs, run.arguments) == ({}, {})
    assert Output.objects.get(run=run).value is None
    assert all(not step.outputs for step in Step.objects.filter(run=run))
    told = json.dumps(list(run.events.values_list("data", flat=True)))
    assert str(asset.pk) not in told and asset.sha256 not in told
    assert receipt["which"] == hash_of(asset.pk) and receipt["deleted"] == {"files": 2, "mentions": 1}
    assert receipt["finished"] and str(asset.pk) not in json.dumps(receipt)


def test_the_receipt_is_chained_into_the_audit_log_and_names_nothing(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(2))
    erasure = erase_asset(asset, ada)
    entry = AuditEntry.objects.get(sequence=erasure.entries[0])
    assert entry.said["act"] == "data.deleted" and entry.said["by"]["id"] == str(ada.pk)
    assert entry.said["data"]["ids"] == [hash_of(asset.pk)]
    assert asset.sha256 not in entry.body and str(asset.pk) not in entry.body
    assert verify_audit().fault is None
    assert erasure.target is None


def test_bytes_stay_for_another_workspace_and_the_receipt_does_not_tell(
    ada: User, home: Workspace, bob: User, office: Workspace
) -> None:
    shared, alone = canary(3), canary(4)
    theirs = upload(office, bob, shared)
    kept = Receipt(erase_asset(upload(home, ada, shared), ada)).to_json()
    gone = Receipt(erase_asset(upload(home, ada, alone), ada)).to_json()
    assert lies_in_store(shared) and not lies_in_store(alone)
    assert open_store().read(theirs.ref)
    differ = {name for name in kept if kept[name] != gone[name]}
    assert differ == {"id", "which", "begun", "finished", "audit_entries"}
    entries = [AuditEntry.objects.get(sequence=item["audit_entries"][0]).said for item in (kept, gone)]
    assert entries[0]["data"]["counts"] == entries[1]["data"]["counts"] == {"files": 1}
    erase_asset(theirs, bob)
    assert not lies_in_store(shared)


def test_a_file_that_a_queued_run_needs_stays(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(5))
    run = begin_run(home, ada, asset)
    with pytest.raises(Refused) as refused:
        erase_asset(asset, ada)
    assert (refused.value.code, refused.value.status) == ("still_needed", 409)
    assert Asset.objects.filter(pk=asset.pk).exists() and not Erasure.objects.exists()
    with pytest.raises(Refused):
        erase_run(run, ada)
    finish_run(run, asset)
    assert erase_asset(asset, ada).finished


def test_a_deleted_run_takes_what_it_alone_delivered_and_leaves_what_it_was_given(
    ada: User, home: Workspace
) -> None:
    asset = upload(home, ada, canary(6))
    first = finish_run(begin_run(home, ada, asset), asset)
    second = finish_run(begin_run(home, ada, asset), asset)
    erase_run(first, ada)
    assert Asset.objects.filter(origin="output").count() == 1, "the second run delivered the same"
    receipt = erase_run(second, ada)
    assert receipt.counts == {"runs": 1, "outputs": 1}
    assert not Run.objects.exists() and not Step.objects.exists() and not Output.objects.exists()
    assert open_store().has(asset.sha256), "the upload stays"
    erase_asset(asset, ada)
    assert not open_store().has(asset.sha256)


def test_a_workflow_goes_for_good_and_its_runs_only_when_asked(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(7))
    for with_runs in (False, True):
        workflow = create_workflow(home, ada, "Mine", PASS_ON)
        run = finish_run(begin_run(home, ada, asset, workflow=workflow), asset)
        receipt = erase_workflow(workflow, ada, with_runs)
        assert receipt.finished and receipt.counts["workflows"] == 1
        assert not Workflow.objects.exists() and not Revision.objects.exists()
        assert Run.objects.filter(pk=run.pk).exists() is not with_runs


def test_a_workflow_that_is_going_for_good_cannot_be_brought_back(ada: User, home: Workspace) -> None:
    workflow = create_workflow(home, ada, "Mine", PASS_ON)
    Workflow.objects.filter(pk=workflow.pk).update(deleted=workflow.created)
    workflow.refresh_from_db()
    erase_workflow(workflow, ada)
    with pytest.raises(Refused):
        restore_workflow(workflow)
