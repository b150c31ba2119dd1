"""Versions: they compile, they count up, they never change."""

import pytest

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import Workspace
from builder.common.errors import Refused
from builder.gallery.load_seeds import read_seed, seed_files
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow
from builder.workflows.publish_workflow import publish_workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    user = ensure_administrator()
    return create_workflow(Workspace.objects.get(), user, "Mine", read_seed(seed_files()[0])["graph"])


def test_versions_count_up_and_remember_their_plan(workflow: Workflow) -> None:
    first, second = publish_workflow(workflow, None, "one"), publish_workflow(workflow, None, "two")
    workflow.refresh_from_db()
    assert ([first.number, second.number], workflow.published) == ([1, 2], 2)
    assert first.plan_digest == second.plan_digest
    assert len(first.plan_digest) == 64


def test_a_version_never_changes(workflow: Workflow) -> None:
    version = publish_workflow(workflow, None)
    version.note = "other"
    with pytest.raises(TypeError, match="never changes"):
        version.save()


def test_a_draft_that_does_not_compile_is_not_published(workflow: Workflow) -> None:
    empty = create_workflow(workflow.workspace, None, "Empty")
    with pytest.raises(Refused) as refused:
        publish_workflow(empty, None)
    assert "no_output" in {issue.code for issue in refused.value.issues}
